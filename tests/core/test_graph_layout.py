"""Where the layers of any network stand: by depth, parallel branches beside one another, repeated blocks folded."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from cnnviz.core.graph import build_graph
from cnnviz.core.graph_blocks import LONG, Blocks, GraphStep, graph_steps, stages_of
from cnnviz.core.graph_layout import (
    ABOVE,
    MOST_COLUMNS,
    MOST_TILES,
    GraphLayout,
    graph_layout,
    is_plain_row,
    opened_at_start,
)
from cnnviz.core.layers import POOLING
from cnnviz.core.trace import is_row, trace
from cnnviz.core.trace_plan import plan_of_graph
from cnnviz.models.builder import build_module, preset
from cnnviz.models.zoo import find_recipe, network_keys

ROWS = tuple(key for key in network_keys() if is_row(find_recipe(key).build()))  # the others are graphs
FOREIGN = ("resnet18", "mobilenet_v2", "googlenet", "squeezenet1_1", "densenet121")


@lru_cache(maxsize=8)
def foreign(name: str) -> tuple[GraphStep, ...]:
    """The layers of one of torchvision's networks, for a small image."""
    more = {"init_weights": False, "aux_logits": True} if name == "googlenet" else {}
    with torch.device("meta"):
        model = getattr(models, name)(weights=None, **more)
    plan = plan_of_graph(build_graph(model.eval(), (3, 64, 64)))
    return tuple(
        GraphStep(
            one.spec.path,
            one.spec.type_name,
            tuple(at for at in one.sources if at is not None),
            is_pooling=one.spec.kind in POOLING,
        )
        for one in plan.layers
    )


def names(steps: tuple[GraphStep, ...], layout: GraphLayout) -> list[str]:
    """What each column is: a layer, or [a folded block]."""
    last = len(steps)
    words = {0: "image", last + 1: "softmax"} | {at: step.path for at, step in enumerate(steps, start=1)}
    return [f"[{one.block}]" if one.block else words[one.number] for one in layout.columns]


def longest_way(steps: tuple[GraphStep, ...]) -> list[int]:
    """The longest way from the image to each column, by trying every way: the oracle of a graph without blocks."""
    found = [0]
    for step in steps:
        found.append(1 + max((found[at] for at in step.sources), default=0))
    return found


def test_resnet_18_starts_with_its_blocks_folded_within_its_open_stages():
    steps = foreign("resnet18")
    assert names(steps, graph_layout(steps)) == [
        "image", "conv1", "bn1", "relu", "maxpool", "[layer1.0]", "[layer1.1]", "[layer2.0]", "[layer2.1]",
        "[layer3.0]", "[layer3.1]", "[layer4.0]", "[layer4.1]", "avgpool", "flatten", "fc", "softmax",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "depths", "has"),
    [
        ("mobilenet_v2", 1 + 19 + 2 + 2 + 1, "[features.7]"),  # image, features, pool and flatten, classifier, softmax
        ("googlenet", 1 + 3 + 2 + 2 + 1 + 5 + 1 + 2 + 4 + 1, "[inception4c]"),
        ("squeezenet1_1", 1 + 13 + 4 + 1 + 1, "[features.3]"),
        ("densenet121", 1 + 12 + 4 + 1, "[features.denseblock3]"),
    ],
)
def test_a_foreign_network_fits_a_screen(name: str, depths: int, has: str):
    steps = foreign(name)
    layout = graph_layout(steps)
    assert layout.depths == depths <= MOST_COLUMNS
    assert has in names(steps, layout)


def test_many_layers_in_no_module_between_a_fork_and_where_it_ends_are_a_stage():
    names_ = ("stem", "a1", "a2", "a3", "b1", "b2", "b3", "c1", "c2", "cat", "last")
    sources = [(0,), (1,), (2,), (3,), (1,), (5,), (6,), (1,), (8,), (4, 7, 9), (10,)]
    steps = [GraphStep(name, "", read) for name, read in zip(names_, sources, strict=True)]
    assert Blocks(steps).members == {"a1–cat": tuple(range(2, 11))}
    assert Blocks(steps[:3]).members == {}, "a row has no branches"
    short = [GraphStep(name, "", read) for name, read in zip("abcd", [(0,), (1,), (2,), (3, 1)], strict=True)]
    assert Blocks(short).members == {}, "a shortcut over two layers is none"
    inside = [GraphStep(f"m{at}.{step.path}", "", step.sources) for at, step in enumerate(steps)]
    assert not any("–" in path for path in Blocks(inside).members), "a module in it is a block by itself"


def test_a_shortcut_with_layers_of_its_own_stands_below_the_way_that_it_shortens():
    steps = foreign("resnet18")
    layout = graph_layout(steps, {"layer2.0", "layer2.0.downsample"})
    places = dict(zip(names(steps, layout), layout.columns, strict=True))
    first, beside = places["layer2.0.conv1"], places["layer2.0.downsample.0"]
    assert (first.depth, first.lane) == (beside.depth, beside.lane - 1)
    assert {places[f"layer2.0.{name}"].lane for name in ("conv1", "bn1", "relu", "conv2", "bn2")} == {0}
    assert (places["layer2.0.add"].lanes, beside.lanes) == (1, 2)
    assert set(places["layer2.0.add"].sources) == {
        places["layer2.0.bn2"].number, places["layer2.0.downsample.1"].number,
    }  # fmt: skip


def test_a_shortcut_without_layers_is_an_edge_over_several_columns():
    steps = foreign("resnet18")
    layout = graph_layout(steps, {"layer1.1"})
    places = dict(zip(names(steps, layout), layout.columns, strict=True))
    add = places["layer1.1.add"]
    assert set(add.sources) == {places["layer1.1.bn2"].number, places["[layer1.0]"].number}
    assert add.depth - places["[layer1.0]"].depth == 6  # conv1, bn1, relu, conv2, bn2, add
    assert {one.lanes for one in layout.columns} == {1}


def test_an_inception_block_has_its_four_branches_side_by_side():
    steps = foreign("googlenet")
    layout = graph_layout(steps, {"inception3a", "inception3a.branch2", "inception3a.branch3"})
    places = dict(zip(names(steps, layout), layout.columns, strict=True))
    begins = [places[f"[inception3a.{name}]"] for name in ("branch1", "branch2.0", "branch3.0", "branch4")]
    assert [(one.lane, one.lanes) for one in begins] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert len({one.depth for one in begins}) == 1
    assert places["[inception3a.branch2.1]"].lane == 1
    assert [one.path for one in layout.blocks] == ["inception3a", "inception3a.branch2", "inception3a.branch3"]
    assert [one.row for one in layout.blocks] == [0, 1, 2]  # two heads over the same columns do not cover one another


@pytest.mark.parametrize("name", FOREIGN)
def test_with_everything_open_each_layer_stands_where_the_longest_way_leads(name: str):
    steps = foreign(name)
    blocks = Blocks(steps)
    closed = set(blocks.members) - opened_at_start(steps, blocks)
    layout = graph_layout(steps, closed)
    assert [one.number for one in layout.columns] == list(range(len(steps) + 2))
    assert [one.depth for one in layout.columns[:-1]] == longest_way(steps)
    assert [one.sources for one in layout.columns[1:-1]] == [tuple(dict.fromkeys(step.sources)) for step in steps]


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("toggle", [None, 0, 1])
def test_columns_never_stand_in_one_place_and_read_only_what_stands_before_them(name: str, toggle: int | None):
    steps = foreign(name)
    blocks = list(Blocks(steps).members)
    layout = graph_layout(steps, set() if toggle is None else blocks[toggle::3])
    places = {one.number: one for one in layout.columns}
    assert len({(one.depth, one.lane) for one in layout.columns}) == len(layout.columns)
    assert all(places[source].depth < one.depth for one in layout.columns for source in one.sources)
    assert all(one.lane < one.lanes for one in layout.columns)
    assert {one.depth for one in layout.columns} == set(range(layout.depths))


def test_a_folded_block_shows_its_last_layer_and_reads_what_its_layers_read_from_outside():
    steps = foreign("squeezenet1_1")
    layout = graph_layout(steps)
    fire = next(one for one in layout.columns if one.block == "features.4")
    assert steps[fire.number - 1].path == "features.4.cat"
    assert [steps[at - 1].path for at in fire.sources] == ["features.3.cat"]


def test_a_layer_that_is_selected_within_a_folded_block_stands_there_by_itself():
    steps = foreign("resnet18")
    assert "layer3.0.bn1" in names(steps, graph_layout(steps, selected="layer3.0.bn1"))
    shown_by_the_block = graph_layout(steps, selected="layer3.0.relu#2")
    assert shown_by_the_block == graph_layout(steps)


