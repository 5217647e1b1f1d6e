"""Two digits on one pad: pairs are drawn as far apart as they say, and real ones are told from real single digits."""

import re

import numpy as np
import pytest

from cnnviz.data.datasets import STROKES_FILE, PenDrawing, data_folder, pen_drawings
from cnnviz.data.digit_pools import split_by_tablet
from cnnviz.data.rasterize import preprocess, rasterise
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.separate_drawings import is_several
from cnnviz.data.strokes import PEN_WIDTH, Sketch
from cnnviz.evaluation import pairs
from cnnviz.models.subjects import SUBJECTS
from cnnviz.ui.app.caches import cached_trace, trained_network
from cnnviz.ui.draw.answers_beside import compute_answers
from cnnviz.web.edits.state import EditsState
from tests.browser.driving import ROOT

OURS = tuple(
    PenDrawing(sample.label, "ours", "us", tuple(stroke.points for stroke in sample.sketch.strokes))
    for sample in DIGIT_SAMPLES
)

NEEDS_DATA = pytest.mark.skipif(not (data_folder() / STROKES_FILE).is_file(), reason="needs the pen strokes")


def pair(gap: float, pen: float = 0.04):
    return pairs.draw_pair(OURS, gap, pen, np.random.default_rng(0))


@pytest.mark.parametrize("gap", [0.02, 0.1, 0.3])
def test_the_ink_of_a_pair_is_as_far_apart_as_it_says(gap):
    inked = np.asarray(rasterise(pair(gap), side=1000)).any(axis=0)
    columns = np.flatnonzero(inked)
    empty = np.diff(columns).max() - 1
    assert empty == pytest.approx(1000 * gap, abs=4)
    assert columns[0] > 0
    assert columns[-1] < 999


def test_a_pair_whose_boxes_overlap_has_no_column_between():
    columns = np.flatnonzero(np.asarray(rasterise(pair(-0.1), side=1000)).any(axis=0))
    assert np.diff(columns).max() == 1


def test_one_drawing_makes_no_pair():
    with pytest.raises(ValueError, match="at least 2"):
        pairs.measure_several(OURS[:1], PEN_WIDTH)


def answers(sketch: Sketch) -> list[str]:
    """What both networks say beside each other."""
    prepared, key = preprocess(sketch), SUBJECTS[0].network
    chosen, others = trained_network(key), [other for other in SUBJECTS[0].networks if other != key]
    found = compute_answers(
        chosen, cached_trace(chosen, prepared.image), False, dict.fromkeys(others, EditsState()), prepared
    )
    return [one["verdict"]["headline"] for one in found["networks"]]


def test_both_networks_say_that_there_are_two_and_never_that_of_one():
    assert answers(pair(0.1)) == ["More than one digit?"] * 2
    for sample in DIGIT_SAMPLES:
        assert not [said for said in answers(sample.sketch) if "More than one" in said]


@pytest.mark.data
@NEEDS_DATA
def test_strangers_digits_are_one_and_pairs_of_them_two_as_published():
    held_out = split_by_tablet(pen_drawings()).held_out
    found = pairs.measure_several(held_out, PEN_WIDTH)
    assert found.singles <= 0.005
    apart = [share for gap, share in found.pairs.items() if gap > 0]
    assert min(apart) >= 0.99
    told = re.search(r"single drawings \| ([\d.]+) %", (ROOT / "docs" / "training.md").read_text(encoding="utf-8"))
    assert told
    assert float(told.group(1)) == pytest.approx(100 * found.singles, abs=0.01)


@pytest.mark.data
@NEEDS_DATA
def test_the_measure_of_pairs_can_fail():
    """Where the boxes overlap the ink mostly touches: that it is two is not noticed, and the figures say so."""
    held_out, rng = split_by_tablet(pen_drawings()).held_out, np.random.default_rng(1)
    flagged = [is_several(np.asarray(rasterise(pairs.draw_pair(held_out, -0.15, PEN_WIDTH, rng)))) for _ in range(20)]
    assert np.mean(flagged) < 0.5
