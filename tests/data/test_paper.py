"""The paper finder: whatever the crop, the frame, the light and the tone, the ink that was drawn is found."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cnnviz.data.paper import find_paper
from cnnviz.data.rasterize import rasterise
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.uploads import find_ink

Grey = NDArray[np.float64]
DIGITS = {sample.key: np.asarray(rasterise(sample.sketch)) > 0 for sample in DIGIT_SAMPLES}
PAPER, INK = 240.0, 30.0


def cut(mask: NDArray[np.bool_], margin: int = 0) -> NDArray[np.bool_]:
    """A drawing cut to its box, with so many pixels of paper around."""
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.pad(mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1], margin)


def picture(mask: NDArray[np.bool_]) -> Grey:
    return np.where(mask, INK, PAPER)


def agreement(grey: Grey, mask: NDArray[np.bool_]) -> float:
    """Intersection over union of the ink that is found and the ink that was drawn."""
    found = find_ink(grey)[0] > 127
    return float((found & mask).sum() / max((found | mask).sum(), 1))


@pytest.mark.parametrize("key", DIGITS)
@pytest.mark.parametrize("margin", [0, 1, 2, 8, 40])
@pytest.mark.parametrize("is_negative", [False, True])
def test_however_tightly_it_is_cropped_and_in_both_tones(key: str, margin: int, is_negative: bool):
    mask = cut(DIGITS[key], margin)
    grey = picture(mask)
    assert agreement(255 - grey if is_negative else grey, mask) > 0.97


def test_the_measure_can_fail():
    mask = DIGITS["three"]
    assert agreement(picture(mask[:, ::-1]), mask) < 0.6
    assert agreement(picture(~mask), mask) == pytest.approx(1.0)  # light ink: the other tone is ink all the same
    assert agreement(np.full(mask.shape, PAPER), mask) == 0.0


@pytest.mark.parametrize("key", DIGITS)
@pytest.mark.parametrize("width", [1, 4, 10])
def test_a_frame_is_no_ink(key: str, width: int):
    mask = DIGITS[key]
    grey = picture(mask)
    for edge in (grey[:width], grey[-width:], grey[:, :width], grey[:, -width:]):
        edge[:] = 10
    assert agreement(grey, mask) > 0.97


@pytest.mark.parametrize("side", range(4))
def test_a_dark_strip_along_one_side_is_no_ink(side: int):
    for mask in DIGITS.values():
        grey = np.rot90(picture(mask), side).copy()
        grey[:, : round(0.05 * grey.shape[1])] = 40
        assert agreement(np.rot90(grey, -side), mask) > 0.97


@pytest.mark.parametrize("depth", [0.3, 0.5])
@pytest.mark.parametrize("turn", range(4))
def test_a_shadow_along_one_edge_is_no_ink(depth: float, turn: int):
    along = np.arange(280) / 280
    shadow = 1 - depth / (1 + np.exp((along - 0.2) / 0.04))
    for mask in DIGITS.values():
        grey = np.rot90(np.rot90(picture(mask), turn) * shadow, -turn)
        assert agreement(grey, mask) > 0.9


def test_a_scanners_edge_takes_nothing_from_a_small_picture():
    mask = DIGITS["five"][::5, ::5]
    grey = np.where(mask, 40.0, 253.0)
    for edge in (grey[0], grey[-1], grey[:, 0], grey[:, -1]):
        edge[:] = 188
    assert agreement(grey, mask) > 0.9


@pytest.mark.parametrize("width", [0, 1, 5])
@pytest.mark.parametrize("grain", [0.0, 4.0])
@pytest.mark.parametrize("fall", [0.0, 60.0])
def test_an_empty_sheet_stays_empty(width: int, grain: float, fall: float):
    rng = np.random.default_rng(0)
    grey = np.linspace(230, 230 - fall, 300)[None] + rng.normal(0, grain, (200, 300))
    if width:
        for edge in (grey[:width], grey[-width:], grey[:, :width], grey[:, -width:]):
            edge[:] = 20
    assert not find_ink(grey)[0].any()


def test_which_tone_is_ink_is_said():
    mask = DIGITS["two"]
    assert find_paper(picture(mask)).is_dark
    assert not find_paper(255 - picture(mask)).is_dark


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (3, 200), (5, 5)])
def test_the_smallest_pictures_do_not_break_it(shape: tuple[int, int]):
    for level in (0.0, 128.0, 255.0):
        assert find_paper(np.full(shape, level)).depth.shape == shape
