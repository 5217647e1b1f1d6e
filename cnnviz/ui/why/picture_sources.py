"""Real images in which a unit's strongest places are looked for: sets on this machine, what is at hand, one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.data.datasets import STROKES_FILE, data_folder, pen_drawings
from cnnviz.data.digit_pools import rasterise_all, split_by_tablet
from cnnviz.data.example_images import EXAMPLES, draw_example
from cnnviz.data.gathered_images import gather_images
from cnnviz.data.held_out_images import HeldOutImages, held_out_digits, held_out_letters
from cnnviz.data.image_files import MAX_BYTES
from cnnviz.data.image_sets import DataChoice
from cnnviz.i18n import _, ngettext
from cnnviz.models.subjects import LETTERS
from cnnviz.models.zoo import Recipe
from cnnviz.ui.app.known_images import images_kept_apart, title_kept_apart
from cnnviz.ui.app.plain_text import show_info
from cnnviz.ui.draw import draw_state
from cnnviz.ui.draw.show import prepare_sketch
from cnnviz.ui.why.panel_choices import PanelChoices

MOST = 2_000  # images of a set
PICTURES = ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "npy", "zip"]


class PictureSource(StrEnum):
    """Where the images come from."""

    DATA = "data"  # what the network was tested on
    DIGITS = "digits"
    LETTERS = "letters"
    STROKES = "strokes"
    HAND = "hand"
    OWN = "own"


@dataclass(frozen=True, eq=False)
class Pictures:
    """Images (n, channels, rows, cols) in 0..1; `title`: so many of what."""

    images: np.ndarray
    title: str

    @property
    def mark(self) -> bytes:
        """What tells them from others."""
        return blake2b(self.images.tobytes(), digest_size=16).digest()


def choose_pictures(
    network: str, own: DataChoice | None, recipe: Recipe, image: np.ndarray, choices: PanelChoices, *, key: str
) -> Pictures | None:
    """The widgets, and the images that the reader chose; None until they brought some.

    own: the visitor's own pictures, where the network was trained on these. `image`: what lies on the table.
    Raises: DataMissing, DataBroken, ImageSetError; one sentence each.
    """
    labels = _labels()
    offered = _offered(network, own, recipe)
    source = choices.choose(
        st.selectbox,
        _("Among"),
        offered,
        offered[0],
        "unit_among",
        f"{key}_source",
        format_func=labels.__getitem__,
        width=260,
    )
    if source is PictureSource.OWN:
        return _uploaded(recipe, key)
    if source is PictureSource.HAND:
        return _at_hand(recipe, image)
    if source is PictureSource.DATA:
        return _of_its_data(network, own)
    return _SETS[source](data_folder())


def _labels() -> dict[PictureSource, str]:
    return {
        PictureSource.DATA: _("images that it was not trained on"),
        PictureSource.DIGITS: _("digits"),
        PictureSource.LETTERS: _("X and O"),
        PictureSource.STROKES: _("digits of unseen writers, as strokes"),
        PictureSource.HAND: _("our samples and your drawings"),
        PictureSource.OWN: _("your own files …"),
    }


def _offered(network: str, own: DataChoice | None, recipe: Recipe) -> list[PictureSource]:
    """The most fitting first."""
    found = [PictureSource.DATA] if images_kept_apart(network, own) is not None else []
    if recipe.reads_drawings:
        sets = [PictureSource.DIGITS, PictureSource.LETTERS]
        found += sets[::-1] if recipe.classes == LETTERS.classes else sets
        found += [PictureSource.STROKES] if (data_folder() / STROKES_FILE).is_file() else []
    return [*found, PictureSource.HAND, PictureSource.OWN]


def _of_its_data(network: str, own: DataChoice | None) -> Pictures:
    found = images_kept_apart(network, own)
    assert found is not None  # else it is not offered
    images = found.images[:MOST]
    return Pictures(images.astype(np.float32) / np.float32(255), title_kept_apart(len(images)))


@lru_cache(maxsize=2)
def _digits(_folder: Path) -> Pictures:
    return _held_out(held_out_digits(MOST))


@lru_cache(maxsize=2)
def _letters(_folder: Path) -> Pictures:
    return _held_out(held_out_letters(MOST))


def _held_out(found: HeldOutImages) -> Pictures:
    return Pictures(found.shown.images[:, None].astype(np.float32) / np.float32(255), found.title)


@lru_cache(maxsize=2)
def _strokes(_folder: Path) -> Pictures:
    drawings = split_by_tablet(pen_drawings()).held_out
    images = rasterise_all(drawings[:: max(1, len(drawings) // MOST)][:MOST]).images
    title = ngettext("{shown} digit of unseen writers", "{shown} digits of unseen writers", len(images),
                     shown=f"{len(images):,}")  # fmt: skip
    return Pictures(images[:, None].astype(np.float32) / np.float32(255), title)


_SETS: dict[PictureSource, Callable[[Path], Pictures]] = {
    PictureSource.DIGITS: _digits, PictureSource.LETTERS: _letters, PictureSource.STROKES: _strokes,
}  # fmt: skip


def _at_hand(recipe: Recipe, image: np.ndarray) -> Pictures:
    """Samples of ours, what lies on the table, and all that the visitor has drawn here."""
    found = [image, *_own_drawings()] if recipe.reads_drawings else [image]
    if recipe.reads_drawings:
        found += [prepare_sketch(sample.sketch).image for sample in recipe.subject.samples]  # as on the pad: none twice
    else:
        found += [draw_example(number, recipe.input_shape) / np.float32(255) for number in range(len(EXAMPLES))]
    images = np.unique(np.stack(found).astype(np.float32), axis=0)
    title = ngettext("{shown} image at hand", "{shown} images at hand", len(images), shown=f"{len(images):,}")
    return Pictures(images, title)


def _own_drawings() -> list[np.ndarray]:
    from cnnviz.ui.teach import own_network  # which brings all that trains: a visit without this panel does without

    tables = [draw_state.DIGITS.left(), draw_state.LETTERS.left()]
    on_tables = [each.prepared.image for each in tables if each is not None]
    return on_tables + [each.image[None] / np.float32(255) for each in own_network.drawings()]


def _uploaded(recipe: Recipe, key: str) -> Pictures | None:
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        files = st.file_uploader(
            _("Images, or a zip of images"), type=PICTURES, accept_multiple_files=True, key=f"{key}_files", width=420,
            max_upload_size=MAX_BYTES // 10**6,
        )  # fmt: skip
        folder = st.file_uploader(
            _("Or a folder"), type=PICTURES, accept_multiple_files="directory", key=f"{key}_folder", width=420,
            max_upload_size=MAX_BYTES // 10**6,
        )  # fmt: skip
    brought = [*files, *folder]
    if not brought:
        return None
    ids = [each.file_id for each in brought]
    taken: dict[str, Any] = st.session_state.setdefault(f"{key}_taken", {"ids": []})
    if taken["ids"] != ids:
        with st.spinner(_("Loading the images …")):
            found = gather_images(
                [(each.name, each.getvalue) for each in brought], recipe.input_shape, is_drawing=recipe.reads_drawings
            )
        taken.update(ids=ids, images=found.images, remark=found.remark)
    if taken["remark"]:
        show_info(taken["remark"])
    count = len(taken["images"])
    title = ngettext("{shown} image of yours", "{shown} images of yours", count, shown=f"{count:,}")
    return Pictures(taken["images"], title) if count else None
