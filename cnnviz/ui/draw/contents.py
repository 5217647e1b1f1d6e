"""What can lie on the table of a Draw page, made ready for its network: strokes, an upload, a picture that is known.

Refuses to know: sessions, widgets.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cnnviz.checks import sides
from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.data.fitted_images import NUMPY, Fit, array_from_file, fit_to_network
from cnnviz.data.image_sets import DataChoice
from cnnviz.data.pixel_edits import PixelEdits
from cnnviz.data.rasterize import PreparedImage, PreprocessingStage
from cnnviz.data.strokes import Sketch
from cnnviz.data.uploads import ImageFileError, fit_levels, preprocess_upload, read_grey
from cnnviz.i18n import _
from cnnviz.models.zoo import Recipe
from cnnviz.ui.app import known_images
from cnnviz.ui.draw.show import preparation, prepare_sketch


@dataclass(frozen=True, eq=False)
class DrawingContents:
    """What lies on the table in this run, ready for the network."""

    prepared: PreparedImage
    sketch: Sketch | None = None
    digit: int | None = None
    truth: int | None = None  # what was written, where that is known
    problem: str = ""  # one sentence, where something on the table could not be used
    pixels: PixelEdits = field(default_factory=PixelEdits)  # that are set by hand in `prepared`
    drawn: NDArray[np.float32] | None = None  # the image before they were, where any are

    def with_pixels(self, pixels: PixelEdits) -> DrawingContents:
        """The same with pixels set by hand, where the network reads drawings."""
        prepared = pixels.applied_to(self.prepared)
        if prepared is self.prepared:
            return self
        return replace(self, prepared=prepared, pixels=pixels, drawn=self.prepared.image)


def contents_of_sketch(strokes: object, off: frozenset[str]) -> DrawingContents:
    """Strokes, as the pad gives them; `off`: the steps of the preparation that are switched off."""
    try:
        sketch = Sketch.from_record({"strokes": strokes})
    except ValueError as error:
        return empty_contents(str(error))
    return DrawingContents(prepare_sketch(sketch, off), sketch)


def shrink_to_store(data: bytes, recipe: Recipe, fit: Fit = Fit.CENTRE) -> bytes:
    """An uploaded file as the small file that a session keeps of it: `contents_of_upload` makes the same of both.

    Raises: ImageFileError, one sentence, for a file that is broken, too large, or no picture.
    """
    return fit_to_network(data, recipe.input_shape, fit, is_drawing=recipe.reads_drawings)


def check_stored(data: bytes, recipe: Recipe) -> None:
    """Whether a file from a browser can be one that `shrink_to_store` made. Raises: ImageFileError."""
    if data.startswith(NUMPY):
        array_from_file(data, recipe.input_shape)
    else:
        read_grey(data)


def contents_of_upload(data: bytes, off: frozenset[str], recipe: Recipe, fit: Fit = Fit.CENTRE) -> DrawingContents:
    """An uploaded picture: its ink where the network reads drawings, else the picture in the network's size."""
    try:
        if data.startswith(NUMPY) or not recipe.reads_drawings:
            return _picture_table(data, recipe, fit)
        prepared = _prepared_upload(data, off)
    except ImageFileError as error:
        return empty_contents(str(error), recipe)
    if prepared.has_ink:
        return DrawingContents(prepared)
    return DrawingContents(
        prepared, problem=_("No ink was found in this image: choose one with dark ink on light paper")
    )


@lru_cache(maxsize=4)
def _prepared_upload(data: bytes, off: frozenset[str]) -> PreparedImage:
    """Decoded once, not at every click on a map."""
    return preprocess_upload(data, preparation(off))


def _picture_table(data: bytes, recipe: Recipe, fit: Fit) -> DrawingContents:
    size = sides(recipe.input_shape[1:])
    if data.startswith(NUMPY):
        values, note = array_from_file(data, recipe.input_shape), _("Your array as it is: {size} cells.", size=size)
        stage = PreprocessingStage("uploaded", _("As uploaded"), note, _as_levels(values.mean(axis=0)))
        return DrawingContents(PreparedImage(values, (stage,), has_ink=True))
    picture = fit_levels(data, recipe.input_shape)  # a picture that is kept has the right size already
    note = {
        Fit.CENTRE: _("The centre of your image, at the network's input size: {size} pixels.", size=size),
        Fit.WHOLE: _("Your whole image, resized to the network's input size: {size} pixels.", size=size),
    }[fit]
    return DrawingContents(_as_it_is(picture, "uploaded", _("As uploaded"), note))


def _as_levels(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Any numbers as greys, the lowest black and the highest white."""
    low, high = float(values.min()), float(values.max())
    scale = 255 / (high - low) if high > low else 0.0
    return np.rint((values - low) * scale).astype(np.uint8)


def contents_of_known_image(network: str, index: int, recipe: Recipe, own: DataChoice | None = None) -> DrawingContents:
    """Picture number `index` of those that are known for the network."""
    try:
        known = known_images.find_known_image(network, index, own)
    except (DataMissing, DataBroken) as error:
        return empty_contents(str(error), recipe)
    return DrawingContents(_as_it_is(known.picture, "known", known.title, known.note), digit=index, truth=known.truth)


def _as_it_is(picture: NDArray[np.uint8], key: str, name: str, note: str) -> PreparedImage:
    """A picture (channels, rows, cols) that needs no preparation."""
    stage = PreprocessingStage(key, name, note, np.rint(picture.mean(axis=0)).astype(np.uint8))
    return PreparedImage(picture.astype(np.float32) / np.float32(255), (stage,), has_ink=True)


def empty_contents(problem: str = "", recipe: Recipe | None = None) -> DrawingContents:
    """Nothing; `problem`: one sentence on what could not be laid there."""
    if recipe is None or recipe.reads_drawings:
        return DrawingContents(prepare_sketch(Sketch(())), problem=problem)
    return DrawingContents(PreparedImage(np.zeros(recipe.input_shape, np.float32), (), has_ink=False), problem=problem)
