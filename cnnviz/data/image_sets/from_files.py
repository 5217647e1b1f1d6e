"""Pictures of one's own: a zip or a folder of class folders → a pool of small pictures.

What cannot be read is left out and named; what is hostile or too much is refused with one sentence.
Refuses to know: where the pool is kept (`store`), choices, training.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.image_files import pixels_in_header
from cnnviz.data.image_sets.archive import MAX_ENTRIES, MAX_FILE, ZipArchive, is_litter, printable_name
from cnnviz.data.image_sets.decoding import JPEG, JPEG_COSTS, MAX_PIXELS, DecodedImage, NotAnImage, decode_image
from cnnviz.data.image_sets.duplicates import drop_duplicates_across_parts, find_duplicates
from cnnviz.data.image_sets.folders import FilePlace, FolderLayout, SetPart, read_layout
from cnnviz.data.image_sets.pools import KINDS, NAMED, DecodingReport, ImagePool
from cnnviz.data.image_sets.records import ImageSetError
from cnnviz.i18n import _

MAX_PICTURES = 20_000
MAX_ALL_PIXELS = 400_000_000  # of all pictures together, as they come; those of a JPEG count a quarter
HEADER = 64_000  # bytes in which nearly every file says how large its image is
LIGHT = 128  # a border above this level is paper

Watch = Callable[[int, int], None]  # (files read, files in all)


class ImageFiles(Protocol):
    """Files by name, in whatever they lie."""

    @property
    def names(self) -> Sequence[str]:
        """Paths below the top, with `/`."""
        ...

    def begin(self, name: str, length: int) -> bytes:
        """The first bytes of one."""
        ...

    def read(self, name: str) -> bytes:
        """The bytes of one."""
        ...


class ImageFolder:
    """The files below a folder of this machine; links are not followed. For the command line, never for a visitor."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise ImageSetError(_("there is no folder {path}: give the one that holds the class folders.", path=path))
        self._path = path
        found: list[str] = []
        for at, folders, files in os.walk(path):
            folders[:] = sorted(name for name in folders if not is_litter(name) and not Path(at, name).is_symlink())
            found += [Path(at, name).relative_to(path).as_posix() for name in files if not is_litter(name)]
            if len(found) > MAX_ENTRIES:
                raise ImageSetError(
                    _("{path} must hold at most {most} files: leave some out.", path=path, most=MAX_ENTRIES)
                )
        for name in found:
            _check_letters(name)
        self.names = tuple(sorted(name for name in found if (path / name).is_file() and not (path / name).is_symlink()))

    def begin(self, name: str, length: int) -> bytes:
        """The first bytes of one file."""
        with (self._path / name).open("rb") as file:
            return file.read(length)

    def read(self, name: str) -> bytes:
        """The bytes of one file; one that is far too large for a picture counts as none."""
        with (self._path / name).open("rb") as file:
            data = file.read(MAX_FILE + 1)
        return data if len(data) <= MAX_FILE else b""


