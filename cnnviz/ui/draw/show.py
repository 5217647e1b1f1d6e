"""From what lies on the table to what the page shows: prepare, trace, read, pack. No session, no widget.

Called by a run of the page and by the short way (`live`) alike, so that both show the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cnnviz.core.edits import Edits
from cnnviz.core.edits.comparison import Alone
from cnnviz.data.rasterize import Preparation, Prepared, prepare
from cnnviz.data.strokes import Sketch
from cnnviz.ui.app.caches import Trained, trained
from cnnviz.ui.app.links import NETWORK, View, left_out, link, snapped
from cnnviz.ui.app.prediction_text import verdict
from cnnviz.ui.draw.preprocessing import SWITCHES
from cnnviz.ui.draw.view_delta import Look, known, look_at
from cnnviz.ui.mount.explorer import explorer_packet
from cnnviz.ui.mount.preprocessing import steps_packet
from cnnviz.web.edits.packet import fields_of, surgery_parts
from cnnviz.web.edits.state import Surgery
from cnnviz.web.explorer.packet import Content
from cnnviz.web.selection import Panel, Selection


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
    has: Any = None,
    **rest: Any,
) -> Shown:
    """Run the network on `prepared`, and pack what `selection` shows of it.

    `sketch` or `digit` and the steps `off` are what the link leads back to, `others` what else it says; `truth` is what
    was written, where that is known. `surgery` is how the network is edited, `has` the key of what the browser shows of
    that already (`looks`), None for nothing. `rest` joins the packet.
    """
    chosen = trained(network)
    look = look_at(chosen, prepared.image, selection, surgery) if surgery else None
    trace = look.sides.seen if look else chosen.tracer(prepared.image)
    selection = look.selection if look else selection.within(trace)
    selection = selection.with_panel(Panel.EDIT, look is not None and look.surgery.is_open)
    edits = look.surgery.edits if look else Edits()
    view = View(selection, sketch, digit, network, frozenset(off), edits)
    packet = explorer_packet(
        trace,
        selection,
        classes=chosen.recipe.classes,
        verdict=verdict(look.sides.answering if look else trace, prepared, chosen.manifest.rule, chosen.recipe, truth),
        link=link(view, others),
        left_out=left_out(view, has_ink=prepared.has_ink),
        **rest | (_of_surgery(look, chosen, has) if look else {"compared": Alone(trace, chosen.sparse)}),
    )
    return Shown(packet, steps_packet(prepared.stages, SWITCHES), selection)


def _of_surgery(look: Look, chosen: Trained, has: Any) -> dict[str, Any]:
    """What joins the packet of an edited network."""
    base, content = known(has, look, chosen), _content(look)
    return {
        "surgery": surgery_parts(look, chosen.anatomy, base),
        "compared": content.compared,
        "fields": content.fields,
        "base": _content(base.look, base.is_same_image) if base else None,
    }


def _content(look: Look, is_same_image: bool = True) -> Content:
    compared = look.sides if look.surgery.edits else Alone(look.sides.seen, look.sides.sparse)
    return Content(look.sides.seen, look.selection, compared, fields_of(look), is_same_image)
