"""What can lie on the table of a Draw page, made ready for its network: strokes, an upload, a picture that is known.

Refuses to know: sessions, widgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cnnviz.checks import sides
from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.data.image_sets import DataChoice
from cnnviz.data.rasterize import Prepared, Stage
from cnnviz.data.strokes import Sketch
from cnnviz.data.uploads import PictureError, as_png, fitted, from_picture, shrunk
from cnnviz.i18n import _
from cnnviz.models.zoo import Recipe
from cnnviz.ui.app import known_images
from cnnviz.ui.draw.show import preparation, prepare_sketch


@dataclass(frozen=True, eq=False)
class Table:
    """What lies on the table in this run, ready for the network."""

    prepared: Prepared
    sketch: Sketch | None = None
    digit: int | None = None
    truth: int | None = None  # what was written, where that is known
    problem: str = ""  # one sentence, where something on the table could not be used


def sketch_table(strokes: object, off: frozenset[str]) -> Table:
    """Strokes, as the pad gives them; `off`: the steps of the preparation that are switched off."""
    try:
        sketch = Sketch.from_record({"strokes": strokes})
    except ValueError as error:
        return empty_table(str(error))
    return Table(prepare_sketch(sketch, off), sketch)


def fit_to_keep(data: bytes, recipe: Recipe) -> bytes:
    """An uploaded file as the small file that a session keeps of it: `upload_table` makes the same of both.

    Raises: PictureError, one sentence, for a file that is broken, too large, or no picture.
    """
    return shrunk(data) if recipe.reads_drawings else as_png(fitted(data, recipe.input_shape))


def upload_table(data: bytes, off: frozenset[str], recipe: Recipe) -> Table:
    """An uploaded picture: its ink where the network reads drawings, else its middle in the network's size."""
    try:
        if not recipe.reads_drawings:
            return _picture_table(data, recipe)
        prepared = _prepared_upload(data, off)
    except PictureError as error:
        return empty_table(str(error), recipe)
    if prepared.has_ink:
        return Table(prepared)
    return Table(prepared, problem=_("No ink stands out in this picture: take one of dark ink on light paper"))


@lru_cache(maxsize=4)
def _prepared_upload(data: bytes, off: frozenset[str]) -> Prepared:
    """Decoded once, not at every click on a map."""
    return from_picture(data, preparation(off))


def _picture_table(data: bytes, recipe: Recipe) -> Table:
    picture = fitted(data, recipe.input_shape)
    size = sides(recipe.input_shape[1:])
    note = _("The middle of your picture, in the network's size: {size} pixels.", size=size)
    return Table(_as_it_is(picture, "uploaded", _("As uploaded"), note))


def known_table(network: str, index: int, recipe: Recipe, own: DataChoice | None = None) -> Table:
    """Picture number `index` of those that are known for the network."""
    try:
        known = known_images.find(network, index, own)
    except (DataMissing, DataBroken) as error:
        return empty_table(str(error), recipe)
    return Table(_as_it_is(known.picture, "known", known.title, known.note), digit=index, truth=known.truth)


def _as_it_is(picture: NDArray[np.uint8], key: str, name: str, note: str) -> Prepared:
    """A picture (channels, rows, cols) that needs no preparation."""
    stage = Stage(key, name, note, np.rint(picture.mean(axis=0)).astype(np.uint8))
    return Prepared(picture.astype(np.float32) / np.float32(255), (stage,), has_ink=True)


def empty_table(problem: str = "", recipe: Recipe | None = None) -> Table:
    """Nothing; `problem`: one sentence on what could not be laid there."""
    if recipe is None or recipe.reads_drawings:
        return Table(prepare_sketch(Sketch(())), problem=problem)
    return Table(Prepared(np.zeros(recipe.input_shape, np.float32), (), has_ink=False), problem=problem)
