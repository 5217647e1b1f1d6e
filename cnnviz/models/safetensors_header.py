"""The header of a safetensors file from outside, read before its tensors: how many there are, and what it says of them.

Reading a hundred thousand tensors without a number takes seconds, and a header is most of such a file.
"""

from __future__ import annotations

import json
from typing import Any

METADATA = "__metadata__"
LENGTH = 8  # bytes: how long the header is


def read_safetensors_header(data: bytes, most_bytes: int) -> dict[str, Any]:
    """The header, at most `most_bytes` long. Raises: ValueError for bytes that do not begin with one.

    >>> import numpy as np, safetensors.numpy
    >>> from cnnviz.models.safetensors_header import read_safetensors_header
    >>> list(read_safetensors_header(safetensors.numpy.save({"bias": np.zeros(2)}), 1000))
    ['bias']
    """
    size = int.from_bytes(data[:LENGTH], "little")
    if not 0 < size <= min(most_bytes, len(data) - LENGTH):
        raise ValueError(f"header must be at most {most_bytes} bytes, got {size}: save the file again")
    try:
        header = json.loads(data[LENGTH : LENGTH + size])
    except RecursionError:
        raise ValueError("header must not be nested") from None
    if not isinstance(header, dict):
        raise ValueError(f"header must be an object, got {type(header).__name__}")
    return header


def count_tensors(header: dict[str, Any]) -> int:
    """How many tensors a header names."""
    return len(header) - (METADATA in header)
