"""One decoder for every page: the same file has the same levels everywhere, and costs what a picture may cost."""

import io
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz.conv_lab.uploads import image_from_upload
from cnnviz.data import image_files, network_images
from cnnviz.data.image_files import MAX_SIDE, ImageFileError, opened_image, read_image
from cnnviz.data.image_sets.decoding import decode_image
from cnnviz.data.network_images import image_from_bytes
from cnnviz.data.uploads import fit_levels, read_grey

ROOT = Path(__file__).resolve().parents[2]
RAMP = np.linspace(0, 1, 28 * 28).reshape(28, 28)
MOST_MB = 300  # that reading any one file may take above what the program itself takes


def saved(image: Image.Image, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def deep(low: int, high: int) -> bytes:
    return saved(Image.fromarray(np.round(low + RAMP * (high - low)).astype(np.uint16)))


def see_through(ink: int) -> bytes:
    levels = np.full((28, 28, 4), ink, np.uint8)
    levels[..., 3] = 0
    levels[8:20, 10:18, 3] = 255
    return saved(Image.fromarray(levels))


def everywhere(data: bytes) -> list[np.ndarray]:
    """The levels of a grey picture of 28×28 on the pad, in the laboratory, for a network of pictures, in a set."""
    decoded = decode_image(data)
    assert decoded.grey is not None
    return [read_grey(data), image_from_upload(data).values[0] * 255, fit_levels(data, (1, 28, 28))[0], decoded.grey]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (deep(0, 4095), 255 * RAMP), (deep(33_000, 37_000), 255 * RAMP), (deep(0, 65_535), 255 * RAMP),
        (saved(Image.fromarray((np.round(100 + RAMP * 50) * 257).astype(np.uint16))), np.round(100 + RAMP * 50)),
        (saved(Image.fromarray(RAMP.astype(np.float32)), "TIFF"), 255 * RAMP),
        (saved(Image.fromarray(np.round(100 + RAMP * 50).astype(np.uint8))), np.round(100 + RAMP * 50)),
        (see_through(255), np.pad(np.full((12, 8), 255), ((8, 8), (10, 10)))),
        (see_through(0), 255 - np.pad(np.full((12, 8), 255), ((8, 8), (10, 10)))),
    ],
    ids=["12 of 16 bits", "a narrow range", "16 bits", "8 bits in 16", "floats", "8 bits", "white ink", "black ink"],
)  # fmt: skip
def test_the_same_file_has_the_same_levels_on_every_page(data: bytes, wanted: np.ndarray):
    for levels in everywhere(data):
        np.testing.assert_allclose(levels, wanted, atol=0.55)


def test_colours_are_the_same_wherever_colours_matter():
    levels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    wanted = levels.transpose(2, 0, 1)
    for data in (saved(Image.fromarray(levels)), saved(Image.fromarray(levels).convert("RGBA"))):
        for got in (
            decode_image(data).colour,
            fit_levels(data, (3, 32, 32)),
            np.rint(image_from_upload(data).values * 255),
        ):
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16", "F", "CMYK", "1"])
def test_a_large_picture_is_reduced_to_the_means_of_blocks(mode: str):
    blocks = np.random.default_rng(1).integers(0, 2, (64, 1100), dtype=np.uint8) * 255
    image = Image.fromarray(np.kron(blocks, np.ones((3, 3), np.uint8)))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    small, pixels = read_image(saved(image.convert(mode) if mode != "I;16" else image, "TIFF"))
    assert pixels == 192 * 3300
    np.testing.assert_array_equal(np.asarray(small.convert("L")), blocks)


