"""The reader's drawings of X and O in a session: how they come, how they go, and how that is undone.

Refuses to know: how it looks (`drawings`), what is made of them (`own_network`).
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from cnnviz.i18n import _
from cnnviz.training.own_xo import MOST, Drawings, XoDrawing, generate_drawings
from cnnviz.ui.app.waiting import stop_waiting
from cnnviz.ui.mount.sketchpad import place
from cnnviz.ui.teach.own_network import RUNS, WAITS, keep_former, running, state

PAD = "pad_own_xo"
SOME = 20  # generated drawings at a click
MOST_UNDONE = 20  # acts that can be undone
_EMPTY: dict[str, Any] = {"strokes": []}
_MADE = ("drawings", "drawn", "network", "before", "taught", "curves", "name", "former")  # what starting over forgets


class CollectionAction(StrEnum):
    """What the reader did to the drawings."""

    ADDED = "added"
    GENERATED = "generated"
    DELETED = "deleted"
    STARTED_OVER = "started over"


def add(label: str, record: dict[str, Any]) -> None:
    """What lies on the pad joins the drawings as `label`; the pad is empty then.

    Raises: ValueError, one sentence, for an empty pad or too many drawings.
    """
    _keep(
        CollectionAction.ADDED, (XoDrawing.from_record({**record, "label": label}),), pad={"strokes": record["strokes"]}
    )
    place(PAD, _EMPTY)


def add_generated() -> None:
    """Twenty drawings of a seed, other ones at each click, as far as there is room."""
    kept = state()
    _keep(CollectionAction.GENERATED, generate_drawings(min(SOME, MOST - len(kept["drawings"])), kept["drawn"]))
    kept["drawn"] += 1


def _keep(act: CollectionAction, more: Drawings, **rest: Any) -> None:
    kept = state()
    if len(kept["drawings"]) + len(more) > MOST:
        raise ValueError(_("drawings must be at most {most}, got one more: delete some", most=MOST))
    _remember(act, drawings=kept["drawings"], **rest)
    kept["drawings"] += tuple(json.dumps(drawing.to_record(), separators=(",", ":")) for drawing in more)


def remove(number: int) -> None:
    """Take drawing `number` away."""
    kept = state()
    if 0 <= number < len(kept["drawings"]):
        _remember(CollectionAction.DELETED, drawings=kept["drawings"])
        kept["drawings"] = kept["drawings"][:number] + kept["drawings"][number + 1 :]


def start_over() -> None:
    """Take everything away: drawings, network, run; the settings stay."""
    kept = state()
    stop_waiting(WAITS)
    RUNS.drop(kept["run"])
    _remember(CollectionAction.STARTED_OVER, **{name: kept[name] for name in _MADE})
    kept.update(
        drawings=(), drawn=0, run=None, network=None, before=None, taught=None, curves=None, name="", former=None
    )
    place(PAD, _EMPTY)


def _remember(act: CollectionAction, **before: Any) -> None:
    kept = state()
    kept["past"] = (*kept["past"], {"act": act.value, **before})[-MOST_UNDONE:]


def last_act() -> CollectionAction | None:
    """What `undo` would undo; None where there is nothing."""
    past = state()["past"]
    return CollectionAction(past[-1]["act"]) if past else None


def undo() -> None:
    """Undo the last act; a drawing that was given a name lies on the pad again."""
    kept = state()
    if not kept["past"]:
        return
    *kept_past, last = kept["past"]
    before = {name: value for name, value in last.items() if name in _MADE}
    if running() is not None:  # the network that is being trained stays; the one that was there is the one before it
        before = _beside_a_run(before)
    elif before.get("network") is not None and kept["network"] is not None:
        keep_former()
        del before["former"]
    kept.update(before, past=tuple(kept_past))
    if "pad" in last:
        place(PAD, last["pad"])


def _beside_a_run(before: dict[str, Any]) -> dict[str, Any]:
    """What was there before, without what a run is about to write: its network becomes the one before."""
    stays: dict[str, Any] = {name: before[name] for name in ("drawings", "drawn") if name in before}
    if before.get("network") is None:
        return stays
    return stays | {"former": {name: before[name] for name in ("network", "before", "taught", "curves", "name")}}
