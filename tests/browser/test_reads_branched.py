"""A hovered cell lights what it reads through all paths, in every column before: by autograd, exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.graph import build_graph
from cnnviz.core.layer_facts import column_facts
from cnnviz.core.layer_trace import Trace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from tests.browser.branched import BRANCHED, attending, joined, residual, squeezed

LIT = "data.cells.map((cell) => m.litBy(data.layers, cell))"
Cell = dict[str, int]


def image(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def cells_of(facts: list[dict[str, Any]]) -> list[Cell]:
    """Corners and middle of the first, a middle and the last picture of every column but the image."""
    found = []
    for index, one in enumerate(facts[1:-1], start=1):
        count, rows, cols = one["count"], one["rows"], one["cols"]
        for channel in sorted({0, count // 2, count - 1}):
            for row, col in sorted({(0, 0), (rows // 2, cols // 2), (rows - 1, cols - 1), (rows - 1, 0)}):
                found.append({"index": index, "channel": channel, "row": row, "col": col})
    return found


def read_by_torch(model: nn.Module, made: Trace, facts: list[dict[str, Any]], cell: Cell) -> list[np.ndarray]:
    """Which cells of each column before move a cell: a mask for each, as they are shown."""
    graph = build_graph(model, made.image.shape)
    numbers = [0, *(graph.position(layer.spec.path) for layer in made.layers)]
    own = facts[cell["index"]]
    entry = (cell["channel"] * own["rows"] + cell["row"]) * own["cols"] + cell["col"]
    seen = [np.zeros((one["count"], one["rows"], one["cols"]), dtype=bool) for one in facts[: cell["index"]]]
    for seed in range(3):
        with torch.enable_grad():
            given = torch.tensor(image(made.image.shape, seed))[None].requires_grad_()
            values = graph.program.values(given)
            before = [values[number] for number in numbers[: cell["index"]]]
            found = torch.autograd.grad(
                values[numbers[cell["index"]]].reshape(-1)[entry], before, allow_unused=True
            )  # fmt: skip
        for mask, gradient in zip(seen, found, strict=True):
            if gradient is not None:
                mask |= (gradient != 0).numpy().reshape(mask.shape)
    return seen


def masks_of(lit: list[dict[str, Any]], facts: list[dict[str, Any]]) -> dict[int, np.ndarray]:
    """The cells that are lit, for every column of which anything is said."""
    masks = {one["index"]: np.zeros([facts[one["index"]][k] for k in ("count", "rows", "cols")], bool) for one in lit}
    for one in lit:
        masks[one["index"]][np.ix_(one["channels"], one["rows"], one["cols"])] = True
    return masks


def lit_of(run_module: Callable[..., Any], facts: list[dict[str, Any]], cells: list[Cell]) -> list[Any]:
    return list(run_module("network/reads.js", LIT, {"layers": plain(facts), "cells": cells}))


@pytest.mark.parametrize("name", BRANCHED)
def test_a_cell_lights_exactly_what_torch_reads_in_every_column_before(run_module: Callable[..., Any], name: str):
    build, shape = BRANCHED[name]
    model = build().double()
    made = trace(model, image(shape))
    facts = column_facts(made)
    assert "unknown" not in {reads["cells"] for one in facts for reads in one["reads"]}
    cells = cells_of(facts)
    for cell, lit in zip(cells, lit_of(run_module, facts, cells), strict=True):
        masks = masks_of(lit, facts)
        for index, seen in enumerate(read_by_torch(model, made, facts, cell)):
            if index in masks:
                np.testing.assert_array_equal(masks[index], seen, err_msg=f"{name} {cell} column {index}")
            else:
                assert not seen.any() or made.layers[index - 1].spec.kind is Kind.FLATTEN, (name, cell, index)


def test_what_only_the_first_input_reads_is_less_than_what_is_read(run_module: Callable[..., Any]):
    """The negative twin: followed through the first source alone, each of these networks would light too little."""
    for build, shape in ((residual, (1, 9, 8)), (squeezed, (1, 8, 8)), (joined, (2, 8, 8))):
        model = build().double()
        made = trace(model, image(shape))
        facts = column_facts(made)
        half = [one | {"sources": one["sources"][:1], "reads": one["reads"][:1]} for one in facts]
        cell = max((one for one in cells_of(facts)), key=lambda one: one["index"])
        lit, less = (masks_of(lit_of(run_module, each, [cell])[0], facts) for each in (facts, half))
        assert any(index not in less or (lit[index] & ~less[index]).any() for index in lit)


def test_attention_lights_nothing_behind_it_and_says_so(run_module: Callable[..., Any]):
    """What is read of the tokens is not known, also where the shortcut around the attention is."""
    made = trace(attending().double(), image((1, 6, 6)))
    facts = column_facts(made)
    opaque = 1 + next(at for at, layer in enumerate(made.layers) if layer.spec.kind is Kind.UNSUPPORTED)
    last = {"index": len(made.layers), "channel": 0, "row": 0, "col": 0}
    (lit,) = lit_of(run_module, facts, [last])
    known = [one["index"] for one in lit if one["box"]]
    unknown = {one["index"] for one in lit if one["box"] is None}
    assert min(known) >= opaque
    assert unknown == set(facts[opaque]["sources"])
    assert max(unknown) < min(known)


def test_a_dilated_window_lights_its_cells_and_not_those_between(run_module: Callable[..., Any]):
    made = trace(nn.Sequential(nn.Conv2d(1, 1, 3, dilation=2)), image((1, 7, 7)))
    (lit,) = lit_of(run_module, column_facts(made), [{"index": 1, "channel": 0, "row": 1, "col": 0}])
    assert (lit[0]["rows"], lit[0]["cols"]) == ([1, 3, 5], [0, 2, 4])
    boxes = run_module("network/reads.js", "m.boxesOf(data)", lit[0])
    assert len(boxes) == 9
