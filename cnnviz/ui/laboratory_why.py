"""Why convolutions: shift the picture, and the map shifts with it; what pooling forgives; how few parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnviz.figures.theme import PALETTES, Palette, percent
from cnnviz.figures.tiles import tile
from cnnviz.laboratory.kernels import PRESETS, find_preset
from cnnviz.laboratory.pictures import DRAWING, Picture, find_picture
from cnnviz.laboratory.settings import PaddingMode, Setup
from cnnviz.laboratory.shifts import Shifted, change_after_pooling, dense_parameters, shifted
from cnnviz.laboratory.sizes import parameters
from cnnviz.messages import _
from cnnviz.ui import laboratory

PICTURES = (DRAWING, "face", "bars", "checkerboard")
FURTHEST = 8
POOLED = (1, 2, 4)


@dataclass(frozen=True)
class Counts:
    """Parameters of a layer with as many maps, convolutional and fully connected."""

    convolution: int
    dense: int


def why() -> None:
    """The part of the page: shift, compare, count."""
    setup, down, right = _ask()
    made = shifted(setup, down, right)
    palette = PALETTES.get(st.context.theme.type or "light", PALETTES["light"])
    _maps(made, setup, palette)
    _verdict(made)
    st.markdown("###### " + _("What pooling forgives"))
    for column, side in zip(st.columns(len(POOLED)), POOLED, strict=True):
        name = _("without pooling") if side == 1 else _("after max pooling {side}×{side}", side=side)
        column.metric(name, percent(change_after_pooling(setup, down, right, side)))
    st.caption(
        _("How much of the map changes with this shift: 0 % is nothing, at 100 % the two have nothing in common. "
          "A window that asks only for its largest value does not care where in it that stands.")
    )  # fmt: skip
    _parameters(setup)


def _ask() -> tuple[Setup, int, int]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = st.selectbox(_("Picture"), PICTURES, format_func=_picture_name, key="why_picture", width=220)
        key = st.selectbox(
            _("Kernel"), [preset.key for preset in PRESETS], format_func=lambda preset: find_preset(preset).title,
            index=[preset.key for preset in PRESETS].index("vertical"), key="why_kernel", width=200,
        )  # fmt: skip
        right = st.slider(_("Shift to the right"), -FURTHEST, FURTHEST, 3, key="why_right", width=220)
        down = st.slider(_("Shift down"), -FURTHEST, FURTHEST, 2, key="why_down", width=220)
        wraps = st.toggle(_("The border joins the other side"), key="why_wraps")
    picture = Picture(DRAWING, laboratory.drawing()) if name == DRAWING else find_picture(name)
    preset = find_preset(key)
    kernel = preset.fitted(*preset.natural)[None, None]
    mode = PaddingMode.CIRCULAR if wraps else PaddingMode.ZEROS
    return Setup(picture=picture, kernel=kernel, is_same=True, padding_mode=mode), down, right


def _picture_name(key: str) -> str:
    return _("the drawing, 28×28") if key == DRAWING else find_picture(key).title


def _maps(made: Shifted, setup: Setup, palette: Palette) -> None:
    """Above the picture before and after, below the map shifted and the map of the shifted picture."""
    reach = float(np.abs(made.before).max()) or 1.0
    low, high = setup.picture.span
    shown = (
        (_("picture, shifted"), tile(made.picture[0], palette.inputs, low, high)),
        (_("its map"), tile(made.after[0], palette.activations, -reach, reach)),
        (_("the first map, shifted; dots: differs"),
         tile(made.moved[0], palette.activations, -reach, reach, marked=made.differs)),
    )  # fmt: skip
    for column, (caption, pixels) in zip(st.columns(3, gap="large"), shown, strict=True):
        column.image(pixels, caption=caption, width="stretch")


def _verdict(made: Shifted) -> None:
    """One sentence: the same, or where not."""
    count, inside = int(made.differs.sum()), int((made.differs & ~made.border).sum())
    if count == 0:
        st.success(_("Both maps are the same: a convolution does not care where a thing is. That is equivariance."))
        return
    st.info(
        _("{count} of {total} cells differ, {inside} of them away from the border: what came in or went out there made "
          "the difference. Everywhere else the map has simply moved along.",
          count=count, total=made.differs.size, inside=inside)
    )  # fmt: skip


def counts(setup: Setup, maps: int = 16) -> Counts:
    """Parameters of a layer with `maps` maps of this picture: as a convolution with a bias, and fully connected."""
    kernel = np.repeat(np.asarray(setup.kernel), maps, axis=0)
    layer = Setup(picture=setup.picture, kernel=kernel, bias=np.zeros(maps), is_same=True)
    return Counts(parameters(layer), dense_parameters(layer))


def _parameters(setup: Setup) -> None:
    st.markdown("###### " + _("How many parameters?"))
    found = counts(setup)
    left, right = st.columns(2)
    left.metric(_("16 maps by convolution"), f"{found.convolution:,}")
    right.metric(_("the same maps fully connected"), f"{found.dense:,}")
    st.caption(
        _("A convolution looks at a small window only, with the same weights everywhere. A fully connected layer has a "
          "weight of its own from every cell to every cell, and must learn every place anew.")
    )  # fmt: skip
