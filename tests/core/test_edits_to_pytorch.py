"""Edits in words and as PyTorch code: the code is run as it stands and makes the same network."""

import ast
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.edits import (
    Edit,
    EditError,
    EditKind,
    Edits,
    apply_edits,
    describe_edit,
    editable_layers,
    edits_to_pytorch,
)
from cnnviz.core.edits.presets import preset_keys
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.figures.theme import format_number
from cnnviz.models import checkpoints

MODEL, _MANIFEST = checkpoints.load("mnist")
ANATOMY = editable_layers(MODEL)
IMAGE = preprocess(find_sample("five").sketch).image
KERNEL = tuple(np.random.default_rng(0).normal(size=25).astype(np.float32).tolist())
ONE_OF_EACH = (
    Edit(EditKind.SET, "conv1", 3, 0, KERNEL),
    Edit(EditKind.PRESET, "conv1", 4, 0, preset=preset_keys()[0]),
    Edit(EditKind.ZERO, "conv2", 7, 5),
    Edit(EditKind.NEGATE, "conv2", 7, 6),
    Edit(EditKind.RANDOM, "conv2", 7, 8, seed=3),
    Edit(EditKind.BIAS, "conv1", 3, numbers=(-0.7,)),
    Edit(EditKind.OFF, "conv2", 9),
    Edit(EditKind.OFF, "fc", 9),
    Edit(EditKind.LINEAR, "relu1"),
    Edit(EditKind.AVERAGE, "pool2"),
    Edit(EditKind.SHUFFLE, "conv2", seed=5),
    Edit(EditKind.SHUFFLE, "fc", seed=5),
    Edit(EditKind.REDRAW, "conv1", seed=6),
)


def run(code: str) -> Trace:
    names: dict[str, Any] = {}
    exec(compile(code, "shown.py", "exec"), names)
    return Tracer(names["model"])(IMAGE)


def assert_makes_the_same(code: str, edits: Edits) -> None:
    wanted = Tracer(apply_edits(MODEL, edits))(IMAGE)
    for one, other in zip(run(code).layers, wanted.layers, strict=True):
        assert one.spec == other.spec
        np.testing.assert_allclose(one.output, other.output, atol=1e-6)


def test_there_is_one_edit_of_each_kind():
    assert {edit.op for edit in ONE_OF_EACH} == set(EditKind)


@pytest.mark.parametrize("edit", ONE_OF_EACH, ids=lambda edit: edit.text[:16])
def test_the_code_of_every_edit_makes_the_same_network(edit: Edit):
    assert_makes_the_same(edits_to_pytorch("mnist", Edits((edit,)), ANATOMY), Edits((edit,)))


def test_the_code_of_many_edits_makes_the_same_network():
    assert_makes_the_same(edits_to_pytorch("mnist", Edits(ONE_OF_EACH), ANATOMY), Edits(ONE_OF_EACH))


def test_code_of_what_is_done_twice_runs_too():
    twice = Edits((Edit(EditKind.AVERAGE, "pool1"), Edit(EditKind.LINEAR, "relu1")) * 2)
    assert_makes_the_same(edits_to_pytorch("mnist", twice, ANATOMY), twice)


def test_code_of_another_kernel_is_caught():
    right, wrong = (Edits((Edit(EditKind.NEGATE, "conv2", 7, into),)) for into in (5, 6))
    with pytest.raises(AssertionError):
        assert_makes_the_same(edits_to_pytorch("mnist", wrong, ANATOMY), right)


def test_code_in_another_order_is_caught():
    edits = (Edit(EditKind.NEGATE, "conv1", 3, 0), Edit(EditKind.SET, "conv1", 3, 0, KERNEL))
    with pytest.raises(AssertionError):
        assert_makes_the_same(edits_to_pytorch("mnist", Edits(edits[::-1]), ANATOMY), Edits(edits))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-1000, 1000, width=32), min_size=25, max_size=25).map(tuple))
def test_numbers_in_the_code_are_the_very_same_numbers(kernel: tuple[float, ...]):
    code = edits_to_pytorch("mnist", Edits((Edit(EditKind.SET, "conv1", 3, 0, kernel),)), ANATOMY)
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["model"].conv1.weight[3, 0].flatten().tolist() == list(kernel)


def test_code_of_nothing_is_the_network_as_it_is():
    assert_makes_the_same(edits_to_pytorch("mnist", Edits(), ANATOMY), Edits())


def test_the_code_says_what_it_does_in_words_and_needs_nothing_but_torch_and_us():
    code = edits_to_pytorch("mnist", Edits(ONE_OF_EACH), ANATOMY)
    assert "# conv2, map 9: switched off" in code
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported == {"torch", "cnnviz.models.checkpoints"}


def test_code_for_an_adaptive_pooling_and_for_a_layer_without_a_bias_runs_too():
    model = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.AdaptiveMaxPool2d(2)).requires_grad_(False).eval()
    edits = Edits((Edit(EditKind.OFF, "0", 1), Edit(EditKind.REDRAW, "0", seed=2), Edit(EditKind.AVERAGE, "1")))
    lines = edits_to_pytorch("mnist", edits, editable_layers(model)).split("\n\n", 2)[2]
    wanted = apply_edits(model, edits)
    names: dict[str, Any] = {"model": model, "torch": torch, "nn": nn}
    exec(lines.partition("\n")[2], names)
    image = torch.rand(1, 1, 8, 8)
    torch.testing.assert_close(names["model"](image), wanted(image))


def test_code_for_an_edit_that_does_not_fit_is_refused():
    with pytest.raises(EditError, match="conv9"):
        edits_to_pytorch("mnist", Edits((Edit(EditKind.ZERO, "conv9", 0, 0),)), ANATOMY)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Edit(EditKind.SET, "conv1", 3, 0, KERNEL), "conv1, map 3: kernel for input map 0 set by hand"),
        (Edit(EditKind.ZERO, "conv2", 7, 5), "conv2, map 7: kernel for input map 5 set to 0"),
        (Edit(EditKind.NEGATE, "conv2", 7, 5), "conv2, map 7: kernel for input map 5 negated"),
        (
            Edit(EditKind.RANDOM, "conv2", 7, 5, seed=3),
            "conv2, map 7: kernel for input map 5 as before training (seed 3)",
        ),
        (Edit(EditKind.BIAS, "conv1", 3, numbers=(-0.5,)), "conv1, map 3: bias set to −0.5000"),
        (Edit(EditKind.OFF, "conv1", 3), "conv1, map 3: switched off, its weights and its bias are 0"),
        (Edit(EditKind.OFF, "fc", 3), "fc, unit 3: switched off, its weights and its bias are 0"),
        (Edit(EditKind.LINEAR, "relu1"), "relu1: ReLU removed"),
        (Edit(EditKind.AVERAGE, "pool1"), "pool1: takes the mean instead of the largest value"),
        (Edit(EditKind.SHUFFLE, "conv1", seed=1), "conv1: kernels shuffled (seed 1)"),
        (Edit(EditKind.REDRAW, "conv1", seed=1), "conv1: weights as before training (seed 1)"),
    ],
)
def test_every_edit_is_one_line_in_words(edit: Edit, words: str):
    assert describe_edit(edit, ANATOMY, format_number) == words
