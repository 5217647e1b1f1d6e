"""A zip from outside → the files in it that may be opened: names, sizes and flags judged before a byte is unpacked.

Nothing is ever written to disk, so no name can lead anywhere; names that try to are refused all the same, with the
whole zip: somebody meant harm, or a tool is broken.
Refuses to know: pictures, classes.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from cnnviz.data.image_sets.records import ImageSetError
from cnnviz.data.image_sets.zip_names import read_zip_names
from cnnviz.data.zip_safety import DAMAGE, PLAIN, read_zip_end
from cnnviz.i18n import _

MAX_ZIP_BYTES = 100_000_000
MAX_ENTRIES = 40_000
MAX_UNPACKED = 400_000_000  # bytes, all files together
MAX_FILE = 20_000_000  # bytes, one file, unpacked
MAX_RATIO = 200  # unpacked to packed, of a file worth looking at: pictures are packed already
SMALL = 100_000  # bytes: below this no ratio is suspicious
MAX_DEPTH = 8
LIST_BYTES = 200  # of the list of files, an entry, on average
DRIVE = re.compile(r"[A-Za-z]:")
LITTER = ("__MACOSX", "@eaDir", "#recycle", "#snapshot", "@Recycle", "$RECYCLE.BIN", "System Volume Information")
LITTER_FILES = ("thumbs.db", "ehthumbs.db", "desktop.ini")


class ZipArchive:
    """A zip that was found harmless; `names` are its files, `read` unpacks one. To be closed (`with`).

    written: its names, and how they were read where the zip does not say it.

    Raises: ImageSetError, one sentence, for what is no zip, damaged, too large, encrypted, or hostile.
    """

    def __init__(self, data: bytes) -> None:
        _check_end(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except DAMAGE as error:
            raise _damaged() from error
        entries = self._zip.infolist()
        _check_sizes(entries)
        self.written = read_zip_names(entries)
        self._entries = dict(_checked(entries, self.written.names))
        self._left = MAX_UNPACKED

    def __enter__(self) -> ZipArchive:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The files, in alphabetical order; without folders and what systems leave behind."""
        return tuple(sorted(self._entries))

    def begin(self, name: str, length: int) -> bytes:
        """The first bytes of one file. Raises: ImageSetError where they are damaged."""
        try:
            with self._zip.open(self._entries[name]) as file:
                return file.read(length)
        except DAMAGE as error:
            raise _damaged() from error

    def read(self, name: str) -> bytes:
        """One file, unpacked. Raises: ImageSetError where the bytes are damaged or more than the list said."""
        try:
            with self._zip.open(self._entries[name]) as file:
                data = file.read(min(MAX_FILE, self._left) + 1)
        except DAMAGE as error:
            raise _damaged() from error
        if len(data) > min(MAX_FILE, self._left):
            raise _bomb(name)
        self._left -= len(data)
        return data


def _check_end(data: bytes) -> None:
    """The zip's own size and how many entries it lists, before the list is read."""
    if len(data) > MAX_ZIP_BYTES:
        raise ImageSetError(
            _("The zip must be at most {most} MB, got {got} MB: leave images out or make them smaller.",
              most=MAX_ZIP_BYTES // 10**6, got=-(-len(data) // 10**6))
        )  # fmt: skip
    end = read_zip_end(data)
    if end is None:
        raise _damaged()
    if end.entries > MAX_ENTRIES or end.list_bytes > MAX_ENTRIES * LIST_BYTES:
        raise _too_many()


def _too_many() -> ImageSetError:
    return ImageSetError(_("The zip must hold at most {most} files: leave some out.", most=MAX_ENTRIES))


def _check_sizes(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise _too_many()
    if sum(info.file_size for info in entries) > MAX_UNPACKED:
        raise ImageSetError(
            _("The zip must unpack to at most {most} MB: leave images out or make them smaller.",
              most=MAX_UNPACKED // 10**6)
        )  # fmt: skip


def _checked(entries: Sequence[zipfile.ZipInfo], names: Sequence[str]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """The files that count, by name. Raises: ImageSetError for the first entry that no honest zip has."""
    seen: set[str] = set()
    for info, name in zip(entries, names, strict=True):
        _check_entry(info, name)
        if name.endswith("/") or is_litter(name):
            continue
        if name in seen:
            raise _refused(name, _("is in it twice"))
        seen.add(name)
        yield name, info


def _check_entry(info: zipfile.ZipInfo, name: str) -> None:
    parts, mode = PurePosixPath(name).parts, info.external_attr >> 16
    if name.startswith("/") or DRIVE.match(name) or ".." in parts or "\0" in name:
        raise _refused(name, _("does not stay inside the zip's own folder"))
    if len(parts) > MAX_DEPTH:
        raise _refused(name, _("lies more than {most} folders deep", most=MAX_DEPTH))
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(name, _("is a link or a device, not a file"))
    if info.flag_bits & 0x1:
        raise _refused(name, _("is encrypted"))
    if info.compress_type not in PLAIN:
        raise _refused(name, _("is compressed in an unusual way"))
    if info.file_size > SMALL and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise _bomb(name)


def is_litter(name: str) -> bool:
    """Whether a file is what systems leave behind: hidden files, macOS resource forks, thumbnails, a NAS's own.

    So is a name that leads nowhere: `.` or none.
    """
    parts = PurePosixPath(name).parts
    return (
        not parts or parts[-1].lower() in LITTER_FILES or any(part.startswith(".") or part in LITTER for part in parts)
    )


def _refused(name: str, why: str) -> ImageSetError:
    return ImageSetError(_("The zip is refused, for {name} {why}: make it again.", name=printable_name(name), why=why))


def _bomb(name: str) -> ImageSetError:
    return _refused(name, _("unpacks to far more than an image would"))


def _damaged() -> ImageSetError:
    return ImageSetError(_("This is not a whole zip: make it again, or upload it again."))


def printable_name(name: str, most: int = 60) -> str:
    """A file's name as it may stand in a sentence: printable and short."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in name)
    return clean if len(clean) <= most else "…" + clean[-most:]
