"""Surgery on the Draw page: what the reader has edited and how they look at it, as plain values; acts; what is shown.

A browser sends acts ("do this edit", "undo"); they are carried out here, so that a run of the page and the short way
(`routes`) do the same. Refuses to know: sessions, and how an edit is carried out (`cnnviz.core.edits`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cnnviz.checks import is_whole
from cnnviz.core.edits import Edit, EditableLayers, EditError, Edits, read_edits
from cnnviz.core.edits.comparison import ComparisonView
from cnnviz.core.edits.edit import FIELDS

MOST_ACTS = 20


@dataclass(frozen=True)
class EditsState:
    """What is edited, which side is looked at, whether the panel is open; `version` counts the reader's acts.

    `problem` is one sentence about an act that could not be carried out.
    """

    edits: Edits = field(default_factory=Edits)
    view: ComparisonView = ComparisonView.AFTER
    is_open: bool = False
    version: int = 0
    problem: str = ""

    @property
    def in_force(self) -> Edits:
        """The edits of what is on the screen: none where one looks at the network before them."""
        return Edits() if self.view is ComparisonView.BEFORE else Edits(self.edits.done)

    def at_depth(self, depth: int) -> EditsState:
        """The same, seen where a cell is walked: a difference has no arithmetic of its own, so it is `AFTER` there."""
        return (
            replace(self, view=ComparisonView.AFTER) if depth == 2 and self.view is ComparisonView.DIFFERENCE else self
        )


def edits_state_from_json(plain: Any, anatomy: EditableLayers) -> EditsState:
    """What a browser or a session says; anything odd is taken as nothing, and so are edits of another network."""
    said = plain if isinstance(plain, Mapping) else {}
    done, undone = (_read(said.get(name)) for name in ("done", "undone"))
    edits, view, version = anatomy.fitting(Edits(done.done, undone.done)), said.get("view"), said.get("version")
    return EditsState(
        edits,
        ComparisonView(view) if edits and view in tuple(ComparisonView) else ComparisonView.AFTER,
        said.get("open") is True,
        version if is_whole(version) else 0,
    )


def _read(text: Any) -> Edits:
    try:
        return read_edits(text) if isinstance(text, str) else Edits()
    except EditError:
        return Edits()


def edits_state_to_json(surgery: EditsState) -> dict[str, Any]:
    """The same as JSON values, as the browser speaks of it."""
    return {
        "done": surgery.edits.text,
        "undone": Edits(surgery.edits.undone).text,
        "view": surgery.view.value,
        "open": surgery.is_open,
        "version": surgery.version,
    }


def apply_edit_action(surgery: EditsState, acts: Any, anatomy: EditableLayers) -> EditsState:
    """After `acts`, one after the other; one that cannot be is left out, and the last such is said.

    An act is "undo", "redo", "reset" or `{"do": {"op": ..., "layer": ..., ...}, "same": bool}`.
    """
    for act in acts[:MOST_ACTS] if isinstance(acts, list) else []:
        try:
            surgery = replace(surgery, edits=_after(surgery.edits, act, anatomy))
        except EditError as error:
            surgery = replace(surgery, problem=str(error))
    return surgery if surgery.edits else replace(surgery, view=ComparisonView.AFTER)


def _after(edits: Edits, act: Any, anatomy: EditableLayers) -> Edits:
    if act in ("undo", "redo", "reset"):
        step: Edits = getattr(edits, act)()
        return step
    said = act.get("do") if isinstance(act, dict) else None
    if not isinstance(said, dict):
        return edits
    op: Any = said["op"] if isinstance(said.get("op"), str) else ""
    fields: dict[str, Any] = {name: said.get(name) for name in FIELDS.get(op, ()) if name in said}
    edit = Edit(op, said.get("layer", ""), **fields)
    anatomy.check(edit)
    return edits.do(edit, is_same_move=act.get("same") is True)
