"""The laboratory's short way: what it answers is PyTorch's; what is not possible is said; junk is one sentence."""

import json
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from cnnviz.conv_lab.examples import find_example
from cnnviz.conv_lab.images import find_image
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.settings import nearest_setup
from cnnviz.conv_lab.to_json import array_to_json, setup_from_json, setup_to_json
from cnnviz.core.kernels import PRESETS, find_preset, resize
from cnnviz.models import checkpoints
from cnnviz.ui.app import route_paths
from cnnviz.ui.app.routes import answer_to
from cnnviz.ui.lab.answers import lab_link
from cnnviz.web.conv_lab.packet import BINS, histogram

laboratory = partial(answer_to, route_paths.LABORATORY)


def asked(key: str = "cross-correlation", **rest: Any) -> dict[str, Any]:
    question = {"setup": setup_to_json(find_example(key).make()) | rest.pop("setup", {}), **rest}
    return opened(laboratory(json.dumps(question).encode()))


def then(header: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """The next question, about what the last answer showed."""
    return opened(laboratory(json.dumps({"setup": header["setup"], **rest}).encode()))


def opened(packet: bytes) -> dict[str, Any]:
    """The header, each array read with a few independent lines."""
    length = int.from_bytes(packet[:4], "little")
    header, body = json.loads(packet[4 : 4 + length]), packet[4 + length :]

    def read(field: dict[str, Any]) -> np.ndarray:
        return np.frombuffer(body, "<f4", int(np.prod(field["shape"])), field["at"]).reshape(field["shape"])

    for layer in header["layers"]:
        for name in ("output", "weight", "bias"):
            if layer.get(name):
                layer[name] = read(layer[name])
    if header["detail"]:
        header["detail"]["sums"] = read(header["detail"]["sums"])
    return header


@pytest.mark.parametrize("key", ["cross-correlation", "three-kernels", "blur", "transposed", "global-max", "size-rest"])
def test_the_answer_is_pytorchs(key: str):
    header = asked(key)
    layer = lab_result(find_example(key).make())
    np.testing.assert_array_equal(header["layers"][0]["output"], layer.input)
    np.testing.assert_array_equal(header["layers"][1]["output"], layer.output)
    assert header["problem"] == ""


def test_the_shares_of_the_channels_add_up_to_the_open_map():
    header = asked("three-kernels", unit=2)
    np.testing.assert_allclose(header["detail"]["sums"].sum(axis=0), header["layers"][1]["output"][2], atol=1e-4)
    assert np.abs(header["detail"]["sums"].sum(axis=0) - header["layers"][1]["output"][1]).max() > 1
    assert asked("cross-correlation")["detail"] is None


def test_the_picture_stays_at_home_when_it_is_known():
    assert "output" not in asked(with_picture=False)["layers"][0]


def test_what_is_impossible_is_said_and_the_nearest_is_shown():
    header = asked(setup={"padding": [9, 9], "mode": "reflect"})
    assert "at most 2 in reflect mode" in header["problem"]
    assert header["is_nearest"]
    assert header["setup"]["padding"] == [2, 2]
    assert header["layers"][1]["output"].shape == (1, 6, 6)


def test_several_sentences_are_each_one_sentence():
    problem = asked(setup={"stride": [0, 0], "padding": [99, 99]})["problem"]
    assert problem == (
        "Stride must be from 1 to 8, got 0: choose a number in between. "
        "Padding must be from 0 to 16, got 99: choose a number in between."
    )


def test_numbers_as_large_as_float32_has_are_answered():
    kernel = array_to_json(np.full((1, 1, 2, 2), 3e38, np.float32))
    header = asked(setup={"kernel": kernel})
    assert "Weights must be numbers" in header["problem"]
    assert np.isfinite(header["layers"][1]["output"]).all()
    with pytest.raises(ValueError, match="image must hold numbers"):
        asked(setup={"picture": {"key": "own", **array_to_json(np.full((1, 3, 3), 3e38, np.float32))}})


def test_an_act_that_is_not_possible_changes_nothing_and_says_why():
    header = asked(act={"name": "edit:zero"})
    again = opened(
        answer_to(
            route_paths.LABORATORY, json.dumps({"setup": header["setup"], "act": {"name": "edit:normalise"}}).encode()
        )
    )
    assert "other than 0" in again["problem"]
    assert again["setup"] == header["setup"]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
@pytest.mark.parametrize("example", ["cross-correlation", "size-keep-3", "six-filters"])  # 2×2, 3×3, 5×5
def test_a_ready_made_kernel_brings_its_size_and_is_shown_as_chosen(preset, example: str):
    header = asked(example, act={"name": "count", "count": 1})
    header = then(header, act={"name": f"preset:{preset.key}"})
    ready = preset.fitted(*preset.natural)
    np.testing.assert_array_equal(header["layers"][1]["weight"], [[ready] * header["layers"][0]["shape"][0]])
    assert set(header["ready_made"][0]) == {preset.key}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_among_larger_kernels_a_ready_made_one_stands_in_the_middle_and_the_others_stay(preset):
    before = asked("six-filters")["layers"][1]["weight"]
    header = asked("six-filters", unit=2, act={"name": f"preset:{preset.key}", "unit": 2})
    after = header["layers"][1]["weight"]
    np.testing.assert_array_equal(np.delete(after, 2, axis=0), np.delete(before, 2, axis=0))
    np.testing.assert_array_equal(after[2], [resize(preset.fitted(*preset.natural), 5, 5)] * 3)
    assert ("zeros around" in header["problem"]) == (preset.natural != (5, 5))
    assert not header["is_nearest"]


def test_smaller_kernels_beside_a_ready_made_one_get_zeros_around_them():
    header = asked("three-kernels", act={"name": "preset:sobel"})
    after = header["layers"][1]["weight"]
    np.testing.assert_array_equal(after[0], [find_preset("sobel").fitted(3, 3)] * 2)
    np.testing.assert_array_equal(after[1:], resize(asked("three-kernels")["layers"][1]["weight"][1:], 3, 3))
    assert "other kernels got zeros around them" in header["problem"]


def test_on_kernels_of_one_colour_each_a_button_acts_on_every_colour_or_on_the_chosen_one():
    sobel = find_preset("sobel").fitted(3, 3)
    every = asked("depthwise", act={"name": "preset:sobel", "unit": 0, "channel": None})["layers"][1]["weight"]
    np.testing.assert_array_equal(every, [[sobel]] * 3)
    before = asked("depthwise")["layers"][1]["weight"]
    one = asked("depthwise", act={"name": "preset:sobel", "unit": 1, "channel": 0})["layers"][1]["weight"]
    np.testing.assert_array_equal(one, [before[0], [sobel], before[2]])
    negated = asked("depthwise", act={"name": "edit:negate", "unit": 2, "channel": None})["layers"][1]["weight"]
    np.testing.assert_array_equal(negated, -before)


def test_with_several_kernels_a_group_the_same_one_of_each_group_is_meant():
    """Two for each colour: kernels 0 1, 2 3, 4 5. The second of each is 1, 3 and 5."""
    header = asked("depthwise", act={"name": "count", "count": 6}, setup={"groups": 3})
    header = then(header, act={"name": "preset:box", "unit": 3, "channel": None})
    assert [row[0] == "box" for row in header["ready_made"]] == [False, True, False, True, False, True]


def test_another_size_keeps_a_ready_made_kernel_ready_made_and_pads_any_other():
    five = then(asked("size-keep-3", act={"name": "preset:box"}), act={"name": "size", "rows": 5, "cols": 5})
    np.testing.assert_array_equal(five["layers"][1]["weight"][0, 0], np.full((5, 5), np.float32(1 / 25)))
    assert five["ready_made"] == [["box"]]
    own = asked("cross-correlation", act={"name": "size", "rows": 3, "cols": 3})["layers"][1]["weight"][0, 0]
    np.testing.assert_array_equal(own, resize(np.array([[0, 1], [2, 3]]), 3, 3))


def test_no_kernel_of_a_trained_network_is_taken_for_a_ready_made_one():
    keys = asked(act={"name": "trained"})["ready_made"]
    assert {key for row in keys for key in row} == {""}


def test_a_button_acts_on_one_channel_or_on_all():
    one = asked("three-channels", act={"name": "edit:negate", "unit": 0, "channel": 1})["layers"][1]["weight"]
    every = asked("three-channels", act={"name": "edit:negate", "unit": 0, "channel": None})["layers"][1]["weight"]
    assert one[0, :, 0, 0].tolist() == [1, -1, 1]
    assert every[0, :, 0, 0].tolist() == [-1, -1, -1]


def test_kernels_can_be_added_and_taken_away():
    more = asked("three-channels", act={"name": "count", "count": 3})
    assert more["layers"][1]["output"].shape == (3, 3, 3)
    assert more["setup"]["bias"] == [1, 0, 0]
    assert asked("three-kernels", act={"name": "count", "count": 1})["layers"][1]["output"].shape == (1, 2, 2)


def test_random_weights_come_with_their_seed():
    one, same, other = (asked("size-keep-3", act={"name": "random", "seed": seed}) for seed in (1, 1, 2))
    assert one["setup"] == same["setup"] != other["setup"]


def test_another_picture_keeps_the_kernel_and_gives_it_channels():
    header = asked("cross-correlation", picture={"key": "small-landscape"})
    assert header["layers"][1]["output"].shape == (1, 31, 31)
    assert header["problem"] == ""
    np.testing.assert_array_equal(header["layers"][1]["weight"], np.tile([[[0, 1], [2, 3]]], (1, 3, 1, 1)))


def test_depthwise_stays_depthwise_on_a_grey_picture():
    header = asked("blur", picture={"key": "face"})
    assert (header["setup"]["groups"], header["layers"][1]["output"].shape) == (1, (1, 48, 48))


def test_a_matrix_is_made_larger_with_zeros():
    header = asked("cross-correlation", act={"name": "picture-size", "rows": 2, "cols": 5})
    assert header["layers"][0]["output"].tolist() == [[[0, 1, 2, 0, 0], [3, 4, 5, 0, 0]]]


def test_the_trained_networks_kernels_give_its_own_maps():
    model, _manifest = checkpoints.load("mnist")
    header = asked("size-keep-1", act={"name": "trained"}, picture={"key": "bars"})
    image = find_image("bars").values
    with torch.inference_mode():
        expected = model[0](torch.tensor(image)[None])[0].numpy()
    np.testing.assert_allclose(header["layers"][1]["output"], expected, atol=1e-5)


def test_the_words_carry_the_formula():
    words = asked("size-rest")["words"]
    assert words["formulas"][0] == ["rows", "⌊(32 + 2·0 − 1·(4 − 1) − 1) / 3⌋ + 1 = ⌊28 / 3⌋ + 1 = 10"]
    assert words["unread"] == "Covered by no window: rows 31, columns 31."
    assert asked("sees-5")["words"]["notes"] == [
        "Receptive field of a 2×2 window on the result: 5×5 cells of the image."
    ]


def test_a_pointwise_convolution_says_how_near_it_is_to_a_linear_layer():
    (note,) = asked("one-by-one")["words"]["notes"]
    assert "fully connected layer at each pixel" in note
    difference = note.removesuffix(".").split()[-1]
    assert float(difference) < 1e-6


def test_a_link_names_the_example_or_holds_the_setup():
    assert lab_link(find_example("edge").make()) == {"example": "edge"}
    changed = nearest_setup(setup_from_json(asked("edge", setup={"stride": [2, 1]})["setup"]))[0]
    assert list(lab_link(changed)) == ["setup"]


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({}, "setup must be a record"), ({"setup": 3}, "setup must be a record"),
        ({"setup": {}}, "kernel must be a shape and its numbers in base 64, got 0 bytes"),
        ({"setup": {"kernel": {"shape": [1], "floats": "AAAA"}}},
         "kernel must be a shape and its numbers in base 64, got 3 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused_in_one_sentence(question: dict[str, Any], says: str):
    with pytest.raises(ValueError, match=f"^{says}"):
        laboratory(json.dumps(question).encode())


@pytest.mark.parametrize(
    "odd",
    [{"act": 3}, {"act": {"name": "nothing"}}, {"act": {"name": "count", "count": "x"}}, {"unit": -1}, {"unit": 99},
     {"act": {"name": "count", "count": 0}}, {"act": {"name": "count", "count": 17}},
     {"act": {"name": "picture-size", "rows": 0, "cols": 3}}, {"act": {"name": "picture-size", "rows": 500, "cols": 3}},
     {"act": {"name": "size", "rows": 3, "cols": 99}}, {"act": {"name": "x" * 5000}},
     {"act": {"name": "preset:zzz"}}, {"act": {"name": "edit:negate", "unit": 7}}, {"picture": {"key": "zzz"}}],
)  # fmt: skip
def test_odd_extras_never_lose_the_setup(odd: dict[str, Any]):
    header = asked(**odd)
    assert len(header["problem"]) < 400
    assert header["setup"] == setup_to_json(find_example("cross-correlation").make())


def test_the_histogram_counts_every_cell_once():
    values = np.random.default_rng(0).normal(size=(20, 30)).astype(np.float32)
    made = histogram(values)
    assert sum(made["counts"]) == 600
    step = 2 * made["reach"] / BINS
    first = -made["reach"]
    for at in (0, 10, 20, 40):
        low, high = first + at * step, first + (at + 1) * step
        inside = (values >= low) & ((values < high) | (at == BINS - 1))
        assert abs(int(inside.sum()) - made["counts"][at]) <= 1
    assert histogram(np.zeros((2, 2)))["counts"][BINS // 2] == 4