def png(width: int, height: int, bits: int = 8, colour: int = 0) -> bytes:
    """A PNG of zeros, packed as small as it goes, which is never whole in memory here."""
    pack, row = zlib.compressobj(9), bytes(1 + width * bits // 8)
    body = b"".join(pack.compress(row * n) for n in [1000] * (height // 1000) + [height % 1000]) + pack.flush()

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, bits // {0: 1, 2: 3, 6: 4}[colour], colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def flat(size: tuple[int, int], form: str, mode: str = "RGB", **options) -> bytes:
    return saved(Image.new(mode, size), form, **options)


MEASURE = r"""
import re, sys
from pathlib import Path
from cnnviz.data.image_sets.decoding import NotAnImage, decode_image
from cnnviz.conv_lab.uploads import image_from_upload
from cnnviz.data.fitted_images import Fit, fit_to_network
from cnnviz.data.network_images import NetworkImageError, image_from_bytes
from cnnviz.data.uploads import ImageFileError, fit_levels, preprocess_upload
peak = lambda: int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024
data, before = Path(sys.argv[1]).read_bytes(), peak()
for read in (
    preprocess_upload, image_from_upload, decode_image, lambda data: fit_levels(data, (3, 32, 32)),
    lambda data: fit_to_network(data, (3, 224, 224), Fit.WHOLE), lambda data: image_from_bytes(data, 3),
    lambda data: image_from_bytes(data, 1),
):
    try:
        read(data)
    except (ImageFileError, NotAnImage, NetworkImageError) as error:
        print(error, file=sys.stderr)
print(peak() - before)
"""


@pytest.mark.parametrize(
    "make",
    [
        lambda: png(6324, 6324, bits=16), lambda: png(1, 40_000_000), lambda: png(6324, 6324, bits=32, colour=6),
        lambda: png(20_000, 2_000, bits=24, colour=2), lambda: flat((6000, 6000), "WEBP", lossless=True),
        lambda: flat((3460, 3460), "WEBP", "RGBA", lossless=True), lambda: flat((6324, 6324), "GIF", "L"),
        lambda: flat((6324, 6324), "JPEG", progressive=True),
        lambda: flat((6324, 6324), "TIFF", compression="tiff_lzw"),
        lambda: flat((6324, 6324), "TIFF", "F", compression="tiff_lzw"),
    ],
    ids=["deep", "one row", "colours", "long", "webp", "webp within bounds", "gif", "jpeg", "tiff", "floats"],
)  # fmt: skip
def test_no_small_file_costs_more_than_a_picture_may(make, tmp_path: Path):
    if not Path("/proc/self/status").exists():  # `ru_maxrss` begins with what the tests themselves took
        pytest.skip("this system does not say what a process took at most")
    (tmp_path / "file").write_bytes(make())
    done = subprocess.run([sys.executable, "-c", MEASURE, tmp_path / "file"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= MOST_MB, done.stderr


def test_a_picture_with_a_very_long_side_is_refused_by_its_header_with_the_rule():
    with pytest.raises(ImageFileError, match=r"40 million pixels .*20,000 a side"):
        read_image(png(1, MAX_SIDE + 1))
    assert read_image(png(1, MAX_SIDE))[1] == MAX_SIDE


def test_one_picture_at_a_time_is_decoded_in_a_process(monkeypatch):
    within, seen = [0], []
    original = image_files._reduced
    both = threading.Barrier(2)

    def counted(image: Image.Image) -> Image.Image:
        within[0] += 1
        seen.append(within[0])
        both_are_inside.wait(0.2)  # whoever is let in beside another is seen here
        within[0] -= 1
        return original(image)

    both_are_inside = threading.Event()
    monkeypatch.setattr(image_files, "_reduced", counted)

    def read() -> None:
        both.wait()
        read_image(deep(0, 9))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1, 1]


@pytest.mark.parametrize("error", [KeyError("a fault of ours"), MemoryError(), ZeroDivisionError()], ids=repr)
def test_what_is_done_with_a_picture_may_fail_and_is_then_no_broken_file(error: Exception):
    def fail() -> None:
        with opened_image(deep(0, 9)):
            raise error

    with pytest.raises(type(error)):
        fail()


@pytest.mark.parametrize(
    ("read", "part"), [(read_image, "_reduced"), (lambda data: image_from_bytes(data, 1), "_to_floats")],
    ids=["a picture", "for a network"],
)  # fmt: skip
def test_a_fault_of_ours_is_not_told_as_a_broken_file(read, part: str, monkeypatch: pytest.MonkeyPatch):
    def fail(*_what: object) -> None:
        raise KeyError("a fault of ours")

    for module in (image_files, network_images):
        monkeypatch.setattr(module, part, fail, raising=False)
    with pytest.raises(KeyError):
        read(deep(0, 9))


def test_half_a_file_is_still_told_as_a_broken_one():
    whole = saved(Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 60), dtype=np.uint8)))
    for read in (read_image, lambda data: image_from_bytes(data, 1)):
        with pytest.raises(ValueError, match="cannot be read as an image"):
            read(whole[: len(whole) // 2])
