"""What a layer is comes from its type: fields of every registered kind, and nothing guessed."""

import pytest
from torch import nn

from cnnviz.core.geometry import SAME_CELL, Geometry, Window
from cnnviz.core.layers import Kind
from cnnviz.core.ops import describe


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        (nn.Conv2d(1, 2, 3), Kind.CONVOLUTION),
        (nn.ReLU(), Kind.ACTIVATION),
        (nn.Tanh(), Kind.ACTIVATION),
        (nn.MaxPool2d(2), Kind.MAX_POOLING),
        (nn.AvgPool2d(2), Kind.AVERAGE_POOLING),
        (nn.BatchNorm2d(2), Kind.NORMALISATION),
        (nn.Dropout(), Kind.DROPOUT),
        (nn.Flatten(), Kind.FLATTEN),
        (nn.Linear(2, 3), Kind.LINEAR),
        (nn.LSTM(2, 3), Kind.UNSUPPORTED),
    ],
)
def test_the_kind_comes_from_the_type(module: nn.Module, kind: Kind):
    assert describe("conv1", module).kind is kind


def test_a_misleading_name_changes_nothing():
    assert describe("relu", nn.Conv2d(1, 1, 3)).kind is Kind.CONVOLUTION


def test_a_convolution_is_read_in_full():
    spec = describe("c", nn.Conv2d(4, 6, (3, 5), stride=(2, 1), padding=(1, 2), dilation=(1, 3), groups=2))
    assert (spec.kernel, spec.stride, spec.padding, spec.dilation) == ((3, 5), (2, 1), (1, 2), (1, 3))
    assert (spec.groups, spec.channels, spec.parameters) == (2, (4, 6), 6 * (3 * 5 * 4 // 2 + 1))


def test_same_padding_puts_the_smaller_half_first():
    assert describe("c", nn.Conv2d(1, 1, (3, 4), padding="same")).padding == (1, 1)


def test_valid_padding_is_none():
    assert describe("c", nn.Conv2d(1, 1, 3, padding="valid")).padding == (0, 0)


def test_a_pooling_strides_by_its_kernel_unless_told():
    assert describe("p", nn.MaxPool2d(3)).stride == (3, 3)
    assert describe("p", nn.MaxPool2d(3, stride=2, padding=1)).geometry == Geometry(Window(3, 2, -1), Window(3, 2, -1))


def test_an_activation_reads_its_own_cell_only():
    assert describe("a", nn.ReLU()).geometry == SAME_CELL


def test_a_dilated_convolution_spans_its_holes():
    assert describe("c", nn.Conv2d(1, 1, 3, dilation=2)).geometry == Geometry(Window(5), Window(5))


def test_layers_without_a_window_say_so():
    assert describe("f", nn.Linear(4, 2)).geometry is None
    assert describe("f", nn.LSTM(2, 3)).geometry is None


def test_only_layers_that_sum_set_a_colour_range():
    assert describe("c", nn.Conv2d(1, 1, 3)).sets_colour_range
    assert not describe("r", nn.ReLU()).sets_colour_range
    assert not describe("p", nn.MaxPool2d(2)).sets_colour_range


def test_a_transposed_convolution_is_read_in_full_and_has_no_single_window():
    spec = describe(
        "t", nn.ConvTranspose2d(4, 6, (3, 5), (2, 1), (1, 2), output_padding=(1, 0), groups=2, dilation=(1, 2))
    )
    assert spec.is_transposed
    assert (spec.kernel, spec.stride, spec.padding, spec.dilation) == ((3, 5), (2, 1), (1, 2), (1, 2))
    assert (spec.groups, spec.channels, spec.parameters) == (2, (4, 6), 4 * 6 // 2 * 3 * 5 + 6)
    assert spec.geometry is None


@pytest.mark.parametrize("module", [nn.AdaptiveMaxPool2d(2), nn.AdaptiveAvgPool2d((2, None))])
def test_adaptive_pooling_has_windows_of_its_own_for_each_unit(module: nn.Module):
    spec = describe("p", module)
    assert spec.is_adaptive
    assert spec.geometry is None


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_the_padding_mode_is_pytorchs(mode: str):
    assert describe("c", nn.Conv2d(1, 1, 3, padding=1, padding_mode=mode)).padding_mode == mode


def test_what_an_average_is_divided_by_is_read():
    assert describe("p", nn.AvgPool2d(2)).counts_padding
    spec = describe("p", nn.AvgPool2d(2, count_include_pad=False, divisor_override=3))
    assert (spec.counts_padding, spec.divisor) == (False, 3)


def test_the_numbers_of_an_activation_are_read():
    assert describe("a", nn.LeakyReLU(0.2)).slope == 0.2
    assert describe("a", nn.GELU(approximate="tanh")).approximate == "tanh"
    assert describe("a", nn.GELU()).approximate == "none"


def test_the_numbers_of_normalisation_and_dropout_are_read():
    spec = describe("n", nn.BatchNorm2d(3, eps=0.01, momentum=None))
    assert (spec.channels, spec.epsilon, spec.momentum) == ((3, 3), 0.01, None)
    assert describe("n", nn.BatchNorm2d(3)).momentum == 0.1
    assert describe("d", nn.Dropout2d(0.4)).probability == 0.4


def test_a_description_can_be_a_key():
    modules = [
        nn.Conv2d(1, 1, 3),
        nn.ConvTranspose2d(1, 1, 3),
        nn.MaxPool2d([2, 2]),
        nn.AdaptiveAvgPool2d(1),
        nn.GELU(),
    ]
    assert len({describe("x", module) for module in modules}) == len(modules)
