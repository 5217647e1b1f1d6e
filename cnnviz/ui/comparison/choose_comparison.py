"""The button "Compare with …": another image, another network on the same image, edits; how a comparison ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.i18n import _
from cnnviz.models.importers.network_files import READERS
from cnnviz.models.importers.state_dict import ENDINGS as WEIGHTS
from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.app.uploaded import take_file
from cnnviz.ui.comparison.comparison_state import REFUSALS, ComparedWith, ComparisonState, NetworkFile
from cnnviz.ui.comparison.linked_comparison import missing_reading, open_comparison
from cnnviz.ui.comparison.networks_beside import networks_beside, open_beside

MOST_MB = 200


def choose_comparison(comparison: ComparisonState) -> None:
    """The button that begins a comparison, and in one the button that ends it."""
    open_comparison(comparison)
    name = f"compare{comparison.table.suffix}_{comparison.state.get('begun', 0)}"
    box = st.popover(_("Compare with …"), icon=":material/compare:", key=name, on_change="rerun")
    if box.open:  # what could stand beside it takes a while to find
        with box:
            _choose_image(comparison, name)
            _choose_network(comparison, name)
            _bring_file(comparison, name)
    if comparison.compared_with is not ComparedWith.NOTHING:
        st.button(
            _("End the comparison"), icon=":material/close:", key=f"{name}_end", type="primary",
            on_click=comparison.end,
        )  # fmt: skip


def _choose_image(comparison: ComparisonState, name: str) -> None:
    """What needs no other network."""
    table = comparison.table
    ways: list[tuple[str, str, str, Callable[[], None]]] = [
        ("image", _("Another image, in this network"), ":material/image:", comparison.begin_image)
    ]
    if table.recipe.reads_drawings:
        ways += [("copy", _("This drawing, to change one of the two"), ":material/draw:", comparison.begin_copy)]
    if table.edits_done:
        ways += [("edits", _("Your edits: before and after"), ":material/tune:", comparison.begin_edits)]
    for key, words, icon, begin in ways:
        st.button(words, icon=icon, key=f"{name}_{key}", width="stretch", on_click=_begin, args=(comparison, begin))


def _begin(comparison: ComparisonState, begin: Callable[[], None]) -> None:
    begin()
    _close(comparison)


def _close(comparison: ComparisonState) -> None:
    """The button's list has another name in the next run: it is closed."""
    comparison.state["begun"] = comparison.state.get("begun", 0) + 1


def _choose_network(comparison: ComparisonState, name: str) -> None:
    offers = {str(at): offer for at, offer in enumerate(networks_beside(comparison))}
    if not offers:
        return
    st.selectbox(
        _("Another network, on this image"), list(offers), index=None, placeholder=_("Choose a network"),
        format_func=lambda at: offers[at].title if at in offers else "", key=f"{name}_network",
        on_change=_begin_chosen, args=(comparison, offers, f"{name}_network"),
    )  # fmt: skip
    problem = comparison.state.pop("problem", "")
    if problem:
        show_error(problem)


def _begin_chosen(comparison: ComparisonState, offers: dict[str, NetworkFile], widget: str) -> None:
    chosen = offers.get(str(st.session_state.get(widget)))
    if chosen is None:
        return
    try:
        comparison.begin_network(chosen)
    except REFUSALS as error:
        comparison.state["problem"] = str(error)
    else:
        _close(comparison)


def _bring_file(comparison: ComparisonState, name: str) -> None:
    endings = [ending.removeprefix(".") for ending in (*READERS, *WEIGHTS)]
    file = st.file_uploader(
        _("Or a file: another network, or other weights of this one"), type=endings, key=f"{name}_file",
        max_upload_size=MOST_MB,
    )  # fmt: skip

    def take(found: Any) -> None:
        asked = missing_reading(comparison)
        made = open_beside(comparison.table.network, found.getvalue(), found.name, asked)
        comparison.begin_network(made)

    if take_file(file, name, take, REFUSALS):
        _close(comparison)
        st.rerun()
