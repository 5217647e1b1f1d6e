"""The table of a Draw page on the screen: pad, steps and shelf on the left, the network on the right."""

from __future__ import annotations

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app.browser_store import restore_stored, store_state
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.plain_text import show_error, show_warning
from cnnviz.ui.comparison.comparison_page import show_comparison
from cnnviz.ui.comparison.comparison_state import ComparedWith, ComparisonState
from cnnviz.ui.comparison.linked_comparison import comparison_to_link, drop_gone, open_comparison
from cnnviz.ui.draw.contents import DrawingContents
from cnnviz.ui.draw.draw_state import DrawPageState
from cnnviz.ui.draw.inputs import choose_source
from cnnviz.ui.draw.picture import show_likely, show_picture
from cnnviz.ui.draw.show import ShownView
from cnnviz.ui.draw.table_view import look_at
from cnnviz.ui.mount.answers import mount_answers
from cnnviz.ui.mount.explorer import mount_explorer
from cnnviz.ui.mount.preprocessing import mount_preprocessing
from cnnviz.ui.mount.sketchpad import stamp
from cnnviz.ui.why.fool_panel import show_fool
from cnnviz.ui.why.panel import Where, show_why
from cnnviz.ui.why.panel_choices import PanelChoices
from cnnviz.ui.why.push_panel import show_push
from cnnviz.ui.why.reliability_panel import show_reliability
from cnnviz.ui.why.unit_panel import show_unit


@st.fragment
@show_errors
def show_draw_page(
    bench: DrawPageState, hint: str = "", title: str = "", beside: tuple[DrawPageState, ...] = ()
) -> None:
    """The part that answers to pad, steps, shelf and explorer, without the rest of the page.

    Above it stands the button that begins a comparison (`choose_comparison`). `hint` stands below the shelf: what its
    buttons and the explorer's do. `title`: what the network is called, "": as usual. `beside`: the tables of networks
    whose answers to the same drawing stand beside its own.
    """
    kept = {one.name: one for table in (bench, *beside) for one in table.keepsakes}.values()
    for keepsake in kept:
        restore_stored(keepsake)
    if trained_network(bench.network).stopped:
        _show_explorer(bench, hint, title)
    else:
        _show_comparable(bench, hint, title, beside)
    for keepsake in kept:
        store_state(keepsake)


def _show_comparable(bench: DrawPageState, hint: str, title: str, beside: tuple[DrawPageState, ...]) -> None:
    """The network by itself, or beside what it is compared with."""
    comparison = ComparisonState(bench)
    open_comparison(comparison)
    if _is_restored(comparison):
        st.rerun()  # all of the page: what stands above ends it
    drop_gone(comparison)
    if comparison.compared_with is ComparedWith.NOTHING:
        bench.say_compared(comparison_to_link(comparison))
        _say_missing(comparison)
        _show_explorer(bench, hint, title, beside)
    else:
        show_comparison(comparison, title or bench.recipe.title)
    store_state(comparison.keepsake)


def _is_restored(comparison: ComparisonState) -> bool:
    """Whether the browser has brought a comparison back in this run."""
    before = comparison.compared_with
    restore_stored(comparison.keepsake)
    return comparison.compared_with is not before


def _say_missing(comparison: ComparisonState) -> None:
    """What a link wanted to be compared and is not here."""
    if problem := comparison.state["missing"]:
        said = _(
            "The link compares with another network, to be brought under “Compare with …”. {problem}", problem=problem
        )
        show_warning(said, icon=":material/link_off:")


def _show_explorer(bench: DrawPageState, hint: str, title: str, beside: tuple[DrawPageState, ...] = ()) -> None:
    choices = bench.panels
    said = choices.begin()
    bench.say_panels(said)
    left, right = st.container(key="table").columns([1, 3.4], gap="large")
    with left:
        on_table = bench.read()
        if on_table.problem:
            show_error(on_table.problem)
    shown = look_at(bench, on_table, title, beside)
    with left:
        if bench.recipe.reads_drawings:
            _show_pixels(bench, on_table)  # above the steps, of which one more comes with the first pixel
        if bench.recipe.reads_drawings or not on_table.prepared.stages:
            mount_preprocessing(shown.steps, key=bench.stages)
        else:
            show_picture(on_table.prepared)
        choose_source(bench)
        if not bench.recipe.reads_drawings:
            show_likely(shown.probabilities, bench.recipe)
        if hint:
            st.caption(hint)
    with right:
        if shown.answers is not None:
            mount_answers(shown.answers, stamp(bench.pad), key=f"both{bench.pad}")
        mount_explorer(shown.explorer, key=bench.explorer)
    if shown.probabilities.size:  # a network that stops half-way has no answer
        _show_panels(bench, on_table, shown, choices)
    if choices.end(said):
        st.rerun()  # the pad and the explorer, which hold the link, stand above


def _show_panels(bench: DrawPageState, on_table: DrawingContents, shown: ShownView, choices: PanelChoices) -> None:
    """What can be asked about the answer: each closed until it is opened."""
    network, image, edits = bench.network, on_table.prepared.image, bench.edits_in_force
    probabilities, key = shown.probabilities, f"why{bench.suffix}"
    show_why(network, edits, image, probabilities, Where(shown.selection, stamp(bench.pad)), choices, key=key)
    show_push(network, edits, image, choices, key=key)
    show_reliability(network, edits, image, bench.own, choices, key=key)
    show_unit(network, edits, image, shown.selection, bench.own, bench.lay_array, choices, key=key)
    show_fool(network, edits, image, probabilities, bench.lay_array, choices, key=key)


def _show_pixels(bench: DrawPageState, on_table: DrawingContents) -> None:
    """The input, pixel by pixel, where the reader asks for it."""
    box = st.expander(
        _("Set pixels by hand"), icon=":material/grid_on:", key=f"{bench.pixels.key}_box", on_change="rerun"
    )
    if box.open:
        with box:
            bench.pixels.show(on_table)
