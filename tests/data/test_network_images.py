"""Images for networks of any size: exact to the last bit, and bounded before they are decoded."""

import io
import tracemalloc
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from cnnviz.data import network_images
from cnnviz.data.network_images import ImageScaling, NetworkImageError, image_from_bytes

RANDOM = np.random.default_rng(0)


def saved(image: Image.Image, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def by_hand(data: bytes, channels: int, size: tuple[int, int] | None) -> np.ndarray:
    """The oracle: each band as a whole, in floats."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode.startswith("I;16"):
        bands, scale = [Image.fromarray(np.asarray(image, np.float32) / 65535, "F")] * channels, 1
    else:
        with warnings.catch_warnings():  # Pillow's, of palettes with transparency
            warnings.simplefilter("ignore")
            bands, scale = list(image.convert({1: "L", 3: "RGB", 4: "RGBA"}[channels]).split()), 255
    if size:
        bands = [band.resize((size[1], size[0]), Image.Resampling.BILINEAR) for band in bands]
    return np.stack([np.asarray(band, np.float32) for band in bands]) / np.float32(scale)


@pytest.fixture(autouse=True)
def _strips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of some rows each, as of a large image."""
    monkeypatch.setattr(network_images, "STRIP", 200)


def photo(mode: str) -> bytes:
    levels = RANDOM.integers(0, 256, (37, 53, 4), dtype=np.uint8)
    if mode == "I;16":
        return saved(Image.fromarray(RANDOM.integers(0, 65_536, (37, 53)).astype(np.uint16)))
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(Image.fromarray(levels).convert(mode), exif=exif)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA", "1", "I;16"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [None, (24, 24), (60, 80)])
def test_every_band_is_as_pillow_makes_it(mode: str, channels: int, size: tuple[int, int] | None):
    data = photo(mode)
    np.testing.assert_array_equal(image_from_bytes(data, channels, ImageScaling(size)), by_hand(data, channels, size))


def test_mean_and_std_are_taken_channel_by_channel():
    data = photo("RGB")
    plain, mean, std = image_from_bytes(data, 3), (0.1, 0.2, 0.3), (2.0, 4.0, 8.0)
    wanted = (plain - np.float32(mean).reshape(3, 1, 1)) / np.float32(std).reshape(3, 1, 1)
    np.testing.assert_array_equal(image_from_bytes(data, 3, ImageScaling(None, mean, std)), wanted)


def test_what_is_not_resized_is_bounded_by_what_its_floats_take(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(network_images, "MOST_WHOLE", 37 * 53 - 1)
    with pytest.raises(NetworkImageError, match="unless it has 8 bits and is resized, got '37×53'"):
        image_from_bytes(saved(Image.new("RGB", (37, 53))), 3)
    assert image_from_bytes(photo("RGB"), 3, ImageScaling((8, 8))).shape == (3, 8, 8)
    with pytest.raises(NetworkImageError, match="unless it has 8 bits"):
        image_from_bytes(photo("I;16"), 1, ImageScaling((8, 8)))


def array_file(shape: str, kind: str = "<f4", body: bytes = b"") -> bytes:
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(118 - 1) + "\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + body


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ("(1, 1000000, 1000000)", "<f4"), ("(1, 30000, 10000)", "<f4"), ("(1, 2, -2)", "<f4"), ("(1, 2, 3)", "|O"),
        ("(99999999999999999999,)", "<f4"), ("(1, 1, 1)", "<U100000000"),
    ],
)  # fmt: skip
def test_an_array_that_is_shorter_than_it_says_takes_no_memory(shape: str, kind: str):
    tracemalloc.start()
    try:
        with pytest.raises(NetworkImageError, match="cannot be read as a NumPy array"):
            image_from_bytes(array_file(shape, kind, bytes(64)), 1)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "head", ["{'descr': '<f4', (", "'" * 3, "\\", "{", "[" * 5_000, "1L", "é" * 20, "{'descr': 3}"]
)
def test_a_header_that_is_no_description_is_one_sentence(head: str):
    text = head.encode("latin-1")
    with pytest.raises(NetworkImageError, match="cannot be read as a NumPy array"):
        image_from_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text, 1)


def test_an_honest_array_is_read_as_it_is():
    file = io.BytesIO()
    np.save(file, np.arange(6.0).reshape(1, 2, 3))
    np.testing.assert_array_equal(image_from_bytes(file.getvalue(), 1), np.arange(6, dtype=np.float32).reshape(1, 2, 3))
