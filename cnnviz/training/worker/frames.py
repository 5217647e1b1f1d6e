"""Frames on a pipe: 4 bytes (length of the header), a JSON header, then arrays and bytes one after the other.

The header says where each array lies, so that nothing is copied twice and nothing can carry code (no pickle).
Refuses to know: what the messages mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MOST_HEADER = 16_000_000
MOST_ARRAY = 2_000_000_000
KINDS = ("|u1", "<i8", "<i4", "<f4", "<f8")

Arrays = Mapping[str, NDArray[Any]]


class FrameError(ValueError):
    """Bytes on the pipe that are no frame; or a pipe that ended in the middle of one."""


def write_frame(stream: BinaryIO, header: Mapping[str, Any], arrays: Arrays | None = None) -> None:
    """One frame: `header` as JSON, `arrays` as they lie in memory, little-endian; flushed."""
    parts = {name: np.asarray(array, order="C") for name, array in (arrays or {}).items()}
    places = [[name, _kind(array), list(array.shape)] for name, array in parts.items()]
    text = json.dumps({"header": header, "arrays": places}, separators=(",", ":")).encode()
    stream.write(len(text).to_bytes(4, "little") + text)
    for array in parts.values():
        stream.write(array.reshape(-1).view(np.uint8).data)
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    """The next frame, its arrays read-only; None where the pipe has ended.

    Raises: FrameError for half a frame, or what is none.
    """
    start = stream.read(4)
    if not start:
        return None
    size = int.from_bytes(start, "little")
    if len(start) < 4 or size > MOST_HEADER:
        raise FrameError(f"header must be at most {MOST_HEADER} bytes, got {size}: the pipe is broken")
    text = _whole(stream, size)
    try:
        found = json.loads(text)
        header, places = found["header"], [(name, kind, list(shape)) for name, kind, shape in found["arrays"]]
    except (ValueError, TypeError, KeyError) as error:
        raise FrameError("header must be a JSON object with header and arrays: the pipe is broken") from error
    return header, {name: _array(stream, kind, shape) for name, kind, shape in places}


def _array(stream: BinaryIO, kind: str, shape: list[int]) -> NDArray[Any]:
    if kind not in KINDS:
        raise FrameError(f"kind of array must be one of {', '.join(KINDS)}, got {kind!r}: the pipe is broken")
    size = prod(shape) * np.dtype(kind).itemsize
    if not 0 <= size <= MOST_ARRAY:
        raise FrameError(f"array must be at most {MOST_ARRAY} bytes, got {size}: the pipe is broken")
    return np.frombuffer(_whole(stream, size), kind).reshape(shape)


def _kind(array: NDArray[Any]) -> str:
    kind = array.dtype.newbyteorder("<").str
    if kind not in KINDS:
        raise FrameError(f"kind of array must be one of {', '.join(KINDS)}, got {kind!r}: convert it first")
    return kind


def _whole(stream: BinaryIO, size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise FrameError(f"frame must have {size} bytes more, got {len(found)}: the other side has gone")
    return found
