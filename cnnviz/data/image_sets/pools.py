"""All pictures of a set, before anybody chooses among them, and what is to be known of how they were read.

Refuses to know: choices, splits, where the pictures come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.i18n import _, ngettext

Pictures = tuple[NDArray[np.uint8], NDArray[np.int64]]  # images (n, c, h, w) and labels (n,)
NAMED = 10  # so many files that were left out are named
LISTS = ("unreadable", "stray", "names_guessed", "in_two_classes")
KINDS = "PNG, JPEG, GIF, BMP, WebP, TIFF, PPM"  # of pictures that are read


@dataclass(frozen=True)
class DecodingReport:
    """How somebody's files were read: how many pictures, which files were left out, what was done to the pictures.

    unreadable: files that are no picture; stray: files in no class folder; of both the first few, and all counted.
    names_read_as, names_guessed: how names were read that the zip does not explain, and some of these.
    copies: pictures whose file is the same, byte by byte, as another's; of these, in_two_parts were left out of the
    later part; in_two_classes: the first few that lie in two classes.

    >>> from cnnviz.data.image_sets import DecodingReport
    >>> DecodingReport(pictures=9, copies=2).remarks()
    ('2 images are copies of others, byte by byte: copies stay on one side of the split.',)
    """

    pictures: int
    is_grey: bool = False
    is_inverted: bool = False
    unreadable: tuple[str, ...] = ()
    unreadable_count: int = 0
    stray: tuple[str, ...] = ()
    stray_count: int = 0
    names_read_as: str = ""
    names_guessed: tuple[str, ...] = ()
    copies: int = 0
    in_two_parts: int = 0
    in_two_classes: tuple[str, ...] = ()
    in_two_classes_count: int = 0

    def to_record(self) -> dict[str, Any]:
        """The report as plain JSON data."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> DecodingReport:
        """A report from plain JSON data of ours."""
        lists = {name: tuple(record[name]) for name in LISTS}
        return cls(**(dict(record) | lists))

    def done(self) -> str:
        """What was done to every picture, in a sentence or two."""
        if not self.is_grey:
            return _("Each image was scaled until its shorter side had 32 pixels, and the middle 32×32 were kept.")
        text = _("All are grey: each was scaled until its shorter side had 28 pixels, and the middle 28×28 were kept.")
        if self.is_inverted:
            text += " " + _("They have light borders, so dark and light were swapped: ink is light, as in MNIST.")
        return text

    def left_out(self) -> tuple[str, ...]:
        """What was left out, a sentence for each reason."""
        sentences = []
        if self.unreadable_count:
            sentences.append(
                ngettext(
                    "{count} file is no image that can be read ({kinds}), or too large, and was left out: {names}",
                    "{count} files are no images that can be read ({kinds}), or too large, and were left out: {names}",
                    self.unreadable_count,
                    kinds=KINDS,
                    names=_listed(self.unreadable, self.unreadable_count),
                )
            )
        if self.stray_count:
            sentences.append(
                ngettext(
                    "{count} file is in no class folder of the training part, and was left out: {names}",
                    "{count} files are in no class folder of the training part, and were left out: {names}",
                    self.stray_count,
                    names=_listed(self.stray, self.stray_count),
                )
            )
        return tuple(sentences)

    def remarks(self) -> tuple[str, ...]:
        """What else is to be known of the files, a sentence each."""
        sentences = []
        if self.names_read_as:
            sentences.append(
                _("The zip does not say how its names are encoded: they were read as {code}, which is a guess: {names}",
                  code=self.names_read_as, names=", ".join(self.names_guessed))
            )  # fmt: skip
        if self.copies:
            sentences.append(
                ngettext(
                    "{count} image is a copy of another, byte by byte: both stay on one side of the split.",
                    "{count} images are copies of others, byte by byte: copies stay on one side of the split.",
                    self.copies,
                )
            )
        if self.in_two_parts:
            sentences.append(
                ngettext(
                    "{count} image lies in the training part too, and was left out of the others.",
                    "{count} images lie in the training part too, and were left out of the others.",
                    self.in_two_parts,
                )
            )
        if self.in_two_classes:
            sentences.append(
                ngettext(
                    "{count} image lies in two classes, so one of its labels is wrong; it is for training only: "
                    "{names}",
                    "{count} images lie in two classes, so one label of each is wrong; they are for training only: "
                    "{names}",
                    self.in_two_classes_count,
                    names=_listed(self.in_two_classes, self.in_two_classes_count),
                )
            )
        return tuple(sentences)


def _listed(names: tuple[str, ...], count: int) -> str:
    return ", ".join(names) + (" …" if count > len(names) else "")


@dataclass(frozen=True, eq=False)
class ImagePool:
    """What there is of a set; each part is images, uint8 (n, c, h, w), 0..255, and labels, int64 (n,).

    groups: who made each training picture (n,), where that is known.
    copies: for each training picture (n,) a number that it shares with its copies only; None where there are none.

    >>> import numpy as np
    >>> from cnnviz.data.image_sets import ImagePool
    >>> pool = ImagePool(("X", "O"), (np.zeros((2, 1, 28, 28), np.uint8), np.array([0, 1])))
    >>> pool.training[0].shape, pool.validation is None
    ((2, 1, 28, 28), True)
    """

    classes: tuple[str, ...]
    training: Pictures
    validation: Pictures | None = None
    test: Pictures | None = None
    groups: NDArray[np.int64] | None = None
    report: DecodingReport | None = None
    copies: NDArray[np.int64] | None = None
