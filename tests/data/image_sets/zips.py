"""Zips for the tests: an honest one, and the pieces of which hostile ones are made."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile

import numpy as np
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (20, 16), colour: bool = True, kind: str = "PNG") -> bytes:
    """A file of noise, `size` (width, height)."""
    shape = (size[1], size[0], 3) if colour else (size[1], size[0])
    return file_of(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8), kind)


def file_of(levels: np.ndarray, kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.fromarray(levels).save(made, format=kind)
    return made.getvalue()


def zip_of(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return made.getvalue()


def honest(classes: tuple[str, ...] = ("cat", "dog"), each: int = 3, **how) -> dict[str, bytes]:
    """`each` pictures in a folder a class."""
    names = [f"{name}/{number}.png" for name in classes for number in range(each)]
    return {name: picture(seed, **how) for seed, name in enumerate(names)}


def with_link(files: dict[str, bytes], name: str, target: str) -> bytes:
    """A zip whose last entry is a symbolic link."""
    made = io.BytesIO(zip_of(files))
    with zipfile.ZipFile(made, "a") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return made.getvalue()


def with_twice(files: dict[str, bytes], name: str) -> bytes:
    """A zip that holds one name twice."""
    made = io.BytesIO(zip_of(files))
    with zipfile.ZipFile(made, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(name, b"again")
    return made.getvalue()


def with_flag(data: bytes, bit: int) -> bytes:
    """Every entry's flags with `bit` set, in the list of files and before the bytes."""
    changed = bytearray(data)
    for sign, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = changed.find(sign)
        while at >= 0:
            flags = struct.unpack_from("<H", changed, at + offset)[0]
            struct.pack_into("<H", changed, at + offset, flags | bit)
            at = changed.find(sign, at + 4)
    return bytes(changed)


def with_listed_size(data: bytes, name: str, size: int) -> bytes:
    """The size that the list of files gives for `name` replaced: a zip that lies."""
    changed, sought = bytearray(data), name.encode()
    at = changed.index(b"PK\x01\x02")
    while changed[at + 46 : at + 46 + len(sought)] != sought:
        at = changed.index(b"PK\x01\x02", at + 4)
    struct.pack_into("<I", changed, at + 24, size)
    return bytes(changed)


def in_64_bits(data: bytes, entries: int | None = None) -> bytes:
    """The end of a zip's list in the form for large zips too, as some tools write it for small ones."""
    at = data.rfind(b"PK\x05\x06")
    listed, size, start = struct.unpack_from("<HII", data, at + 10)
    count = listed if entries is None else entries
    end = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<IIQI", 0x07064B50, 0, at, 1)
    return data[:at] + end + locator + data[at : at + 8] + b"\xff" * 12 + data[at + 20 :]
