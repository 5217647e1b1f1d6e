"""Uploaded pictures for the laboratory: grey stays one channel, colour becomes three, values run from 0 to 1."""

import io

import numpy as np
import pytest
from PIL import Image

from cnnviz.conv_lab.uploads import SIDE, image_from_upload
from cnnviz.data.uploads import ImageFileError


def file_of(levels: np.ndarray, kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.fromarray(levels).save(made, format=kind)
    return made.getvalue()


def test_a_small_colour_picture_comes_as_it_is():
    levels = np.random.default_rng(0).integers(0, 256, (12, 9, 3), dtype=np.uint8)
    picture = image_from_upload(file_of(levels))
    np.testing.assert_array_equal(picture.values, (levels.transpose(2, 0, 1) / np.float32(255)).astype(np.float32))
    assert picture.key == "upload"
    assert not np.array_equal(picture.values[0], picture.values[2])


def test_a_grey_picture_has_one_channel_also_when_it_is_stored_in_colour():
    levels = np.random.default_rng(1).integers(0, 256, (8, 8), dtype=np.uint8)
    for stored in (levels, np.repeat(levels[..., None], 3, axis=2)):
        np.testing.assert_allclose(image_from_upload(file_of(stored)).values[0], levels / 255, atol=1e-6)
        assert image_from_upload(file_of(stored)).channels == 1


def test_a_large_picture_is_shrunk_and_keeps_its_shape():
    levels = np.zeros((200, 400, 3), np.uint8)
    levels[..., 0] = 200
    picture = image_from_upload(file_of(levels, "JPEG"))
    assert picture.size == (SIDE // 2, SIDE)
    assert picture.values[0].mean() == pytest.approx(200 / 255, abs=0.02)


def test_see_through_parts_become_white():
    levels = np.zeros((4, 4, 4), np.uint8)
    levels[0, 0] = (255, 0, 0, 255)
    picture = image_from_upload(file_of(levels))
    assert picture.values[:, 0, 0].tolist() == [1, 0, 0]
    assert picture.values[:, 3, 3].tolist() == [1, 1, 1]


def test_what_is_no_picture_is_one_sentence():
    with pytest.raises(ImageFileError, match="cannot be read"):
        image_from_upload(b"no picture")
