"""Settings: the result is that of a loop in float64; what is not possible is said, and mended in the least way."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from naive import naive, pooled
from torch import nn
from wishing import wishes

from cnnviz.conv_lab.images import LARGEST_VALUE, LabImage, LabImageError, find_image
from cnnviz.conv_lab.rules_of_kernels import LARGEST_WEIGHT
from cnnviz.conv_lab.run import lab_network, lab_result, linear_difference, random_weights, run_setup
from cnnviz.conv_lab.settings import (
    LabSettings,
    LabSetup,
    Operation,
    PaddingMode,
    SettingsError,
    first_problem,
    nearest_setup,
)
from cnnviz.core.explain import explain
from cnnviz.core.kernels import find_preset
from cnnviz.core.units import UnitRef

TWO_BY_TWO = np.array([[[[0, 1], [2, 3]]]], np.float32)
WEIGHTED = (Operation.CONVOLUTION, Operation.TRANSPOSED)
POOLINGS = (Operation.MAX, Operation.AVERAGE)


def setup(picture: str = "nine", kernel: np.ndarray = TWO_BY_TWO, **rest: object) -> LabSetup:
    return LabSetup(picture=find_image(picture), kernel=kernel, **rest)  # type: ignore[arg-type]


@settings(max_examples=50, deadline=None)
@given(wishes(WEIGHTED))
def test_the_result_is_that_of_a_loop(wish: LabSettings):
    made, _sentences = nearest_setup(wish)
    output = lab_result(made).output
    assert output.shape == (made.channels[1], *made.output)
    np.testing.assert_allclose(output, naive(made), atol=2e-4, rtol=2e-4)


@settings(max_examples=40, deadline=None)
@given(wishes(POOLINGS))
def test_pooling_is_that_of_a_loop(wish: LabSettings):
    made, _sentences = nearest_setup(wish)
    np.testing.assert_allclose(lab_result(made).output, pooled(made), atol=1e-5, rtol=1e-5)


def test_a_loop_that_turns_the_kernel_is_caught():
    made = setup()
    np.testing.assert_array_equal(lab_result(made).output, naive(made))
    assert np.abs(lab_result(made).output - naive(made, turns=True)).max() > 1


@settings(max_examples=40, deadline=None)
@given(wishes())
def test_every_cell_can_be_explained(wish: LabSettings):
    """The record of a cell checks itself: its products and bias make the value that PyTorch gave."""
    made, _sentences = nearest_setup(wish)
    layer = lab_result(made)
    unit = UnitRef("result", len(layer.output) - 1, made.output[0] - 1, made.output[1] - 1)
    assert explain(layer, unit).total == pytest.approx(float(layer.output[-1, -1, -1]), rel=1e-5, abs=1e-5)


@settings(max_examples=120, deadline=None)
@given(wishes())
def test_the_nearest_is_possible_and_says_what_it_changed(wish: LabSettings):
    made, sentences = nearest_setup(wish)
    assert first_problem(made) is None
    assert (len(sentences) == 0) == (first_problem(wish) is None)
    assert nearest_setup(made)[1] == ()


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # PyTorch says it once a process, to whoever comes first
@settings(max_examples=100, deadline=None)
@given(wishes((Operation.CONVOLUTION,)))
def test_what_is_refused_is_what_pytorch_refuses(wish: LabSettings):
    """PyTorch is the oracle of what is possible; where there are no bounds of our own, both say the same."""
    layer = nn.Conv2d(
        wish.picture.channels, len(wish.kernel), wish.size, stride=wish.stride, groups=wish.groups,
        padding="same" if wish.is_same and wish.stride == (1, 1) else wish.padding, dilation=wish.dilation,
        padding_mode=wish.padding_mode.value,
    )  # fmt: skip
    problem = first_problem(wish)
    if wish.is_same and wish.stride != (1, 1):
        assert problem is not None
        return
    try:
        with torch.no_grad():
            layer(torch.zeros(1, *wish.picture.values.shape))
        is_possible = True
    except RuntimeError:
        is_possible = False
    assert is_possible == (problem is None), problem


IMPOSSIBLE = {
    "stride": ({"stride": (0, 1)}, "stride must be from 1 to 8, got 0, 1", {"stride": (1, 1)}),
    "kernel": ({"kernel": np.ones((1, 1, 5, 5))}, r"padded image \(3 rows\), got 5", {"padding": (1, 1)}),
    "reflect": (
        {"padding": (5, 5), "padding_mode": PaddingMode.REFLECT},
        "at most 2 in reflect mode for 3 cells, got 5",
        {"padding": (2, 2)},
    ),
    "circular": (
        {"padding": (5, 0), "padding_mode": PaddingMode.CIRCULAR},
        "at most 3 in circular mode",
        {"padding": (3, 0)},
    ),
    "same": ({"is_same": True, "stride": (2, 2)}, "stride must be 1 for padding “same”, got 2", {"is_same": False}),
    "same pooling": ({"is_same": True, "operation": Operation.MAX}, "for convolutions only", {"is_same": False}),
    "pooling": (
        {"operation": Operation.MAX, "padding": (2, 2)},
        r"half of the pooling window \(1\), got 2",
        {"padding": (1, 1)},
    ),
    "groups": ({"groups": 2}, "groups must divide the 1 channels and the 1 kernels, got 2", {"groups": 1}),
    "output padding": (
        {"operation": Operation.TRANSPOSED, "output_padding": (1, 1)},
        "smaller than the stride",
        {"output_padding": (0, 0)},
    ),
    "mode": (
        {"operation": Operation.TRANSPOSED, "padding_mode": PaddingMode.REFLECT},
        "zeros for anything but",
        {"padding_mode": PaddingMode.ZEROS},
    ),
    "dilation": ({"operation": Operation.AVERAGE, "dilation": (2, 2)}, "must be 1 for average", {"dilation": (1, 1)}),
    "transposed": (
        {"operation": Operation.TRANSPOSED, "padding": (4, 4)},
        "at most 1 here",
        {"padding": (1, 1)},
    ),
    "bias": ({"bias": np.ones(3)}, "each of the 1 kernels, got 3", {}),
    "channels": ({"picture": find_image("nine-twice")}, "must have 2 channels", {}),
    "kernels": ({"kernel": np.ones((17, 1, 1, 1))}, "at most 16 kernels, got 17", {"channels": (1, 16)}),
    "large": ({"kernel": np.ones((1, 1, 12, 1)), "padding": (6, 0)}, "at most 11×11, got 12×1", {"size": (11, 1)}),
    "nan": ({"kernel": np.full((1, 1, 2, 2), np.nan)}, "weights must be numbers", {}),
    "huge": ({"kernel": np.full((1, 1, 2, 2), 3e38)}, "at most 1,000,000,000 in size", {}),
    "cells": (
        {
            "operation": Operation.TRANSPOSED,
            "picture": find_image("landscape"),
            "stride": (4, 4),
            "kernel": np.ones((16, 3, 2, 2)),
        },
        "at most 1,000,000 cells together, got 2,334,784",
        {"stride": (2, 2)},
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_is_impossible_gets_a_sentence_and_the_nearest_possible(case: str):
    change, sentence, mended = IMPOSSIBLE[case]
    wish = replace(LabSettings(picture=find_image("nine"), kernel=TWO_BY_TWO), **change)
    with pytest.raises(SettingsError, match=sentence):
        LabSetup(**{name: getattr(wish, name) for name in LabSettings.__dataclass_fields__})
    made, sentences = nearest_setup(wish)
    assert len(sentences) >= 1
    for name, value in mended.items():
        assert getattr(made, name) == value
    lab_result(made)


@pytest.mark.parametrize("operation", Operation)
def test_no_result_leaves_the_range_of_float32(operation: Operation):
    picture = LabImage("own", np.full((16, 11, 11), -LARGEST_VALUE, np.float32))
    kernel = np.full((1, 16, 11, 11), np.inf, np.float32)
    made, _sentences = nearest_setup(LabSettings(picture=picture, kernel=kernel, operation=operation))
    assert made.kernel.max() == LARGEST_WEIGHT
    assert np.isfinite(lab_result(made).output).all()


def test_numbers_that_are_not_bounded_would_leave_it():
    weights = torch.full((1, 1, 1, 1), 3e38)
    assert not torch.isfinite(nn.functional.conv2d(torch.full((1, 1, 1, 1), 100.0), weights)).any()


def test_a_rule_that_mends_in_several_turns_says_so_once():
    wish = LabSettings(picture=find_image("landscape"), kernel=np.ones((1, 3, 2, 2)), operation=Operation.TRANSPOSED,
                stride=(8, 8))  # fmt: skip
    made, sentences = nearest_setup(wish)
    assert made.stride == (4, 4)
    assert len(sentences) == 1


@pytest.mark.parametrize("shape", [(2, 2), (1, 1, 1, 1, 1), (0, 1, 1, 1)])
def test_what_is_no_kernel_is_refused(shape: tuple[int, ...]):
    with pytest.raises(SettingsError, match="kernel must be"):
        setup(kernel=np.zeros(shape))


def test_a_setup_keeps_its_own_numbers():
    kernel = TWO_BY_TWO.copy()
    made = setup(kernel=kernel)
    kernel[:] = 9
    np.testing.assert_array_equal(made.kernel, TWO_BY_TWO)
    with pytest.raises(ValueError, match="read-only"):
        made.kernel[0] = 1


def test_a_picture_is_small_and_finite():
    with pytest.raises(LabImageError, match="128×128"):
        LabImage("own", np.zeros((1, 129, 4), np.float32))
    with pytest.raises(LabImageError, match="1,000,000,000 in size"):
        LabImage("own", np.array([[[np.inf]]]))
    with pytest.raises(LabImageError, match="1,000,000,000 in size"):
        LabImage("own", np.array([[[np.nan]]]))


def test_the_run_is_a_trace_of_one_layer():
    made = run_setup(setup())
    assert [layer.spec.path for layer in made.layers] == ["result"]
    np.testing.assert_array_equal(made.layers[0].output, [[[19, 25], [37, 43]]])


def test_building_a_network_draws_no_random_number():
    state = torch.random.get_rng_state()
    lab_network(setup())
    random_weights((2, 3, 3, 3), seed=5)
    assert torch.equal(state, torch.random.get_rng_state())


def test_random_weights_are_pytorchs_with_the_same_seed():
    torch.manual_seed(3)
    fresh = nn.Conv2d(3, 4, (2, 5))
    kernel, bias = random_weights((4, 3, 2, 5), seed=3)
    np.testing.assert_array_equal(kernel, fresh.weight.detach().numpy())
    np.testing.assert_array_equal(bias, fresh.bias.detach().numpy())
    assert not np.array_equal(kernel, random_weights((4, 3, 2, 5), seed=4)[0])


def test_a_pointwise_convolution_is_a_linear_layer_at_each_pixel():
    kernel, bias = random_weights((2, 3, 1, 1), seed=0)
    assert linear_difference(setup("small-landscape", kernel, bias=bias)) < 1e-6
    assert linear_difference(setup("small-landscape", np.ones((1, 3, 3, 3)))) is None


def test_a_mean_of_the_neighbourhood_is_the_mean():
    made = setup("landscape", np.tile(find_preset("box").fitted(3, 3), (3, 1, 1, 1)), groups=3, padding=(1, 1))
    values = made.picture.values
    assert lab_result(made).output[1, 40, 50] == pytest.approx(values[1, 39:42, 49:52].mean(), abs=1e-6)


def test_the_laboratory_needs_no_page():
    code = "import sys, cnnviz.conv_lab.examples; sys.exit('streamlit' in sys.modules or 'plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