def _check_letters(name: str) -> None:
    """Names on a Linux disk are bytes; those that are no UTF-8 come to Python as letters that nothing can print."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise ImageSetError(
            _("The name of the file {name} is not written in UTF-8: rename it (convmv does it for a whole folder).",
              name=printable_name(name))
        ) from None  # fmt: skip


def no_progress(_done: int, _total: int) -> None:
    """Nobody looks on."""


def pool_from_zip(data: bytes, watch: Watch = no_progress) -> ImagePool:
    """The pictures in a zip. Raises: ImageSetError, one sentence."""
    with ZipArchive(data) as archive:
        pool = pool_from_files(archive, watch)
        written = archive.written
    if not written.code or pool.report is None:
        return pool
    named = sorted({printable_name(name.rpartition("/")[0] or name) for name in written.guessed})[:NAMED]
    return replace(pool, report=replace(pool.report, names_read_as=written.said(), names_guessed=tuple(named)))


def pool_from_files(files: ImageFiles, watch: Watch = no_progress) -> ImagePool:
    """The pictures among `files`, by class and part; all grey ones as 1×28×28, else 3×32×32. Raises: ImageSetError."""
    layout = read_layout(files.names)
    if len(layout.places) > MAX_PICTURES:
        raise ImageSetError(
            _("There must be at most {most} images, got {n}: leave some out.", most=MAX_PICTURES,
              n=len(layout.places))
        )  # fmt: skip
    _check_pixels(files, layout.places)
    read, unreadable = _read(files, layout.places, watch)
    read, left = drop_duplicates_across_parts(read)
    _check_enough(read, layout)
    images, is_grey, is_inverted = _stacked([decoded for _place, decoded in read])
    report = DecodingReport(
        len(read), is_grey, is_inverted,
        tuple(printable_name(name) for name in unreadable[:NAMED]), len(unreadable),
        tuple(printable_name(name) for name in layout.stray[:NAMED]), len(layout.stray),
    )  # fmt: skip
    at = {part: _order([place for place, _decoded in read], part) for part in SetPart}
    labels = np.array([place.label for place, _decoded in read], np.int64)
    training, validation, test = ((images[at[part]], labels[at[part]]) if at[part] else None for part in SetPart)
    assert training is not None
    copies = find_duplicates([read[number] for number in at[SetPart.TRAINING]])
    report = replace(report, in_two_parts=left, **copies.told(layout.classes))
    return ImagePool(layout.classes, training, validation, test, report=report, copies=copies.numbers)


def _check_pixels(files: ImageFiles, places: Sequence[FilePlace]) -> None:
    """What the headers say, before a pixel is decoded: a small zip can keep a core busy for a minute."""
    pixels = 0
    for place in places:
        beginning = files.begin(place.name, HEADER)
        found = pixels_in_header(beginning) or 0
        if found <= MAX_PIXELS:  # a larger one is left out
            pixels += found // JPEG_COSTS if beginning.startswith(JPEG) else found
        if pixels > MAX_ALL_PIXELS:
            raise _too_many_pixels()


def _too_many_pixels() -> ImageSetError:
    return ImageSetError(
        _("The images must have at most {most} million pixels together (those of a JPEG count a quarter): make "
          "them smaller.", most=MAX_ALL_PIXELS // 10**6)
    )  # fmt: skip


def _read(
    files: ImageFiles, places: Sequence[FilePlace], watch: Watch
) -> tuple[list[tuple[FilePlace, DecodedImage]], list[str]]:
    read: list[tuple[FilePlace, DecodedImage]] = []
    unreadable: list[str] = []
    pixels = 0
    for done, place in enumerate(places):
        watch(done, len(places))
        try:
            decoded = decode_image(files.read(place.name))
        except NotAnImage:
            unreadable.append(place.name)
            continue
        pixels += decoded.pixels
        if pixels > MAX_ALL_PIXELS:
            raise _too_many_pixels()
        read.append((place, decoded))
    watch(len(places), len(places))
    return read, unreadable


def _check_enough(read: Sequence[tuple[FilePlace, DecodedImage]], layout: FolderLayout) -> None:
    """Every class needs a picture to learn from, and one more to be tried on where no validation part is there."""
    places = [place for place, _decoded in read]
    least = 1 if any(place.part is SetPart.VALIDATION for place in places) else 2
    for label, name in enumerate(layout.classes):
        count = sum(place.part is SetPart.TRAINING and place.label == label for place in places)
        if count < least:
            raise ImageSetError(
                _("The class {name} must have {least} or more images that can be read ({kinds}), got {n}: add some, or "
                  "leave its folder out.", name=name, least=least, kinds=KINDS, n=count)
            )  # fmt: skip


def _stacked(decoded: Sequence[DecodedImage]) -> tuple[NDArray[np.uint8], bool, bool]:
    """(images (n, c, h, w), whether all are grey, whether dark and light were swapped)."""
    greys = [each.grey for each in decoded if each.grey is not None]
    if len(greys) < len(decoded):
        return np.stack([each.colour for each in decoded]), False, False
    images = np.stack(greys)[:, np.newaxis]
    is_inverted = has_light_borders(images)
    return (255 - images if is_inverted else images), True, is_inverted


def has_light_borders(images: NDArray[np.uint8]) -> bool:
    """Whether most of the outermost pixels of (n, 1, h, w) are light: dark ink on light paper."""
    rim = np.concatenate([images[..., 0, :], images[..., -1, :], images[..., 0], images[..., -1]], axis=-1)
    return bool(np.median(rim) >= LIGHT)


def _order(places: Sequence[FilePlace], part: SetPart) -> list[int]:
    """The pictures of one part in a fixed random order: folders hold one class after the other, a few at the
    beginning would all be of one.
    """
    at = [number for number, place in enumerate(places) if place.part is part]
    return np.random.default_rng(0).permutation(at).astype(np.int64).tolist()
