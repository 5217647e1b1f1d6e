"""Two drawings are told from one of several strokes by where their parts lie."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.data import separate_drawings
from cnnviz.data.rasterize import preprocess, rasterise
from cnnviz.data.separate_drawings import is_several
from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.models.subjects import SUBJECTS, Subject


def ink(*lines: list[tuple[float, float]], width: float = 0.06) -> np.ndarray:
    return np.asarray(rasterise(Sketch(tuple(Stroke(tuple(line), width) for line in lines))))


ROWS = {
    "two side by side": ([(0.3, 0.2), (0.3, 0.8)], [(0.6, 0.25), (0.6, 0.8)]),
    "one above the other": ([(0.3, 0.15), (0.6, 0.4)], [(0.3, 0.6), (0.6, 0.85)]),
    "three in a row": ([(0.2, 0.2), (0.2, 0.8)], [(0.5, 0.2), (0.5, 0.8)], [(0.8, 0.2), (0.8, 0.8)]),
}
ONE = {
    "a five and its bar, apart": ([(0.35, 0.25), (0.35, 0.5), (0.6, 0.6), (0.35, 0.8)], [(0.45, 0.22), (0.65, 0.22)]),
    "a four in two strokes": ([(0.3, 0.2), (0.3, 0.5), (0.7, 0.5)], [(0.6, 0.2), (0.6, 0.8)]),
    "a stroke and a dot": ([(0.4, 0.2), (0.4, 0.8)], [(0.6, 0.5), (0.605, 0.5)]),
    "one line": ([(0.4, 0.2), (0.4, 0.8)],),
    "nothing": (),
}


@pytest.mark.parametrize("lines", ROWS.values(), ids=ROWS)
def test_drawings_apart_are_several(lines):
    assert is_several(ink(*lines))


@pytest.mark.parametrize("lines", ONE.values(), ids=ONE)
def test_one_drawing_of_some_strokes_is_one(lines):
    assert not is_several(ink(*lines))


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.network)
def test_no_ready_made_drawing_is_several(subject: Subject):
    assert not [sample.key for sample in subject.samples if preprocess(sample.sketch).is_several]


def test_what_was_prepared_says_so():
    lines = [Stroke(tuple(line), 0.06) for line in ROWS["two side by side"]]
    assert preprocess(Sketch(tuple(lines))).is_several
    assert not preprocess(Sketch(tuple(lines[:1]))).is_several


def test_paper_around_the_ink_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    """Only the box of the ink is searched; on the whole paper it comes to the same."""
    rng, papers = np.random.default_rng(0), [np.zeros((40, 40), np.uint8)]
    for _number in range(300):
        papers.append(np.zeros((40, 40), np.uint8))
        for top, left in rng.integers(0, 38, (rng.integers(1, 5), 2)):
            papers[-1][top : top + rng.integers(1, 25), left : left + rng.integers(1, 12)] = rng.integers(100, 255)
    found = [is_several(paper) for paper in papers]
    monkeypatch.setattr(separate_drawings, "_inked_box", lambda mask: mask)
    assert found == [is_several(paper) for paper in papers]
    assert 30 < sum(found) < 270
