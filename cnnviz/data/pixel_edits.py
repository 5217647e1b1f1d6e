"""Pixels of the network's input set by hand, as a value: after the preparation, whatever was drawn.

A short text carries them in a link. Refuses to know: networks, pages, how a hand sets them.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.checks import is_whole
from cnnviz.data.rasterize import SIDE, PreparedImage, PreprocessingStage
from cnnviz.i18n import _, ngettext

CELLS = SIDE * SIDE
FULL = 255
LONGEST = 4 * CELLS  # characters of a text


@dataclass(frozen=True)
class PixelEdits:
    """Which pixels of 28×28 have which level: (place, level) in the order of places, row by row; levels 0 to 255.

    Raises: ValueError for anything else.

    >>> from cnnviz.data.pixel_edits import PixelEdits, read_pixel_edits
    >>> edits = PixelEdits(((3, 255), (28, 0)))
    >>> read_pixel_edits(edits.text) == edits
    True
    """

    cells: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        places = [place for place, _level in self.cells]
        is_right = all(is_whole(place, 0, CELLS - 1) and is_whole(level, 0, FULL) for place, level in self.cells)
        if not is_right or places != sorted(set(places)):
            raise ValueError(
                _("pixels must be places from 0 to {last} in their order, each with a level from 0 to 255: edit again",
                  last=CELLS - 1)
            )  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self.cells)

    @property
    def text(self) -> str:
        """The same as URL-safe text, "" for none."""
        if not self.cells:
            return ""
        data = b"".join(place.to_bytes(2, "big") + bytes([level]) for place, level in self.cells)
        return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")

    def applied_to(self, prepared: PreparedImage) -> PreparedImage:
        """The prepared image with these pixels, and one more step that says so; itself without any.

        >>> from cnnviz.data.pixel_edits import PixelEdits
        >>> from cnnviz.data.rasterize import Sketch, preprocess
        >>> edited = PixelEdits(((0, 255),)).applied_to(preprocess(Sketch(())))
        >>> edited.image[0, 0, 0].item(), edited.has_ink, edited.stages[-1].key
        (1.0, True, 'edited')
        """
        if not self.cells or prepared.image.shape != (1, SIDE, SIDE):
            return prepared
        image = prepared.image.copy()
        places, levels = (np.array(each) for each in zip(*self.cells, strict=True))
        image.reshape(-1)[places] = levels.astype(np.float32) / np.float32(FULL)
        note = ngettext("{count} pixel set by hand.", "{count} pixels set by hand.", len(self.cells))
        picture = np.rint(image[0] * FULL).clip(0, FULL).astype(np.uint8)
        stage = PreprocessingStage("edited", _("Edited"), note, picture)
        return PreparedImage(image, (*prepared.stages, stage), bool(image.any()), prepared.is_several)


def read_pixel_edits(text: object) -> PixelEdits:
    """The edits that `text` holds; none for anything that is no such text."""
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
        return PixelEdits()
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        data = zlib.decompressobj().decompress(packed, 3 * CELLS + 1)
        return PixelEdits(tuple(_cells(data)))
    except (ValueError, binascii.Error, zlib.error):
        return PixelEdits()


def _cells(data: bytes) -> Iterator[tuple[int, int]]:
    if len(data) % 3:
        raise ValueError("pixels in the link must be whole, got a part: copy the whole link")
    for at in range(0, len(data), 3):
        yield int.from_bytes(data[at : at + 2], "big"), data[at + 2]


def pixel_edits_from_json(cells: Any) -> PixelEdits:
    """Edits from a list of [place, level], as a browser says them; none for anything else.

    >>> from cnnviz.data.pixel_edits import pixel_edits_from_json
    >>> pixel_edits_from_json([[28, 0], [3, 255]]).cells, pixel_edits_from_json("junk").cells
    (((3, 255), (28, 0)), ())
    """
    try:
        return PixelEdits(tuple(sorted((place, level) for place, level in cells)))
    except (TypeError, ValueError):
        return PixelEdits()
