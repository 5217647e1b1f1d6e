"""The names in a zip, as they were written: by its Unicode field or flag where it has them, else by a guess.

Without either a zip should have its names in cp437, yet tools write them in whatever the machine speaks. What a name
reads like decides: letters that people write a lot count, box drawings and rare signs do not.
Refuses to know: what is in the files, which names are harmless.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cnnviz.i18n import _

UTF8_FLAG, UNICODE_PATH = 0x800, 0x7075
STANDARD = "cp437"
CODES = ("gbk", "cp932", "cp866", STANDARD)
WESTERN = frozenset("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜáíóúñÑß")
SURE = 0.6  # of the letters that are not ASCII, so many must be ones that people write


@dataclass(frozen=True)
class ZipNames:
    """The names in the order of the entries, with `/` between folders. code: how they were guessed to be written."""

    names: tuple[str, ...]
    code: str = ""
    guessed: frozenset[str] = frozenset()

    def said(self) -> str:
        """What was guessed, for a sentence."""
        return {
            "utf-8": "UTF-8", "gbk": _("Chinese (GBK)"), "cp932": _("Japanese (cp932)"),
            "cp866": _("Cyrillic (cp866)"), STANDARD: _("Western (cp437)"),
        }.get(self.code, "")  # fmt: skip


def read_zip_names(entries: Sequence[zipfile.ZipInfo]) -> ZipNames:
    """What the entries are called.

    A name in GBK, which the zip does not say, is read as Chinese.
    """
    sure = [_said_by(info) for info in entries]
    raws = [info.orig_filename.encode(STANDARD) for info, name in zip(entries, sure, strict=True) if name is None]
    code = guess_encoding(raws) if raws else ""
    names = [_slashed(info.orig_filename.encode(STANDARD).decode(code) if name is None else name)
             for info, name in zip(entries, sure, strict=True)]  # fmt: skip
    return ZipNames(tuple(names), code, frozenset(each for each, name in zip(names, sure, strict=True) if name is None))


def _slashed(name: str) -> str:
    """Windows PowerShell 5.1 writes backslashes between folders."""
    return name.replace("\\", "/")


def _said_by(info: zipfile.ZipInfo) -> str | None:
    """The name where the zip says how it is written; None where it does not."""
    if info.flag_bits & UTF8_FLAG or info.orig_filename.isascii():
        return info.orig_filename
    return _unicode_path(info.extra, zlib.crc32(info.orig_filename.encode(STANDARD)))


def _unicode_path(extra: bytes, crc: int) -> str | None:
    """The name of Info-ZIP's Unicode path field, where it belongs to the name with this CRC."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        body, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == UNICODE_PATH and len(body) == length > 5 and struct.unpack_from("<BI", body) == (1, crc):
            try:
                return body[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def guess_encoding(raws: Iterable[bytes]) -> str:
    """The code that names were written in: all of one zip in the same.

    >>> from cnnviz.data.image_sets.zip_names import guess_encoding
    >>> guess_encoding([bytes([0xC3, 0xA8])])
    'utf-8'
    """
    together = b"\n".join(raws)
    if _decoded(together, "utf-8") is not None:
        return "utf-8"
    scores = {code: _likeness(text, code) for code in CODES if (text := _decoded(together, code)) is not None}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] >= SURE else STANDARD


def _decoded(raw: bytes, code: str) -> str | None:
    try:
        return raw.decode(code)
    except UnicodeDecodeError:
        return None


def _likeness(text: str, code: str) -> float:
    """How much of what is not ASCII are signs that people write in this code, 0 to 1; by bytes."""
    if code in ("cp866", STANDARD):
        return _likeness_of_letters(text, code)
    foreign = [letter for letter in text if not letter.isascii()]
    weights = [len(letter.encode(code)) for letter in foreign]
    common = _is_common_chinese if code == "gbk" else _is_common_japanese
    likely = sum(weight for letter, weight in zip(foreign, weights, strict=True) if common(letter))
    return likely / max(sum(weights), 1)


def _is_common_chinese(letter: str) -> bool:
    """One of the 3,755 characters of GB 2312's first level."""
    try:
        return 0xB0 <= letter.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def _is_common_japanese(letter: str) -> bool:
    """Kana of full width, or one of the 2,965 characters of JIS's first level."""
    if "\u3041" <= letter <= "\u30fe":
        return True
    raw = letter.encode("cp932")
    return len(raw) == 2 and 0x889F <= int.from_bytes(raw) <= 0x9872


def _likeness_of_letters(text: str, code: str) -> float:
    """Cyrillic words are Cyrillic all through; Western ones have a few letters that are not ASCII among others."""
    likely = total = 0
    for word in re.findall(r"[^\W\d_]+|[^\x00-\x7f]", text):
        foreign = [letter for letter in word if not letter.isascii()]
        total += len(foreign)
        if code == "cp866":
            good = len(foreign) == len(word) > 1 and all("Ѐ" <= letter <= "ӿ" for letter in foreign)
        else:
            good = len(foreign) <= max(1, len(word) // 2) and WESTERN.issuperset(foreign)
        likely += len(foreign) if good else 0
    return likely / max(total, 1)
