"""One file → one small picture: the middle square, scaled; grey where there is no colour; or no picture at all."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFile
from zips import file_of, picture

from cnnviz.data.image_sets import decoding
from cnnviz.data.image_sets.decoding import DecodedImage, NotAnImage, decode_image


def colours(rows: int, cols: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (rows, cols, 3), dtype=np.uint8)


def saved(image: Image.Image, kind: str = "PNG", **how) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **how)
    return made.getvalue()


def test_a_picture_of_32_by_32_comes_as_it_is():
    levels = colours(32, 32)
    np.testing.assert_array_equal(decode_image(file_of(levels)).colour, levels.transpose(2, 0, 1))
    assert decode_image(file_of(levels)).grey is None


def naive_square(levels: np.ndarray, side: int) -> np.ndarray:
    """The middle square, each pixel the mean of a block; for edges that `side` divides."""
    edge = min(levels.shape[:2])
    top, left = (levels.shape[0] - edge) // 2, (levels.shape[1] - edge) // 2
    middle, block = levels[top : top + edge, left : left + edge].astype(np.float64), edge // side
    means = np.zeros((side, side, 3))
    for row in range(side):
        for col in range(side):
            means[row, col] = middle[row * block : (row + 1) * block, col * block : (col + 1) * block].mean(axis=(0, 1))
    return means.transpose(2, 0, 1)


@pytest.mark.parametrize("size", [(64, 64), (96, 130), (131, 64)])
def test_the_middle_square_is_scaled_and_each_pixel_is_a_mean(size: tuple[int, int]):
    levels = colours(*size)
    got = decode_image(file_of(levels)).colour.astype(np.float64)
    assert np.abs(got - naive_square(levels, 32)).max() <= 1  # rounded once an axis
    off_centre = np.roll(levels, 4, axis=int(np.argmax(size)))
    assert np.abs(got - naive_square(off_centre, 32)).max() > 10  # the twin that cuts elsewhere


def test_grey_is_seen_however_it_is_stored():
    levels = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)
    for stored in (levels, np.repeat(levels[..., None], 3, axis=2)):
        grey = decode_image(file_of(stored)).grey
        assert grey is not None
        np.testing.assert_array_equal(grey, levels)


def test_one_coloured_pixel_makes_a_picture_coloured():
    levels = np.full((32, 32, 3), 90, np.uint8)
    assert decode_image(file_of(levels)).grey is not None
    levels[20, 9, 0] = 255
    assert decode_image(file_of(levels)).grey is None


def test_small_pictures_are_enlarged_and_long_ones_do_not_break():
    assert decode_image(file_of(colours(3, 5))).colour.shape == (3, 32, 32)
    assert decode_image(file_of(colours(1, 400))).colour.shape == (3, 32, 32)


def test_see_through_parts_become_white_and_palettes_their_colours():
    levels = np.zeros((32, 32, 4), np.uint8)
    levels[0, 0] = (255, 0, 0, 255)
    got = decode_image(saved(Image.fromarray(levels))).colour
    assert got[:, 0, 0].tolist() == [255, 0, 0]
    assert got[:, 9, 9].tolist() == [255, 255, 255]
    palette = Image.fromarray(np.full((32, 32, 3), (10, 200, 30), np.uint8)).quantize(4)
    assert decode_image(saved(palette, "GIF")).colour[:, 5, 5].tolist() == [10, 200, 30]


def test_sixteen_bits_become_eight():
    levels = np.full((28, 28), 65535, np.uint16)
    levels[0, 0] = 257 * 100
    grey = decode_image(saved(Image.fromarray(levels))).grey
    assert grey is not None
    assert (grey[0, 0], grey[5, 5]) == (100, 255)


def test_a_photo_on_its_side_is_turned_upright():
    levels = np.zeros((32, 32, 3), np.uint8)
    levels[:8] = (255, 0, 0)
    turned = Image.fromarray(levels)
    exif = turned.getexif()
    exif[0x0112] = 6  # to be turned by 90° clockwise: what is above comes to the right
    got: DecodedImage = decode_image(saved(turned, exif=exif))
    assert got.colour[0, 16, 30] == 255
    assert got.colour[0, 16, 2] == 0


def test_the_first_picture_of_a_moving_one_is_taken():
    frames = [Image.fromarray(np.full((32, 32, 3), level, np.uint8)) for level in (50, 200)]
    moving = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert int(decode_image(moving).colour[0, 0, 0]) == 50


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", picture(0)[:60], b"%PDF-1.4", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"PK\x03\x04"],
)
def test_what_is_no_picture_is_said_so(data: bytes):
    with pytest.raises(NotAnImage):
        decode_image(data)


def test_a_picture_of_too_many_pixels_is_refused_by_its_header(monkeypatch):
    data = picture(0, size=(40, 40))
    assert decode_image(data).pixels == 1600
    monkeypatch.setattr(decoding, "MAX_PIXELS", 1599)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _self: pytest.fail("it was decoded"))
    with pytest.raises(NotAnImage):
        decode_image(data)
