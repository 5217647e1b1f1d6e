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

from cnnviz.explain import explain
from cnnviz.laboratory.kernels import find_preset
from cnnviz.laboratory.pictures import Picture, SourceError, find_picture
from cnnviz.laboratory.run import linear_difference, network, random_weights, result, run
from cnnviz.laboratory.settings import (
    Operation,
    PaddingMode,
    SettingsError,
    Setup,
    Wish,
    first_problem,
    nearest,
)
from cnnviz.laboratory.sizes import (
    axis_sizes,
    parameter_sentence,
    parameters,
    seen_on_top,
    shape_sentence,
    unread,
    unread_sentence,
)
from cnnviz.units import UnitRef

TWO_BY_TWO = np.array([[[[0, 1], [2, 3]]]], np.float32)
WEIGHTED = (Operation.CONVOLUTION, Operation.TRANSPOSED)
POOLINGS = (Operation.MAX, Operation.AVERAGE)


def setup(picture: str = "nine", kernel: np.ndarray = TWO_BY_TWO, **rest: object) -> Setup:
    return Setup(picture=find_picture(picture), kernel=kernel, **rest)  # type: ignore[arg-type]


@settings(max_examples=50, deadline=None)
@given(wishes(WEIGHTED))
def test_the_result_is_that_of_a_loop(wish: Wish):
    made, _sentences = nearest(wish)
    output = result(made).output
    assert output.shape == (made.channels[1], *made.output)
    np.testing.assert_allclose(output, naive(made), atol=2e-4, rtol=2e-4)


@settings(max_examples=40, deadline=None)
@given(wishes(POOLINGS))
def test_pooling_is_that_of_a_loop(wish: Wish):
    made, _sentences = nearest(wish)
    np.testing.assert_allclose(result(made).output, pooled(made), atol=1e-5, rtol=1e-5)


def test_a_loop_that_turns_the_kernel_is_caught():
    made = setup()
    np.testing.assert_array_equal(result(made).output, naive(made))
    assert np.abs(result(made).output - naive(made, turns=True)).max() > 1


@settings(max_examples=40, deadline=None)
@given(wishes())
def test_every_cell_can_be_explained(wish: Wish):
    """The record of a cell checks itself: its products and bias make the value that PyTorch gave."""
    made, _sentences = nearest(wish)
    layer = result(made)
    unit = UnitRef("result", len(layer.output) - 1, made.output[0] - 1, made.output[1] - 1)
    assert explain(layer, unit).total == pytest.approx(float(layer.output[-1, -1, -1]), rel=1e-5, abs=1e-5)


@settings(max_examples=120, deadline=None)
@given(wishes())
def test_the_nearest_is_possible_and_says_what_it_changed(wish: Wish):
    made, sentences = nearest(wish)
    assert first_problem(made) is None
    assert (len(sentences) == 0) == (first_problem(wish) is None)
    assert nearest(made)[1] == ()


