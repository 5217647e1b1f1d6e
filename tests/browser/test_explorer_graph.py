"""A network that is no row, in real Chromium: where its columns and edges lie, folding, keys, many and large maps."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from torchvision import models
from watching import APPS, eventually

from cnnviz.core.layer_facts import column_facts
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import trace
from cnnviz.web.explorer.graph import graph_plan, layout_of
from cnnviz.web.selection import Selection

EDGES = "(nodes) => nodes.map((node) => [node.getBoundingClientRect().left, node.getBoundingClientRect().right])"
LAYOUT = "m.wholeLayout(data.layers, data.plan, data.room)"
PLAIN = f"(({{tiles, blocks, ...rest}}) => ({{...rest, blocks, tiles: [...tiles.values()]}}))({LAYOUT})"
ROOMS = [(1340, 640), (1190, 460), (1040, 640)]


@lru_cache(maxsize=4)
def made_of(name: str) -> Trace:
    torch.manual_seed(0)
    more = {"init_weights": False, "aux_logits": True} if name == "googlenet" else {}
    more |= {"image_size": 64} if name.startswith("vit") else {}
    model = getattr(models, name)(weights=None, **more).eval()
    return trace(model, np.random.default_rng(0).random((3, 64, 64), dtype=np.float32), name)


def placed(run_module: Callable[..., Any], name: str, folds: set[str], room: tuple[int, int]) -> dict[str, Any]:
    """Where the browser puts everything of a network, and the plan that it was given."""
    made = made_of(name)
    plan = graph_plan(made, layout_of(made, Selection(folds=frozenset(folds))))
    layers = [{key: one[key] for key in ("form", "count", "rows", "cols")} for one in column_facts(made)]
    data = json.loads(json.dumps({"layers": layers, "plan": plan, "room": {"width": room[0], "height": room[1]}}))
    return run_module("network/graphlayout.js", PLAIN, data) | {"plan": plan}


@pytest.mark.parametrize("name", ["alexnet", "convnext_tiny", "squeezenet1_1", "vit_b_16"])
def test_a_usual_network_is_no_wider_than_a_screen_of_1440_pixels(run_module: Callable[..., Any], name: str):
    width = 1040  # what such a screen leaves beside the image
    found = placed(run_module, name, set(), (width, 640))
    assert found["width"] <= width
    shown = [block for block in found["blocks"] if block["alpha"] > 0]
    assert max(block["x"] + block["w"] for block in shown) <= width + 1


CASES = [
    ("resnet18", set()),
    ("resnet18", {"layer1.1", "layer2.0", "layer2.0.downsample"}),
    ("googlenet", {"inception3a", "inception3a.branch2"}),
    ("mobilenet_v2", set()),
    ("densenet121", {"features.denseblock1"}),
]


def touch(a: dict[str, Any], b: dict[str, Any]) -> bool:
    across = a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
    return across and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]


@pytest.mark.parametrize(("name", "folds"), CASES)
@pytest.mark.parametrize("room", ROOMS)
def test_no_column_covers_another_and_all_stand_in_the_order_of_depth(run_module, name: str, folds: set[str], room):
    layout = placed(run_module, name, folds, room)
    blocks = [layout["blocks"][one["index"]] for one in layout["plan"]["columns"]]
    assert not any(touch(a, b) for a, b in itertools.combinations(blocks, 2))
    depths = {one["index"]: one["depth"] for one in layout["plan"]["columns"]}
    for a, b in itertools.permutations(blocks, 2):
        if depths[a["index"]] < depths[b["index"]]:
            assert a["x"] + a["w"] < b["x"]
    for tile in layout["tiles"]:
        own = layout["blocks"][tile["index"]]
        assert own["y"] - 0.01 <= tile["y"]
        assert tile["y"] + tile["h"] <= own["y"] + own["h"] + 0.01


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "mobilenet_v2", "squeezenet1_1", "densenet121"])
@pytest.mark.parametrize("room", ROOMS[:2])
def test_a_foreign_network_fits_the_screen_as_it_starts(run_module, name: str, room: tuple[int, int]):
    layout = placed(run_module, name, set(), room)
    assert layout["width"] <= room[0]
    assert layout["height"] <= room[1]
    assert min(tile["w"] for tile in layout["tiles"] if layout["blocks"][tile["index"]]["w"] > 12) >= 20


@pytest.mark.parametrize(("name", "folds"), CASES)
def test_edges_that_jump_columns_cross_no_maps(run_module, name: str, folds: set[str]):
    layout = placed(run_module, name, folds, ROOMS[0])
    blocks = {one["index"]: layout["blocks"][one["index"]] for one in layout["plan"]["columns"]}
    low = max(block["y"] + block["h"] for block in blocks.values())
    ways = set()
    for edge in layout["edges"]:
        source, reader = blocks[edge["from"]], blocks[edge["to"]]
        between = [one for one in blocks.values() if source["x"] + source["w"] < one["x"] < reader["x"] - 1]
        between = [one for one in between if one["index"] != reader["index"]]
        straight = {"out": source, "in": reader}.get(edge["way"])
        ways.add(edge["way"])
        if edge["way"] == "below":
            assert low < edge["y"] < layout["height"]
        elif straight:
            y = straight["y"] + straight["h"] / 2
            beyond = [
                one
                for one in between
                if one["x"] < reader["left"] and one["left"] >= source["left"] + source["room"] - 1
            ]
            assert not any(one["y"] < y < one["y"] + one["h"] for one in beyond)
    assert ("below" in ways) == (name in ("resnet18", "densenet121") and bool(folds))
    tracks = [edge for edge in layout["edges"] if edge["way"] == "below"]
    for a, b in itertools.combinations(tracks, 2):
        apart = (
            blocks[a["to"]]["x"] <= blocks[b["from"]]["x"] + 99 or blocks[b["to"]]["x"] <= blocks[a["from"]]["x"] + 99
        )
        assert a["y"] != b["y"] or apart or a["from"] == b["from"]


def test_a_row_stands_as_it_always_did(run_module):
    layers = [
        {"form": "maps", "count": 1, "rows": 28, "cols": 28},
        {"form": "maps", "count": 16, "rows": 28, "cols": 28},
        {"form": "cells", "count": 10, "rows": 1, "cols": 1},
        {"form": "bars", "count": 10, "rows": 1, "cols": 1},
    ]
    data = {"layers": layers, "plan": None, "room": {"width": 1000, "height": 600}}
    assert run_module("network/graphlayout.js", PLAIN, data) == run_module(
        "network/layout.js", PLAIN.replace(LAYOUT, "m.overview(data.layers, data.room)"), data
    )


def test_keys_follow_the_edges(run_module):
    """Around ResNet's shortcut: the branch below is reached by down, and left leads back to where both come from."""
    layout = placed(run_module, "resnet18", {"layer2.0", "layer2.0.downsample"}, ROOMS[0])
    made = made_of("resnet18")

    def walk(path: str, *keys: str) -> str:
        at = {"index": made.position(path) + 1, "channel": layout["blocks"][made.position(path) + 1]["channels"][0]}
        for key in keys:
            data = {"plan": layout["plan"], "blocks": layout["blocks"], "at": at, "key": key}
            at = run_module("explorer/hit.js", "m.nextInGraph(data.plan, data.blocks, data.at, data.key)", data)
        return made.layers[at["index"] - 1].spec.path

    assert walk("layer2.0.conv1", "ArrowRight") == "layer2.0.bn1"
    assert walk("layer2.0.conv1", "ArrowLeft") == "layer1.1.relu#2"
    down = len(layout["blocks"][made.position("layer2.0.conv1") + 1]["channels"])
    assert walk("layer2.0.conv1", *["ArrowDown"] * down) == "layer2.0.downsample.0"
    assert walk("layer2.0.downsample.0", "ArrowRight", "ArrowRight") == "layer2.0.add"
    assert walk("layer2.0.downsample.1", "ArrowLeft", "ArrowLeft") == "layer1.1.relu#2"
    assert walk("layer2.0.downsample.0", "ArrowUp") == "layer2.0.conv1"
    assert walk("layer2.0.add", "ArrowLeft") == "layer2.0.bn2"


