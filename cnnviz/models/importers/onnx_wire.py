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
Field = tuple[int, int, int, int]  # number (0: it holds no bytes), where it begins, where its bytes begin and end


def count_structure(content: bytes, most: int) -> int:
    """The bytes of a file that are no tensor's numbers; it stops counting above `most`.

    Raises: ValueError for bytes that are no protocol buffer.

    >>> from cnnviz.models.importers.onnx_wire import count_structure
    >>> count_structure(bytes([10, 1, 65]), 100)
    3
    """
    found = 0
    for size in _structure(content, "model", 0, len(content)):
        found += size
        if found > most:
            break
    return found


def _structure(content: bytes, kind: str, start: int, end: int) -> Iterator[int]:
    """The bytes of each field of a message, in turn, and of those of the messages in it."""
    for number, began, first, last in _fields(content, start, end):
        inner = INSIDE[kind].get(number)
        if inner is not None:
            yield first - began
            yield from _structure(content, inner, first, last)
        else:
            yield (first if kind == "tensor" and number in NUMBERS else last) - began


def _fields(content: bytes, start: int, end: int) -> Iterator[Field]:
    """The fields of a message; one that holds no bytes has its end as its beginning."""
    at = start
    while at < end:
        began = at
        key, at = _varint(content, at, end)
        size = {EIGHT: 8, FOUR: 4, VARINT: 0}.get(key & 7)
        if key & 7 == VARINT:
            _value, at = _varint(content, at, end)
        elif key & 7 == BYTES:
            size, at = _varint(content, at, end)
        if size is None or at + size > end:
            raise ValueError
        is_bytes = key & 7 == BYTES
        yield (key >> 3 if is_bytes else 0), began, at if is_bytes else at + size, at + size
        at += size


def _varint(content: bytes, at: int, end: int) -> tuple[int, int]:
    """(number, where it ends): seven bits a byte, the lowest first."""
    value = shift = 0
    while at < end and shift < 70:
        byte = content[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError
