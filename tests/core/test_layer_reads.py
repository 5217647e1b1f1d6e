"""What is said of every operation's cells is what its records of single cells list, or it is said to be unknown."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.column_form import form_of
from cnnviz.core.explain import explain
from cnnviz.core.explain.moved import MovedCell
from cnnviz.core.layer_facts import column_facts
from cnnviz.core.layer_reads import reads_of
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from tests.core.explain.operations import HALVES, LISTED, NETWORKS, Call, image, last_layer, read_by, units


def numbers_of(runs: list[tuple[int | None, int, int]]) -> list[int | None]:
    """A table as it is meant, number by number."""
    return [None if first is None else first + step * at for first, step, count in runs for at in range(count)]


def said(reads: dict, layer: LayerTrace, source: np.ndarray, place: tuple[int, ...]) -> np.ndarray:
    """The cells that a form names for one cell, as a mask of the source: slow, and by the words of `reads_of`."""
    form = form_of(layer.output.shape)
    entry = int(np.ravel_multi_index(place, layer.output.shape))
    at = np.unravel_index(entry, (form["count"], form["rows"], form["cols"]))
    mask = np.zeros(source.shape, dtype=bool)
    if reads["cells"] == "own":
        mask.reshape(-1)[entry] = True
    elif reads["cells"] == "listed":
        names = zip(("channels", "rows", "cols"), at, strict=True)
        parts = [numbers_of(reads["tables"][name])[int(one)] for name, one in names]
        if None in parts:
            return mask
        where: list = list(np.unravel_index(sum(parts), source.shape))
        for axis, name in enumerate(("channels", "rows", "cols")):
            if name in reads["along"]:
                where[axis] = slice(None)
        mask[tuple(where)] = True
    elif reads["cells"] == "window":
        pairs = zip(("rows", "cols"), at[1:], strict=True)
        taps = [reads["axes"][name]["sources"][int(one)] for name, one in pairs]
        mask[np.ix_([int(at[0])], *([cell for cell in line if cell is not None] for line in taps))] = True
    elif reads["cells"] == "unrolled":
        mask.reshape(-1)[entry] = True
    else:
        assert (reads["cells"], reads["channels"]) == ("all", "all")
        mask[:] = True
    return mask


@pytest.mark.parametrize("name", [*LISTED, "flattened", "quotient", "a number around"])
def test_the_short_form_names_the_cells_of_every_record(name: str):
    layer = last_layer(NETWORKS[name][0], np.abs(image()) + 0.5)
    reads = reads_of(layer)
    moving = [at for at, source in enumerate(layer.sources) if source is not None]
    assert len(reads) == len(moving)
    for unit in units(layer):
        place = unit.within(layer.output.shape)
        masks = [said(one, layer, layer.inputs[at], place) for one, at in zip(reads, moving, strict=True)]
        first = [mask for mask, at in zip(masks, moving, strict=True) if layer.sources[at] == layer.sources[0]]
        cell = explain(layer, unit)
        if name == "flattened":
            expected = np.zeros(layer.input.shape, dtype=bool)
            expected[cell.source] = True
        else:
            expected = read_by(layer, cell)
        np.testing.assert_array_equal(np.any(first, axis=0), expected, err_msg=f"{name} {place}")


@pytest.mark.parametrize("name", [*HALVES, "softmax over two halves", "softmax over neighbours"])
def test_of_axes_that_maps_do_not_have_nothing_is_said(name: str):
    """Four maps are two halves of two: a sum over the halves reads two of them, and not what lies along an axis."""
    (reads,) = reads_of(last_layer(NETWORKS[name][0], image()))
    assert reads["cells"] == "unknown"


def test_what_is_normalised_over_all_axes_reads_all():
    (reads,) = reads_of(last_layer(NETWORKS["layer normalisation of all"][0], image()))
    assert (reads["cells"], reads["channels"]) == ("all", "all")


def test_a_form_that_is_off_by_one_cell_is_noticed():
    """The negative twin: rolled once more, the record lists another cell."""
    layer = last_layer(NETWORKS["rolled"][0], image())
    (reads,) = reads_of(layer)
    numbers = numbers_of(reads["tables"]["cols"])
    reads["tables"]["cols"] = [(number, 0, 1) for number in [*numbers[1:], numbers[0]]]
    unit = next(units(layer))
    assert not np.array_equal(said(reads, layer, layer.input, (0, 0, 0)), read_by(layer, explain(layer, unit)))


def of(function) -> Call:
    return Call(lambda self, x: function(x))


def test_what_no_tables_make_is_unknown():
    """Two cells of one map exchanged: a cell's number is no sum of one for each axis."""
    cut = last_layer(of(lambda x: torch.relu(x.transpose(2, 3)).reshape(1, 4, 3, 10)), image())
    assert reads_of(cut)[0]["cells"] == "listed"
    scattered = trace(nn.Sequential(nn.ZeroPad2d(0)), image()).layers[0]
    origins = np.arange(scattered.input.size).reshape(scattered.input.shape)
    origins[0, 0, [0, 1]] = origins[0, 0, [1, 0]]
    torn = LayerTrace(
        scattered.spec, scattered.inputs, scattered.output, sources=(0,), shape=scattered.shape,
        apply=lambda inputs: inputs[0].reshape(-1)[origins],
    )  # fmt: skip
    assert isinstance(explain(torn, UnitRef("0", 1, 0, 0)), MovedCell)
    assert reads_of(torn)[0]["cells"] == "unknown"


def test_of_attention_and_of_what_nobody_registered_nothing_is_said():
    layer = last_layer(of(lambda x: torch.fft.fft2(x).real), image())
    assert layer.spec.kind is Kind.UNSUPPORTED
    assert {one["cells"] for one in reads_of(layer)} == {"unknown"}


def test_a_constant_is_no_source_and_a_layer_follows_what_is_computed():
    facts = column_facts(trace(of(lambda x: 2.5 - x), image()))
    assert (facts[1]["follows"], facts[1]["sources"], len(facts[1]["reads"])) == (0, [0], 1)


def test_a_batch_normalisation_without_estimates_reads_its_whole_map():
    layer = trace(nn.Sequential(nn.BatchNorm2d(4, track_running_stats=False)), image()).layers[0]
    (reads,) = reads_of(layer)
    assert (reads["cells"], reads["channels"], reads["groups"]) == ("all", "groups", 4)


def test_a_fully_connected_layer_along_rows_takes_no_more_room_than_its_axes():
    """One entry for each row and column, not one for each pair: 64·64 weights leave no 64·64 numbers behind."""
    layer = trace(nn.Sequential(nn.Linear(64, 64)), image((1, 3, 64))).layers[0]
    assert len(json.dumps(reads_of(layer))) < 1000
    for row, col in itertools.product((0, 2), (0, 63)):
        mask = said(reads_of(layer)[0], layer, layer.input, (0, row, col))
        np.testing.assert_array_equal(np.argwhere(mask)[:, 1], row)


def test_the_tables_of_many_channels_are_a_few_runs():
    """A join of hundreds of maps, as in a DenseNet, takes no more room than one of a few."""
    joined = of(lambda x: torch.cat([x.repeat(1, 100, 1, 1), torch.relu(x), x], 1))
    layer = last_layer(joined, image())
    reads = reads_of(layer)
    assert [numbers_of(one["tables"]["channels"])[:2] for one in reads] == [[0, 30], [None, None], [None, None]]
    assert numbers_of(reads[2]["tables"]["channels"])[-4:] == [0, 30, 60, 90]
    assert len(json.dumps(reads)) < 1500