@pytest.fixture
def graph(new_page: Callable[..., Page], serve: Callable[..., str]) -> Callable[..., Page]:
    """`graph("net=resnet18", width=1280)`: the explorer on a foreign network, painted."""

    def open_page(query: str = "", **options: object) -> Page:
        page = new_page(f"{serve(APPS / 'graph_app.py')}/?{query}", **({"width": 1440} | options))
        expect(page.locator(".cnnviz-explorer .label").first).to_be_visible()
        return page

    return open_page


def heads(page: Page) -> list[str]:
    return page.locator(".cnnviz-explorer .label b").all_inner_texts()


def test_a_block_opens_and_folds_by_its_head(graph):
    page = graph("net=resnet18")
    assert heads(page)[4:8] == ["maxpool", "0", "1", "0"]
    folded = page.locator('.label[data-block="layer1.0"]')
    expect(folded).to_have_attribute("aria-expanded", "false")
    assert "7 layers" in folded.get_attribute("title")
    folded.click()
    head = page.locator('.bracket[data-block="layer1.0"]')
    expect(head).to_be_visible()
    opened = ["conv1", "bn1", "relu", "conv2", "bn2", "add", "relu#2"]
    eventually(page, lambda: heads(page)[5:12], lambda found: found == opened)
    head.click()
    expect(head).to_have_count(0)
    eventually(page, lambda: heads(page)[4:8], lambda found: found == ["maxpool", "0", "1", "0"])


