"""The zip of a network from outside → its files, judged before a byte is unpacked, and nothing ever written to disk.

Refuses to know: what the files hold.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO

from cnnviz.data.zip_safety import DAMAGE, PLAIN, read_zip_end
from cnnviz.i18n import _
from cnnviz.models.importers.records import ImportedNetworkError, ImportLimits, check_limit, clean_text, import_refusal

LIST_BYTES = 300  # of the list of files, an entry, on average
SMALL = 100_000  # bytes: below this no ratio is suspicious
ENCRYPTED = 0x1


class NetworkArchive:
    """A zip that was found harmless; `names` are its files. To be closed (`with`).

    Raises: ImportedNetworkError for what is no zip, damaged, too large, encrypted, or blown up.
    """

    def __init__(self, content: bytes, limits: ImportLimits) -> None:
        check_limit(_("file"), len(content), limits.file_bytes, _("bytes"), _("open a smaller network"))
        _check_end(content, limits)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except DAMAGE as error:
            raise damaged_file() from error
        entries = self._zip.infolist()
        total = sum(info.file_size for info in entries)
        check_limit(_("archive"), len(entries), limits.entries, _("files"), _("open a smaller network"))
        check_limit(_("archive"), total, limits.unpacked_bytes, _("bytes unpacked"), _("open a smaller network"))
        self._entries = dict(_checked(entries, limits))

    def __enter__(self) -> NetworkArchive:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The files, in their order."""
        return tuple(self._entries)

    def read(self, name: str, most: int | None = None) -> bytearray:
        """One file, unpacked, checked against its sum. Raises: ImportedNetworkError."""
        info = self._entries.get(name)
        if info is None:
            raise import_refusal(_("archive"), _("one that holds {name}", name=clean_text(name)), _("none"),
                                 _("save it again"))  # fmt: skip
        if most is not None:
            check_limit(clean_text(name), info.file_size, most, _("bytes"), _("open a smaller network"))
        data = bytearray(info.file_size)
        try:
            with self._zip.open(info) as file:
                _fill(file, data)
        except DAMAGE as error:
            raise damaged_file() from error
        return data


def _fill(file: IO[bytes], data: bytearray) -> None:
    """Read a file whose size is known; one byte more or less is damage, and so is another sum."""
    view, at = memoryview(data), 0
    while at < len(data):
        count = file.readinto(view[at:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        at += count
    if file.read(1):
        raise EOFError


def _check_end(content: bytes, limits: ImportLimits) -> None:
    """How many files the zip lists, before the list is read."""
    end = read_zip_end(content)
    if end is None:
        raise damaged_file()
    most = limits.entries
    check_limit(_("archive"), end.entries, most, _("files"), _("open a smaller network"))
    check_limit(_("list of the archive's files"), end.list_bytes, most * LIST_BYTES, _("bytes"), _("save it again"))


def _checked(entries: Sequence[zipfile.ZipInfo], limits: ImportLimits) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    seen: set[str] = set()
    for info in entries:
        name = info.filename
        if name in seen:
            raise _refused(name, _("is in it twice"))
        if info.flag_bits & ENCRYPTED:
            raise _refused(name, _("is encrypted"))
        if info.compress_type not in PLAIN:
            raise _refused(name, _("is compressed in an unusual way"))
        if info.file_size > max(SMALL, limits.ratio * info.compress_size):
            raise _refused(name, _("unpacks to more than {ratio} times its size", ratio=limits.ratio))
        seen.add(name)
        yield name, info


def _refused(name: str, why: str) -> ImportedNetworkError:
    return ImportedNetworkError(_("The archive is refused, for {name} {why}: save it again.",
                                  name=clean_text(name), why=why))  # fmt: skip


def damaged_file() -> ImportedNetworkError:
    """What is said of bytes that are no whole zip: to be raised."""
    return ImportedNetworkError(
        _("This is not a whole file of torch.export: save it again with torch.export.save, or upload it again.")
    )
