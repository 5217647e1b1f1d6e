"""A comparison as a link carries it: what stands on side B, and how a network from outside is read there.

A link holds no file: of a network that is not open here it says what somebody has to bring. Side A is the rest of the
link. Refuses to know: widgets.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from cnnviz.models.zoo import is_own_key, network_keys
from cnnviz.ui.app.caches import recipe_of
from cnnviz.ui.app.links import SIDE_B, image_to_link, view_from_link
from cnnviz.ui.comparison.comparison_state import REFUSALS, ComparedWith, ComparisonState, NetworkFile, NotComparable
from cnnviz.ui.draw.contents import DrawingContents
from cnnviz.ui.your_network import opened
from cnnviz.ui.your_network.linked_reading import LinkedReading, reading_from_link, reading_to_link

COMPARE = "compare"  # its value: one of `ComparedWith`


def open_comparison(comparison: ComparisonState) -> None:
    """At the first run of a session: begin what the page's address says, where it leads to this table."""
    query = st.query_params.to_dict()
    if comparison.is_open:
        return
    comparison.state  # noqa: B018 - from now on it is open
    if view_from_link(query).network == comparison.table.network:
        follow_link(comparison, query)


def follow_link(comparison: ComparisonState, query: Mapping[str, str]) -> None:
    """Begin the comparison that `query` asks for; junk asks for nothing, and what is not here is said."""
    said = query.get(COMPARE, "")
    if said == ComparedWith.IMAGE:
        comparison.begin_image(of_side_b(query))
    elif said == ComparedWith.EDITS:
        comparison.begin_edits()
    elif said == ComparedWith.NETWORK:
        try:
            if (found := network_of_link(of_side_b(query))) is not None:
                comparison.begin_network(found)
        except REFUSALS as error:
            asked = {name: value for name, value in query.items() if name == COMPARE or name.endswith(SIDE_B)}
            comparison.miss(asked, str(error))


def of_side_b(query: Mapping[str, str]) -> dict[str, str]:
    """What a link says of side B, by the names that it has for a table."""
    return {name.removesuffix(SIDE_B): value for name, value in query.items() if name.endswith(SIDE_B)}


def network_of_link(said: Mapping[str, str]) -> NetworkFile | None:
    """The network that a link names, opened from the link alone where that is all; None for junk.

    Raises: NotOpened, NotComparable with what somebody has to bring; ImportedNetworkError, GraphError.
    """
    key = said.get("network", "")
    if key in network_keys():
        return NetworkFile(key, recipe_of(key).title)
    if not is_own_key(key):
        return None
    try:
        return _opened_file(key)
    except opened.NotOpened:
        reading = reading_from_link(said)
        if reading is None:
            raise
        if (source := reading.random_source()) is None:
            raise NotComparable(reading.words) from None
        return _opened_file(opened.put_source(source))


def _opened_file(key: str) -> NetworkFile:
    """A network that is open here. Raises: NotOpened."""
    found = opened.find_opened(key)
    if found.source is None:  # of a file saved here, whose bytes nobody keeps but who brought it
        return NetworkFile(key, found.recipe.title)
    return NetworkFile(key, found.recipe.title, found.source.content, found.source.to_record())


def drop_gone(comparison: ComparisonState) -> None:
    """End a comparison with a network that is not in memory any more and cannot be opened again: it is missing then."""
    if comparison.compared_with is not ComparedWith.NETWORK:
        return
    try:
        comparison.network.open()
    except REFUSALS as error:
        asked = comparison_to_link(comparison)
        comparison.end()
        comparison.miss(asked, str(error))


def missing_reading(comparison: ComparisonState) -> LinkedReading | None:
    """How the network that a link asked for and nobody has brought yet is read; None where nothing is missing."""
    return reading_from_link(of_side_b(comparison.state["asked"]))


def comparison_to_link(comparison: ComparisonState, other: DrawingContents | None = None) -> dict[str, str]:
    """What the page's link says of the comparison. other: what lies on side B, where that is another image."""
    kind = comparison.compared_with
    if kind is ComparedWith.NOTHING:
        return dict(comparison.state["asked"])
    if kind is ComparedWith.EDITS:
        return {COMPARE: kind.value}
    if kind is ComparedWith.IMAGE:
        said = image_to_link(other.sketch, other.digit) if other else {}
    else:
        key = comparison.network.key
        said = {"network": key} | reading_to_link(key)
    return {COMPARE: kind.value} | {f"{name}{SIDE_B}": value for name, value in said.items()}
