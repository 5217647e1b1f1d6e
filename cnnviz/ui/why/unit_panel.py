"""The panel "What does a unit look for?": the real images that excite it most, and the image that maximises it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from cnnviz.attribution import AttributionError
from cnnviz.attribution.strongest import Patch, Peaks, looking_layers, strongest_patches, units_of
from cnnviz.core.edits import Edits
from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.data.image_sets import DataChoice, ImageSetError
from cnnviz.figures.image_strips import png_data_url
from cnnviz.figures.patch_images import outlined_image
from cnnviz.figures.theme import value_text
from cnnviz.i18n import _
from cnnviz.ui.app.caches import TrainedNetwork, edited_network, trained_network
from cnnviz.ui.app.plain_text import escape_markdown, show_info, show_warning
from cnnviz.ui.mount.image_grid import GridImage, mount_image_grid
from cnnviz.ui.why.maximise_panel import AskedUnit, show_maximised
from cnnviz.ui.why.panel_choices import PanelChoices
from cnnviz.ui.why.picture_sources import Pictures, choose_pictures
from cnnviz.ui.why.unit_answers import layer_in_view, peaks_in, score_layer
from cnnviz.web.selection import Selection

PATCHES = 8
Lay = Callable[[np.ndarray], None]  # puts an image on the table


def show_unit(
    network: str, edits: Edits, image: np.ndarray, selection: Selection, own: DataChoice | None, lay: Lay,
    choices: PanelChoices, *, key: str,
) -> None:  # fmt: skip
    """An expander; nothing is computed while it is closed. `image`: (channels, rows, cols) as the network reads it.

    selection: what is open in the explorer, which is asked about. own: the visitor's own pictures.
    """
    box = choices.panel("unit", _("What does a unit look for?"), ":material/travel_explore:", f"{key}_unit_box")
    if not box.open:
        return
    with box:
        try:
            _show(edited_network(trained_network(network), edits), image, selection, own, lay, choices, f"{key}_unit")
        except (AttributionError, DataMissing, DataBroken, ImageSetError) as error:
            show_warning(error)


def _show(
    chosen: TrainedNetwork, image: np.ndarray, selection: Selection, own: DataChoice | None, lay: Lay,
    choices: PanelChoices, key: str,
) -> None:  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        asked = _ask_unit(chosen, selection, choices, key)
        pictures = choose_pictures(chosen.recipe.key, own, chosen.recipe, image, choices, key=key)
    if pictures is None:
        st.caption(_("Until there are images, nothing is searched."))
        return
    with st.spinner(_("Running the network …"), show_time=True):
        peaks = peaks_in(chosen, asked.layer, pictures)
        patches = strongest_patches(chosen.graph, peaks, asked.channel, PATCHES)
    _show_patches(asked, peaks, patches, pictures, lay, key)
    best = (peaks.best(asked.channel), pictures.title)
    show_maximised(chosen, asked, image, pictures.images[patches[0].image], best, lay, choices, key=key)


def _ask_unit(chosen: TrainedNetwork, selection: Selection, choices: PanelChoices, key: str) -> AskedUnit:
    """A map of a layer, or a class: those that are open in the explorer, unless others are chosen."""
    layers, scores = looking_layers(chosen.graph), score_layer(chosen)
    first = layer_in_view(chosen, selection.layer)
    layer = choices.choose(
        st.selectbox,
        _("Layer"),
        layers,
        first,
        "unit_layer",
        f"{key}_layer_{selection.layer}",
        width=190,
        format_func=lambda name: _("{layer} (classes)", layer=name) if name == scores else name,
    )
    count = units_of(chosen.graph, layer)[0]
    channel = min(selection.channel, count - 1) if layer == first else 0
    at = f"{key}_{layer}_{selection.layer}_{selection.channel}"
    classes = chosen.recipe.classes
    if layer == scores and len(classes) == count:
        entry = choices.choose(
            st.selectbox,
            _("Class"),
            range(count),
            channel,
            "unit_map",
            f"{at}_class",
            only_for=("unit_layer", layer),
            width=130,
            format_func=classes.__getitem__,
        )
        return AskedUnit(layer, entry, _("the class {name}", name=classes[entry]), is_class=True)
    number = choices.number_input(
        _("Map"), 0, count - 1, channel, "unit_map", f"{at}_map", only_for=("unit_layer", layer), width=130
    )
    return AskedUnit(layer, number, _("{layer}, map {number}", layer=layer, number=number), is_class=False)


def _show_patches(asked: AskedUnit, peaks: Peaks, patches: list[Patch], pictures: Pictures, lay: Lay, key: str) -> None:
    """The images, each a button that puts it on the table, with the receptive field of the strongest unit outlined."""
    name = escape_markdown(asked.name)
    if peaks.is_same_everywhere(asked.channel):
        value = value_text(peaks.best(asked.channel))
        show_info(_("The largest value of {name} is {value} in every one of these images.", name=asked.name,
                    value=value))  # fmt: skip
        return
    if asked.is_class:
        headline = _(
            "**Strongest for {name}**, of {images}: the score is below each.", name=name, images=pictures.title
        )
    else:
        headline = _(
            "**Strongest for {name}**, of {images}: the frame is the receptive field of the unit whose value is below.",
            name=name, images=pictures.title,
        )  # fmt: skip
    st.markdown(headline)
    tiles = [
        GridImage(str(patch.image), png_data_url(_picture(pictures, asked, patch)), _words(asked, patch))
        for patch in patches
    ]
    take = partial(_take, pictures, lay)
    mount_image_grid(tiles, on_take=take, act=_("Look inside"), leads_to="table", key=f"{key}_patches")


def _take(pictures: Pictures, lay: Lay, number: str) -> None:
    lay(pictures.images[int(number)])


def _picture(pictures: Pictures, asked: AskedUnit, patch: Patch) -> bytes:
    return outlined_image(pictures.images[patch.image], None if asked.is_class else patch.box)


def _words(asked: AskedUnit, patch: Patch) -> str:
    value = value_text(patch.value)
    if asked.is_class or patch.box is None:
        return value
    return _("{value} (row {row}, column {col})", value=value, row=patch.unit.row, col=patch.unit.col)
