"""Convolution along one axis and three in the laboratory, answered: a setup and a cell in, all numbers out.

No session: a pure function, for a run of the page and for the short way alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnviz.checks import is_number, is_whole, quoted
from cnnviz.conv_lab import conv_nd
from cnnviz.conv_lab.conv_nd import ND_EXAMPLES, VOLUME, NdError, NdResult, NdSetup, run_nd
from cnnviz.conv_lab.output_sizes import describe_unread
from cnnviz.conv_lab.pytorch_code import nd_to_pytorch
from cnnviz.figures.nd_cell import nd_cell_texts
from cnnviz.figures.theme import value_text
from cnnviz.i18n import _, ngettext
from cnnviz.ui.app.caches import configure_threads
from cnnviz.web.wire import Header, PacketWriter

MOST_NUMBERS = 400  # of an array that is read at all
PER_AXIS = ("stride", "padding", "dilation")
Place = tuple[int, ...]


def record_of(setup: NdSetup, cell: Place | None = None) -> dict[str, Any]:
    """A setup and a cell as plain values: arrays as their shape and their numbers."""
    arrays = {"input": setup.values, "kernel": setup.kernel}
    plain: dict[str, Any] = {name: {"shape": list(array.shape), "numbers": [_plain(value) for value in array.ravel()]}
                             for name, array in arrays.items()}  # fmt: skip
    plain |= {name: list(getattr(setup, name)) for name in PER_AXIS}
    return plain | {"bias": _plain(setup.bias), "cell": list(cell or (0,) * setup.axes)}


def _plain(value: float) -> float:
    """The shortest number that is this float32 again, a whole one without decimals."""
    short = float(str(np.float32(value)))
    return int(short) if short.is_integer() else short


START = record_of(ND_EXAMPLES[0].make(), (1,))


def parse_nd(record: Mapping[str, Any]) -> tuple[NdSetup, Place]:
    """The setup and the cell in a record. Raises: ValueError, one sentence, for what is none; NdError, which is one,
    for a setup that is not possible.
    """
    cell = _whole_numbers("cell", record.get("cell"))
    values, kernel = (_array(name, record.get(name)) for name in ("input", "kernel"))
    bias = record.get("bias")
    if not is_number(bias):
        raise ValueError(_("bias must be a number, got {got}: correct it", got=quoted(bias)))
    stride, padding, dilation = (_whole_numbers(name, record.get(name)) for name in PER_AXIS)
    return NdSetup(values, kernel, float(bias), stride, padding, dilation), cell


def _whole_numbers(name: str, found: object) -> tuple[int, ...]:
    if not isinstance(found, list) or not all(is_whole(number, 0, 10**6) for number in found):
        raise ValueError(_("{name} must be whole numbers, one for each axis, got {got}: correct them", name=name,
                           got=quoted(found)))  # fmt: skip
    return tuple(found)


def _array(name: str, found: object) -> np.ndarray:
    """A record of a shape and its numbers as float32. Raises: ValueError."""
    shape = found.get("shape") if isinstance(found, dict) else None
    numbers = found.get("numbers") if isinstance(found, dict) else None
    is_shape = isinstance(shape, list) and 0 < len(shape) <= VOLUME + 1 and all(is_whole(n, 1, 99) for n in shape)
    is_filled = isinstance(numbers, list) and len(numbers) <= MOST_NUMBERS and all(map(is_number, numbers))
    if not is_shape or not is_filled or np.prod(shape) != len(numbers):  # type: ignore[arg-type]
        raise ValueError(_("{name} must be a shape and as many numbers, got {got}: correct it", name=name,
                           got=quoted(found)))  # fmt: skip
    with np.errstate(over="ignore"):
        return np.array(numbers, np.float32).reshape(shape)  # type: ignore[arg-type]


def answer_nd(question: Mapping[str, Any]) -> bytes:
    """The packet for a question with an "nd"; of a setup that is not possible it says why, and nothing else.

    Raises: ValueError, one sentence, for a question that is none.
    """
    record = question.get("nd")
    if not isinstance(record, dict):
        raise ValueError(_("nd must be a record, got something else"))
    try:
        return nd_packet(record)
    except NdError as error:
        return PacketWriter().sealed({"asked": {name: record[name] for name in START}, "problem": str(error)})


def nd_packet(record: Mapping[str, Any], **rest: Any) -> bytes:
    """The packet: input with its padding, kernel, result, and one cell as the sum that it is. Raises: ValueError."""
    configure_threads()
    setup, cell = parse_nd(record)
    made = run_nd(setup)
    place = _within(cell, made.output.shape)
    cargo = PacketWriter()
    header: Header = {
        "asked": record_of(setup, place),
        "grids": {"input": _grid(_padded(setup), cargo), "kernel": _grid(setup.kernel, cargo),
                  "output": _grid(made.output[None], cargo)},
        "is_padding": np.isnan(_padded(setup, np.nan)).ravel().tolist(), "reads": made.reads(place),
        "cell": _cell(made, place), "words": _words(made), "code": nd_to_pytorch(setup), "bounds": _bounds(setup),
        **rest,
    }  # fmt: skip
    return cargo.sealed(header)


def _within(cell: Place, shape: tuple[int, ...]) -> Place:
    """The nearest cell that there is: another setup has fewer of them."""
    filled = (*cell, *(0,) * len(shape))
    return tuple(min(at, size - 1) for at, size in zip(filled, shape, strict=False))


def _padded(setup: NdSetup, filling: float = 0.0) -> np.ndarray:
    around = [(0, 0), *((padding, padding) for padding in setup.padding)]
    return np.pad(setup.values, around, constant_values=filling)


def _grid(values: np.ndarray, cargo: PacketWriter) -> Header:
    """Numbers as maps one after another, (maps, rows, columns): a line's channels are rows of one map."""
    shape = values.shape if values.ndim > 2 else (1, *values.shape)
    maps = np.ascontiguousarray(values).reshape(-1, *shape[-2:])
    return {"field": cargo.put(maps), "texts": [value_text(float(value)) for value in values.ravel()]}


