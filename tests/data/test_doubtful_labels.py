"""Doubtful labels: left out of training and choosing, never of the figures; the list is of one file only."""

import pytest

from cnnviz.data.datasets import STROKES_FILE, DataBroken, PenDrawing, data_folder, pen_drawings
from cnnviz.data.digit_pools import TabletSplit, leave_out
from cnnviz.data.doubtful_labels import DOUBTFUL, doubtful_drawings


def drawing(number):
    return PenDrawing("7", "tablet", f"writer {number}", (((0.1, 0.1), (0.9, 0.1 + number / 100)),))


def test_what_is_held_out_stays_whole():
    one, other, third = map(drawing, range(3))
    found = leave_out(TabletSplit((one, other), (other, third), (one, other, third)), frozenset([other]))
    assert found == TabletSplit((one,), (third,), (one, other, third))


def test_the_list_of_another_file_is_refused(tmp_path):
    path = tmp_path / "others.json"
    path.write_text("[]")
    with pytest.raises(DataBroken, match="not the file of the list"):
        doubtful_drawings((), path)


def test_the_places_are_in_order_and_few():
    assert list(DOUBTFUL) == sorted(set(DOUBTFUL))
    assert len(DOUBTFUL) < 200


@pytest.mark.data
@pytest.mark.skipif(not (data_folder() / STROKES_FILE).is_file(), reason="the list is of the strokes in CNNVIZ_DATA")
def test_the_list_is_of_the_file_in_the_data_folder():
    path = data_folder() / STROKES_FILE
    assert len(doubtful_drawings(pen_drawings(path), path)) == len(DOUBTFUL)