def test_the_network_travels_to_where_it_stands_with_an_open_block(graph):
    page = graph("net=resnet18")
    page.locator(".cnnviz-explorer").evaluate(
        """(root) => {
            window.travels = [];
            const note = () => root.dataset.moving === "true" && window.travels.push(1);
            new MutationObserver(note).observe(root, { attributes: true, attributeFilter: ["data-moving"] });
        }"""
    )
    page.locator('.label[data-block="layer1.0"]').click()
    expect(page.locator('.bracket[data-block="layer1.0"]')).to_be_visible()
    eventually(page, lambda: page.evaluate("window.travels.length"), lambda count: count > 0)


def test_a_block_opens_by_key_and_stays_open_when_a_map_is_opened_and_left(graph):
    page = graph("net=resnet18")
    over = page.locator(".cnnviz-explorer .over")
    over.focus()
    for _ in range(5):
        over.press("ArrowRight")
    expect(page.locator(".cnnviz-explorer .info")).to_contain_text("layer1.0.relu#2")
    over.press("+")
    expect(page.locator('.bracket[data-block="layer1.0"]')).to_be_visible()
    over.press("Enter")
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("layer1.0.relu#2, map")
    over.press("Escape")
    expect(page.locator('.bracket[data-block="layer1.0"]')).to_be_visible()
    over.press("-")
    expect(page.locator('.bracket[data-block="layer1.0"]')).to_have_count(0)
    assert "plus opens" in over.get_attribute("aria-label")


def test_a_link_holds_what_is_open(graph):
    page = graph("net=googlenet&folds=inception3a~inception3a.branch2")
    expect(page.locator(".bracket")).to_have_count(2)
    assert {"branch1", "0", "1", "branch3", "branch4", "cat"} <= set(heads(page))