def _cell(made: NdResult, place: Place) -> dict[str, Any]:
    """The cell's numbers: window × kernel = products, group by group, and the sum of their sums and the bias."""
    cell, kernel = made.cell(place), made.setup.kernel
    is_volume = made.setup.axes == VOLUME
    groups = kernel.shape[0] * (kernel.shape[1] if is_volume else 1)
    texts = nd_cell_texts(cell, groups)
    shape = kernel.shape[-2:] if is_volume else (1, kernel.shape[-1])
    return {
        "values": list(texts.values), "kernel": list(texts.kernel), "products": list(texts.products),
        "sums": list(texts.sums), "bias": texts.bias, "total": texts.total, "shape": [groups, *shape],
    }  # fmt: skip


def _words(made: NdResult) -> dict[str, Any]:
    """Shapes, formulas, what is never read, parameters."""
    setup, sizes = made.setup, made.sizes()
    channels, *kernel = setup.kernel.shape
    count = setup.parameters
    factors = "·".join(map(str, kernel))
    words = ngettext("{shown} parameter", "{shown} parameters", count, shown=str(count))
    return {
        "name": f"Conv{setup.axes}d",
        "shape": f"{_shape((1, *setup.values.shape))} → {_shape((1, 1, *made.output.shape))}",
        "weight": _shape((1, *setup.kernel.shape)),
        "parameters": f"1 · ({factors}·{channels} + 1) = {words}",
        "formulas": [[size.name, size.formula] for size in sizes],
        "unread": describe_unread(sizes),
    }  # fmt: skip


def _shape(sizes: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, sizes))})"


def _bounds(setup: NdSetup) -> dict[str, Any]:
    return {
        "size": [1, conv_nd.MOST_KERNEL[setup.axes]], "stride": [1, conv_nd.MOST_STRIDE],
        "padding": [0, conv_nd.MOST_PADDING], "dilation": [1, conv_nd.MOST_DILATION], "largest": conv_nd.LARGEST,
    }  # fmt: skip


def examples() -> list[dict[str, Any]]:
    """The setups to begin with, each with its name and what to look at."""
    return [{"key": one.key, "title": one.describe(), "look": one.look_at(), "record": record_of(one.make())}
            for one in ND_EXAMPLES]  # fmt: skip
