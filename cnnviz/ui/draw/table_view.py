"""What the network of a table makes of what lies there, as its reader looks at it: session and browser heard first.

Refuses to know: what can lie on a table (`contents`), how it is packed (`show`).
"""

from __future__ import annotations

from typing import Any

from cnnviz.i18n import current_language
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.table_images import keep_image
from cnnviz.ui.draw.answers_beside import parse_beside
from cnnviz.ui.draw.contents import DrawingContents
from cnnviz.ui.draw.draw_state import DrawPageState
from cnnviz.ui.draw.live_questions import live_addresses, moves_of
from cnnviz.ui.draw.show import ShownView, compute_shown
from cnnviz.ui.mount.explorer import chosen, reported_surgery
from cnnviz.ui.mount.sketchpad import stamp
from cnnviz.web.edits.state import EditsState, apply_edit_action, edits_state_from_json, edits_state_to_json
from cnnviz.web.explorer.on_screen import on_screen_from_json
from cnnviz.web.selection import selection_from_json, selection_to_json


def look_at(
    table: DrawPageState, contents: DrawingContents, title: str = "", beside: tuple[DrawPageState, ...] = ()
) -> ShownView:
    """What the network makes of `contents`, which lie on its table; `title`: what it is called, "": as usual.

    beside: the tables of networks whose answers stand beside its own.
    """
    state, reported = table.state, chosen(table.explorer)
    selection = selection_from_json(reported if isinstance(reported, dict) else state["linked"])
    surgery = _hear_surgery(table)
    others = table.link_others
    answering = {one.network: one.state["surgery"] for one in beside}
    shown = compute_shown(
        contents.prepared, selection, sketch=contents.sketch, digit=contents.digit, truth=contents.truth,
        off=table.switched_off, network=table.network, others=others, surgery=surgery, pixels=contents.pixels,
        beside=parse_beside(answering, table.network) if beside else None,
        token=state["token"], pad=stamp(table.pad), live=_live(table, contents, others, answering),
        is_sketch=contents.sketch is not None, title=title or table.recipe.title, moves=moves_of(reported),
        on_screen=on_screen_from_json(reported.get("on_screen")) if isinstance(reported, dict) else None,
    )  # fmt: skip
    state["linked"] = selection_to_json(shown.selection)  # what a visit to another page comes back to
    return shown


def _hear_surgery(table: DrawPageState) -> EditsState:
    """How this reader has edited the network: what the browser reported last, else what link or session say."""
    anatomy = trained_network(table.network).anatomy
    held, reported = edits_state_from_json(table.state["surgery"], anatomy), reported_surgery(table.explorer)
    told = edits_state_from_json(reported, anatomy)
    if told.version <= held.version:
        return held
    surgery = apply_edit_action(told, reported.get("acts"), anatomy)  # acts only where there is no short way
    table.state["surgery"] = edits_state_to_json(surgery)  # what a visit to another page comes back to
    return surgery


def _live(
    table: DrawPageState, contents: DrawingContents, others: dict[str, str], answering: dict[str, Any]
) -> dict[str, Any]:
    """Where the browser asks while the hand draws, and what it says beside the ink."""
    seen = {} if contents.sketch else {"seen": keep_image(contents.prepared.image)}
    say: dict[str, Any] = {"off": sorted(table.switched_off), "language": current_language(), "others": others}
    say |= {"pixels": contents.pixels.text} | ({"beside": answering} if answering else {})
    say |= {"truth": contents.truth, "several": contents.prepared.is_several, "network": table.network}
    return live_addresses() | seen | {"say": say}