@settings(max_examples=100, deadline=None)
@given(wishes((Operation.CONVOLUTION,)))
def test_what_is_refused_is_what_pytorch_refuses(wish: Wish):
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
    "stride": (dict(stride=(0, 1)), "stride must be from 1 to 8, got 0, 1", dict(stride=(1, 1))),
    "kernel": (dict(kernel=np.ones((1, 1, 5, 5))), r"padded picture \(3 rows\), got 5", dict(padding=(1, 1))),
    "reflect": (
        dict(padding=(5, 5), padding_mode=PaddingMode.REFLECT), "at most 2 in reflect mode for 3 cells, got 5",
        dict(padding=(2, 2)),
    ),
    "circular": (
        dict(padding=(5, 0), padding_mode=PaddingMode.CIRCULAR), "at most 3 in circular mode", dict(padding=(3, 0)),
    ),
    "same": (dict(is_same=True, stride=(2, 2)), "stride must be 1 for padding “same”, got 2", dict(is_same=False)),
    "same pooling": (dict(is_same=True, operation=Operation.MAX), "for a convolution only", dict(is_same=False)),
    "pooling": (
        dict(operation=Operation.MAX, padding=(2, 2)), r"half of the pooling window \(1\), got 2", dict(padding=(1, 1)),
    ),
    "groups": (dict(groups=2), "groups must divide the 1 channels and the 1 kernels, got 2", dict(groups=1)),
    "output padding": (
        dict(operation=Operation.TRANSPOSED, output_padding=(1, 1)), "smaller than the stride", dict(output_padding=(0, 0)),
    ),
    "mode": (
        dict(operation=Operation.TRANSPOSED, padding_mode=PaddingMode.REFLECT), "zeros for anything but",
        dict(padding_mode=PaddingMode.ZEROS),
    ),
    "dilation": (dict(operation=Operation.AVERAGE, dilation=(2, 2)), "must be 1 for average", dict(dilation=(1, 1))),
    "transposed": (
        dict(operation=Operation.TRANSPOSED, padding=(4, 4)), "at most 1 here", dict(padding=(1, 1)),
    ),
    "bias": (dict(bias=np.ones(3)), "each of the 1 kernels, got 3", dict()),
    "channels": (dict(picture=find_picture("nine-twice")), "must have 2 channels", dict()),
    "nan": (dict(kernel=np.full((1, 1, 2, 2), np.nan)), "finite", dict()),
}  # fmt: skip


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_is_impossible_gets_a_sentence_and_the_nearest_possible(case: str):
    change, sentence, mended = IMPOSSIBLE[case]
    wish = replace(Wish(picture=find_picture("nine"), kernel=TWO_BY_TWO), **change)
    with pytest.raises(SettingsError, match=sentence):
        Setup(**{name: getattr(wish, name) for name in Wish.__dataclass_fields__})
    made, sentences = nearest(wish)
    assert len(sentences) >= 1
    for name, value in mended.items():
        assert getattr(made, name) == value
    result(made)


@pytest.mark.parametrize("shape", [(2, 2), (1, 1, 12, 1), (17, 1, 1, 1), (0, 1, 1, 1)])
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
    with pytest.raises(SourceError, match="128×128"):
        Picture("own", np.zeros((1, 129, 4), np.float32))
    with pytest.raises(SourceError, match="finite"):
        Picture("own", np.array([[[np.inf]]]))


def test_the_run_is_a_trace_of_one_layer():
    made = run(setup())
    assert [layer.spec.path for layer in made.layers] == ["result"]
    np.testing.assert_array_equal(made.layers[0].output, [[[19, 25], [37, 43]]])


def test_building_a_network_draws_no_random_number():
    state = torch.random.get_rng_state()
    network(setup())
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


def sizes_of(made: Setup):
    layer = result(made)
    return axis_sizes(made, layer.spec.axes(layer.input.shape[1:], layer.output.shape[1:]))


# Dumoulin, Visin, "A guide to convolution arithmetic": (input, kernel, stride, padding, dilation) → output.
ARITHMETIC = [
    (4, 3, 1, 0, 1, 2), (5, 4, 1, 2, 1, 6), (5, 3, 1, 1, 1, 5), (5, 3, 1, 2, 1, 7), (5, 3, 2, 0, 1, 2),
    (5, 3, 2, 1, 1, 3), (6, 3, 2, 1, 1, 3), (7, 3, 1, 0, 2, 3), (32, 4, 1, 0, 1, 29), (32, 4, 3, 0, 1, 10),
    (32, 4, 3, 1, 1, 11),
]  # fmt: skip


@pytest.mark.parametrize(("n", "k", "s", "p", "d", "expected"), ARITHMETIC)
def test_sizes_are_the_published_ones(n: int, k: int, s: int, p: int, d: int, expected: int):
    made = Setup(
        picture=Picture("own", np.zeros((1, n, n), np.float32)), kernel=np.ones((1, 1, k, k)), stride=(s, s),
        padding=(p, p), dilation=(d, d),
    )  # fmt: skip
    rows, _cols = sizes_of(made)
    assert rows.output == expected == result(made).output.shape[1]
    assert rows.formula.startswith(f"⌊({n} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1 = ")
    assert rows.formula.endswith(f"+ 1 = {expected}")


@pytest.mark.parametrize(
    ("n", "k", "s", "p", "extra", "expected"), [(2, 3, 1, 0, 0, 4), (2, 3, 2, 0, 0, 5), (3, 3, 2, 1, 0, 5), (3, 3, 2, 1, 1, 6)]
)
def test_transposed_sizes_are_the_published_ones(n: int, k: int, s: int, p: int, extra: int, expected: int):
    made = Setup(
        picture=Picture("own", np.zeros((1, n, n), np.float32)), kernel=np.ones((1, 1, k, k)), stride=(s, s),
        padding=(p, p), output_padding=(extra, extra), operation=Operation.TRANSPOSED,
    )  # fmt: skip
    assert sizes_of(made)[1].formula == f"({n} − 1)·{s} − 2·{p} + 1·({k} − 1) + {extra} + 1 = {expected}"
    assert result(made).output.shape == (1, expected, expected)


