"""What a file of a network does not say, as people write it: names of classes, mean and standard deviation of images.

Refuses to know: networks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cnnviz.checks import is_number
from cnnviz.i18n import _
from cnnviz.models.importers.records import clean_text, import_refusal

MOST_CLASSES = 100_000
LONGEST_CLASS = 80
LARGEST, LEAST_STD = 1e6, 1e-6  # of mean and standard deviation: images are in 0..1


def clean_classes(names: object) -> tuple[str, ...]:
    """Names of classes from outside, fit to be shown. Raises: ImportedNetworkError."""
    if not isinstance(names, list | tuple) or len(names) > MOST_CLASSES:
        raise import_refusal(_("class names"), _("a list of names"), type(names).__name__,
                             _("write one name in each line, or a JSON list"))  # fmt: skip
    return tuple(clean_text(" ".join(str(name).split()), LONGEST_CLASS) or "?" for name in names)


def read_classes(content: bytes) -> tuple[str, ...]:
    """The class names in a text file, one in each line, or in a JSON file: a list, or names by their numbers.

    Raises: ImportedNetworkError, one sentence.

    >>> from cnnviz.models.importers.source_settings import read_classes
    >>> read_classes(b"cat\\ndog\\n"), read_classes(b'{"1": "dog", "0": ["n1", "cat"]}')
    (('cat', 'dog'), ('cat', 'dog'))
    """
    try:
        text = content.decode("utf-8-sig").strip()
        value = json.loads(text) if text.startswith(("[", "{")) else text.splitlines()
    except (ValueError, RecursionError) as error:
        raise import_refusal(_("file of class names"), _("text or JSON"), _("something else"),
                             _("write one name in each line")) from error  # fmt: skip
    if isinstance(value, dict):
        value = _by_number(value)
    return clean_classes(value)


def _by_number(names: Mapping[str, Any]) -> list[Any]:
    """Names that stand under 0, 1, 2 …; of a pair, as ImageNet's lists have them, the second."""
    if set(names) != {str(number) for number in range(len(names))}:
        raise import_refusal(_("class names"), _("under the numbers from 0 on"), clean_text(", ".join(list(names)[:3])),
                             _("leave no number out"))  # fmt: skip
    ordered = [names[str(number)] for number in range(len(names))]
    return [one[-1] if isinstance(one, list) and one else one for one in ordered]


def check_scaling(name: str, numbers: object) -> tuple[float, ...]:
    """Mean or standard deviation from outside. Raises: ImportedNetworkError."""
    least = LEAST_STD if name == "std" else -LARGEST
    holds = isinstance(numbers, list | tuple) and len(numbers) <= 64
    if not holds or not all(is_number(one, least, LARGEST) for one in numbers):  # type: ignore[attr-defined]
        raise import_refusal(name, _("numbers from {least} to {most}", least=f"{least:g}", most=f"{LARGEST:g}"),
                             numbers, _("write 0.5, 0.5, 0.5"))  # fmt: skip
    return tuple(float(one) for one in numbers)  # type: ignore[attr-defined]


def read_scaling(name: str, text: str) -> tuple[float, ...]:
    """Numbers with commas between them; none for an empty text. Raises: ImportedNetworkError.

    >>> from cnnviz.models.importers.source_settings import read_scaling
    >>> read_scaling("mean", "0.485, 0.456, 0.406")
    (0.485, 0.456, 0.406)
    """
    try:
        numbers = [float(part) for part in text.split(",")] if text.strip() else []
    except ValueError as error:
        raise import_refusal(name, _("numbers with commas between them"), text, _("write 0.5, 0.5, 0.5")) from error
    return check_scaling(name, numbers)
