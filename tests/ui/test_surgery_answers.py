"""Surgery past the page: acts; maps, tables, fields, links and scores are those of a network edited by hand."""

import base64
import copy
import json
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from short_way import ANATOMY, IMAGE, MODEL, NEGATE, NEGATED, Opened, assert_shows, by_hand

from cnnviz.core.colour_ranges import ColourRanges, colour_ranges, merge_ranges
from cnnviz.core.edits import Edit, EditKind
from cnnviz.core.edits.comparison import ComparisonView, TracePair
from cnnviz.core.trace import Tracer
from cnnviz.ui.app import route_paths, routes
from cnnviz.ui.draw import scores
from cnnviz.web.edits.state import EditsState, apply_edit_action

cell_table = partial(routes.answer_to, route_paths.CELL)


def test_an_act_is_carried_out_and_all_maps_are_those_of_the_edited_network():
    answer = Opened(acts=[NEGATED])
    assert_shows(answer, by_hand())
    assert answer.surgery["done"] == "negate.3.1.conv2"
    assert answer.surgery["lines"] == ["conv2, map 3: kernel for input map 1 negated"]
    with pytest.raises(AssertionError):  # the trained network is another one
        assert_shows(answer, Tracer(MODEL)(IMAGE))


def test_what_was_done_before_comes_with_the_question():
    assert_shows(Opened(surgery={"done": NEGATE.text}), by_hand())


def test_who_does_not_ask_for_surgery_gets_the_trained_network_and_no_weights():
    answer = Opened(surgery=...)
    assert answer.surgery is None
    assert answer.header["fields"] == {}
    assert not any("weight" in layer for layer in answer.header["layers"])
    assert_shows(answer, Tracer(MODEL)(IMAGE))
    assert Opened(surgery={}).surgery is not None


def test_before_is_the_trained_network_and_the_difference_is_after_minus_before():
    before, after = Tracer(MODEL)(IMAGE), by_hand()
    assert_shows(Opened(surgery={"done": NEGATE.text, "view": "before"}), before)
    seen = Opened(surgery={"done": NEGATE.text, "view": "difference"})
    for old, new in zip(before.layers, after.layers, strict=True):
        np.testing.assert_allclose(seen.output(old.spec.path), new.output - old.output, atol=1e-5)
    np.testing.assert_allclose(seen.output("softmax"), after.probabilities, atol=1e-6)
    np.testing.assert_array_equal(seen.output("input"), IMAGE)


def test_all_three_views_are_on_one_colour_scale():
    views = [Opened(surgery={"done": NEGATE.text, "view": view}) for view in ComparisonView]
    scales = [[layer.get("ranges") for layer in view.header["layers"]] for view in views]
    assert scales[0] == scales[1] == scales[2]
    alone = Opened(surgery={"view": "before"})  # nothing edited: a scale of its own
    assert [layer.get("ranges") for layer in alone.header["layers"]] != scales[0]


def test_shares_and_bias_of_a_difference_make_the_difference():
    edits = f"{NEGATE.text}~{Edit(EditKind.BIAS, 'conv2', 3, numbers=(0.5,)).text}~off.2.conv1"
    seen = Opened(surgery={"done": edits, "view": "difference"}, selection={"layer": "conv2", "channel": 3})
    layer = next(one for one in seen.header["layers"] if one["path"] == "conv2")
    shares, bias = seen.array(seen.header["detail"]["sums"]), seen.array(layer["bias"])[3]
    np.testing.assert_allclose(shares.sum(axis=0) + bias, seen.output("conv2")[3], atol=1e-4)
    assert bias == pytest.approx(0.5 - float(MODEL.conv2.bias[3]))
    assert np.abs(shares).max() <= seen.header["detail"]["range"]


def test_where_a_cell_is_walked_a_difference_is_shown_as_after():
    asked = {"done": NEGATE.text, "view": "difference"}
    answer = Opened(surgery=asked, selection={"layer": "conv2", "channel": 3, "row": 2, "col": 2})
    assert answer.surgery["view"] == "after"
    assert_shows(answer, by_hand())


def test_the_verdict_is_that_of_the_network_on_the_screen():
    strong = Edit(EditKind.REDRAW, "fc", seed=1).text
    texts = {view: Opened(surgery={"done": strong, "view": view}).header["verdict"] for view in ComparisonView}
    assert texts["before"] == Opened().header["verdict"]
    assert texts["after"] == texts["difference"] != texts["before"]