@settings(max_examples=25, deadline=None)
@given(wishes((Operation.CONVOLUTION,)))
def test_what_is_never_read_has_no_influence(wish: Wish):
    """A changed cell that is called unread changes nothing; one that is read changes something."""
    made, _sentences = nearest(replace(wish, bias=None, is_flipped=False))
    made = Setup(**{n: getattr(made, n) for n in Wish.__dataclass_fields__} | {"kernel": np.abs(made.kernel) + 1})
    before = result(made).output
    for axis, size in enumerate(sizes_of(made)):
        for place in range(made.picture.size[axis]):
            values = made.picture.values.copy()
            values[(slice(None), place) if axis == 0 else (slice(None), slice(None), place)] += 100
            after = result(replace(made, picture=Picture("own", values))).output
            other = sizes_of(made)[1 - axis]
            all_unread = len(other.unread) == made.picture.size[1 - axis]
            assert np.array_equal(before, after) == (place in size.unread or all_unread)


def test_a_rest_of_the_division_is_said():
    made = setup("gradient", np.ones((1, 1, 4, 4)), stride=(3, 3))
    rows, cols = sizes_of(made)
    assert (rows.rest, rows.unread, cols.unread) == (1, (31,), (31,))
    assert unread_sentence((rows, cols)) == "Never read: rows 31, columns 31."
    assert unread_sentence(sizes_of(replace(made, padding=(1, 1)))) == ""


def test_a_stride_larger_than_the_kernel_skips_cells_between():
    made = setup("sixty-four", np.ones((1, 1, 1, 2)), stride=(4, 4))
    rows, cols = sizes_of(made)
    assert (rows.unread, cols.unread) == ((1, 2, 3, 5, 6, 7), (2, 3, 6, 7))
    assert unread_sentence((rows, cols)) == "Never read: rows 1–3, 5–7, columns 2–3, 6–7."


def test_unread_counts_no_cell_that_padding_repeats():
    made = setup("sixty-four", np.ones((1, 1, 3, 3)), padding=(1, 1), padding_mode=PaddingMode.REFLECT)
    axes = result(made).spec.axes((8, 8), (8, 8))
    assert unread(axes[0]) == ()


def test_parameters_are_counted_with_groups_and_bias():
    assert parameters(setup("small-landscape", np.ones((6, 3, 5, 5)), bias=np.ones(6), padding=(2, 2))) == 6 * (75 + 1)
    depthwise = setup("small-landscape", np.ones((3, 1, 3, 3)), groups=3)
    assert parameters(depthwise) == 27
    assert parameter_sentence(depthwise) == "3 · (3·3·1) = 27 parameters"
    assert parameters(setup(operation=Operation.MAX)) == 0
    assert sum(p.numel() for p in network(depthwise).parameters()) == 27


def test_a_window_on_top_sees_further_with_a_stride_below():
    below = np.ones((1, 1, 3, 3))
    assert seen_on_top(setup("sixty-four", below, stride=(2, 2), on_top=2)) == (5, 5)
    assert seen_on_top(setup("sixty-four", below, on_top=2)) == (4, 4)
    assert seen_on_top(setup("sixty-four", below)) is None


def test_shapes_are_told():
    assert shape_sentence(setup("small-landscape", np.ones((6, 3, 5, 5)), padding=(2, 2))) == "3×32×32 → 6×32×32"


def test_a_mean_of_the_neighbourhood_is_the_mean():
    made = setup("landscape", np.tile(find_preset("box").fitted(3, 3), (3, 1, 1, 1)), groups=3, padding=(1, 1))
    values = made.picture.values
    assert result(made).output[1, 40, 50] == pytest.approx(values[1, 39:42, 49:52].mean(), abs=1e-6)


def test_the_laboratory_needs_no_page():
    code = "import sys, cnnviz.laboratory.examples; sys.exit('streamlit' in sys.modules or 'plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
