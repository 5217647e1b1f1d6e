"""One form of error, and of asking whether a value is what it must be: bounds, types, words, and the sentence."""

import ast
import math
from enum import StrEnum
from pathlib import Path

import numpy as np
import pytest

from cnnviz import checks
from cnnviz.checks import (
    check_number,
    check_one_of,
    check_record,
    check_shape,
    check_truth,
    check_whole,
    check_word,
    is_number,
    is_truth,
    is_whole,
    not_one_of,
    quoted,
    require,
)

ROOT = Path(__file__).resolve().parent.parent


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class OwnError(Exception):
    """What a module calls its errors."""


@pytest.mark.parametrize(
    ("value", "is_it"), [(0, True), (9, True), (10, False), (-1, False), (3.0, False), (True, False), ("3", False)]
)
def test_a_whole_number_lies_within_its_bounds_and_is_no_truth(value: object, is_it: bool):
    assert is_whole(value, 0, 9) is is_it


@pytest.mark.parametrize(
    ("value", "is_it"),
    [
        (0, True),
        (0.5, True),
        (1, True),
        (1.01, False),
        (math.nan, False),
        (False, False),
        (None, False),
        (10**400, False),
    ],
)
def test_a_number_is_finite_and_lies_within_its_bounds(value: object, is_it: bool):
    assert is_number(value, 0, 1) is is_it


def test_without_bounds_every_number_that_a_float_can_hold_will_do_and_infinity_will_not():
    assert [is_number(value) for value in (-1e308, 10**308, math.inf, -math.inf)] == [True, True, False, False]
    assert not is_number(10**400)  # float() of it raises


def test_true_and_false_are_not_1_and_0():
    assert [is_truth(value) for value in (True, False, 1, 0, None)] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (lambda: require(False, "rate", "above 0", -1, "0.1 is usual", OwnError),
         "rate must be above 0, got -1: 0.1 is usual"),
        (lambda: check_whole("seed", 0.5, 0, 9, "take 0", OwnError),
         "seed must be a whole number from 0 to 9, got 0.5: take 0"),
        (lambda: check_number("share", "x", 0, 1, "take 0.5", OwnError),
         "share must be a number from 0 to 1, got 'x': take 0.5"),
        (lambda: check_truth("balanced", 1, "leave it out", OwnError),
         "balanced must be true or false, got 1: leave it out"),
        (lambda: check_word(Side, "side", "up", OwnError),
         "side must be one of left, right, got 'up': choose one of these"),
        (lambda: check_one_of("side", ["left"], ("left",), OwnError),
         "side must be one of left, got ['left']: choose one of these"),
        (lambda: check_record("job", {"a": 1, "z": 2}, ("b", "a"), (), OwnError),
         "job must be a JSON object of a, b: leave everything else out"),
        (lambda: check_record("job", {"a": 1}, ("b", "a"), ("b",), OwnError),
         "job must be a JSON object of a, b: leave everything else out"),
        (lambda: check_shape("image", (1, 2), (1, 3), "draw again", OwnError),
         "image must be of shape 1×3, got 1×2: draw again"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence_with_a_way_out_in_the_error_of_the_module(check, sentence: str):
    with pytest.raises(OwnError) as caught:
        check()
    assert str(caught.value) == sentence


def test_what_is_as_it_must_be_is_handed_back():
    record = {"a": 1}
    assert check_whole("seed", 9, 0, 9, "") == 9
    assert check_number("share", 1, 0, 1, "") == 1
    assert check_truth("balanced", False, "") is False
    assert check_word(Side, "side", "left") is Side.LEFT
    assert check_one_of("side", "left", ("left", "right")) == "left"
    assert check_record("job", record, ("a",), ("a",)) is record


def test_a_sentence_does_not_grow_with_what_was_received_or_with_what_there_is():
    assert len(quoted("x" * 1000)) == checks.LONGEST + 1
    assert quoted(np.float32(0.5)) == "0.5"
    assert quoted(Side.LEFT) == "left"
    sentence = str(not_one_of("layer", "x", [f"layer{number}" for number in range(1000)]))
    assert "layer39 …" in sentence
    assert "layer40" not in sentence


def own_validators(text: str) -> list[str]:
    """Where a module asks in its own way what `checks` asks."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
            found += [ast.unparse(node)] * (ast.unparse(node.args[1]) == "bool")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            has_form = any(form in node.value for form in ("must be one of {known}", "{parameter} must be {rule}"))
            found += [node.value] * has_form
    return found


def test_no_module_has_checks_of_its_own():
    files = [path for path in sorted((ROOT / "cnnviz").rglob("*.py")) if path.name != "checks.py"]
    # sentences of another form: "… got {type} at {path}", "or {prefix}NAME"; and one that writes a truth as T or F
    allowed = {"activation.py", "summary.py", "number_grids.py"}
    found = {path.name: own for path in files if (own := own_validators(path.read_text(encoding="utf-8")))}
    assert set(found) <= allowed, found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("isinstance(value, int) and not isinstance(value, bool)", 1),
        ("_('side must be one of {known}, got {got}', known=1, got=2)", 1),
        ("isinstance(value, int)", 0),
        ("_('drawing must have ink')", 0),
    ],
)
def test_a_check_of_ones_own_is_found(text: str, count: int):
    assert len(own_validators(text)) == count