# The last two leave the explorer what the page "Your network" leaves it beside an image, at 1440 and at 1280 pixels.
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (1200, 900), (1078, 720)])
@pytest.mark.parametrize("name", ["resnet18", "googlenet", "googlenet&transform=1", "mobilenet_v2"])
def test_names_can_be_read_and_stand_apart(graph, name: str, width: int, height: int):
    page = graph(f"net={name}", width=width, height=height)
    boxes = page.locator(".cnnviz-explorer .label").evaluate_all(
        """(nodes) => nodes.map((node) => {
          const { left, right, top, bottom } = node.getBoundingClientRect();
          const name = node.querySelector("b");
          return { left, right, top, bottom, name: name.innerText, cut: name.scrollWidth > name.clientWidth + 1 };
        })"""
    )
    assert [box["name"] for box in boxes if box["cut"]] == []
    for a, b in itertools.combinations(boxes, 2):
        apart = a["right"] <= b["left"] + 8 or b["right"] <= a["left"] + 8  # their padding may touch
        assert apart or a["bottom"] <= b["top"] + 4 or b["bottom"] <= a["top"] + 4, (a, b)
    scales = page.locator(".cnnviz-explorer .legend em").all_inner_texts()
    assert scales
    assert not any(text == "…" for text in scales), scales
    counts = page.locator(".cnnviz-explorer .of:visible").evaluate_all(EDGES)
    for (_left, right), (left, _right) in itertools.pairwise(sorted(counts)):
        assert right <= left + 1
    stage = page.locator(".cnnviz-explorer .stage")
    assert stage.evaluate("(node) => node.scrollWidth <= node.clientWidth")
    box = stage.bounding_box()
    assert box["y"] + box["height"] <= height


def test_a_map_in_overview_says_which_cells_a_value_stands_for_and_its_opened_map_has_every_cell(graph):
    page = graph("net=resnet18&size=128")
    info = page.locator(".cnnviz-explorer .info")
    over = page.locator(".cnnviz-explorer .over")
    over.focus()
    over.press("ArrowRight")
    expect(info).to_contain_text(
        re.compile(r"conv1, map \d+, rows \d+–\d+, columns \d+–\d+: \S+ is the value furthest")
    )
    over.press("Enter")
    expect(page.locator(".cnnviz-explorer .step-button")).to_be_enabled()
    over.press("ArrowRight")
    expect(info).to_contain_text(re.compile(r"conv1, map \d+, row \d+, column \d+: \S+"))
    page.locator(".cnnviz-explorer .numbers-button").click()
    expect(page.locator(".cnnviz-explorer .numbers td")).to_have_count(64 * 64)


def test_of_many_terms_the_largest_stand_there_and_the_words_say_so(graph):
    page = graph("net=resnet18&folds=layer4.1&layer=layer4.1.conv1&map=3")
    expect(page.locator(".note.cut")).to_have_text("48 of 512 terms: those with the largest mean of |value|")


def test_columns_say_how_many_of_their_maps_stand_there(graph):
    page = graph("net=resnet18")
    first = page.locator(".cnnviz-explorer .of").first
    expect(first).to_have_text("16 of 64")
    assert "largest mean of |value|" in first.get_attribute("title")


def test_on_a_phone_blocks_fold_too(graph):
    page = graph("net=resnet18", width=390, height=844)
    page.locator('.label[data-block="layer1.0"]').click()
    expect(page.locator('.bracket[data-block="layer1.0"]')).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_a_shortcut_is_a_line_beside_the_columns_it_jumps(graph):
    page = graph("net=resnet18&folds=layer1.0", width=390, height=844)
    head = page.locator(".label[data-index]", has_text="add").first
    expect(head).to_be_visible()
    painted = """(canvas) => {
      const scale = canvas.width / canvas.clientWidth;
      const context = canvas.getContext("2d");
      const column = (back) => {
        const { data } = context.getImageData(canvas.width - Math.round(back * scale), 0, 1, canvas.height);
        return data.filter((value, at) => at % 4 === 3 && value > 60).length / scale;
      };
      return [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((back) => column(back + 1));
    }"""
    lines = eventually(page, lambda: page.locator(".cnnviz-explorer .base").evaluate(painted), lambda s: max(s) > 400)
    assert max(lines[:6]) > 200  # the shortcut around the block: the outer track
    assert max(lines[7:]) > 1000  # from column to column, all the way down
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_edges_beside_columns_never_lie_over_one_another(run_module):
    columns = [{"index": at, "sources": sources} for at, sources in enumerate([[], [0], [1], [2, 0], [3, 1, 0]])]
    edges = run_module("network/graphrows.js", "m.edgesBeside(data)", columns)
    tracks = {(edge["from"], edge["to"]): edge["track"] for edge in edges}
    assert {pair for pair, track in tracks.items() if track == 0} == {(0, 1), (1, 2), (2, 3), (3, 4)}
    jumps = [pair for pair in tracks if pair[1] - pair[0] > 1]
    assert jumps == [(0, 3), (1, 4), (0, 4)]
    assert len({tracks[pair] for pair in jumps}) == len(jumps)  # they all overlap


