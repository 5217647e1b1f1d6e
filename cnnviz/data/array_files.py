"""NumPy's files from outside: as long as their header says, before NumPy makes room for what it says.

Refuses to know: what the numbers are.
"""

from __future__ import annotations

from math import prod
from typing import IO

import numpy as np

_READERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def check_array_length(file: IO[bytes], length: int) -> None:
    """Whether an array in a file of `length` bytes is all there, and nothing else. Raises: ValueError.

    >>> import io, numpy as np
    >>> from cnnviz.data.array_files import check_array_length
    >>> file = io.BytesIO()
    >>> np.save(file, np.zeros((2, 3)))
    >>> check_array_length(io.BytesIO(file.getvalue()), len(file.getvalue()))
    """
    version = np.lib.format.read_magic(file)
    if version not in _READERS:
        raise ValueError(f"version of an array must be 1.0 or 2.0, got {version}")
    try:
        shape, _order, dtype = _READERS[version](file)
    except Exception as error:  # the header is read as Python, by a tokenizer where it looks like an old one
        raise ValueError("header of an array must be a description of it") from error
    if dtype.hasobject or prod(shape) * dtype.itemsize != length - file.tell():
        raise ValueError(f"array must be as long as it says, got {shape} in {length} bytes")
