"""The short way: what it answers is what a run of the page shows; what it cannot read is one sentence."""

import json
import re
from functools import partial
from typing import Any

import numpy as np
import pytest
from posting import JSON, Answer, Headers, posted

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.data.pixel_edits import PixelEdits
from cnnviz.data.rasterize import Preparation, preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.data.strokes import Sketch
from cnnviz.models import checkpoints
from cnnviz.ui.app import route_paths, routes
from cnnviz.ui.app.links import snap_to_grid

look = partial(routes.answer_to, route_paths.LOOK)

SKETCH = find_sample("four").sketch


def question(**rest: Any) -> bytes:
    return json.dumps({"strokes": SKETCH.to_record()["strokes"], **rest}).encode()


def opened(answer: bytes) -> tuple[dict[str, Any], bytes]:
    """The explorer's header and arrays, read with a few independent lines."""
    size = int.from_bytes(answer[:4], "little")
    packet = answer[4 : 4 + size]
    length = int.from_bytes(packet[:4], "little")
    return json.loads(packet[4 : 4 + length]), packet[4 + length :]


def traced(preparation: Preparation | None = None, sketch: Sketch = SKETCH) -> Trace:
    model, _manifest = checkpoints.load("mnist")
    return Tracer(model)(preprocess(snap_to_grid(sketch), preparation).image)


def probabilities(answer: bytes) -> np.ndarray:
    header, body = opened(answer)
    return np.frombuffer(body, "<f4", count=10, offset=header["layers"][-1]["output"]["at"])


def test_the_answer_is_pytorchs():
    np.testing.assert_allclose(probabilities(look(question())), traced().probabilities, atol=1e-6)


def test_a_step_switched_off_is_off_here_too():
    off = probabilities(look(question(off=["fitted"])))
    np.testing.assert_allclose(off, traced(Preparation(fits=False)).probabilities, atol=1e-6)
    assert np.abs(off - traced().probabilities).max() > 1e-6


def test_pixels_set_by_hand_are_set_in_what_is_drawn_on_and_stand_in_the_link():
    edits = PixelEdits(tuple((28 * row + col, 255) for row in (13, 14) for col in range(28)))
    image = preprocess(snap_to_grid(SKETCH)).image.copy()
    image[0, 13:15] = 1
    answer = look(question(pixels=edits.text))
    by_hand = Tracer(checkpoints.load("mnist")[0])(image).probabilities
    np.testing.assert_allclose(probabilities(answer), by_hand, atol=1e-6)
    assert np.abs(by_hand - traced().probabilities).max() > 1e-3
    assert f"pixels={edits.text}" in opened(answer)[0]["link"]
    assert "pixels" not in opened(look(question(pixels="junk")))[0]["link"]


def test_an_open_map_comes_with_its_shares():
    header, _body = opened(look(question(selection={"layer": "conv2", "channel": 3})))
    assert header["detail"]["channel"] == 3
    assert opened(look(question()))[0]["detail"] is None


def test_weights_stay_at_home():
    header, body = opened(look(question()))
    assert all("weight" not in layer for layer in header["layers"])
    assert len(body) < 4 * 45_000


def test_what_stays_the_same_from_drawing_to_drawing_stays_at_home_too():
    header, _body = opened(look(question(selection={"layer": "conv2", "channel": 3})))
    for name in ("weight", "bias", "mean", "variance", "axes", "settings"):
        assert all(name not in layer for layer in header["layers"])


def test_the_numbers_of_the_open_cell_are_those_of_the_new_drawing():
    """What the walk shows while one draws: the shares of the open map, and with the bias its value."""
    header, body = opened(look(question(selection={"layer": "conv2", "channel": 3, "row": 5, "col": 6})))
    field = header["detail"]["sums"]
    shares = np.frombuffer(body, "<f4", count=16 * 14 * 14, offset=field["at"]).reshape(field["shape"])[:, 5, 6]
    layer = traced().layers[3]
    assert layer.spec.path == "conv2"
    np.testing.assert_allclose(shares.sum() + layer.bias[3], layer.output[3, 5, 6], atol=1e-5)
    assert (header["selection"]["row"], header["selection"]["col"]) == (5, 6)


