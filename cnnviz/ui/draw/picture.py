"""Beside a network that takes images as they are: the image with what was done to it, and the most likely classes."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cnnviz.data.rasterize import PreparedImage
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.models.zoo import Recipe
from cnnviz.ui.app.page_images import show_page_image
from cnnviz.ui.app.plain_text import escape_markdown

WIDTH = 160  # of the image on the page, in pixels
MOST = 5  # classes in the list
FEW = 12  # classes that the explorer shows with their names anyway


def show_picture(prepared: PreparedImage, has_words: bool = True, width: int = WIDTH) -> None:
    """The image in its colours, one pixel as one square, and what was done to it."""
    stage = prepared.stages[-1]
    picture = prepared.image[:3] if len(prepared.image) >= 3 else prepared.image[:1]
    rows, cols = picture.shape[1:]
    scale = max(1, width // max(rows, cols))
    levels = np.rint(255 * _to_unit(picture)).astype(np.uint8).repeat(scale, axis=1).repeat(scale, axis=2)
    show_page_image(levels.transpose(1, 2, 0).squeeze(), stage.name, width)
    if has_words:
        st.caption(escape_markdown(f"{stage.name}. {stage.note}"))


def _to_unit(picture: np.ndarray) -> np.ndarray:
    """Numbers of any size between 0 and 1; those that are there already stay as they are."""
    low, high = min(0.0, float(picture.min())), max(1.0, float(picture.max()))
    return (picture - low) / (high - low)


def show_likely(probabilities: np.ndarray, recipe: Recipe) -> None:
    """The most likely classes by their names, of networks with too many for names in the explorer."""
    if len(recipe.classes) <= FEW:
        return
    best = np.argsort(-probabilities, kind="stable")[:MOST]
    lines = [
        f"{place}. {escape_markdown(recipe.classes[at])}: {_unbroken(format_percent(float(probabilities[at])))}"
        for place, at in enumerate(best, start=1)
    ]
    st.markdown("\n".join([_("Most likely:"), "", *lines]))


def _unbroken(text: str) -> str:
    """A number and its unit stay in one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")