def test_a_module_that_runs_twice_with_something_between_is_no_block():
    """Folded it would have to stand both before and behind what stands between."""
    steps = (
        GraphStep("twice.conv", "Conv2d", (0,)), GraphStep("twice.relu", "ReLU", (1,)),
        GraphStep("pool", "MaxPool2d", (2,)),
        GraphStep("twice.conv#2", "Conv2d", (3,)), GraphStep("add", "add", (4, 3)),
    )  # fmt: skip
    assert Blocks(steps).members == {}
    once = (*steps[:2], GraphStep("pool", "MaxPool2d", (2,)), GraphStep("add", "add", (3, 2)))
    assert Blocks(once).members == {"twice": (1, 2)}


@pytest.mark.parametrize("key", ROWS)
def test_our_rows_need_no_graph(key: str):
    recipe = find_recipe(key)
    made = trace(recipe.build(), torch.zeros(recipe.input_shape).numpy())
    assert is_plain_row(graph_steps(made))
    assert graph_layout(graph_steps(made)) is None


def test_a_row_that_does_not_fit_is_folded():
    short = [GraphStep(f"body.{at}", "ReLU", (at,)) for at in range(MOST_COLUMNS - 2)]
    assert graph_layout(short) is None
    long = [GraphStep(f"body.{at}", "ReLU", (at,)) for at in range(40)] + [GraphStep("fc", "Linear", (40,))]
    assert [one.block for one in graph_layout(long).columns] == ["", "body", "", ""]
    wide = [GraphStep(f"{at}", "ReLU", (at,), ABOVE * MOST_TILES // 4) for at in range(5)]
    assert graph_layout(wide) is not None


def test_a_network_within_one_block_is_not_folded_away():
    steps = [GraphStep(f"net.{at}", "ReLU", (at,)) for at in range(MOST_COLUMNS)]
    assert len(graph_layout(steps).columns) == MOST_COLUMNS + 2


def test_unknown_names_of_blocks_change_nothing():
    steps = foreign("resnet18")
    assert graph_layout(steps, {"layer9", "", "conv1"}) == graph_layout(steps)


def test_the_residual_network_that_we_offer_is_a_graph_with_everything_open():
    spec = preset("birds_residual")
    made = trace(build_module(spec).eval(), torch.zeros(spec.input_shape).numpy())
    layout = graph_layout(graph_steps(made))
    assert [one.number for one in layout.columns] == list(range(len(made.layers) + 2))
    shortcuts = [(one, at) for one in layout.columns for at in one.sources if one.number - at > 1]
    assert len(shortcuts) == 1
    add, source = shortcuts[0]
    assert made.layers[add.number - 1].spec.type_name == "add"
    np.testing.assert_array_equal(made.layers[add.number - 1].inputs[1], made.layers[source - 1].output)


def test_a_residual_network_of_our_own_is_a_graph():
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), _Residual(), nn.Flatten(), nn.Linear(4 * 36, 3))
    steps = graph_steps(trace(model.eval(), torch.rand(1, 6, 6).numpy()))
    layout = graph_layout(steps)
    assert names(steps, layout) == ["image", "0", "1.conv", "1.add", "2", "3", "softmax"]
    assert layout.columns[3].sources == (2, 1)


class _Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """A convolution, and what it reads, added up."""
        return self.conv(maps) + maps


def test_vgg_stands_by_its_stages_and_a_stage_opens():
    steps = foreign("vgg16")
    layout = graph_layout(steps)
    assert layout is not None
    stages = [f"[features.{first}–{last}]" for first, last in ((0, 4), (5, 9), (10, 16), (17, 23), (24, 30))]
    assert names(steps, layout)[:8] == ["image", *stages, "avgpool", "flatten"]
    assert layout.columns[1].members == (1, 2, 3, 4, 5)
    opened = graph_layout(steps, {"features.5–9"})
    assert opened is not None
    assert names(steps, opened)[1:8] == [stages[0], *(f"features.{at}" for at in range(5, 10)), stages[2]]
    assert [block.path for block in opened.blocks] == ["features", "features.5–9", "classifier"]
    alone = graph_layout(steps, selected="features.12")
    assert alone is not None
    assert "features.12" in names(steps, alone)


@pytest.mark.parametrize("length", [LONG, LONG + 1])
def test_only_a_long_module_has_stages(length: int):
    steps = [GraphStep(f"a.{at}", "", (at,), is_pooling=at == 4) for at in range(length)]
    assert bool(stages_of("a", steps, range(1, length + 1))) is (length > LONG)


def test_a_module_with_modules_in_it_or_without_pooling_has_no_stages():
    plain = [GraphStep(f"a.{at}", "", (at,)) for at in range(30)]
    deep = [GraphStep(f"a.{at}.conv", "", (at,), is_pooling=at == 4) for at in range(30)]
    assert stages_of("a", plain, range(1, 31)) == stages_of("a", deep, range(1, 31)) == {}
