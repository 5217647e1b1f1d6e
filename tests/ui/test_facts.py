"""What the browser is told of every column: where its numbers come from, how it is shown, whose colours it shares."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.colour_ranges import colour_ranges
from cnnviz.core.column_form import form_of
from cnnviz.core.layer_facts import column_facts, range_groups
from cnnviz.core.layer_trace import Trace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import is_row, trace
from cnnviz.models.zoo import find_recipe, network_keys
from cnnviz.web.explorer.packet import Content, pack
from cnnviz.web.selection import INPUT, Selection, shapes
from cnnviz.web.walk.texts import walk_texts
from tests.browser.exotic import UNKNOWN, every_layer, traced
from tests.core.known_layers import NOT_WALKED, known_activations

EXOTIC = traced(every_layer())
ROWS = tuple(key for key in network_keys() if is_row(find_recipe(key).build()))  # the others are graphs


def opened(packet: bytes) -> dict[str, Any]:
    """The header of a packet."""
    return dict(json.loads(packet[4 : 4 + int.from_bytes(packet[:4], "little")]))


def shipped(key: str) -> Trace:
    torch.manual_seed(0)
    recipe = find_recipe(key)
    return trace(recipe.build().eval(), np.random.default_rng(0).random(recipe.input_shape, dtype=np.float32))


@pytest.mark.parametrize("key", ROWS)
def test_a_column_follows_the_one_before_and_reads_it_or_the_maps_before_a_flattening(key: str):
    made = shipped(key)
    facts = column_facts(made)
    kinds = [None, *(layer.spec.kind for layer in made.layers), None]
    for index, one in enumerate(facts[1:], start=1):
        assert one["follows"] == index - 1
        looks_through = kinds[index] is Kind.LINEAR and kinds[index - 1] is Kind.FLATTEN
        assert one["sources"] == [index - 2 if looks_through else index - 1]
    assert (facts[0]["follows"], facts[0]["sources"]) == (None, [])


def test_scores_and_probabilities_stand_for_the_classes_hidden_units_do_not():
    facts = column_facts(EXOTIC)
    assert [one["classes"] for one in facts] == [False] * (len(facts) - 2) + [True, True]


@pytest.mark.parametrize("key", network_keys())
def test_what_can_be_opened_has_the_form_in_which_it_is_shown(key: str):
    made = shipped(key)
    shown = [(one["count"], one["rows"], one["cols"]) for one in column_facts(made)]
    assert shown == list(shapes(made).values())
    assert next(iter(shapes(made))) == INPUT


def test_the_network_of_every_layer_has_every_activation_that_is_walked():
    """What is registered is walked in the browser's tests; Identity has nothing to walk."""
    shown = {layer.spec.type_name for layer in EXOTIC.layers}
    assert known_activations() - shown - {"Identity"} == NOT_WALKED


def test_every_activation_that_is_walked_has_its_own_formula():
    assert known_activations() - walk_texts()["formulas"].keys() - {"Identity"} == NOT_WALKED


def test_a_vector_is_units_up_to_64_and_a_strip_beyond_or_after_a_flattening():
    assert form_of((64,))["form"] == "cells"
    assert form_of((65,)) == {"form": "strip", "count": 1, "rows": 65, "cols": 1}
    assert form_of((3,), is_unrolled=True)["form"] == "strip"


def test_a_scale_begins_where_a_layer_sums_or_needs_a_finer_one_and_nowhere_else():
    """One rule: `LayerSpec.sets_colour_range` and `colour_ranges`, for the packet and for the browser."""
    model = nn.Sequential(
        nn.ReLU(), nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Threshold(0.0, 0.0), nn.MaxPool2d(2), nn.Flatten()
    )
    made = trace(model, np.random.default_rng(1).normal(size=(1, 6, 6)).astype(np.float32), "own")
    assert range_groups(colour_ranges(made)) == [0, 1, 2, 2, 3, 3, 3, 4]


@pytest.mark.parametrize("made", [EXOTIC, *map(shipped, network_keys())], ids=["exotic", *network_keys()])
def test_columns_of_one_group_have_one_range_and_neighbours_of_another_group_begin(made: Trace):
    scales, groups = colour_ranges(made), range_groups(colour_ranges(made))
    assert groups == sorted(groups)
    for at, (one, other) in enumerate(itertools.pairwise(groups[1:-1])):
        begins = made.layers[at + 1].spec.sets_colour_range or scales[at + 1].finer > 1
        assert (one != other) == begins
        assert one != other or scales[at].layer == scales[at + 1].layer


def test_facts_travel_with_the_weights_and_not_with_every_drawing():
    made = shipped("mnist")
    whole = opened(pack(made, Selection(), {}))
    assert {"reads", "sources", "form", "classes"} <= whole["layers"][1].keys()
    drawing = pack(made, Selection(), {}, with_weights=False)
    for packet in (drawing, pack(made, Selection(), {}, base=Content(made, Selection()))):
        for layer in opened(packet)["layers"]:
            assert not {"reads", "sources", "form", "classes", "settings"} & layer.keys()
            assert "range_group" in layer


def test_the_winners_of_an_open_pooling_travel_as_bytes():
    made = shipped("mnist")
    for path, has in (("pool1", True), ("relu1", False), (None, False)):
        packet = pack(made, Selection(path), {}, with_weights=False)
        header = opened(packet)
        assert (header["winners"] is not None) == has
    opening = len(pack(made, Selection("pool1"), {})) - len(pack(made, Selection(), {}))
    assert 16 * 14 * 14 <= opening < 16 * 14 * 14 + 200  # one byte a cell


def test_what_nobody_explains_is_said_to_be_unknown():
    facts = column_facts(EXOTIC)[1 + EXOTIC.position(UNKNOWN)]
    assert (facts["reads"][0]["cells"], facts["reads"][0]["channels"], facts["is_walked"]) == (
        "unknown",
        "unknown",
        False,
    )
