"""The short way while the hand draws: a question in, the answer out, past the run of the page.

A run of a Streamlit page costs tens of milliseconds, most of them in the browser. A component asks here instead; the
page itself hears of it when the hand rests. Pure functions of what was sent: nothing is kept.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cnnviz.i18n import _, in_language
from cnnviz.ui.app import route_paths
from cnnviz.ui.app.language import languages

JSON, PACKET = "application/json", "application/octet-stream"
ANSWERS = {  # path → who answers (imported when it is first asked: the server starts sooner), and in which form
    route_paths.LOOK: ("draw.view_answers:answer_view", PACKET),
    route_paths.CELL: ("draw.cells:answer_cell", JSON),
    route_paths.FIELD: ("draw.receptive_fields:field_of_cell", PACKET),
    route_paths.ACCURACY: ("draw.scores:answer_scores", JSON),
    route_paths.LABORATORY: ("lab.answers:answer_lab", PACKET),
    route_paths.BLUEPRINT: ("train.network_answers:answer_editor", JSON),
    route_paths.LESSON: ("lesson.answers:answer_lesson", PACKET),
    route_paths.TRAINING: ("train.answers:answer_training", PACKET),
}
MOST_BYTES = 6_000_000  # an image of a million numbers in base64, and what is said beside it
HERE = ("127.0.0.1", "::1", "localhost")
AT_ONCE = CapacityLimiter(max(1, (os.cpu_count() or 2) // 2))  # visitors share the cores
_LOG = logging.getLogger(__name__)


def answer_to(path: str, body: bytes) -> bytes:
    """The answer to the question in `body` that was sent to one of `ANSWERS`, in the language that it asks for.

    Raises: ValueError, one sentence, for a question that is not one.
    """
    try:
        question = json.loads(body)
    except (ValueError, RecursionError):
        question = None
    if not isinstance(question, dict):
        raise ValueError(_("question must be a JSON object, got {size} bytes of something else", size=len(body)))
    language = question.get("language")
    with in_language(language if language in languages() else "en"):
        return _who_answers(path)(question)


def _who_answers(path: str) -> Callable[[dict[str, Any]], bytes]:
    module, name = ANSWERS[path][0].split(":")
    found: Callable[[dict[str, Any]], bytes] = getattr(import_module(f"cnnviz.ui.{module}"), name)
    return found


def _endpoint(path: str) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        if request.headers.get("content-type") != JSON:  # which no other site can send without being asked
            return PlainTextResponse(_("question must be application/json"), status_code=415)
        body = await _bounded(request)
        if body is None:
            return PlainTextResponse(_("question is too large"), status_code=413)
        try:
            found = await to_thread.run_sync(answer_to, path, body, limiter=AT_ONCE)
        except ValueError as error:
            return PlainTextResponse(str(error), status_code=422)
        except Exception:
            _LOG.exception("a live question failed")
            return PlainTextResponse(_("Something went wrong here."), status_code=500)
        return Response(found, media_type=ANSWERS[path][1], headers={"Cache-Control": "no-store"} | _packing(request))

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
    return [
        Route(place, _endpoint(path), methods=["POST"]) for path in ANSWERS for place in (path, f"/{{base:path}}{path}")
    ]
