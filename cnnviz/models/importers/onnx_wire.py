"""How much of an ONNX file is numbers and how much structure, before anything is built of it.

Two bytes of a file can become a hundred in memory: an empty node. So the fields of the protocol buffer are walked
first, and everything that is not a tensor's numbers counts. (https://protobuf.dev/programming-guides/encoding)
Refuses to know: what the structure means.
"""

from __future__ import annotations

from collections.abc import Iterator

# Which fields hold messages that tensors may lie in, by the message: ModelProto, GraphProto, NodeProto, AttributeProto.
INSIDE = {
    "model": {7: "graph"}, "graph": {1: "node", 5: "tensor"}, "node": {5: "attribute"}, "attribute": {5: "tensor"},
    "tensor": {},
}  # fmt: skip
NUMBERS = (4, 9, 10)  # of TensorProto: float_data, raw_data, double_data
VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
Field = tuple[int, int, int]  # number, where its bytes begin and end


def count_structure(content: bytes, most: int) -> int:
    """The bytes of a file that are no tensor's numbers; it stops counting above `most`.

    Raises: ValueError for bytes that are no protocol buffer.

    >>> from cnnviz.models.importers.onnx_wire import count_structure
    >>> count_structure(bytes([10, 1, 65]), 100)
    3
    """
    found, waiting = 0, [("model", 0, len(content))]
    while waiting:
        kind, start, end = waiting.pop()
        found += end - start
        for number, first, last in _fields(content, start, end):
            inner = INSIDE[kind].get(number)
            if inner is not None:
                found -= last - first  # counted when its turn comes
                waiting.append((inner, first, last))
                if 2 * len(waiting) > most:  # each takes at least its own two bytes
                    return most + 1
            elif kind == "tensor" and number in NUMBERS:
                found -= last - first
        if found > most:
            return most + 1
    return found


def _fields(content: bytes, start: int, end: int) -> Iterator[Field]:
    """The fields of a message that hold bytes; the others are stepped over."""
    at = start
    while at < end:
        key, at = _varint(content, at, end)
        size = {EIGHT: 8, FOUR: 4}.get(key & 7)
        if key & 7 == VARINT:
            _value, at = _varint(content, at, end)
        elif key & 7 == BYTES:
            size, at = _varint(content, at, end)
            yield key >> 3, at, at + size
        elif size is None:
            raise ValueError
        at += size or 0
    if at != end:
        raise ValueError


def _varint(content: bytes, at: int, end: int) -> tuple[int, int]:
    """(number, where it ends): seven bits a byte, the lowest first."""
    value = shift = 0
    while at < end and shift < 70:
        byte = content[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError
