"""What the explorer shows of the ink that comes with a question. No session, no widget: a pure function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnnviz.checks import is_whole
from cnnviz.data.pixel_edits import PixelEdits, read_pixel_edits
from cnnviz.data.rasterize import PreparedImage
from cnnviz.data.strokes import Sketch
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.turns import go_on
from cnnviz.ui.draw.answers_beside import parse_beside
from cnnviz.ui.draw.cells import parse_edits, parse_image, parse_network
from cnnviz.ui.draw.preprocessing import SWITCHES
from cnnviz.ui.draw.show import compute_shown, prepare_sketch
from cnnviz.web.edits.state import EditsState, apply_edit_action
from cnnviz.web.selection import Selection, selection_from_json, selection_to_json

MOST_OTHERS, LONGEST_OTHER = 48, 1_500  # of what else a link says: the scaling of 64 channels and all panels, too


@dataclass(frozen=True, eq=False)
class AskedDrawing:
    """What a question shows: strokes or an image, the steps `off` of the preparation, the `pixels` set by hand."""

    prepared: PreparedImage
    sketch: Sketch | None
    off: set[str]
    pixels: PixelEdits


def answer_view(question: Mapping[str, Any]) -> bytes:
    """What the explorer and the row of steps show for a question: 4 bytes (length of the first), then both.

    Raises: ValueError, one sentence, for a question that is not one.
    """
    network = parse_network(question)
    asked = parse_drawing(question, network)
    go_on()
    surgery = parse_surgery(question, network)
    shown = compute_shown(
        asked.prepared, _asked_selection(question, "selection"), sketch=asked.sketch, network=network,
        off=asked.off, others=_asked_others(question), truth=_asked_truth(question, network), surgery=surgery,
        pixels=asked.pixels, beside=parse_beside(question["beside"], network) if "beside" in question else None,
        has=question.get("has"), with_weights=surgery is not None, **_asked_shown(question),
    )  # fmt: skip
    return len(shown.explorer).to_bytes(4, "little") + shown.explorer + shown.steps


def _asked_selection(question: Mapping[str, Any], name: str) -> Selection:
    said = question.get(name)
    return selection_from_json(said if isinstance(said, dict) else {})


def _asked_shown(question: Mapping[str, Any]) -> dict[str, Any]:
    """What the browser shows of the very image that it names by its token: of that only what is new is sent.

    `answers` goes back with it: by then the browser may show something else.
    """
    if "seen" not in question:
        return {}
    shown = _asked_selection(question, "shown")
    return {"shown": shown, "answers": {"seen": question["seen"], "shown": selection_to_json(shown)}}


def parse_drawing(question: Mapping[str, Any], network: str) -> AskedDrawing:
    """Strokes, of which pixels are set by hand, or an image that is prepared already: itself, or its token.

    Raises: ValueError, one sentence, for what is none of these.
    """
    off = question.get("off")
    off = {step for step in off if isinstance(step, str) and step in SWITCHES} if isinstance(off, list) else set()
    pixels = read_pixel_edits(question.get("pixels"))
    if "image" in question or "seen" in question:
        image = parse_image(question, network)
        prepared = PreparedImage(image, (), bool(image.any()), question.get("several") is True)
        return AskedDrawing(prepared, None, off, pixels)
    sketch = Sketch.from_record({"strokes": question.get("strokes")})
    return AskedDrawing(pixels.applied_to(prepare_sketch(sketch, off)), sketch, off, pixels)


def parse_surgery(question: Mapping[str, Any], network: str) -> EditsState | None:
    """How the network is edited, after the acts that come with the question; None where nobody ever edited it."""
    if "surgery" not in question:
        return None
    return apply_edit_action(parse_edits(question, network), question.get("acts"), trained_network(network).anatomy)


def _asked_others(question: Mapping[str, Any]) -> dict[str, str]:
    others = question.get("others")
    others = dict(list(others.items())[:MOST_OTHERS]) if isinstance(others, dict) else {}
    return {str(name)[:LONGEST_OTHER]: str(value)[:LONGEST_OTHER] for name, value in others.items()}


def _asked_truth(question: Mapping[str, Any], network: str) -> int | None:
    """The place of a class of the network; None for anything else."""
    truth, classes = question.get("truth"), trained_network(network).recipe.classes
    return truth if is_whole(truth, 0, len(classes) - 1) else None