def test_an_open_panel_gets_the_kernel_three_maps_and_the_answer_on_both_sides():
    seen = Opened(
        surgery={"done": NEGATE.text, "open": True, "view": "difference"}, selection={"layer": "conv2", "channel": 3}
    )
    before, after = Tracer(MODEL)(IMAGE), by_hand()
    kernel = MODEL.conv2.weight[3].numpy().copy()
    kernel[1] *= -1
    np.testing.assert_array_equal(seen.field("kernel"), kernel)  # the edited one, whatever one looks at
    np.testing.assert_array_equal(seen.field("bias"), MODEL.conv2.bias[3:4].numpy())
    np.testing.assert_allclose(seen.field("map_before"), before.layers[3].output[3], atol=1e-5)
    np.testing.assert_allclose(seen.field("map_after"), after.layers[3].output[3], atol=1e-5)
    np.testing.assert_allclose(
        seen.field("map_difference"), after.layers[3].output[3] - before.layers[3].output[3], atol=1e-5
    )
    np.testing.assert_allclose(seen.field("scores_before"), before.probabilities, atol=1e-6)
    np.testing.assert_allclose(seen.field("scores_after"), after.probabilities, atol=1e-6)
    assert seen.surgery["kernel"]["layer"] == "conv2"
    assert "weight[3, 1] *= -1" in seen.surgery["code"]


def test_a_closed_panel_costs_nothing():
    seen = Opened(surgery={"done": NEGATE.text}, selection={"layer": "conv2", "channel": 3})
    assert set(seen.header["fields"]) == {"scores_before"}
    assert not {"menu", "kernel", "code"} & set(seen.surgery)


def test_everything_on_the_menu_and_every_button_of_the_editor_can_be_done():
    seen = Opened(surgery={"open": True}, selection={"layer": "conv2", "channel": 3}).surgery
    entries = [one["edit"] for one in seen["menu"]]
    entries += [one["edit"] | {"layer": "conv2", "out": 3, "into": 1} for one in seen["kernel"]["actions"]]
    assert {entry["op"] for entry in entries} == set(EditKind) - {"set", "bias"}  # these two come from the hand
    for entry in entries:
        made = apply_edit_action(EditsState(), [{"do": entry}], ANATOMY)
        assert (len(made.edits.done), made.problem) == (1, "")


def test_only_a_map_of_a_convolution_has_kernels_to_edit():
    for layer in ("fc", "relu1", "input", "softmax"):
        seen = Opened(surgery={"open": True}, selection={"layer": layer, "channel": 0})
        assert seen.surgery["kernel"] is None
        assert "kernel" not in seen.header["fields"]


def test_an_image_goes_instead_of_strokes():
    image = base64.b64encode(IMAGE.astype("<f4").tobytes()).decode()
    seen = Opened(image=image, acts=[NEGATED], truth=4)
    assert_shows(seen, by_hand())
    assert seen.header["verdict"]["detail"].endswith("true class: 4")
    with pytest.raises(ValueError, match="image must be 784 float32 numbers"):
        Opened(image="AAAA")


@pytest.mark.parametrize("truth", [True, 10, -1, "4", None, [4]])
def test_an_odd_truth_is_none(truth: object):
    assert "true class" not in Opened(truth=truth).header["verdict"]["detail"]


def test_the_link_carries_what_is_done():
    assert "edits=negate.3.1.conv2" in Opened(acts=[NEGATED]).header["link"]
    assert "edits" not in Opened(acts=[NEGATED, "undo"]).header["link"]


def asked_about_a_cell(**rest: Any) -> bytes:
    image = base64.b64encode(IMAGE.astype("<f4").tobytes()).decode()
    return json.dumps({"image": image, "layer": "conv2", "channel": 3, "row": 5, "col": 6, **rest}).encode()


def test_the_table_of_a_cell_is_that_of_the_network_on_the_screen():
    def total(**rest: Any) -> float:
        return float(json.loads(cell_table(asked_about_a_cell(**rest)))["sums"][-1][-1].replace("−", "-"))

    after, before = by_hand().layers[3].output[3, 5, 6], Tracer(MODEL)(IMAGE).layers[3].output[3, 5, 6]
    assert total(surgery={"done": NEGATE.text}) == pytest.approx(float(after), abs=1e-3)
    assert total(surgery={"done": NEGATE.text, "view": "before"}) == pytest.approx(float(before), abs=1e-3)
    assert total() == pytest.approx(float(before), abs=1e-3)
    assert abs(after - before) > 0.01


