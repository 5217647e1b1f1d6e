"""A hovered cell lights what it reads: by autograd, for every kind of layer. What nobody knows lights nothing.

For networks that are no row, and all columns before: `test_reads_branched`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.colour_ranges import ColourRanges, colour_ranges
from cnnviz.core.layer_facts import column_facts, range_groups
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from tests.browser.exotic import UNKNOWN, every_layer, traced

LIT = "data.cells.map((cell) => m.litBy(data.layers, cell))"


def other() -> nn.Sequential:
    """Vectors in all ways: a short column, activations on it, a long one, a fully connected layer along maps."""
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.Linear(6, 4), nn.MaxPool2d((2, 3)), nn.Flatten(), nn.SiLU(), nn.Linear(6, 70),
        nn.Tanh(), nn.Linear(70, 5), nn.Sigmoid(), nn.Linear(5, 3),
    ).eval()  # fmt: skip


def run(model: nn.Sequential, *shape: int) -> Trace:
    return trace(model, np.random.default_rng(3).normal(size=shape).astype(np.float32), "own")


NETWORKS = {
    "every layer": (every_layer(), traced(every_layer())),
    "vectors": (other(), run(other(), 2, 6, 8)),
}


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def cells_of(made: Trace) -> list[dict[str, int]]:
    """The first, a middle and the last cell of the first and the last picture of every column that reads."""
    found = []
    for index, facts in enumerate(column_facts(made)):
        count, rows, cols = facts["count"], facts["rows"], facts["cols"]
        for channel in {0, count - 1} if facts["sources"] else ():
            for row, col in {(0, 0), (rows // 2, cols // 2), (rows - 1, cols - 1)}:
                found.append({"index": index, "channel": channel, "row": row, "col": col})
    return found


def module_at(model: nn.Sequential, layer: LayerTrace) -> nn.Module:
    return model.get_submodule(layer.spec.path)


def read_by_torch(model: nn.Sequential, made: Trace, index: int, entry: int) -> np.ndarray:
    """Which cells of its input change an entry of a column: where a derivative is not 0, at some random inputs."""
    before = made.layers[index - 1].input if index <= len(made.layers) else made.logits
    function = module_at(model, made.layers[index - 1]) if index <= len(made.layers) else nn.Softmax(-1)
    seen = np.zeros(before.shape, dtype=bool)
    for seed in range(40):
        given = torch.randn(1, *before.shape, generator=torch.Generator().manual_seed(seed), requires_grad=True)
        function(given).reshape(-1)[entry].backward()
        seen |= given.grad[0].numpy() != 0
    return seen


def as_lit(seen: np.ndarray, shape: tuple[int, int, int]) -> tuple[set[int], tuple[int, int, int, int]]:
    """The channels, and the smallest box (row, col, rows, cols), of what is read of a column of this shape."""
    channels, rows, cols = np.nonzero(seen.reshape(shape))
    if len(channels) == 0:
        return set(), (0, 0, 0, 0)
    top, left = int(rows.min()), int(cols.min())
    return set(channels.tolist()), (top, left, int(rows.max()) - top + 1, int(cols.max()) - left + 1)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_cell_lights_what_torch_reads(run_module: Callable[..., Any], name: str):
    model, made = NETWORKS[name]
    facts, cells = column_facts(made), cells_of(made)
    found = run_module("network/reads.js", LIT, {"layers": plain(facts), "cells": cells})
    checked = 0
    for cell, lit in zip(cells, found, strict=True):
        column = facts[cell["index"]]
        entry = (cell["channel"] * column["rows"] + cell["row"]) * column["cols"] + cell["col"]
        source = facts[lit[0]["index"]]
        if made_by_nobody(made, cell["index"]):
            nothing: dict[str, Any] = {"channels": [], "rows": [], "cols": [], "box": None}
            assert lit == [{"index": cell["index"] - 1} | nothing]
            continue
        seen = read_by_torch(model, made, cell["index"], entry)
        channels, box = as_lit(seen, (source["count"], source["rows"], source["cols"]))
        assert tuple(lit[0]["box"].values()) == box, (column, cell)
        assert set(lit[0]["channels"]) >= channels
        assert box == (0, 0, 0, 0) or set(lit[0]["channels"]) == channels
        checked += 1
    assert checked > len(cells) / 2


def made_by_nobody(made: Trace, index: int) -> bool:
    return index <= len(made.layers) and made.layers[index - 1].spec.kind is Kind.UNSUPPORTED


def test_nothing_is_lit_behind_a_layer_that_nobody_knows(run_module: Callable[..., Any]):
    made = NETWORKS["every layer"][1]
    unknown = 1 + next(at for at in range(len(made.layers)) if made_by_nobody(made, at + 1))
    last = {"index": len(made.layers) + 1, "channel": 0, "row": 0, "col": 0}
    (lit,) = run_module("network/reads.js", LIT, {"layers": plain(column_facts(made)), "cells": [last]})
    assert [one["index"] for one in lit if one["box"]][-1] == unknown
    assert (lit[-1]["index"], lit[-1]["box"]) == (unknown - 1, None)


def test_the_columns_that_share_a_scale_are_those_of_python(run_module: Callable[..., Any]):
    """Every column has the range of the first of its group: a scale stands below columns that have it."""
    for _model, made in NETWORKS.values():
        scales = colour_ranges(made)
        columns = [{"range_group": group} for group in range_groups(scales)]
        groups = run_module("network/layout.js", "m.legendGroups(data)", columns)
        assert [at for one in groups for at in range(one["first"], one["last"] + 1)] == list(range(len(columns)))
        assert groups[0] == {"first": 0, "last": 0}
        assert groups[-1]["first"] == len(columns) - 1
        for one in groups[1:-1]:
            assert len({scales[at - 1].layer for at in range(one["first"], one["last"] + 1)}) == 1
            assert begins(scales, one["first"] - 1)
            assert not any(begins(scales, at - 1) for at in range(one["first"] + 1, one["last"] + 1))


def begins(scales: tuple[ColourRanges, ...], at: int) -> bool:
    return scales[at].starts or scales[at].finer > 1


def test_a_layer_that_is_not_known_says_that_it_is_not_known_what_it_reads():
    """Also in words, on the page: see `test_every_layer`."""
    facts = dict(zip(["", *(layer.spec.path for layer in NETWORKS["every layer"][1].layers), "softmax"],
                     column_facts(NETWORKS["every layer"][1]), strict=True))  # fmt: skip
    assert facts[UNKNOWN]["reads"] == [{"cells": "unknown", "channels": "unknown", "groups": 1, "axes": None}]
