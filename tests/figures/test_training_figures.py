"""Charts of a training hold the numbers that they were given."""

import numpy as np
import pytest

from cnnviz.figures.confusion import confusion_matrix
from cnnviz.figures.image_strips import GAP, image_strip
from cnnviz.figures.training import accuracy_by_updates, epoch_times

NAMES = ("cat", "<b>dog", "cow")


def test_the_time_of_an_epoch_stands_at_each_batch_size():
    figure = epoch_times([1, 10, 100], [166.0, 17.04, 9.0])
    assert list(figure.data[0].y) == [166.0, 17.04, 9.0]
    assert list(figure.data[0].text) == ["166 s", "17.0 s", "9.0 s"]
    assert list(figure.layout.xaxis.tickvals) == [1, 10, 100]


def test_accuracy_is_drawn_against_updates_a_line_a_batch_size():
    figure = accuracy_by_updates({1: [(10, 0.5), (20, 0.7)], 64: [(5, 0.9)]})
    assert [(trace.name, list(trace.x), list(trace.y)) for trace in figure.data] == [
        ("batch 1", [10, 20], [0.5, 0.7]), ("batch 64", [5], [0.9]),
    ]  # fmt: skip


COUNTS = [[9, 1, 0], [0, 8, 2], [3, 0, 7]]


def test_only_mistakes_are_coloured_and_all_are_counted():
    (heat,) = confusion_matrix(COUNTS, NAMES).data
    assert [list(row) for row in heat.z] == [[0, 1, 0], [0, 0, 2], [3, 0, 0]]
    assert [list(row) for row in heat.text] == [["9", "1", ""], ["", "8", "2"], ["3", "", "7"]]
    assert "<b>" not in "".join(heat.x)


def test_the_matrix_grows_with_its_classes_and_with_their_names():
    ten, twenty = (confusion_matrix(np.eye(n, dtype=int).tolist(), tuple(map(str, range(n)))) for n in (10, 20))
    assert (ten.layout.width, ten.layout.height) == (460, 460)
    assert twenty.layout.height > 700
    long = confusion_matrix([[1, 0], [0, 1]], ("a" * 30, "b"))
    assert long.layout.margin.l > 200


def opened(png: bytes) -> np.ndarray:
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_strip_holds_every_pixel_of_every_picture(channels: int):
    images = np.random.default_rng(0).integers(0, 256, (5, channels, 6, 4), dtype=np.uint8)
    levels = opened(image_strip(images, columns=3))
    assert levels.shape == (6 + GAP + 6, 3 * 4 + 2 * GAP, 4)
    for number, image in enumerate(images):
        top, left = number // 3 * (6 + GAP), number % 3 * (4 + GAP)
        part = levels[top : top + 6, left : left + 4]
        assert (part[..., 3] == 255).all()
        if channels == 3:
            np.testing.assert_array_equal(part[..., :3], image.transpose(1, 2, 0))
        else:
            assert np.abs(part[..., 0] - image[0] * ((255 - 11) / 255) - 11).max() <= 0.5  # from #0b0d12 to white
    assert (levels[6 : 6 + GAP] == 0).all()


@pytest.mark.parametrize("shape", [(0, 1, 4, 4), (2, 2, 4, 4), (4, 4)])
def test_no_pictures_make_no_strip(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match="images must be"):
        image_strip(np.zeros(shape, np.uint8))
