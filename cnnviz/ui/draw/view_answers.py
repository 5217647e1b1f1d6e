"""What the explorer shows of the ink that comes with a question. No session, no widget: a pure function."""

from __future__ import annotations

from collections.abc import Mapping
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


def answer_view(question: Mapping[str, Any]) -> bytes:
    """What the explorer and the row of steps show for a question: 4 bytes (length of the first), then both.

    Raises: ValueError, one sentence, for a question that is not one.
    """
    off = question.get("off")
    off = {step for step in off if isinstance(step, str) and step in SWITCHES} if isinstance(off, list) else set()
    network = parse_network(question)
    pixels = read_pixel_edits(question.get("pixels"))
    prepared, sketch = _asked_drawing(question, network, off, pixels)
    go_on()
    surgery = _asked_surgery(question, network)
    shown = compute_shown(
        prepared, _asked_selection(question, "selection"), sketch=sketch, network=network,
        off=off, others=_asked_others(question), truth=_asked_truth(question, network), surgery=surgery, pixels=pixels,
        beside=parse_beside(question["beside"], network) if "beside" in question else None,
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


def _asked_drawing(
    question: Mapping[str, Any], network: str, off: set[str], pixels: PixelEdits
) -> tuple[PreparedImage, Sketch | None]:
    """Strokes, of which `pixels` are set by hand, or an image that is prepared already: itself, or its token."""
    if "image" in question or "seen" in question:
        image = parse_image(question, network)
        return PreparedImage(image, (), bool(image.any()), question.get("several") is True), None
    sketch = Sketch.from_record({"strokes": question.get("strokes")})
    return pixels.applied_to(prepare_sketch(sketch, off)), sketch


def _asked_surgery(question: Mapping[str, Any], network: str) -> EditsState | None:
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
