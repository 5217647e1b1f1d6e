"""Arrays for the browser as one string of bytes: a JSON header, then the arrays, little-endian.

Layout: 4 bytes (header length), the header padded with spaces to a multiple of 4, the arrays one after the
other, each padded likewise: float32, or bytes where the array holds bytes. `shared/wire.js` reads it.
Numbers travel as they are; arrays that share memory travel once, and of an array that the browser has in an older
form only the rows that are new.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

Header = dict[str, Any]


class Written(str):
    """A value of a header that is JSON already: what is the same in many packets is written once.

    >>> from cnnviz.web.wire import Written
    >>> Written.of({"a": [1]})
    '{"a":[1]}'
    """

    __slots__ = ()

    @classmethod
    def of(cls, value: Any) -> Written:
        """`value` as a packet has it. Raises: ValueError for NaN or ∞."""
        return cls(json.dumps(value, separators=(",", ":"), allow_nan=False))


class PacketWriter:
    """The arrays of one packet, each laid down once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._places: dict[tuple[int, int, tuple[int, ...] | None], int] = {}
        self._kept: list[np.ndarray] = []  # memory that is known by its address must not be given to another array

    def put(self, array: np.ndarray, old: np.ndarray | None = None) -> Header:
        """Lay `array` down and say where: `{"at": offset in bytes, "shape": [...]}`, and "bytes" if it holds bytes.

        `old`: what the browser has in its place. Where most of its rows (first axis) stay the same to the bit, only the
        others are laid down, and "rows" says which these are.
        """
        rows = _new_rows(array, old)
        if rows is not None:
            return self._laid(array[rows]) | {"shape": list(array.shape), "rows": rows}
        return self._laid(array)

    def put_rows(self, array: np.ndarray, rows: list[int]) -> Header:
        """Lay down some rows of `array` (first axis) only; the others are NaN for a browser that does not know them."""
        return self._laid(np.ascontiguousarray(array[rows])) | {"shape": list(array.shape), "rows": rows}

    def _laid(self, array: np.ndarray) -> Header:
        is_bytes = array.dtype == np.uint8
        is_in_order = array.flags.c_contiguous  # exchanged axes are the same memory in another order
        key = (array.__array_interface__["data"][0], array.nbytes, None if is_in_order else array.strides)
        if key not in self._places:
            self._places[key] = self._size
            self._kept.append(array)
            data = np.ascontiguousarray(array, dtype=np.uint8 if is_bytes else "<f4").tobytes()
            data += b"\0" * (-len(data) % 4)
            self._parts.append(data)
            self._size += len(data)
        return {"at": self._places[key], "shape": list(array.shape)} | ({"bytes": True} if is_bytes else {})

    def sealed(self, header: Header) -> bytes:
        """The finished packet.

        Values of the header itself may be `Written`.
        Raises: ValueError for a header that holds NaN or ∞, which JSON does not know: such numbers travel in arrays.
        """
        plain = {name: value for name, value in header.items() if not isinstance(value, Written)}
        parts = [Written.of(plain)[1:-1]] if plain else []
        parts += [f"{json.dumps(name)}:{value}" for name, value in header.items() if isinstance(value, Written)]
        text = f"{{{','.join(parts)}}}".encode()
        text += b" " * (-len(text) % 4)
        return b"".join([len(text).to_bytes(4, "little"), text, *self._parts])


def _new_rows(array: np.ndarray, old: np.ndarray | None) -> list[int] | None:
    """Which rows of `array` are not those of `old`; None where it is shorter to send all of it."""
    if old is None or old.shape != array.shape or array.ndim == 0 or array.dtype == np.uint8:
        return None
    if array is old:
        return []
    new, known = (np.ascontiguousarray(one, "<f4").view("<u4").reshape(len(one), -1) for one in (array, old))
    rows: list[int] = np.flatnonzero((new != known).any(axis=1)).tolist()
    return rows if not rows or (array.ndim > 1 and 2 * len(rows) <= len(array)) else None
