"""From what lies on the table to what the page shows: prepare, trace, read, pack. No session, no widget.

Called by a run of the page and by the short way (`live`) alike, so that both show the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cnnviz.drawing import Preparation, Prepared, prepare
from cnnviz.strokes import Sketch
from cnnviz.surgery import Edits
from cnnviz.trace import Trace
from cnnviz.ui.caches import Trained, operated, traced_before, trained
from cnnviz.ui.comparison import Sides
from cnnviz.ui.comparison import View as Side
from cnnviz.ui.components.explorer import explorer_packet
from cnnviz.ui.components.stages import steps_packet
from cnnviz.ui.components.surgery.packet import surgery_parts
from cnnviz.ui.links import NETWORK, View, link, snapped
from cnnviz.ui.selection import Selection
from cnnviz.ui.steps import SWITCHES
from cnnviz.ui.surgery import Surgery
from cnnviz.ui.verdict import verdict


@dataclass(frozen=True)
class Shown:
    """The packets of the explorer and of the row of steps, and the selection as it could be shown."""

    explorer: bytes
    steps: bytes
    selection: Selection


def preparation(off: Collection[str]) -> Preparation:
    """MNIST's steps, those in `off` switched off."""
    return Preparation(**{field: step not in off for step, field in SWITCHES.items()})


def prepare_sketch(sketch: Sketch, off: Collection[str] = ()) -> Prepared:
    """The network's input for a sketch, on the grid of a link: a link shows the same numbers as what it was made of."""
    return prepare(snapped(sketch), preparation(off))


def show(
    prepared: Prepared,
    selection: Selection,
    *,
    sketch: Sketch | None = None,
    digit: int | None = None,
    truth: int | None = None,
    network: str = NETWORK,
    off: Collection[str] = (),
    others: Mapping[str, str] | None = None,
    surgery: Surgery | None = None,
    weights_base: str | None = None,
    **rest: Any,
) -> Shown:
    """Run the network on `prepared`, and pack what `selection` shows of it.

    `sketch` or `digit` and the steps `off` are what the link leads back to, `others` what else it says; `truth` is what
    was written, where that is known. `surgery` is how the network is edited, `weights_base` which weights the
    browser has. `rest` joins the packet.
    """
    chosen = trained(network)
    before = traced_before(chosen, prepared.image) if surgery else chosen.tracer(prepared.image)
    selection = selection.within(before)
    surgery = surgery and surgery.at_depth(selection.depth)
    edits = surgery.edits if surgery else Edits()
    sides = _both_sides(before, chosen, edits, surgery.view if surgery else Side.AFTER)
    if surgery is not None:
        rest |= surgery_parts(surgery, sides, selection, chosen.anatomy, network, weights_base)
    packet = explorer_packet(
        sides.seen,
        selection,
        classes=chosen.recipe.classes,
        verdict=verdict(sides.answering, prepared, chosen.manifest, truth),
        link=link(View(selection, sketch, digit, network, frozenset(off), edits), others),
        **rest,
    )
    return Shown(packet, steps_packet(prepared.stages, SWITCHES), selection)


def _both_sides(before: Trace, chosen: Trained, edits: Edits, view: Side) -> Sides:
    """The image in the network as it is, and as the edits leave it."""
    after = operated(chosen, edits).tracer(before.image) if edits else before
    return Sides(before, after, view)