def strengths(**rest: Any) -> np.ndarray:
    answer = routes.answer_to(route_paths.FIELD, asked_about_a_cell(**rest))
    length = int.from_bytes(answer[:4], "little")
    field = json.loads(answer[4 : 4 + length])["strengths"][0]["weights"]
    return np.frombuffer(answer[4 + length :], "<f4", 784, field["at"]).reshape(28, 28)


def test_what_a_cell_sees_is_that_of_the_network_on_the_screen():
    """The gradient of the cell, of a network that was edited by hand."""

    def gradient(model: torch.nn.Sequential) -> np.ndarray:
        image = torch.tensor(IMAGE)[None].requires_grad_()
        (made,) = torch.autograd.grad(model[:4](image)[0, 3, 5, 6], image)
        return (made.abs() / made.abs().sum())[0, 0].numpy()

    twin = copy.deepcopy(MODEL)
    with torch.no_grad():
        twin.conv1.weight[2].zero_()
        twin.relu1 = torch.nn.Identity()
    edits = "zero.2.0.conv1~linear.relu1"
    np.testing.assert_allclose(strengths(surgery={"done": edits}), gradient(twin), atol=1e-6)
    np.testing.assert_allclose(strengths(surgery={"done": edits, "view": "before"}), gradient(MODEL), atol=1e-6)
    assert np.abs(gradient(twin) - gradient(MODEL)).max() > 1e-3


def test_accuracy_goes_on_part_by_part_to_the_end():
    score: dict[str, Any] = {}
    parts = 0
    while not score.get("is_complete"):
        counts = {name: score.get(name, 0) for name in ("done", "before", "after")}
        asked = {"surgery": {"done": Edit(EditKind.REDRAW, "fc", seed=1).text}, **counts}
        score = json.loads(routes.answer_to(route_paths.ACCURACY, json.dumps(asked).encode()))
        parts += 1
    assert parts == 10
    assert score["before"] > 850 > score["after"]
    assert "after, on 1,000" in score["words"]


@pytest.mark.parametrize("odd", [{"done": "x"}, {"before": 1.5}, {"after": True}, {"done": 10, "before": 11}])
def test_counts_that_no_score_has_are_refused(odd: dict[str, Any]):
    with pytest.raises(ValueError, match="score must"):
        scores.continue_scores(odd)


def test_two_readers_do_not_see_each_others_edits():
    mine, yours = Opened(acts=[NEGATED]), Opened(acts=[{"do": {"op": "off", "layer": "conv2", "out": 3}}])
    assert_shows(mine, by_hand())
    assert not np.allclose(mine.output("conv2")[3], yours.output("conv2")[3])
    assert_shows(Opened(), Tracer(MODEL)(IMAGE))


def test_the_widest_scale_reaches_as_far_as_the_furthest():
    one, other = (ColourRanges((1.0, 5.0), 5.0, 6.0),), (ColourRanges((3.0, 2.0), 3.0, 9.0),)
    assert merge_ranges(one, other) == (ColourRanges((3.0, 5.0), 5.0, 9.0),)
    trace = Tracer(MODEL)(IMAGE)
    assert merge_ranges(colour_ranges(trace), colour_ranges(trace)) == colour_ranges(trace)


def test_the_scale_of_a_comparison_clips_no_side():
    sides = TracePair(Tracer(MODEL)(IMAGE), by_hand(), ComparisonView.AFTER)
    for view in ComparisonView:
        seen = TracePair(sides.before, sides.after, view).seen
        for layer, scale in zip(seen.layers, sides.scales(), strict=True):
            assert np.abs(layer.output).max() <= max(scale.maps)
            weight_range = sides.weight_range(seen.position(layer.spec.path))
            assert layer.weight is None or np.abs(layer.weight).max() <= weight_range


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_an_image_without_sense_is_refused_in_one_sentence(value: float):
    image = base64.b64encode(np.full(784, value, "<f4").tobytes()).decode()
    asked = {"done": "set.0.0." + Edit(EditKind.SET, "conv1", 0, 0, (1000.0,) * 25).text.split(".")[3] + ".conv1"}
    for surgery in (asked, asked | {"view": "difference", "open": True}):
        with pytest.raises(ValueError, match="finite numbers"):
            Opened(image=image, surgery=surgery, selection={"layer": "conv1", "channel": 0})
