"""What is asked of every zip from outside: how many files it says that it holds, and what counts as damage.

The count is read from the last bytes, before anything reads the list itself.

Refuses to know: what the files are, and how many are too many.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass

END, END_64, LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"  # of the list of files; in its 64-bit form
END_64_BYTES, LOCATOR_BYTES = 56, 20
END_BYTES, MAX_COMMENT = 22, 65_535
DAMAGE = (  # what zipfile raises for bytes that are no whole zip; OverflowError: a file that begins at 2⁶³ or later
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError,
    OverflowError,
)  # fmt: skip
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the ways of compression that are unpacked


@dataclass(frozen=True)
class ZipEnd:
    """What the end of a zip says of its list: how many entries, and how many bytes they take."""

    entries: int
    list_bytes: int


def read_zip_end(data: bytes) -> ZipEnd | None:
    """The end of a zip; None where the bytes are no whole zip.

    >>> from cnnviz.data.zip_safety import read_zip_end
    >>> read_zip_end(b"no zip") is None
    True
    """
    at = data.rfind(END, max(0, len(data) - END_BYTES - MAX_COMMENT))
    if at < 0 or len(data) - at < END_BYTES:
        return None
    if data[max(0, at - LOCATOR_BYTES) : at].startswith(LOCATOR_64):
        return _read_end_64(data, at)
    return ZipEnd(*struct.unpack("<HI", data[at + 10 : at + 16]))


def _read_end_64(data: bytes, at: int) -> ZipEnd | None:
    """By the 64-bit form of the end, which stands before its locator."""
    start = at - LOCATOR_BYTES - END_64_BYTES
    if start < 0 or data[start : start + len(END_64)] != END_64:
        return None
    return ZipEnd(*struct.unpack_from("<QQ", data, start + 32))
