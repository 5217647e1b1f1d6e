"""The lesson's short way: what it answers is PyTorch's, whatever is asked is bounded, junk is one sentence."""

import json
from typing import Any

import numpy as np
import pytest

from cnnviz.lesson import FEATURES, VOTES, Lesson, lesson_to_json, run_lesson
from cnnviz.ui.app import route_paths
from cnnviz.ui.app.routes import answer_to, routes
from cnnviz.ui.lesson.answers import shown_lesson
from cnnviz.web.lesson import lasting
from cnnviz.web.lesson.chapters import chapters
from cnnviz.web.lesson.packet import LAYERS


def asked(**lesson: Any) -> dict[str, Any]:
    return opened(answer_to(route_paths.LESSON, json.dumps({"lesson": lesson_to_json(Lesson()) | lesson}).encode()))


def opened(packet: bytes) -> dict[str, Any]:
    """The header, each array read with a few independent lines."""
    length = int.from_bytes(packet[:4], "little")
    header, body = json.loads(packet[4 : 4 + length]), packet[4 + length :]

    def read(field: dict[str, Any]) -> np.ndarray:
        return np.frombuffer(body, "<f4", int(np.prod(field["shape"])), field["at"]).reshape(field["shape"])

    for group in ("outputs", "sums", "patterns"):
        header[group] = {path: read(field) for path, field in header[group].items()}
    return header | {"votes": read(header["votes"])}


def test_the_answer_is_pytorchs_for_the_lesson_that_was_asked():
    picture = "0" * 21
    header = asked(picture=picture)
    wanted = run_lesson(Lesson(picture=-np.ones((9, 9))))
    for path in LAYERS:
        np.testing.assert_array_equal(header["outputs"][path], wanted.layer(path).output)
    for path in ("conv1", "conv2", "conv3"):
        np.testing.assert_array_equal(header["sums"][path], wanted.sums[path])
    np.testing.assert_allclose(header["scores"], wanted.scores)
    assert header["lesson"]["picture"] == picture
    assert header["link"] == {"picture": picture}
    assert np.abs(header["outputs"]["conv1"] - run_lesson(Lesson()).layer("conv1").output).max() > 0.5


def test_two_visitors_lessons_do_not_touch():
    before = asked()
    asked(picture="f" * 20 + "8", features="0" * 7, votes=[0] * 24)
    assert asked()["scores"] == before["scores"]
    np.testing.assert_array_equal(asked()["votes"], VOTES)
    np.testing.assert_array_equal(asked()["patterns"]["conv1"][:, 0], FEATURES)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({}, "lesson must be a record"),
        ({"lesson": [1]}, "lesson must be a record"),
        ({"lesson": {"picture": "z"}}, "picture must be 21 hexadecimal digits"),
        ({"lesson": {"votes": [10**9] * 24}}, "votes must be 24 whole hundredths"),
        ({"lesson": {"sharpness": 1e99}}, "sharpness must lie between"),
    ],
)
def test_junk_is_answered_with_one_sentence(question: dict, says: str):
    with pytest.raises(ValueError, match=says):
        answer_to(route_paths.LESSON, json.dumps(question).encode())


def test_nothing_that_is_not_a_number_reaches_a_header():
    with pytest.raises(ValueError, match="sharpness"):
        answer_to(route_paths.LESSON, b'{"lesson": {"sharpness": NaN}}')


def test_it_is_served_beside_the_pages():
    assert route_paths.LESSON in {route.path for route in routes()}


def test_the_sources_of_the_layers_are_what_pytorch_fed_them():
    outputs = opened(shown_lesson(Lesson()))["outputs"]
    layers = lasting()["layers"]
    assert [layer["path"] for layer in layers] == list(LAYERS)
    for layer in layers:
        np.testing.assert_array_equal(outputs[layer["source"]], run_lesson(Lesson()).layer(layer["path"]).input)


def test_an_answer_is_small_and_what_stays_travels_only_with_the_page():
    assert len(shown_lesson(Lesson())) < 12_000
    assert "texts" not in asked()
    assert "texts" in opened(shown_lesson(Lesson(), **lasting()))


def test_every_word_of_a_chapter_is_in_the_glossary():
    explained = lasting()["texts"]["terms"]
    used = {word for chapter in chapters() for word in chapter["words"]}
    assert used == set(explained)
    assert {"feature", "match score", "ceil mode"} <= used
