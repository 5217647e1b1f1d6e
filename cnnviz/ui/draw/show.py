"""From what lies on the table to what the page shows: prepare, trace, read, pack. No session, no widget.

Called by a run of the page and by the short way (`routes`) alike, so that both show the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.core.edits import Edits
from cnnviz.core.edits.comparison import SingleTrace
from cnnviz.core.layer_trace import Trace
from cnnviz.data.pixel_edits import PixelEdits
from cnnviz.data.rasterize import Preparation, PreparedImage, preprocess
from cnnviz.data.strokes import Sketch
from cnnviz.models.zoo import network_keys
from cnnviz.ui.app.caches import TrainedNetwork, cached_trace, trained_network
from cnnviz.ui.app.links import NETWORK, LinkedView, sketch_left_out, snap_to_grid, view_to_link
from cnnviz.ui.app.prediction_text import prediction_text
from cnnviz.ui.draw.answers_beside import compute_answers
from cnnviz.ui.draw.preprocessing import SWITCHES
from cnnviz.ui.draw.view_delta import ViewState, compute_view, find_delta_base
from cnnviz.web.edits.packet import edits_header, fields_of
from cnnviz.web.edits.state import EditsState
from cnnviz.web.edits.view import image_digest, key_of_view
from cnnviz.web.explorer import LARGE, explorer_packet, unchanged_packet
from cnnviz.web.explorer.on_screen import OnScreen
from cnnviz.web.explorer.packet import Content
from cnnviz.web.preprocessing import steps_packet
from cnnviz.web.selection import Panel, Selection


@dataclass(frozen=True)
class ShownView:
    """The packets of the explorer and of the row of steps, and the selection as it could be shown.

    probabilities: (classes,), those of the prediction. answers: those of several networks, None where only one answers.
    """

    explorer: bytes
    steps: bytes
    selection: Selection
    probabilities: np.ndarray
    answers: dict[str, Any] | None = None


def preparation(off: Collection[str]) -> Preparation:
    """MNIST's steps, those in `off` switched off."""
    return Preparation(**{field: step not in off for step, field in SWITCHES.items()})


def prepare_sketch(sketch: Sketch, off: Collection[str] = ()) -> PreparedImage:
    """The network's input for a sketch, on the grid of a link: a link shows the same numbers as what it was made of."""
    return preprocess(snap_to_grid(sketch), preparation(off))


def compute_shown(
    prepared: PreparedImage,
    selection: Selection,
    *,
    sketch: Sketch | None = None,
    digit: int | None = None,
    truth: int | None = None,
    network: str = NETWORK,
    off: Collection[str] = (),
    others: Mapping[str, str] | None = None,
    surgery: EditsState | None = None,
    pixels: PixelEdits | None = None,
    has: Any = None,
    shown: Selection | None = None,
    on_screen: OnScreen | None = None,
    beside: Mapping[str, EditsState] | None = None,
    **rest: Any,
) -> ShownView:
    """Run the network on `prepared`, and pack what `selection` shows of it.

    `sketch` or `digit` and the steps `off` are what the link leads back to, with the `pixels` that are set by hand in
    `prepared`, `others` what else it says; `truth` is what was written, where that is known. `surgery` is how the
    network is edited, `has` the key of what the browser shows of that already (`view_delta`), None for nothing; `shown`
    is what it shows of this very image. `on_screen` is what the browser shows at all: where that is of this image and
    these edits, only what is new is packed, and the packet says what it builds upon. `beside`: networks, as they are
    edited, whose answers stand beside its own. `rest` joins the packet.
    """
    chosen = trained_network(network)
    look = compute_view(chosen, prepared.image, selection, surgery) if surgery and not chosen.stopped else None
    trace = look.sides.seen if look else _trace_of(chosen, prepared.image, is_shown=shown is not None)
    selection = look.selection if look else selection.within(trace)
    selection = selection.with_panel(Panel.EDIT, look is not None and look.surgery.is_open)
    edits = look.surgery.edits if look else Edits()
    view = LinkedView(
        selection, sketch, digit, network, frozenset(off), edits, pixels or PixelEdits(), beside is not None
    )
    answering = look.sides.answering if look else trace
    answers = None
    if beside is not None:
        is_edited = look is not None and answering is not look.sides.before
        answers = compute_answers(chosen, answering, is_edited, beside, prepared, truth)
        rest["answers_beside"] = answers
    steps = steps_packet(prepared.stages, SWITCHES) if shown is None else b""
    key = look.key if look else key_of_view(image_digest(trace.image), network, selection, surgery or EditsState())
    known = on_screen if on_screen is not None and on_screen.shows_numbers_of(key) else None
    if known is not None:
        has, shown, rest["builds_on"] = known.key, known.selection, known.mark
    rest |= {
        "verdict": prediction_text(answering, prepared, chosen.manifest.rule, chosen.recipe, truth),
        "link": view_to_link(view, others),
        "left_out": sketch_left_out(view, has_ink=prepared.has_ink),
        "key": key,
    }
    of_surgery: dict[str, Any] = (
        _of_surgery(look, chosen, has) if look else {"compared": SingleTrace(trace, chosen.sparse)}
    )
    if known is not None and known.is_just(key, selection):
        packet = unchanged_packet(selection, **rest, surgery=of_surgery.get("surgery"))
    else:
        packet = explorer_packet(
            trace,
            selection,
            classes=chosen.recipe.classes,
            most_bytes=None if network in network_keys() else LARGE,
            shown=shown.within(trace) if shown else None,
            **rest | of_surgery,
        )
    return ShownView(packet, steps, selection, answering.probabilities, answers)


def _trace_of(chosen: TrainedNetwork, image: np.ndarray, *, is_shown: bool) -> Trace:
    """What the network makes of the image; of one that is on the screen this is known."""
    return cached_trace(chosen, image) if is_shown else chosen.trace(image)


def _of_surgery(look: ViewState, chosen: TrainedNetwork, has: Any) -> dict[str, Any]:
    """What joins the packet of an edited network."""
    base, content = find_delta_base(has, look, chosen), _content(look)
    return {
        "surgery": edits_header(look, chosen.anatomy, base),
        "compared": content.compared,
        "fields": content.fields,
        "base": _content(base.look, base.is_same_image) if base else None,
    }


def _content(look: ViewState, is_same_image: bool = True) -> Content:
    compared = look.sides if look.surgery.edits else SingleTrace(look.sides.seen, look.sides.sparse)
    return Content(look.sides.seen, look.selection, compared, fields_of(look), is_same_image)
