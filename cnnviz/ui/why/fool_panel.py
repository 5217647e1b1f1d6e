"""The panel "Fool it": the smallest change that was found of what lies on the table, for another class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from cnnviz.attribution import AttributionError
from cnnviz.attribution.fooling import Fooled
from cnnviz.core.edits import Edits
from cnnviz.figures.theme import format_percent, value_text
from cnnviz.i18n import _
from cnnviz.models.decision import softmax
from cnnviz.ui.app.caches import TrainedNetwork, edited_network, trained_network
from cnnviz.ui.app.plain_text import escape_markdown, show_warning
from cnnviz.ui.mount.attribution import mount_attribution
from cnnviz.ui.why.panel_choices import PanelChoices
from cnnviz.ui.why.unit_answers import fooled
from cnnviz.ui.why.why_answers import is_small
from cnnviz.web.attribution import NumberPicture, pictures_packet

JUST = 0.0  # no probability: more than any other class
LEAST = (JUST, 0.5, 0.9, 0.99)


def show_fool(
    network: str, edits: Edits, image: np.ndarray, probabilities: np.ndarray, lay: Callable[[np.ndarray], None],
    choices: PanelChoices, *, key: str,
) -> None:  # fmt: skip
    """An expander; nothing is computed while it is closed. `image`: (channels, rows, cols) as the network reads it.

    probabilities: (classes,), those that the page shows. `lay` puts an image on the table.
    """
    box = choices.panel("fool", _("Fool it"), ":material/theater_comedy:", f"{key}_fool_box")
    if not box.open or len(probabilities) < 2:
        return
    with box:
        try:
            _show(edited_network(trained_network(network), edits), image, probabilities, lay, choices, f"{key}_fool")
        except AttributionError as error:
            show_warning(error)


def _show(
    chosen: TrainedNetwork, image: np.ndarray, probabilities: np.ndarray, lay: Callable[[np.ndarray], None],
    choices: PanelChoices, key: str,
) -> None:  # fmt: skip
    classes = chosen.recipe.classes
    order = [int(at) for at in np.argsort(-probabilities, kind="stable")]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        target = choices.choose(
            st.selectbox,
            _("Make it"),
            order[1:],
            order[1],
            "fool_class",
            f"{key}_target_{order[0]}",
            format_func=classes.__getitem__,
            width=150,
        )
        least = choices.choose(
            st.select_slider,
            _("How sure"),
            LEAST,
            JUST,
            "fool_sure",
            f"{key}_least",
            width=260,
            format_func=lambda share: _("just more than any other") if share == JUST else format_percent(share, 0),
        )
        is_asked = is_small(chosen) or st.toggle(_("Run the network some hundred times"), key=f"{key}_go")
    if not is_asked:
        return
    with st.spinner(_("Running the network …"), show_time=True):
        made = fooled(chosen, image, target, least or None)
    _show_pictures(made, key)
    st.markdown(_in_words(made, chosen))
    st.button(_("Look inside"), icon=":material/input:", key=f"{key}_lay", on_click=lay, args=(made.changed,))


def _show_pictures(made: Fooled, key: str) -> None:
    span = (min(0.0, float(made.image.min())), max(1.0, float(made.image.max())))
    pictures = [
        NumberPicture("image", made.image.mean(axis=0), _("the image"), _("image"), span=span),
        NumberPicture("change", made.change.mean(axis=0), _("the change"), _("change"), (_("darker"), _("lighter"))),
        NumberPicture("changed", made.changed.mean(axis=0), _("both together"), _("together"), span=span),
    ]
    mount_attribution(pictures_packet(pictures), key=f"{key}_pictures")


def _in_words(made: Fooled, chosen: TrainedNetwork) -> str:
    classes = chosen.recipe.classes
    name = escape_markdown(classes[made.target])
    if not made.is_found:
        return _("No change was found that makes it {name}: this is how far the search came.", name=name)
    said = _(
        "Now it is **{name}** ({probability}). Size of the change: {distance} (L2; the image itself: {size}); {pixels} "
        "of {all} pixels change by more than half a level of grey, by {largest} at most.",
        name=name, probability=_percent(made.scores, made.target), distance=value_text(made.distance),
        size=value_text(float(np.sqrt((made.image.astype(np.float64) ** 2).sum()))), pixels=made.pixels,
        all=made.image[0].size, largest=value_text(made.largest),
    )  # fmt: skip
    best = int(made.just_short.argmax())
    short = _("With a hundredth less of the change it is {name} ({probability}).", name=escape_markdown(classes[best]),
              probability=_percent(made.just_short, best))  # fmt: skip
    said = f"{said}  \n{short} " + _("No smaller change was found; there may be one.")
    if not chosen.manifest.rule.accepts(softmax(made.scores[None])[0]):
        said += "  \n" + _(
            "So low a probability is not recognised as any class: raise “How sure” to fool that rule, too."
        )
    return said


def _percent(scores: np.ndarray, entry: int) -> str:
    return format_percent(float(softmax(scores[None])[0][entry]))
