"""Pictures that a link names by a number: MNIST's test images, and the hardest of the drawings for X and O.

They are prepared already, and what was written is known. All come from the data folder.
Refuses to know: sessions, widgets.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.datasets import DataBroken, DataMissing, has_mnist, mnist, random_digit
from cnnviz.data.drawn_pictures import DRAWN, draw_picture
from cnnviz.data.example_images import EXAMPLES, draw_example
from cnnviz.data.image_sets import DataChoice, ImageSet, ImageSetError, SetKey, load_images
from cnnviz.data.image_sets.birds import has_birds
from cnnviz.i18n import _, ngettext
from cnnviz.models.subjects import BIRDS, DIGITS, LETTERS
from cnnviz.models.zoo import find_recipe, is_own_key
from cnnviz.ui.app import hard_drawings
from cnnviz.ui.your_network import opened

TEST_IMAGES = 10_000


@dataclass(frozen=True, eq=False)
class KnownImage:
    """One picture: uint8 (channels, rows, cols), the class that it shows, and what the first step says of it.

    truth: None where no class is known.
    """

    picture: NDArray[np.uint8]
    truth: int | None
    title: str
    note: str


class Collection(Protocol):
    """The known pictures of one network."""

    def __len__(self) -> int:
        """How many there are; 0 where there are none on this machine."""
        ...

    def find(self, index: int) -> KnownImage:
        """Picture number `index`, below the length. Raises: DataMissing, DataBroken; one sentence each."""
        ...

    def any(self) -> int | None:
        """The number of one that is drawn by lot; None where they have to be fetched first."""
        ...

    def offer(self) -> tuple[str, str] | None:
        """What a button says that takes one, and its hint; None where there is none to take."""
        ...


class TestImages:
    """MNIST's test images, which can be fetched."""

    __test__ = False  # to pytest a class of this name would be tests

    def __len__(self) -> int:
        return TEST_IMAGES

    def find(self, index: int) -> KnownImage:
        """An image of the test set. Raises: DataMissing."""
        found = mnist("test")
        note = _("Image {index} of the MNIST test set: it is prepared already.", index=index)
        return KnownImage(found.images[index][None], int(found.labels[index]), _("MNIST {index}", index=index), note)

    def any(self) -> int | None:
        """One of them, where they are here."""
        return random_digit(secrets.randbits(32))[2] if has_mnist() else None

    def offer(self) -> tuple[str, str] | None:
        """Always there to be taken, or to be fetched."""
        if has_mnist():
            return _("Test image"), _("An image of MNIST that the network was not trained on")
        return _("Test image …"), _("MNIST is not on this machine yet: you can download it")


class HardDrawings:
    """The drawings for X and O that the shipped network finds hardest."""

    def __len__(self) -> int:
        return len(hard_drawings.hard_pictures())

    def find(self, index: int) -> KnownImage:
        """One of them. Raises: DataMissing where the file that was measured is not here."""
        if hard_drawings.place_of_case() is not hard_drawings.KnownImagePlace.THERE:
            raise DataMissing(_("The hard drawings are not on this machine: draw one, or take one of ours"))
        found, picture = hard_drawings.hardest_cases()[index], hard_drawings.hard_pictures()[index]
        note = _("Drawing {number} of the hardest ones by other people: it is prepared already.", number=index + 1)
        truth = LETTERS.classes.index(found.drawn)
        return KnownImage(picture[None], truth, _("Drawing {number}", number=index + 1), note)

    def any(self) -> int | None:
        """One of them."""
        return secrets.randbelow(len(self)) if len(self) else None

    def offer(self) -> tuple[str, str] | None:
        """Only where they are on this machine."""
        hint = _("One of the {count} drawings by other people that it finds hardest; all of them are below",
                 count=len(self))  # fmt: skip
        return (_("A hard one"), hint) if len(self) else None


class OfItsData:
    """Pictures of the data that a network of the reader's own was tested on. own: the visitor's own pictures."""

    def __init__(self, network: str, own: DataChoice | None) -> None:
        self._found = opened.find_opened(network).pictures(own)

    def __len__(self) -> int:
        return 0 if self._found is None else len(self._found)

    def find(self, index: int) -> KnownImage:
        """One of them. Raises: DataMissing where the data are not here."""
        found = self._found
        if found is None:
            raise DataMissing(_("The images that this network was tested on are not on this machine: use one of yours"))
        note = _("Image {index} of those that it was not trained on.", index=index)
        return KnownImage(found.images[index], int(found.labels[index]), _("Image {index}", index=index), note)

    def any(self) -> int | None:
        """One of them."""
        return secrets.randbelow(len(self)) if len(self) else None

    def offer(self) -> tuple[str, str] | None:
        """Only where they are on this machine."""
        hint = _("An image of its data that the network was not trained on")
        return (_("Test image"), hint) if len(self) else None


class Examples:
    """Images of ours for any network that takes 1 or more channels of any size: there is always something to see."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self._shape = shape

    def __len__(self) -> int:
        return len(EXAMPLES)

    def find(self, index: int) -> KnownImage:
        """One of them."""
        note = _("An example that was computed: use an image of your own.")
        return KnownImage(draw_example(index, self._shape), None, _("Example {number}", number=index + 1), note)

    def any(self) -> int | None:
        """One of them."""
        return secrets.randbelow(len(self))

    def offer(self) -> tuple[str, str] | None:
        """Always."""
        return _("Example"), _("One of {count} images that were computed", count=len(self))


class DrawnPictures:
    """Pictures of birds and airplanes that were drawn by code, then those of the data that it was not trained on."""

    def __len__(self) -> int:
        found = birds_kept_apart()
        return len(DRAWN) + (0 if found is None else len(found))

    def find(self, index: int) -> KnownImage:
        """One of ours, or of the data after them."""
        if index < len(DRAWN):
            note = _("Drawn by code for this page, no photo: use an image of your own.")
            return KnownImage(draw_picture(index), DRAWN[index][0], _("Picture {number}", number=index + 1), note)
        found, place = birds_kept_apart(), index - len(DRAWN)
        if found is None:
            raise DataMissing(_("Birds and airplanes are not on this machine: use an image of yours"))
        note = _("Image {index} of those that it was not trained on.", index=place)
        return KnownImage(found.images[place], int(found.labels[place]), _("Image {index}", index=place), note)

    def any(self) -> int | None:
        """One of ours or, where there are such, one of the data as often."""
        of_data = len(self) - len(DRAWN)
        if of_data and secrets.randbelow(2):
            return len(DRAWN) + secrets.randbelow(of_data)
        return secrets.randbelow(len(DRAWN))

    def offer(self) -> tuple[str, str] | None:
        """Always."""
        if len(self) > len(DRAWN):
            return _("Example"), _("A picture drawn by code, or a photo that the network was not trained on")
        return _("Example"), _("One of {count} pictures of birds and airplanes, drawn by code", count=len(DRAWN))


def birds_kept_apart() -> ImageSet | None:
    """The images on which the published accuracy was measured; None where they are not on this machine."""
    try:
        return load_images(DataChoice(SetKey.BIRDS)).validation if has_birds() else None
    except (DataMissing, DataBroken, ImageSetError):
        return None


def images_kept_apart(network: str, own: DataChoice | None) -> ImageSet | None:
    """Labelled images that `network` was not trained on, of those that are read as they are; None where there are none.

    own: the visitor's own pictures, where the network was trained on these.
    """
    if is_own_key(network):
        return opened.find_opened(network).pictures(own)
    return _KEPT_APART[network]() if network in _KEPT_APART else None


def title_kept_apart(count: int) -> str:
    """So many of them, in words."""
    return ngettext("{shown} image that it was not trained on", "{shown} images that it was not trained on", count,
                    shown=f"{count:,}")  # fmt: skip


_KEPT_APART = {BIRDS.network: birds_kept_apart}
COLLECTIONS: dict[str, Collection] = {  # by the first network of a subject: all of them have the same ones
    DIGITS.network: TestImages(), LETTERS.network: HardDrawings(), BIRDS.network: DrawnPictures(),
}  # fmt: skip


def collection(network: str, own: DataChoice | None = None) -> Collection:
    """The known pictures for `network`. own: the visitor's own pictures, for their network."""
    if not is_own_key(network):
        return COLLECTIONS[find_recipe(network).subject.network]
    found = OfItsData(network, own)
    recipe = opened.find_opened(network).recipe
    return found if len(found) or recipe.reads_drawings else Examples(recipe.input_shape)


def count_known_images(network: str, own: DataChoice | None = None) -> int:
    """How many there are for `network`; 0 where there are none."""
    return len(collection(network, own))


def find_known_image(network: str, index: int, own: DataChoice | None = None) -> KnownImage:
    """Picture number `index` for `network`. Raises: DataMissing, DataBroken; one sentence each."""
    found = collection(network, own)
    if len(found) and not 0 <= index < len(found):
        raise DataBroken(
            _("image must be one of {count}, got number {index}: choose another", count=len(found), index=index)
        )
    return found.find(index)
