"""The dotted names of modules and tensors that a file may have: whatever people call modules, but nothing else.

PyTorch writes these names into Python code (`getattr(self, "3x3 conv")`) and compiles it, so what could end a text or
begin another line of code is no name: quotation marks, backslashes, signs that do not print. Commas and semicolons
divide names where PyTorch lists them.
"""

from __future__ import annotations

import unicodedata
from keyword import iskeyword

MOST_PARTS, LONGEST_PART = 41, 200
FORBIDDEN = frozenset('"\\,;')


def is_dotted_name(name: str) -> bool:
    """Whether a file may call a module or a tensor so.

    >>> from cnnviz.models.importers.dotted_names import is_dotted_name
    >>> [is_dotted_name(one) for one in ("layer1.0.conv", "3×3 #1.weight", "a..b", 'a")', "class.weight")]
    [True, True, False, False, False]
    """
    parts = name.split(".")
    return len(parts) <= MOST_PARTS and all(map(_is_part, parts))


def _is_part(part: str) -> bool:
    """A name that is also a Python name is read as one: then it is no keyword, and written as Python writes it."""
    is_short = 0 < len(part) <= LONGEST_PART
    is_plain = part.isprintable() and not FORBIDDEN & set(part) and not iskeyword(part)
    return is_short and is_plain and unicodedata.normalize("NFKC", part) == part
