"""Real questions to every route of the app, and what any answer to a changed one must be."""

from __future__ import annotations

import base64
import json
import logging
import random
from functools import lru_cache
from typing import Any

from starlette.applications import Starlette

from cnnviz.conv_lab.examples import EXAMPLES
from cnnviz.conv_lab.to_json import setup_to_json
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import DIGIT_SAMPLES, find_sample
from cnnviz.lesson import Lesson, lesson_to_json
from cnnviz.models.builder import preset, preset_keys
from cnnviz.ui.app import route_paths, routes
from cnnviz.ui.app.table_images import keep_image
from cnnviz.ui.lab.nd_answers import START as ND_START
from cnnviz.ui.lab.norm_answers import START
from cnnviz.ui.train.example import example_token
from cnnviz.ui.train.run_registry import RUNS
from tests.fuzz.hostile import TEXTS, mutate, odd_value, to_bytes
from tests.ui.posting import JSON, posted

PATHS = tuple(sorted(routes.ANSWERS))
STATUSES = {200, 413, 415, 422, 503}
LONG = [text[:1_600].encode() for text in TEXTS if len(text) > 1_600]  # of odd values; a link keeps 1,500 letters
LONGEST_SENTENCE = 1_200  # characters: nothing that was sent comes back whole


@lru_cache(maxsize=1)
def served() -> Starlette:
    """The routes as an app; made, as all below, when it is first needed: to look for tests costs nothing."""
    return Starlette(routes=routes.routes())


@lru_cache(maxsize=1)
def real_questions() -> dict[str, list[dict[str, Any]]]:
    """Some of each route, as the browser asks them; not to be changed."""
    image = preprocess(find_sample("four").sketch).image
    pixels = base64.b64encode(image.tobytes()).decode()
    strokes = [sample.sketch.to_record()["strokes"] for sample in DIGIT_SAMPLES[:3]]
    selection = {
        "layer": "conv2",
        "channel": 3,
        "row": 5,
        "col": 6,
        "scope": "layer",
        "panels": ["numbers"],
        "folds": [],
    }
    surgery = {"done": "negate.3.1.conv2", "undone": "off.3.conv1", "view": "after", "version": 1, "open": True}
    act = {"do": {"op": "negate", "layer": "conv2", "out": 3, "into": 1}}
    unit = {"network": "mnist", "layer": "conv2", "channel": 3, "row": 5, "col": 6}
    token = example_token(RUNS)
    run = {"token": token, "version": 0, "statics": False, "cell": [1, 2], "at": 10}
    setups = [setup_to_json(example.make()) for example in EXAMPLES if example.make]
    return {
        route_paths.LOOK: [
            {"strokes": strokes[0]}, {"strokes": strokes[1], "selection": selection, "off": ["fitted"], "truth": 4},
            {"strokes": strokes[2], "surgery": surgery, "acts": [act], "has": None, "others": {"lang": "de"}},
            {"image": pixels, "network": "mnist", "several": True},
            {"seen": keep_image(image), "shown": selection, "selection": selection},
        ],
        route_paths.WHY: [
            {"strokes": strokes[0], "why": {"method": "gradient", "target": None, "against": 3}},
            {"image": pixels, "why": {"method": "grad_cam", "target": 4, "layer": "conv2"}, "surgery": surgery},
            {"seen": keep_image(image), "why": {"method": "occlusion", "target": 4, "window": 7, "stride": 7}},
        ],
        route_paths.CELL: [{"image": pixels, **unit, "surgery": surgery}, {"seen": keep_image(image), **unit}],
        route_paths.FIELD: [{"image": pixels, **unit}, {"image": pixels, **unit, "layer": "relu1", "surgery": surgery}],
        route_paths.ACCURACY: [{"network": "xo", "surgery": surgery, "done": 0, "before": 0, "after": 0}],
        route_paths.LABORATORY: [
            *({"setup": setup, "unit": 0} for setup in setups[:6]),
            {"setup": setups[0], "act": {"name": "preset", "rows": 3, "cols": 3, "channel": 0}, "with_picture": False},
            {"setup": setups[1], "act": {"name": "trained"}},
            {"shift": {"picture": {"key": "bars"}, "kernel": "vertical", "right": 3, "down": -2, "wraps": False}},
            {"norm": dict(START)},
            {"nd": dict(ND_START)},
        ],
        route_paths.BLUEPRINT: [{"blueprint": preset(key).to_record(), "language": "en"} for key in preset_keys()],
        route_paths.LESSON: [{"lesson": lesson_to_json(Lesson())}],
        route_paths.TRAINING: [
            {"runs": [run], "layer": "conv1", "channel": 1, "subject": {"kind": "set", "index": 3}},
            {"runs": [run, run], "commands": [{"token": token, "do": "save", "at": 5}], "plane": "pca", "points": 50},
            {"runs": [run], "commands": [{"token": token, "do": "csv"}, {"token": token, "do": "rate", "rate": 0.1}]},
            {"runs": [run], "image": pixels, "subject": {"kind": "drawing"}, "perplexity": 5},
        ],
    }  # fmt: skip


def changed_question(path: str, seed: int) -> bytes:
    """The bytes of case `seed` of a route: a real question with something odd in it, once in a while nothing real."""
    dice = random.Random(f"{path} {seed}")
    if dice.random() < 0.08:
        return to_bytes(odd_value(dice), dice)
    return to_bytes(mutate(dice.choice(real_questions()[path]), dice), dice)


class Notes(logging.Handler):
    """Keeps every record that names an exception."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.failures.append(self.format(record))


def fault_of_answer(path: str, body: bytes) -> str | None:
    """What is wrong with the answer to `body`, in words; None for one as it must be."""
    notes = Notes()
    logging.getLogger().addHandler(notes)
    try:
        answer = posted(path, body, JSON, app=served())
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        logging.getLogger().removeHandler(notes)
    if notes.failures:
        return notes.failures[0]
    if answer.status not in STATUSES:
        return f"status {answer.status}: {answer.body[:200]!r}"
    if answer.status == 200:
        return fault_of_result(path, answer.body)
    if not 0 < len(answer.body.decode()) <= LONGEST_SENTENCE:
        return f"{len(answer.body)} bytes come back: {answer.body[:200]!r}"
    return None


def fault_of_result(path: str, result: bytes) -> str | None:
    """What a browser could not read in an answer, or what of the question comes back in it."""
    try:
        for text in texts_of(path, result):
            json.loads(text, parse_constant=_no_number)
            if any(long in text for long in LONG):
                return f"what was sent comes back in {len(text)} letters"
    except ValueError as error:
        return f"an answer that no browser reads: {error}"
    return None


def texts_of(path: str, result: bytes) -> list[bytes]:
    """The JSON of an answer: all of it, or the header of each packet in it."""
    if routes.ANSWERS[path][1] == routes.JSON:
        return [result]
    packets = [result]
    if path == route_paths.LOOK:  # two, behind the length of the first
        length = int.from_bytes(result[:4], "little")
        packets = [packet for packet in (result[4 : 4 + length], result[4 + length :]) if packet]
    return [packet[4 : 4 + int.from_bytes(packet[:4], "little")] for packet in packets]


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def real_faults() -> list[str]:
    """Real questions that are not answered: nothing could be learned from changing them."""
    return [
        f"{path} {json.dumps(question)[:200]}"
        for path, questions in real_questions().items()
        for question in questions
        if posted(path, json.dumps(question).encode(), JSON, app=served()).status != 200
    ]