def test_a_network_that_stops_says_where_and_why(graph):
    page = graph("net=resnet18&stops=1")
    expect(page.locator(".cnnviz-explorer .stopped")).to_contain_text("Shown as far as it ran: layer conv1 refused")
    assert heads(page) == ["input"]


def test_scales_of_tiny_values_do_not_say_zero(run_module):
    for room in (300, 60, 36, 20):
        ends = run_module("shared/celltext.js", "m.fitEnds(-data.high, data.high, data)", {"high": 4e-5, "room": room})
        assert all(text == "0" or re.search("[1-9…]", text) for text in ends), ends
        assert "0" not in {ends[0], ends[-1]}


@pytest.mark.parametrize("is_dark", [False, True])
def test_edges_are_painted(graph, is_dark: bool):
    page = graph("net=resnet18", dark=is_dark)
    painted = """(canvas) => {
      const context = canvas.getContext("2d");
      const { data } = context.getImageData(0, canvas.height >> 1, canvas.width, 1);
      return data.filter((value, at) => at % 4 === 3 && value > 60).length / canvas.width;
    }"""
    share = eventually(page, lambda: page.locator(".cnnviz-explorer .base").evaluate(painted), lambda s: s > 0.3)
    assert share > 0.3


def test_all_maps_of_a_layer_can_be_sorted_found_and_opened(graph):
    page = graph("net=resnet18&layer=layer4.1.relu%232&map=3")
    button = page.locator(".maps-button")
    expect(button).to_have_text("All 512 maps")
    button.click()
    gallery = page.locator(".gallery")
    numbers = gallery.locator(".maps button span")
    expect(numbers).to_have_count(256)
    gallery.locator(".more").click()
    expect(numbers).to_have_count(512)
    made = made_in_app("resnet18")
    sizes = np.abs(made.layers[made.position("layer4.1.relu#2")].output).mean(axis=(1, 2), dtype=np.float64)
    shown = [int(number) for number in numbers.all_inner_texts()]
    assert all(sizes[a] >= sizes[b] for a, b in itertools.pairwise(shown))
    gallery.get_by_role("button", name="by number").click()
    assert [int(number) for number in numbers.all_inner_texts()] == list(range(512))
    gallery.locator("input").fill("51")
    assert numbers.all_inner_texts() == ["51", "510", "511"]
    expect(gallery.locator(".count")).to_have_text("3 of 512 maps")
    numbers.get_by_text("510").click()
    expect(page.locator(".crumbs")).to_contain_text("layer4.1.relu#2, map 510")
    expect(gallery.locator("[aria-current]")).to_have_text("510")


def test_what_cannot_be_opened_says_why(graph):
    page = graph("net=resnet18")
    button = page.locator(".maps-button")
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", "Open a map, then see all maps of its layer")
    page.locator(".label", has_text="flatten").click()
    expect(button).to_have_attribute("title", "This layer has one map or none: all of it is here")


def made_in_app(name: str) -> Trace:
    """What `graph_app.py` shows."""
    torch.manual_seed(0)
    model = getattr(models, name)(weights=None).eval()
    rows, cols = np.mgrid[0:64, 0:64] / 64
    waves = [np.sin(9 * rows + at) * np.cos(7 * cols * (at + 1)) for at in range(3)]
    return trace(model, np.stack(waves).astype(np.float32) / 2 + 0.5, name)


def test_a_network_wider_than_its_place_fades_out_where_there_is_more_of_it(graph):
    page = graph("net=googlenet&folds=inception3a~inception3b~inception4a", width=1000, height=720)
    stage = page.locator(".cnnviz-explorer .stage")
    expect(stage).to_have_attribute("data-more", "right")
    stage.evaluate("(node) => node.scrollTo(200, 0)")
    expect(stage).to_have_attribute("data-more", "left right")
    stage.evaluate("(node) => node.scrollTo(9999, 0)")
    expect(stage).to_have_attribute("data-more", "left")
