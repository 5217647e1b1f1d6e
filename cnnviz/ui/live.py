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

from cnnviz.messages import _, speaking
from cnnviz.networks import network_keys
from cnnviz.strokes import Sketch
from cnnviz.ui.cells import table_of_cell
from cnnviz.ui.fields import field_of_cell
from cnnviz.ui.language import languages
from cnnviz.ui.links import NETWORK
from cnnviz.ui.selection import checked_selection
from cnnviz.ui.show import prepare_sketch, show
from cnnviz.ui.steps import SWITCHES

PATH = "/cnnviz/look"
CELL_PATH = "/cnnviz/cell"
FIELD_PATH = "/cnnviz/field"
MOST_BYTES = 1_000_000
MOST_OTHERS, LONGEST_OTHER = 8, 200  # of what else a link says
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
    selection = question.get("selection")
    sketch = Sketch.from_record({"strokes": question.get("strokes")})
    network = question.get("network")
    others = question.get("others")
    others = dict(list(others.items())[:MOST_OTHERS]) if isinstance(others, dict) else {}
    others = {str(name)[:LONGEST_OTHER]: str(value)[:LONGEST_OTHER] for name, value in others.items()}
    shown = show(
        prepare_sketch(sketch, off), checked_selection(selection if isinstance(selection, dict) else {}), sketch=sketch,
        network=network if network in network_keys() else NETWORK, off=off, others=others, with_weights=False,
    )  # fmt: skip
    return len(shown.explorer).to_bytes(4, "little") + shown.explorer + shown.steps


def answer_cell(body: bytes) -> bytes:
    """The arithmetic of one cell as a table, in JSON (`cells`).

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, lambda question: json.dumps(table_of_cell(question)).encode())


def answer_field(body: bytes) -> bytes:
    """What one cell sees, as a packet (`fields`).

    Raises: ValueError, one sentence, for a question that is not one.
    """
    return _in_language(body, field_of_cell)


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
        return Response(found, media_type=media_type, headers={"Cache-Control": "no-store"})

    return respond


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
    }
    return [
        Route(place, _endpoint(*how), methods=["POST"])
        for path, how in answers.items()
        for place in (path, f"/{{base:path}}{path}")
    ]
