"""Uploads: whatever the file, the same digit gives the same input, or one kind sentence."""

import io
import itertools
import re
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnviz.data.rasterize import preprocess, rasterise
from cnnviz.data.sample_drawings import find_sample
from cnnviz.data.uploads import MAX_BYTES, ImageFileError, preprocess_upload

SKETCH = find_sample("two").sketch
INK = np.asarray(rasterise(SKETCH))  # (280, 280), 0 or 255
INPUT = preprocess(SKETCH).image


def saved(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def is_the_two(prepared, tolerance=0.04):
    """Also one pixel aside: a centre of mass near 13.5 falls to either side."""
    aside = [np.roll(INPUT, by, axis=(1, 2)) for by in itertools.product((-1, 0, 1), repeat=2)]
    return bool(prepared.has_ink and min(np.abs(prepared.image - input).mean() for input in aside) < tolerance)


def test_the_oracle_can_fail():
    assert not is_the_two(preprocess_upload(saved(Image.fromarray(INK[:, ::-1]))))
    assert not is_the_two(preprocess_upload(saved(Image.fromarray(INK.T))))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I"])
@pytest.mark.parametrize("ink_is_dark", [True, False])
def test_any_mode_and_both_polarities_give_the_same_digit(mode, ink_is_dark):
    grey = Image.fromarray(255 - INK if ink_is_dark else INK)
    if mode.startswith("I"):
        grey = Image.fromarray(np.asarray(grey).astype(np.uint16 if mode == "I;16" else np.int32) * 200)
        data = saved(grey, "TIFF" if mode == "I" else "PNG")
    else:
        data = saved(grey.convert(mode))
    assert is_the_two(preprocess_upload(data))


def test_floating_point_pictures_with_missing_values():
    levels = INK.astype(np.float32) / 255
    levels[0, 0] = np.nan
    assert is_the_two(preprocess_upload(saved(Image.fromarray(levels), "TIFF")))


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "CMYK"), ("JPEG", "L"), ("BMP", "RGB"), ("GIF", "L"), ("WEBP", "RGB")]
)
def test_any_format_gives_the_same_digit(form, mode):
    assert is_the_two(preprocess_upload(saved(Image.fromarray(255 - INK).convert(mode), form)))


def test_the_stage_says_which_is_ink():
    dark = preprocess_upload(saved(Image.fromarray(255 - INK))).stages[1].note
    light = preprocess_upload(saved(Image.fromarray(INK))).stages[1].note
    assert dark.startswith("Dark ink")
    assert light.startswith("Light ink")


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (20, 40, 160)])
def test_see_through_paper_is_paper_whatever_the_ink(colour):
    image = Image.new("RGBA", (280, 280), (*colour, 0))
    image.paste((*colour, 255), mask=Image.fromarray(INK))
    assert is_the_two(preprocess_upload(saved(image)))


def test_a_wholly_see_through_picture_has_no_ink():
    assert not preprocess_upload(saved(Image.new("RGBA", (50, 50), (255, 0, 0, 0)))).has_ink


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_that_was_turned(orientation):
    turned = {
        1: INK, 2: INK[:, ::-1], 3: INK[::-1, ::-1], 4: INK[::-1], 5: INK.T,
        6: np.rot90(INK), 7: INK[::-1, ::-1].T, 8: np.rot90(INK, -1),
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = Image.fromarray(255 - np.ascontiguousarray(turned[orientation]))
    assert is_the_two(preprocess_upload(saved(picture, "JPEG", exif=exif)))


def test_uneven_light_and_grain_do_not_matter():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:400, 0:500] / 400
    paper = 120 + 90 * x - 40 * y**2
    paper[60:340, 110:390] -= 80 * (INK / 255)
    photo = np.clip(paper + rng.normal(0, 4, paper.shape), 0, 255).astype(np.uint8)
    assert is_the_two(preprocess_upload(saved(Image.fromarray(photo), "JPEG")), tolerance=0.06)


def test_empty_paper_has_no_ink_even_if_it_is_grainy():
    rng = np.random.default_rng(0)
    for level in (0, 128, 255):
        assert not preprocess_upload(saved(Image.new("L", (60, 80), level))).has_ink
    grain = np.clip(rng.normal(128, 3, (200, 200)), 0, 255).astype(np.uint8)
    assert not preprocess_upload(saved(Image.fromarray(grain))).has_ink


def test_size_does_not_matter():
    for side in (40, 1000, 3000):
        picture = Image.fromarray(255 - INK).resize((side, side), Image.Resampling.BICUBIC)
        assert is_the_two(preprocess_upload(saved(picture)))


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (3, 2)])
def test_tiny_pictures_do_not_crash(size):
    assert preprocess_upload(saved(Image.new("L", size, 7))).image.shape == (1, 28, 28)


def png_that_claims(width, height):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 10)) + chunk(b"IEND", b"")
    )


GOOD = saved(Image.fromarray(255 - INK))


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"%PDF-1.4", GOOD[:100], GOOD[: len(GOOD) // 2], b"\xff\xd8\xff" + b"\0" * 50,
     png_that_claims(10_000, 10_000), png_that_claims(60_000, 60_000), b"\0" * (MAX_BYTES + 1)],
    ids=["empty", "text", "pdf", "header only", "half", "broken jpeg", "large", "bomb", "too many bytes"],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_one_sentence(data):
    with pytest.raises(ImageFileError) as caught:
        preprocess_upload(data)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert "Traceback" not in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_damaged_byte_is_a_picture_or_a_sentence(place, change):
    data = bytearray(GOOD)
    data[place] ^= change
    try:
        image = preprocess_upload(bytes(data)).image
    except ImageFileError as error:
        image, said = INPUT, str(error)
    else:
        said = "A picture."
    assert re.fullmatch(r"[^\n]+\.", said)
    assert image.shape == INPUT.shape
    assert 0 <= image.min() <= image.max() <= 1
