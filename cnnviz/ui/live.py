"""The short way while the hand draws: ink in, what the network makes of it out, past the run of the page.

A run of a Streamlit page costs tens of milliseconds, most of them in the browser. The explorer asks here instead;
the page itself hears of the drawing when the hand rests. A pure function of what was sent: nothing is kept.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cnnviz.drawing import Prepared
from cnnviz.messages import _, speaking
from cnnviz.strokes import Sketch
from cnnviz.ui import blueprint_answers, laboratory_answers, lesson_answers, training_answers
from cnnviz.ui.caches import trained
from cnnviz.ui.cells import asked_image, asked_network, asked_surgery, table_of_cell
from cnnviz.ui.fields import field_of_cell
from cnnviz.ui.language import languages
from cnnviz.ui.scores import reading_on
from cnnviz.ui.selection import checked_selection
from cnnviz.ui.show import prepare_sketch, show
from cnnviz.ui.steps import SWITCHES
from cnnviz.ui.surgery import Surgery, acted

PATH = "/cnnviz/look"
CELL_PATH = "/cnnviz/cell"
FIELD_PATH = "/cnnviz/field"
LABORATORY_PATH = "/cnnviz/laboratory"
BLUEPRINT_PATH = "/cnnviz/blueprint"
LESSON_PATH = "/cnnviz/lesson"
TRAINING_PATH = "/cnnviz/training"
ACCURACY_PATH = "/cnnviz/accuracy"
MOST_BYTES = 1_000_000
MOST_OTHERS, LONGEST_OTHER = 8, 200  # of what else a link says
HERE = ("127.0.0.1", "::1", "localhost")
AT_ONCE = CapacityLimiter(max(1, (os.cpu_count() or 2) // 2))  # visitors share the cores
_LOG = logging.getLogger(__name__)


def answer(body: bytes) -> bytes:
    """What the explorer and the row of steps show for a question: 4 bytes (length of the first), then both.

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, _answer)


def _in_language(body: bytes, answer_to: Callable[[dict[str, Any]], bytes]) -> bytes:
    """The answer to the question in `body`, in the language that it asks for."""
    try:
        question = json.loads(body)
    except (ValueError, RecursionError):
        question = None
    if not isinstance(question, dict):
        raise ValueError(_("question must be a JSON object, got {size} bytes of something else", size=len(body)))
    language = question.get("language")
    with speaking(language if language in languages() else "en"):
        return answer_to(question)


def _answer(question: dict[str, Any]) -> bytes:
    off = question.get("off")
    off = {step for step in off if isinstance(step, str) and step in SWITCHES} if isinstance(off, list) else set()
    selection, network = question.get("selection"), asked_network(question)
    prepared, sketch = _asked_drawing(question, network, off)
    surgery = _asked_surgery(question, network)
    shown = show(
        prepared, checked_selection(selection if isinstance(selection, dict) else {}), sketch=sketch, network=network,
        off=off, others=_asked_others(question), truth=_asked_truth(question), surgery=surgery,
        has=question.get("has"), with_weights=surgery is not None,
    )  # fmt: skip
    return len(shown.explorer).to_bytes(4, "little") + shown.explorer + shown.steps


def _asked_drawing(question: dict[str, Any], network: str, off: set[str]) -> tuple[Prepared, Sketch | None]:
    """Strokes, or an image that is prepared already."""
    if "image" in question:
        image = asked_image(question, network)
        return Prepared(image, (), has_ink=bool(image.any())), None
    sketch = Sketch.from_record({"strokes": question.get("strokes")})
    return prepare_sketch(sketch, off), sketch


def _asked_surgery(question: dict[str, Any], network: str) -> Surgery | None:
    """How the network is edited, after the acts that come with the question; None where nobody ever edited it."""
    if "surgery" not in question:
        return None
    return acted(asked_surgery(question, network), question.get("acts"), trained(network).anatomy)


def _asked_others(question: dict[str, Any]) -> dict[str, str]:
    others = question.get("others")
    others = dict(list(others.items())[:MOST_OTHERS]) if isinstance(others, dict) else {}
    return {str(name)[:LONGEST_OTHER]: str(value)[:LONGEST_OTHER] for name, value in others.items()}


def _asked_truth(question: dict[str, Any]) -> int | None:
    truth = question.get("truth")
    return truth if isinstance(truth, int) and not isinstance(truth, bool) and 0 <= truth < 10 else None


def answer_cell(body: bytes) -> bytes:
    """The arithmetic of one cell as a table, in JSON (`cells`).

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, lambda question: json.dumps(table_of_cell(question)).encode())


def answer_accuracy(body: bytes) -> bytes:
    """How well the edited network reads, a part of the images further, in JSON (`reading_on`).

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, lambda question: json.dumps(reading_on(question)).encode())


def answer_field(body: bytes) -> bytes:
    """What one cell sees, as a packet (`fields`).

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, field_of_cell)


def answer_laboratory(body: bytes) -> bytes:
    """What the laboratory shows of a setup, as a packet (`laboratory_answers`).

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, laboratory_answers.answer)


def answer_blueprint(body: bytes) -> bytes:
    """What follows from a network that is being edited, in JSON (`blueprint_answers`).

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, blueprint_answers.answer)


def answer_lesson(body: bytes) -> bytes:
    """What the first lesson shows of the reader's picture, features and votes, as a packet (`lesson_answers`).

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, lesson_answers.answer)


def answer_training(body: bytes) -> bytes:
    """How runs stand and what they make of things, after the commands that come along (`training_answers`).

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, training_answers.answer)


Answer = Callable[[bytes], bytes]


def _endpoint(answer_to: Answer, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        if (
            request.headers.get("content-type") != "application/json"
        ):  # which no other site can send without being asked
            return PlainTextResponse(_("question must be application/json"), status_code=415)
        body = await _bounded(request)
        if body is None:
            return PlainTextResponse(_("question is too large"), status_code=413)
        try:
            found = await to_thread.run_sync(answer_to, body, limiter=AT_ONCE)
        except ValueError as error:
            return PlainTextResponse(str(error), status_code=422)
        except Exception:
            _LOG.exception("a live question failed")
            return PlainTextResponse(_("Something went wrong here."), status_code=500)
        return Response(found, media_type=media_type, headers={"Cache-Control": "no-store"} | _packing(request))

    return respond


def _packing(request: Request) -> dict[str, str]:
    """Within one machine an answer travels as it is: packing it takes longer than sending it."""
    is_here = request.client is not None and request.client.host in HERE
    return {"Content-Encoding": "identity"} if is_here else {}


async def _bounded(request: Request) -> bytes | None:
    """The body, or None for one that is too large; no more than that is ever held."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def routes() -> list[Route]:
    """What the app serves beside its pages, also below a base path (`server.baseUrlPath`)."""
    answers = {
        PATH: (answer, "application/octet-stream"),
        CELL_PATH: (answer_cell, "application/json"),
        FIELD_PATH: (answer_field, "application/octet-stream"),
        LABORATORY_PATH: (answer_laboratory, "application/octet-stream"),
        BLUEPRINT_PATH: (answer_blueprint, "application/json"),
        LESSON_PATH: (answer_lesson, "application/octet-stream"),
        TRAINING_PATH: (answer_training, "application/octet-stream"),
        ACCURACY_PATH: (answer_accuracy, "application/json"),
    }
    return [
        Route(place, _endpoint(*how), methods=["POST"])
        for path, how in answers.items()
        for place in (path, f"/{{base:path}}{path}")
    ]
