"""A map as pixels: each cell a square in the colour of its value, a thin line around."""

import numpy as np
import pytest

from cnnviz.figures.conv_lab import loss_curve, time_plot, weight_paths
from cnnviz.figures.map_images import FRAME, LEAST_SIDE, map_image
from cnnviz.figures.theme import LIGHT

GREY = ("#000000", "#ffffff")


def middle_of(pixels: np.ndarray, row: int, col: int, rows: int, cols: int) -> list[int]:
    height, width = pixels.shape[0] - 2, pixels.shape[1] - 2
    return pixels[1 + int((row + 0.5) * height / rows), 1 + int((col + 0.5) * width / cols)].tolist()


def test_a_cell_has_the_colour_of_its_value():
    values = np.array([[0, 0.5], [1, 2]])
    pixels = map_image(values, GREY, 0, 1)
    assert pixels.shape == (LEAST_SIDE + 2, LEAST_SIDE + 2, 3)
    assert middle_of(pixels, 0, 0, 2, 2) == [0, 0, 0]
    assert middle_of(pixels, 0, 1, 2, 2) == [128, 128, 128]
    assert middle_of(pixels, 1, 0, 2, 2) == middle_of(pixels, 1, 1, 2, 2) == [255, 255, 255]


def test_rows_and_columns_are_not_exchanged():
    pixels = map_image(np.array([[0, 1, 1]]), GREY, 0, 1)
    assert pixels.shape[1] > pixels.shape[0]
    assert middle_of(pixels, 0, 0, 1, 3) != middle_of(pixels, 0, 2, 1, 3)


def test_zero_is_the_neutral_middle_of_a_diverging_scale():
    pixels = map_image(np.array([[0.0]]), LIGHT.activations, -3, 3)
    neutral = [int(LIGHT.activations[len(LIGHT.activations) // 2][at : at + 2], 16) for at in (1, 3, 5)]
    assert middle_of(pixels, 0, 0, 1, 1) == neutral


def test_a_marked_cell_has_a_dot_that_is_seen_on_any_ground():
    values = np.array([[0.0, 1.0]])
    plain, marked = (map_image(values, GREY, 0, 1, marked=m) for m in (None, np.array([[True, True]])))
    assert middle_of(plain, 0, 0, 1, 2) != middle_of(marked, 0, 0, 1, 2)
    assert middle_of(plain, 0, 1, 1, 2) != middle_of(marked, 0, 1, 1, 2)


def test_there_is_a_line_around():
    pixels = map_image(np.ones((2, 2)), GREY, 0, 1)
    assert (pixels[0] == FRAME).all()
    assert (pixels[:, -1] == FRAME).all()


def test_curves_hold_the_numbers_that_they_are_given():
    losses = [8.0, 4.0, 2.0, 1.0]
    assert list(loss_curve(losses, 2, LIGHT).data[0].y) == losses[:3]
    paths = weight_paths([[0.0, 1.0], [0.5, 0.0], [1.0, -1.0]], [1.0, -1.0], 2, LIGHT)
    assert [list(line.y) for line in paths.data] == [[0.0, 0.5, 1.0], [1.0, 0.0, -1.0]]
    times = time_plot({name: [(1, 0.1), (3, value)] for name, value in (("a", 1), ("b", 2), ("c", 3))}, LIGHT)
    assert [(line.name, list(line.y)) for line in times.data] == [("a", [0.1, 1]), ("b", [0.1, 2]), ("c", [0.1, 3])]


def test_as_many_lines_as_there_are_ways():
    with pytest.raises(ValueError, match="longer"):
        time_plot({"a": [(1, 0.1)]}, LIGHT)
