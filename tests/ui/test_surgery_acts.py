"""What a reader does to a network, as a browser says it: acts, junk, states that are told and read again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from short_way import ANATOMY, NEGATE, NEGATED, Opened

from cnnviz.core.edits import Edit, EditKind, Edits
from cnnviz.core.edits.comparison import ComparisonView
from cnnviz.core.edits.history import MOST_EDITS
from cnnviz.web.edits.state import EditsState, apply_edit_action, edits_state_from_json, edits_state_to_json


def test_an_act_that_cannot_be_is_said_and_left_out():
    wrong = {"do": {"op": "negate", "layer": "conv2", "out": 99, "into": 0}}
    answer = Opened(acts=[NEGATED, wrong])
    assert answer.surgery["done"] == NEGATE.text
    assert answer.surgery["problem"].startswith("map of conv2 must be from 0 to 31, got 99")
    assert Opened(acts=[NEGATED]).surgery["problem"] == ""


@pytest.mark.parametrize(
    "act",
    [None, 3, "burn", [], {}, {"do": None}, {"do": []}, {"do": {}}, {"do": {"op": ["set"]}}, {"do": {"op": "set"}},
     {"do": {"op": "set", "layer": "conv1", "out": 0, "into": 0, "numbers": "abc"}},
     {"do": {"op": "set", "layer": "conv1", "out": 0, "into": 0, "numbers": [None]}},
     {"do": {"op": "set", "layer": "conv1", "out": 0, "into": 0, "numbers": [[1], [2, 3]]}},
     {"do": {"op": "set", "layer": "conv1", "out": 0, "into": 0, "numbers": [10**400] * 25}},
     {"do": {"op": "set", "layer": "conv1", "out": 0, "into": 0, "numbers": [True] * 25}},
     {"do": {"op": "set", "layer": "conv1", "out": 0, "into": 0, "numbers": ["1"] * 25}},
     {"do": {"op": "set", "layer": "conv1", "out": 0, "into": 0, "numbers": [float("nan")] * 25}},
     {"do": {"op": "set", "layer": 7, "out": 0, "into": 0, "numbers": [1.0] * 25}},
     {"do": {"op": "preset", "layer": "conv1", "out": 0, "into": 0, "preset": ["box"]}},
     {"do": {"op": "off", "layer": "conv1", "out": 10**30}}],
)  # fmt: skip
def test_what_is_no_act_changes_nothing(act: Any):
    assert apply_edit_action(EditsState(Edits((NEGATE,))), [act], ANATOMY).edits == Edits((NEGATE,))
    assert apply_edit_action(EditsState(), act, ANATOMY).edits == Edits()


def test_undo_redo_and_reset_are_acts():
    state = apply_edit_action(
        EditsState(), [NEGATED, {"do": {"op": "off", "layer": "conv1", "out": 1}}, "undo"], ANATOMY
    )
    assert state.edits == Edits((NEGATE,), (Edit(EditKind.OFF, "conv1", 1),))
    assert apply_edit_action(state, ["redo", "reset", "redo"], ANATOMY).edits.done == (NEGATE,)


def test_a_hand_that_goes_on_makes_one_edit():
    def put(value: float, same: bool) -> dict[str, Any]:
        return {"do": {"op": "bias", "layer": "fc", "out": 1, "numbers": [value]}, "same": same}

    assert len(apply_edit_action(EditsState(), [put(1, False), put(2, True), put(3, True)], ANATOMY).edits.done) == 1
    assert len(apply_edit_action(EditsState(), [put(1, False), put(2, True), put(3, False)], ANATOMY).edits.done) == 2
    assert len(apply_edit_action(EditsState(), [put(1, False), put(2, "yes")], ANATOMY).edits.done) == 2  # type: ignore[arg-type]


def test_one_edit_too_many_is_said():
    full = EditsState(Edits((NEGATE,) * MOST_EDITS))
    assert "undo some" in apply_edit_action(full, [NEGATED], ANATOMY).problem


def test_without_edits_there_is_no_side_to_look_at_but_one():
    assert (
        apply_edit_action(EditsState(Edits((NEGATE,)), ComparisonView.DIFFERENCE), ["undo"], ANATOMY).view
        is ComparisonView.AFTER
    )
    assert edits_state_from_json({"view": "difference"}, ANATOMY).view is ComparisonView.AFTER


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
)


@given(st.one_of(plain, st.dictionaries(st.sampled_from(["done", "undone", "view", "open", "version"]), plain)))
def test_whatever_a_browser_says_is_a_surgery(said: Any):
    state = edits_state_from_json(said, ANATOMY)
    assert edits_state_from_json(edits_state_to_json(state), ANATOMY) == state


def test_a_surgery_survives_being_told():
    state = EditsState(
        Edits((NEGATE,), (Edit(EditKind.OFF, "conv1", 1),)), ComparisonView.BEFORE, is_open=True, version=7
    )
    assert edits_state_from_json(json.loads(json.dumps(edits_state_to_json(state))), ANATOMY) == state


def test_edits_of_another_network_are_left_out():
    assert edits_state_from_json({"done": f"{NEGATE.text}~off.1.conv9"}, ANATOMY).edits.done == (NEGATE,)


@pytest.mark.parametrize("field", ["op", "layer", "preset", "seed", "numbers"])
def test_what_is_said_about_an_odd_act_stays_a_sentence(field: str):
    act = {"op": {"preset": "preset", "seed": "redraw"}.get(field, "set"), "layer": "conv1", "out": 0, "into": 0}
    problem = apply_edit_action(EditsState(), [{"do": act | {field: "x" * 10_000}}], ANATOMY).problem
    assert 20 < len(problem) < 400
    assert "xxx" in problem
