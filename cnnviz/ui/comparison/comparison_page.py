"""The comparison on the screen: the two sides' images, then both networks beside each other."""

from __future__ import annotations

import streamlit as st

from cnnviz.core.edits import Edits
from cnnviz.core.edits.describe import describe_edit
from cnnviz.figures.theme import format_number
from cnnviz.i18n import _
from cnnviz.ui.app.browser_store import restore_stored, store_state
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.links import LinkedView
from cnnviz.ui.app.plain_text import escape_markdown, show_error
from cnnviz.ui.comparison.compared_view import ComparedTable, compute_comparison
from cnnviz.ui.comparison.comparison_state import ComparedWith, ComparisonState
from cnnviz.ui.comparison.linked_comparison import comparison_to_link
from cnnviz.ui.draw.contents import DrawingContents
from cnnviz.ui.draw.draw_state import DrawPageState
from cnnviz.ui.draw.inputs import choose_source
from cnnviz.ui.draw.picture import show_picture
from cnnviz.ui.mount.comparison import mount_comparison, opened_map
from cnnviz.web.selection import selection_from_json

PICTURE, PAD = 96, 190  # pixels of an image, of a sketch pad


def show_comparison(comparison: ComparisonState, title: str) -> None:
    """Side A is the table of the comparison; `title` is what its network is called."""
    with st.container(key=f"compared{comparison.table.suffix}"):
        one, other = _sides(comparison, title)
    table = comparison.table
    table.say_compared(comparison_to_link(comparison, other.contents))
    selection = selection_from_json(comparison.keep_opened(opened_map(comparison.view)))
    view = LinkedView(selection, one.contents.sketch, one.contents.digit, table.network, table.switched_off,
                      table.edits_done)  # fmt: skip
    mount_comparison(compute_comparison(one, other, view, table.link_others), key=comparison.view)


def _sides(comparison: ComparisonState, title: str) -> tuple[ComparedTable, ComparedTable]:
    table, left, right = comparison.table, *st.columns(2, gap="medium")
    edits, chosen = table.edits_in_force, trained_network(table.network)
    named = _("{title}, with your edits", title=title) if edits else title
    with left:
        contents = _show_input(table, "A")
    here = _image_title(contents)
    if comparison.compared_with is ComparedWith.IMAGE:
        other_table = _open_other(comparison)
        with right:
            other = _show_input(other_table, "B")
        for keepsake in other_table.keepsakes:
            store_state(keepsake)
        there = _image_title(other)
        return (ComparedTable(chosen, contents, here, edits, named, here),
                ComparedTable(chosen, other, there, edits, named, there))  # fmt: skip
    if comparison.compared_with is ComparedWith.EDITS:
        before, after = _("{title}, before your edits", title=title), _("{title}, after your edits", title=title)
        with right:
            _say_networks(before, after)
            _list_edits(table)
        return (ComparedTable(chosen, contents, before, Edits(), before, here),
                ComparedTable(chosen, contents, after, table.edits_done, after, here))  # fmt: skip
    network = comparison.network
    with right:
        _say_networks(named, network.title)
    beside = trained_network(network.open())
    return (ComparedTable(chosen, contents, named, edits, named, here),
            ComparedTable(beside, contents, network.title, Edits(), network.title, here))  # fmt: skip


def _open_other(comparison: ComparisonState) -> DrawPageState:
    """The table of side B, its images prepared by the same steps as those of side A."""
    other = comparison.other_table
    other.open({})
    for keepsake in other.keepsakes:
        restore_stored(keepsake)
    other.drawing["off"] = comparison.table.switched_off
    return other


def _show_input(table: DrawPageState, side: str) -> DrawingContents:
    """A side's image and where another one comes from."""
    reads_drawings = table.recipe.reads_drawings
    row = st.container(horizontal=True, vertical_alignment="top", gap="medium")
    with row.container(width=PAD if reads_drawings else PICTURE):
        contents = table.read()
        if not reads_drawings and contents.prepared.stages:
            show_picture(contents.prepared, has_words=False, width=PICTURE)
    with row.container(width="stretch"):
        st.markdown(_("**{side}**: {title}", side=side, title=escape_markdown(_image_title(contents))))
        if contents.problem:
            show_error(contents.problem)
        choose_source(table)
    return contents


def _image_title(contents: DrawingContents) -> str:
    """What an image is called."""
    if contents.sketch is not None:
        return _("your drawing")
    return contents.prepared.stages[-1].name if contents.prepared.stages else _("no image")


def _say_networks(one: str, other: str) -> None:
    """Which network stands on which side."""
    st.markdown(_("Both networks get the image on the left."))
    st.markdown("  \n".join(f"**{side}**: {escape_markdown(network)}" for side, network in (("A", one), ("B", other))))


def _list_edits(table: DrawPageState) -> None:
    """What was edited, a line each."""
    anatomy = trained_network(table.network).anatomy
    lines = [describe_edit(edit, anatomy, format_number) for edit in table.edits_done.done]
    st.caption("  \n".join(map(escape_markdown, lines)))
