"""The editor's questions, answered: a pure function of what was sent, bounded, junk refused in one sentence."""

import copy
import json
import re
from functools import partial

import pytest

from cnnviz.models.builder import NetworkSpec, NetworkSpecError, inspect_spec, layers_to_text, preset, preset_keys
from cnnviz.models.builder.problems import with_changed
from cnnviz.ui.app import route_paths, routes
from cnnviz.ui.train.network_answers import LAYERS_NAME, editor_view, linked, offered, packet
from cnnviz.web.network_editor.texts import FRESH, editor_texts

answered = partial(routes.answer_to, route_paths.BLUEPRINT)

B1 = preset("mnist_b1")


def asked(blueprint: object, language: str = "en") -> dict:
    """What the route answers."""
    return json.loads(answered(json.dumps({"blueprint": blueprint, "language": language}).encode()))


def test_the_short_way_answers_as_a_run_of_the_page_does():
    broken = with_changed(B1, 7, inputs=800)
    for blueprint in (B1, broken, preset("birds_residual")):
        answer = asked(blueprint.to_record())
        assert answer == json.loads(json.dumps(editor_view(blueprint)))
        assert answer == packet(blueprint, 1, "/x")["look"]


def test_every_mend_in_an_answer_is_a_network_that_can_be_asked_for_next():
    answer = asked(with_changed(B1, 7, inputs=800).to_record())
    mends = answer["rows"][7]["problem"]["mends"]
    assert [mend["label"] for mend in mends] == ["use 1568", "always from the previous layer"]
    after = [asked(answer["record"] | {"parts": mend["parts"]}) for mend in mends]
    assert [one["problem"] for one in after] == ["", ""]
    assert answer["problem"] != ""  # the negative twin: before the mend there was one


def test_what_is_not_known_is_never_a_number():
    answer = asked(with_changed(B1, 3, kernel=31, padding=0).to_record())
    assert [row["shape"] for row in answer["rows"]][2:5] == ["16×14×14", None, None]
    assert (answer["parameters"], answer["macs"]) == (None, None)
    assert all(row["parameters"] == "" and row["sees"] is None for row in answer["rows"][3:])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"parts": [{"kind": "conv", "outputs": 8, "kernel": 99}]},
            "kernel must be a whole number from 1 to 31, got 99",
        ),
        ({"parts": [{"kind": "flatten"}] * 41}, "parts must be at most 40, got 41"),
        ({"parts": "conv"}, "parts must be a list, got str"),
        ({"input_shape": [1, 10**6, 1]}, "input_shape must be channels"),
        ({"classes": ["a"] * 101}, "classes must be 1 to 100, got 101"),
        ({"title": 5}, "title must be a word"),
    ],
)
def test_what_no_editor_sends_is_refused_in_one_sentence(change: dict, says: str):
    with pytest.raises(NetworkSpecError, match=re.escape(says)) as raised:
        asked(B1.to_record() | change)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("body", [b"[]", b'{"blueprint": null}', b'{"blueprint": 5}', b"{}", b"\xff", b"[" * 100_000])
def test_junk_is_refused(body: bytes):
    with pytest.raises(ValueError, match=r"question must be a JSON object|blueprint must be an object"):
        answered(body)


def test_the_route_is_served():
    assert route_paths.BLUEPRINT in {route.path for route in routes.routes()}


def test_an_answer_does_not_depend_on_those_before():
    first = asked(B1.to_record())
    asked(preset("lenet5").to_record())
    assert asked(B1.to_record()) == first


def test_what_is_offered_fits_the_pictures_and_is_not_changed_by_who_gets_it():
    for shape, classes in [((1, 28, 28), tuple("0123456789")), ((3, 32, 32), ("a", "b"))]:
        made = offered(shape, classes, "en")
        assert {one["key"] for one in made} == set(preset_keys())
        for one in made:
            record = {"title": "x", "input_shape": list(shape), "classes": list(classes), "parts": one["parts"]}
            assert inspect_spec(NetworkSpec.from_record(record)).problem is None
    assert "xor" in {one["key"] for one in offered((2, 1, 1), ("a", "b"), "en")}
    assert "mnist_b1" not in {one["key"] for one in offered((2, 1, 1), ("a", "b"), "en")}


@pytest.mark.parametrize("kind", FRESH)
def test_every_kind_that_can_be_added_has_fields_for_all_its_numbers(kind: str):
    texts = editor_texts()
    record = texts["fresh"][kind]
    assert {spec["name"] for spec in texts["fields"][kind]} == set(record) - {"kind"}
    for spec in texts["fields"][kind]:
        if spec["type"] == "number":
            assert spec["least"] <= record[spec["name"]] <= spec["most"]
        if spec["type"] == "words":
            assert record[spec["name"]] in spec["words"]


def test_a_link_brings_its_layers_and_junk_brings_nothing():
    text = layers_to_text(preset("lenet5").parts)
    assert linked({LAYERS_NAME: text}, B1).parts == preset("lenet5").parts
    assert linked({LAYERS_NAME: text}, B1).classes == B1.classes
    start = copy.deepcopy(B1)
    for junk in ("conv_x", "x" * 5000, "conv_1_k99", "-".join(["relu"] * 60)):
        assert linked({LAYERS_NAME: junk}, B1) == start
    assert linked({}, B1) == start
