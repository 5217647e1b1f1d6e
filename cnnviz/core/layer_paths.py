"""The path of a layer as text that may stand in a link: the one place where it is written and read.

A path may be any printable text: of a module ("layer1.0.conv1"), of its second call ("layer1.0.relu#2"), or whatever
somebody has called a module ("3×3 conv / ReLU?").
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

LONGEST_PATH = 200  # characters


def is_path(value: Any) -> bool:
    """Whether it can be the path of a layer that a link names.

    >>> from cnnviz.core.layer_paths import is_path
    >>> [is_path(one) for one in ("relu#2", "", "two\\nlines", 7)]
    [True, False, False, False]
    """
    return isinstance(value, str) and 0 < len(value) <= LONGEST_PATH and value.isprintable()


def path_to_text(path: str) -> str:
    """A path with nothing in it but letters, digits, ".", "_", "-" and "%": no sign that has a meaning in a link.

    >>> from cnnviz.core.layer_paths import path_to_text
    >>> path_to_text("layer1.0.relu#2"), path_to_text("a~b c")
    ('layer1.0.relu%232', 'a%7Eb%20c')
    """
    return quote(path, safe="").replace("~", "%7E")


def path_from_text(text: str) -> str:
    """The path that `path_to_text` wrote.

    Raises: ValueError for any other text.

    >>> from cnnviz.core.layer_paths import path_from_text
    >>> path_from_text("relu%232")
    'relu#2'
    """
    path = unquote(text, errors="strict")
    if not is_path(path) or path_to_text(path) != text:
        raise ValueError(f"path must be one that a link has, got {text!r}: copy the whole link")
    return path