@pytest.mark.parametrize("place", [{"row": -1, "col": 2}, {"row": 99, "col": 0}, {"row": "5", "col": 6}, {"row": 5}])
def test_a_cell_that_there_is_not_is_no_cell(place: dict[str, Any]):
    header, _body = opened(look(question(selection={"layer": "conv2", "channel": 3} | place)))
    assert header["selection"]["layer"] == "conv2"
    assert header["selection"]["row"] is None


def test_nothing_drawn_is_said():
    header, _body = opened(look(json.dumps({"strokes": []}).encode()))
    assert header["verdict"]["status"] == "blank"


def test_the_link_leads_back_to_the_drawing():
    header, _body = opened(look(question(others={"lang": "de"})))
    assert header["link"].startswith("?lang=de&ink=")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        *((body, f"question must be a JSON object, got {len(body)} bytes of something else")
          for body in (b"", b"[]", b"{", b"[" * 100_000, b"\xff\xfe")),
        (b"{}", "a drawing must be an object with a list of strokes, got {'strokes': None}: "),
        (b'{"strokes": 3}', "a drawing must be an object with a list of strokes, got {'strokes': 3}: "),
        (b'{"strokes": [{"points": [[0, "x"]]}]}', "a point must be a finite number near the canvas, got 'x': "),
        (b'{"strokes": [{}]}', "points must be a list of [x, y], got None: "),
    ],
    ids=lambda value: None if isinstance(value, str) else f"{len(value)} bytes",
)  # fmt: skip
def test_what_is_no_question_is_refused_in_one_sentence(body: bytes, says: str):
    with pytest.raises(ValueError, match=f"^{re.escape(says)}"):
        look(body)


@pytest.mark.parametrize(
    "odd", [{"off": 3}, {"selection": 7}, {"others": "x"}, {"language": ["de"]}, {"off": ["zzz"]}, {"off": [[]]}]
)
def test_odd_extras_are_taken_as_nothing(odd: dict[str, Any]):
    np.testing.assert_allclose(probabilities(look(question(**odd))), traced().probabilities, atol=1e-6)


def ask(body: bytes, headers: Headers = JSON) -> Answer:
    return posted(route_paths.LOOK, body, headers)


def test_the_route_answers():
    answer = ask(question())
    assert answer.status == 200
    np.testing.assert_allclose(probabilities(answer.body), traced().probabilities, atol=1e-6)


def test_the_route_refuses_kindly():
    assert ask(b"{}").status == 422
    answer = ask(b" " * (routes.MOST_BYTES + 1))
    assert (answer.status, answer.body) == (413, b"question is too large")


def test_the_route_takes_json_only():
    assert ask(question(), ()).status == 415


def test_a_failure_inside_shows_no_stack_trace(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    monkeypatch.setattr(routes, "answer_to", lambda _path, _body: 1 / 0)
    answer = ask(question())
    assert answer.status == 500
    assert b"Traceback" not in answer.body
    assert "ZeroDivisionError" in caplog.text


def deep_question(depth: int) -> bytes:
    return b'{"strokes": ' + b"[" * depth + b"]" * depth + b"}"


@pytest.mark.parametrize("depth", [150, 900, 20_000])
@pytest.mark.parametrize("half_a_letter", [b"", b', "has": "\\udd"'], ids=["whole letters", "looked at for halves"])
def test_a_question_that_is_too_deep_to_be_walked_through_is_refused(depth: int, half_a_letter: bytes):
    body = deep_question(depth)[:-1] + half_a_letter + b"}"
    assert ask(body).status == 422


def test_a_recursion_without_end_of_ours_is_our_fault_and_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def again(question: dict[str, Any]) -> bytes:
        return again(question)

    monkeypatch.setattr(routes, "_who_answers", lambda _path: again)
    answer = ask(question())
    assert (answer.status, answer.body) == (500, b"Something went wrong here.")
    assert "RecursionError" in caplog.text
    assert ask(deep_question(150)).status == 422  # which was theirs
