"""Pixels set by hand: a value that survives its text, and changes those pixels and no others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.data.pixel_edits import PixelEdits, pixel_edits_from_json, read_pixel_edits
from cnnviz.data.rasterize import PreparedImage, preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.data.strokes import Sketch

cells = st.dictionaries(st.integers(0, 783), st.integers(0, 255)).map(lambda found: tuple(sorted(found.items())))


@given(cells)
def test_edits_survive_their_text(found: tuple[tuple[int, int], ...]):
    edits = PixelEdits(found)
    assert read_pixel_edits(edits.text) == edits
    assert len(edits.text) <= 3200  # of all 784 pixels too it is a link that can be sent


@given(st.text(max_size=80))
def test_junk_is_no_edit_or_another_one_and_never_raises(text: str):
    assert isinstance(read_pixel_edits(text), PixelEdits)


@pytest.mark.parametrize(
    "junk", [None, 7, "junk", [[784, 0]], [[0, 256]], [[0, -1]], [[0.5, 1]], [[1, 2, 3]], [[3, 1], [3, 2]], [["a", 0]]]
)
def test_what_no_browser_says_is_no_edit(junk: object):
    assert not pixel_edits_from_json(junk)
    assert pixel_edits_from_json([[3, 1], [4, 2]])


def test_only_these_pixels_change_and_a_step_says_so():
    prepared = preprocess(find_sample("three").sketch)
    edited = PixelEdits(((5, 255), (400, 0), (401, 51))).applied_to(prepared)
    changed = np.flatnonzero(edited.image.reshape(-1) != prepared.image.reshape(-1))
    assert set(changed) <= {5, 400, 401}
    assert edited.image.reshape(-1)[[5, 400, 401]].tolist() == pytest.approx([1, 0, 0.2])
    assert [stage.key for stage in edited.stages[:-1]] == [stage.key for stage in prepared.stages]
    assert edited.stages[-1].note == "3 pixels set by hand."
    assert edited.stages[-1].picture.reshape(-1)[401] == 51


def test_no_edit_is_the_very_same_image():
    prepared = preprocess(find_sample("three").sketch)
    assert PixelEdits().applied_to(prepared) is prepared


def test_ink_of_the_hand_alone_is_ink_and_none_of_it_is_none():
    blank = preprocess(Sketch(()))
    assert PixelEdits(((5, 255),)).applied_to(blank).has_ink
    assert not PixelEdits(((5, 0),)).applied_to(blank).has_ink


def test_a_picture_of_another_size_stays_as_it_is():
    picture = PreparedImage(np.zeros((3, 32, 32), np.float32), (), has_ink=True)
    assert PixelEdits(((5, 255),)).applied_to(picture) is picture


@pytest.mark.parametrize("wrong", [((5, 1), (3, 1)), ((3, 1), (3, 2)), ((784, 1),), ((1, 256),), ((True, 1),)])
def test_a_value_out_of_order_or_out_of_bounds_is_refused(wrong: tuple):
    with pytest.raises(ValueError, match="pixels must be places"):
        PixelEdits(wrong)
