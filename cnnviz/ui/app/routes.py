"""The short way while the hand draws: a question in, the answer out, past the run of the page.

A run of a Streamlit page costs tens of milliseconds, most of them in the browser. A component asks here instead; the
page itself hears of it when the hand rests. Pure functions of what was sent: nothing is kept.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cnnviz.i18n import _, in_language
from cnnviz.ui.app import route_paths
from cnnviz.ui.app.language import languages
from cnnviz.ui.app.plain_text import whole_letters
from cnnviz.ui.app.question_bodies import BodyError, BodyLimits
from cnnviz.ui.app.turns import Lanes, TooMuchWaits

JSON, PACKET = "application/json", "application/octet-stream"
ANSWERS = {  # path → who answers (imported when it is first asked: the server starts sooner), and in which form
    route_paths.LOOK: ("draw.view_answers:answer_view", PACKET),
    route_paths.CELL: ("draw.cells:answer_cell", JSON),
    route_paths.FIELD: ("draw.receptive_fields:field_of_cell", PACKET),
    route_paths.WHY: ("why.live_map:answer_map", PACKET),
    route_paths.ACCURACY: ("draw.scores:answer_scores", JSON),
    route_paths.LABORATORY: ("lab.answers:answer_lab", PACKET),
    route_paths.BLUEPRINT: ("train.network_answers:answer_editor", JSON),
    route_paths.LESSON: ("lesson.answers:answer_lesson", PACKET),
    route_paths.TRAINING: ("train.answers:answer_training", PACKET),
}
MOST_BYTES = 6_000_000  # an image of a million numbers in base64, and what is said beside it
BODIES = BodyLimits(MOST_BYTES, most_held=20 * MOST_BYTES)
HERE = ("127.0.0.1", "::1", "localhost")
MOST_DEEP = 100  # lists and objects in each other; an honest question has 7
LANES = Lanes()
_LOG = logging.getLogger(__name__)


def answer_to(path: str, body: bytes) -> bytes:
    """The answer to the question in `body` that was sent to one of `ANSWERS`, in the language that it asks for.

    Raises: ValueError, one sentence, for a question that is not one.
    """
    question = _parse(body)
    language = question.get("language")
    with in_language(language if language in languages() else "en"):
        try:
            return _who_answers(path)(question)
        except RecursionError:
            if is_deeper(question, MOST_DEEP):  # read in one piece, but not to be walked through
                raise _no_question(body) from None
            raise  # a fault of ours


def _parse(body: bytes) -> dict[str, Any]:
    try:
        question = json.loads(body)
    except (ValueError, RecursionError):
        question = None
    if not isinstance(question, dict):
        raise _no_question(body)
    _demand_whole_letters(question, body)
    return question


def is_deeper(value: Any, most: int) -> bool:
    """Whether JSON values lie in each other more than `most` deep, found without going into the depth itself.

    >>> from cnnviz.ui.app.routes import is_deeper
    >>> [is_deeper({"a": [[1]]}, most) for most in (2, 3)]
    [True, False]
    """
    level = [value]
    for _depth in range(most + 1):
        level = [
            part
            for each in level
            if isinstance(each, dict | list)
            for part in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def _no_question(body: bytes) -> ValueError:
    return ValueError(_("question must be a JSON object, got {size} bytes of something else", size=len(body)))


def _who_answers(path: str) -> Callable[[dict[str, Any]], bytes]:
    module, name = ANSWERS[path][0].split(":")
    found: Callable[[dict[str, Any]], bytes] = getattr(import_module(f"cnnviz.ui.{module}"), name)
    return found


def _demand_whole_letters(question: dict[str, Any], body: bytes) -> None:
    """JSON can name one half of a letter that takes two ("lone surrogate"); no answer could hold it.

    Raises: ValueError. Looked for only where the bytes of one are there.
    """
    if b"\\ud" not in body.lower() and b"\xed" not in body:
        return
    try:
        json.dumps(question, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError(_("texts must be made of whole letters, got half of one: leave it out")) from None
    except RecursionError:  # it could be read, and cannot be written again
        raise _no_question(body) from None


def _endpoint(path: str) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        if request.headers.get("content-type") != JSON:  # which no other site can send without being asked
            return PlainTextResponse(_("question must be application/json"), status_code=415)
        try:
            async with BODIES.read(request) as body:
                return await _answered(path, body, request)
        except BodyError as error:
            return PlainTextResponse(str(error), status_code=error.status)

    return respond


async def _answered(path: str, body: bytes, request: Request) -> Response:
    visitor = request.client.host if request.client is not None else ""
    try:
        found = await LANES.run(len(body), visitor, request.receive, lambda: answer_to(path, body))
    except ValueError as error:
        return PlainTextResponse(whole_letters(str(error)), status_code=422)
    except TooMuchWaits:
        return PlainTextResponse(_("Too many questions wait: ask again later."), status_code=503)
    except ClientDisconnect:
        raise
    except Exception:
        _LOG.exception("a live question failed")
        return PlainTextResponse(_("Something went wrong here."), status_code=500)
    return Response(found, media_type=ANSWERS[path][1], headers={"Cache-Control": "no-store"} | _packing(request))


def _packing(request: Request) -> dict[str, str]:
    """Within one machine an answer travels as it is: packing it takes longer than sending it."""
    is_here = request.client is not None and request.client.host in HERE
    return {"Content-Encoding": "identity"} if is_here else {}


def routes() -> list[Route]:
    """What the app serves beside its pages, also below a base path."""
    return [
        Route(place, _endpoint(path), methods=["POST"])
        for path in ANSWERS
        for place in route_paths.also_below_a_base(path)
    ]
