"""Files that somebody brings as images of a network: pictures, arrays, zips, and what is none."""

from collections.abc import Callable

import numpy as np
import pytest

from cnnviz.data import gathered_images
from cnnviz.data.fitted_images import array_to_file
from cnnviz.data.gathered_images import gather_images
from cnnviz.data.image_sets import ImageSetError, zip_files
from cnnviz.data.uploads import preprocess_upload, to_png

Read = Callable[[], bytes]


def stroke() -> bytes:
    picture = np.full((1, 40, 40), 255, np.uint8)
    picture[0, 8:32, 18:22] = 0
    return to_png(picture)


def files(**contents: bytes) -> list[tuple[str, Read]]:
    return [(name, lambda data=data: data) for name, data in contents.items()]


def test_a_drawing_is_prepared_as_an_upload_is():
    found = gather_images(files(a=stroke()), (1, 28, 28), is_drawing=True)
    np.testing.assert_array_equal(found.images[0], preprocess_upload(stroke()).image)
    assert found.remark == ""


def test_a_zip_is_unpacked_in_the_order_of_its_names_and_what_is_no_image_is_named():
    white, black = (to_png(np.full((1, 8, 8), level, np.uint8)) for level in (255, 0))
    data = zip_files([("b/white.png", white), ("a/black.png", black), ("c/notes.txt", b"none")])
    found = gather_images(files(pictures=data), (3, 4, 4), is_drawing=False)
    assert found.images.mean(axis=(1, 2, 3)).tolist() == [0, 1]
    assert found.left_out == ("c/notes.txt",)
    assert "notes.txt" in found.remark


def test_an_array_of_another_shape_is_left_out():
    fits, other = (array_to_file(np.full(shape, 0.25, np.float32)) for shape in ((2, 3, 3), (1, 3, 3)))
    found = gather_images(files(fits=fits, other=other), (2, 3, 3), is_drawing=False)
    assert found.images.tolist() == np.full((1, 2, 3, 3), 0.25).tolist()
    assert found.left_out == ("other",)


def test_a_page_without_ink_is_no_drawing():
    blank = to_png(np.full((1, 40, 40), 255, np.uint8))
    found = gather_images(files(blank=blank, ink=stroke()), (1, 28, 28), is_drawing=True)
    assert (len(found.images), found.left_out) == (1, ("blank",))


def test_no_more_are_taken_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gathered_images, "MOST", 2)
    found = gather_images(files(a=stroke(), b=stroke(), c=stroke()), (1, 28, 28), is_drawing=True)
    assert len(found.images) == 2
    assert "The first 2 images are taken." in found.remark
    assert not gather_images(files(a=stroke(), b=stroke()), (1, 28, 28), is_drawing=True).is_cut


def test_of_large_images_fewer_are_taken(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gathered_images, "MOST_NUMBERS", 3 * 3 * 8 * 8 + 1)
    white = to_png(np.full((1, 8, 8), 255, np.uint8))
    found = gather_images(files(a=white, b=white, c=white, d=white), (3, 8, 8), is_drawing=False)
    assert len(found.images) == 3
    assert "The first 3 images are taken." in found.remark


def test_a_damaged_zip_is_refused():
    with pytest.raises(ImageSetError, match="not a whole zip"):
        gather_images(files(bad=b"PK\x03\x04 and no more"), (1, 28, 28), is_drawing=True)


def test_nothing_is_no_image():
    assert gather_images([], (3, 4, 4), is_drawing=False).images.shape == (0, 3, 4, 4)
