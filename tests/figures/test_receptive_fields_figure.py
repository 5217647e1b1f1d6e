"""The pictures of receptive fields hold the records' numbers, whole image and unknown told apart."""

import numpy as np
import pytest

from cnnviz.figures.receptive_fields import Growth, Outline, field_picture, growth_chart
from cnnviz.figures.theme import DARK, LIGHT

LAYERS = [Growth("conv1", 5, 1), Growth("odd", None, None), Growth("fc", None, None, sees_everything=True)]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_growth_shows_size_and_jump_and_marks_the_whole_image(palette):
    size, jump, whole, side = growth_chart(LAYERS, 28, palette).data
    assert list(size.y) == [5, None, None]
    assert list(jump.y) == [1, None, None]
    assert (list(whole.x), list(whole.y), list(whole.text)) == ([3], [28], ["fc"])
    assert set(side.y) == {28}


def test_what_is_not_known_is_a_gap_and_not_0():
    assert all(value is None or value > 0 for trace in growth_chart(LAYERS, 28).data for value in trace.y)


def test_the_picture_fills_the_pixels_that_are_read():
    exact = np.zeros((6, 4), dtype=bool)
    exact[1:3, 2] = True
    figure = field_picture(exact, Outline(-1, 2, 1, 3))
    np.testing.assert_array_equal(np.array(figure.data[0].z, dtype=bool), exact)
    image, reach = figure.layout.shapes
    assert (image.x0, image.x1, image.y0, image.y1) == (-0.5, 3.5, -0.5, 5.5)
    assert (reach.x0, reach.x1, reach.y0, reach.y1) == (0.5, 3.5, -1.5, 2.5)
    bottom, top = figure.layout.yaxis.range
    assert top < -1.5
    assert bottom > 5.5


def test_a_unit_without_a_formula_has_no_outline():
    assert len(field_picture(np.ones((2, 2), dtype=bool), None).layout.shapes) == 1
