"""Convolution along one axis and three in the laboratory: loops over cells and taps, in float64, are the oracle."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.conv_lab.conv_nd import ND_EXAMPLES, NdSetup, run_nd
from cnnviz.conv_lab.pytorch_code import nd_to_pytorch
from cnnviz.figures.nd_cell import nd_cell_texts

CASES = {
    "line": ((2, 9), (2, 3), (2,), (1,), (2,)),
    "one channel": ((1, 6), (1, 2), (1,), (0,), (1,)),
    "volume": ((1, 4, 5, 4), (1, 2, 3, 2), (1, 2, 1), (1, 0, 2), (1, 1, 2)),
    "two volumes": ((2, 3, 3, 3), (2, 1, 2, 2), (2, 1, 1), (0, 1, 0), (1, 2, 1)),
}


def made_up(name: str, seed: int = 0) -> NdSetup:
    values, kernel, stride, padding, dilation = CASES[name]
    dice = np.random.default_rng(seed)
    numbers = [dice.normal(size=shape).round(2).astype(np.float32) for shape in (values, kernel)]
    return NdSetup(*numbers, 0.25, stride, padding, dilation)


def by_loops(setup: NdSetup, place: tuple[int, ...], *, flips: bool = False) -> float:
    total = setup.bias
    kernel = np.flip(setup.kernel, axis=tuple(range(1, setup.kernel.ndim))) if flips else setup.kernel
    for channel, *taps in np.ndindex(*kernel.shape):
        settings = zip(place, setup.stride, taps, setup.dilation, setup.padding, strict=True)
        at = [cell * stride + tap * dilation - padding for cell, stride, tap, dilation, padding in settings]
        is_inside = all(0 <= n < size for n, size in zip(at, setup.values.shape[1:], strict=True))
        total += float(kernel[(channel, *taps)]) * (float(setup.values[(channel, *at)]) if is_inside else 0.0)
    return total


@pytest.mark.parametrize("name", CASES)
def test_every_cell_is_the_sum_over_channels_and_taps(name: str):
    setup = made_up(name)
    made = run_nd(setup)
    for place in np.ndindex(*made.output.shape):
        assert made.output[place] == pytest.approx(by_loops(setup, place), abs=1e-5)
        cell = made.cell(place)
        assert float(cell.products.sum() + cell.bias) == pytest.approx(by_loops(setup, place), abs=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_a_flipped_kernel_is_noticed_by_the_loops(name: str):
    setup = made_up(name)
    made = run_nd(setup)
    places = list(np.ndindex(*made.output.shape))
    assert any(abs(made.output[place] - by_loops(setup, place, flips=True)) > 1e-3 for place in places)


@pytest.mark.parametrize("name", CASES)
def test_the_cells_that_are_read_hold_the_values_under_the_window(name: str):
    setup = made_up(name)
    made = run_nd(setup)
    around = [(0, 0), *((padding, padding) for padding in setup.padding)]
    padded = np.pad(setup.values, around).ravel()
    for place in np.ndindex(*made.output.shape):
        assert padded[made.reads(place)].tolist() == made.cell(place).values.astype(np.float32).ravel().tolist()


@pytest.mark.parametrize("name", CASES)
def test_the_code_that_is_shown_ends_with_the_same_numbers(name: str):
    setup = made_up(name)
    space: dict[str, torch.Tensor] = {}
    exec(nd_to_pytorch(setup), space)
    assert space["y"][0, 0].numpy().tolist() == run_nd(setup).output.tolist()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", range(5))
def test_products_make_their_sums_and_these_the_total_as_written(name: str, seed: int):
    setup = made_up(name, seed)
    made = run_nd(setup)
    groups = setup.kernel.shape[0] * (setup.kernel.shape[1] if setup.axes == 3 else 1)
    for place in np.ndindex(*made.output.shape):
        texts = nd_cell_texts(made.cell(place), groups)
        assert texts.is_exact
        assert_holds(texts.sums, texts.bias, total=texts.total)
        each = len(texts.products) // groups
        for group, text in enumerate(texts.sums):
            assert_holds(texts.products[group * each : (group + 1) * each], total=text)


def assert_holds(terms: tuple[str, ...], *more: str, total: str) -> None:
    """The numbers as they are read, added up and rounded to the decimals of the total, are the total."""
    digits = len(total.partition(".")[2])
    made = sum(number(text) for text in (*terms, *more))
    assert abs(made - number(total)) <= 0.5 * 10**-digits + 1e-9, (terms, more, total)


def number(text: str) -> float:
    """Two factors may make their product only roughly, which is said; the sums hold all the same."""
    return float(text.removeprefix("≈ ").replace("−", "-"))


def test_a_wrong_total_is_noticed():
    with pytest.raises(AssertionError):
        assert_holds(("0.50", "0.25"), total="0.76")


def test_the_moving_dot_is_found_and_nothing_else_reaches_2():
    output = run_nd(next(one for one in ND_EXAMPLES if one.key == "video").make()).output
    assert (output == 2).sum() == 3
    assert [tuple(int(n) for n in place) for place in np.argwhere(output == 2)] == [(0, 1, 0), (1, 1, 1), (2, 1, 2)]
    assert output[output != 2].max() <= 1


def test_the_volume_of_the_example_by_hand():
    """The first cell: 1·0 + 1·4 in slice 0, −1·10 + 2·12 in slice 1."""
    made = run_nd(next(one for one in ND_EXAMPLES if one.key == "volume").make())
    assert made.output[0, 0, 0] == 4 + 14
    assert [size.formula[-9:] for size in made.sizes()] == ["1 + 1 = 2"] * 3


def test_what_no_window_reads_is_named():
    setup = NdSetup(np.arange(8, dtype=np.float32)[None], np.ones((1, 2), np.float32), 0.0, (3,))
    assert run_nd(setup).sizes()[0].unread == (2, 5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kernel": np.ones((1, 5), np.float32)}, "at most the padded input"),
        ({"kernel": np.ones((2, 2), np.float32)}, "channels"),
        ({"kernel": np.ones((1, 2, 2, 2), np.float32)}, "1-D"),
        ({"stride": (0,)}, "stride"),
        ({"padding": (1, 1)}, "padding"),
        ({"values": np.full((1, 4), np.nan, np.float32)}, "numbers up to"),
        ({"values": np.ones((1, 2, 2), np.float32)}, "1-D or 3-D"),
        ({"bias": 1e6}, "bias"),
    ],
)
def test_what_pytorch_would_refuse_is_refused_in_a_sentence(change: dict[str, object], words: str):
    plain = {"values": np.ones((1, 4), np.float32), "kernel": np.ones((1, 2), np.float32)}
    NdSetup(**plain)
    with pytest.raises(ValueError, match=words):
        NdSetup(**(plain | change))  # type: ignore[arg-type]
