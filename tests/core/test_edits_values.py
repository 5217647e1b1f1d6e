"""Edits as values: text and back, undo, redo and reset, bounds; whatever is odd is refused in one sentence."""

import re
import string
from typing import Any
from urllib.parse import quote, quote_plus

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.core.edits import Edit, EditError, EditKind, Edits, read_edit, read_edits
from cnnviz.core.edits.edit import FIELDS, LARGEST
from cnnviz.core.edits.history import LONGEST, MOST_EDITS

VALUES: dict[str, st.SearchStrategy] = {
    "out": st.integers(0, 9999),
    "into": st.integers(0, 9999),
    "seed": st.integers(0, 999_999),
    "preset": st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=40),
    "numbers": st.lists(st.floats(-LARGEST, LARGEST, width=32), min_size=1, max_size=25).map(tuple),
}
LAYERS = st.text(string.ascii_letters + string.digits + "_.-", min_size=1, max_size=20)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    op = draw(st.sampled_from(EditKind))
    return Edit(op, draw(LAYERS), **{name: draw(VALUES[name]) for name in FIELDS[op]})


@given(edits())
def test_an_edit_survives_its_text(edit: Edit):
    assert read_edit(edit.text) == edit


@given(st.lists(edits(), max_size=5).map(tuple))
def test_edits_survive_their_link(some: tuple[Edit, ...]):
    text = Edits(some).text
    assert read_edits(text) == Edits(some)
    assert quote_plus(text) == quote(text, safe="") == text  # nothing in it has to be written otherwise in an address


def test_an_edit_reads_like_what_it_does():
    assert Edit(EditKind.ZERO, "conv1", out=3, into=0).text == "zero.3.0.conv1"
    assert Edit(EditKind.RANDOM, "conv1", 3, 0, seed=7).text == "random.3.0.7.conv1"
    assert Edit(EditKind.LINEAR, "features.relu1").text == "linear.features.relu1"
    assert read_edit("linear.features.relu1").layer == "features.relu1"


def test_numbers_travel_as_they_are_and_not_rounded():
    third = float(np.float32(1 / 3))
    edit = read_edit(Edit(EditKind.BIAS, "fc", 1, numbers=(1 / 3,)).text)
    assert edit.numbers == (third,) != (round(third, 6),)


def test_numbers_are_those_of_float32():
    assert Edit(EditKind.BIAS, "fc", 1, numbers=(0.1,)).numbers == (float(np.float32(0.1)),)
    assert Edit(EditKind.BIAS, "fc", 1, numbers=(0.1,)) == Edit(
        EditKind.BIAS, "fc", 1, numbers=(float(np.float32(0.1)),)
    )


def test_equal_edits_are_one_key():
    assert hash(Edits((Edit("off", "conv1", 3),))) == hash(Edits((Edit(EditKind.OFF, "conv1", 3),)))
    assert len({Edit("off", "conv1", 3), Edit(EditKind.OFF, "conv1", 3), Edit(EditKind.OFF, "conv1", 4)}) == 2


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"op": "burn"}, "edit must be one of set, preset, .* got 'burn'"),
        ({"layer": "conv\n1"}, "layer must be a name .* got 'conv.*1'"),
        ({"layer": "a" * 201}, "layer must be a name"),
        ({"out": -1}, "channel must be a whole number from 0 to 99999, got -1"),
        ({"out": True}, "channel must be a whole number .* got True"),
        ({"out": None}, "channel must be a whole number .* got None"),
        ({"seed": 3}, "seed must be left out of the edit 'set', got 3"),
        ({"numbers": ()}, "numbers must be 1 to 441"),
        ({"numbers": (1.0,) * 442}, "numbers must be 1 to 441"),
        ({"numbers": "abc"}, "numbers must be numbers in a row, got 'abc'"),
        ({"numbers": ((1.0,),)}, "numbers must be .* in a row"),
        ({"numbers": (1.0, float("nan"))}, "weights must be from −1000 to 1000, got nan"),
        ({"numbers": (float("inf"),)}, "weights must be .* got inf"),
        ({"numbers": (1000.5,)}, "weights must be .* got 1000.5"),
    ],
)
def test_an_odd_edit_is_refused_in_one_sentence(fields: dict[str, Any], says: str):
    usual = {"op": "set", "layer": "conv1", "out": 0, "into": 0, "numbers": (1.0,)}
    assert Edit(**usual)
    with pytest.raises(EditError, match=says):
        Edit(**(usual | fields))


NO_EDIT, NO_LAYER = "edit must read like zero.3.0.conv1, got ", "layer must be a name of 1 to 200 printable letters"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        *((text, f"{NO_EDIT}{text!r}: copy") for text in ("", "zero", "zero.", "zero.1.conv1", "burn.1.2.conv1")),
        *((f"zero.1.{into}.conv1", f"{NO_EDIT}{into!r}: copy") for into in ("x", "-2", "99999999", "²")),
        *((f"bias.1.{numbers}.conv1", f"{NO_EDIT}{numbers!r}: copy") for numbers in ("AAA", "!!!!")),
        ("bias.1..conv1", "numbers must be 1 to 441 in a row, got shape (0,): "),
        ("set.1.2.AADAfw.conv1", "weights must be from −1000 to 1000, got nan: "),
        *(
            (f"off.1.{layer}", f"{NO_EDIT}{f'off.1.{layer}'!r}: copy")
            for layer in ("", "conv1 ", "relu#2", "%", "%ff", "a%0Ab", "conv%2f1")  # the last: not as a link has it
        ),
    ],
)
def test_a_text_that_is_no_edit_is_refused_and_told_why(text: str, says: str):
    with pytest.raises(EditError, match=f"^{re.escape(says)}"):
        read_edit(text)


@pytest.mark.parametrize("layer", ["", "x" * 201, "two\nlines", 7, None])
def test_a_layer_without_a_name_that_can_be_shown_is_refused(layer: Any):
    with pytest.raises(EditError, match=NO_LAYER):
        Edit(EditKind.OFF, layer, 1)


ODD_NAMES = ("relu#2", "a&b=c", "50%", "what?", "a/b", "a b", "a~b", "3×3 ünï 中", "[x](y)", "*md*", "`c`", "'q' \"r\"")


@given(st.lists(st.sampled_from(ODD_NAMES) | st.text(min_size=1, max_size=40), min_size=1, max_size=5))
def test_edits_of_layers_of_any_name_survive_their_text(names: list[str]):
    wanted = Edits(tuple(Edit(EditKind.OFF, name, 1) for name in names if name.isprintable()))
    assert read_edits(wanted.text) == wanted
    assert re.fullmatch(r"[A-Za-z0-9_.%~-]*", wanted.text), "nothing that means something in an address"


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading(text: str):
    try:
        found = read_edits(text)
    except EditError:
        return
    assert read_edits(found.text) == found


A, B, C = (Edit(EditKind.OFF, "conv1", out) for out in range(3))


def test_undo_takes_back_the_last_and_redo_brings_it_again():
    both = Edits().do(A).do(B)
    assert both.done == (A, B)
    assert both.undo() == Edits((A,), (B,))
    assert both.undo().undo() == Edits((), (B, A))
    assert both.undo().undo().redo() == Edits((A,), (B,))


def test_a_new_edit_forgets_what_was_undone():
    assert Edits().do(A).do(B).undo().do(C) == Edits((A, C))


def test_undo_and_redo_of_nothing_are_nothing():
    assert Edits().undo() == Edits().redo() == Edits().reset() == Edits()


def test_a_reset_can_be_taken_back_step_by_step():
    reset = Edits().do(A).do(B).do(C).reset()
    assert not reset
    assert reset.redo().done == (A,)
    assert reset.redo().redo().redo().done == (A, B, C)


steps = st.lists(st.sampled_from(["do", "undo", "redo", "reset"]), max_size=20)


@given(steps)
def test_undo_is_the_way_back_of_every_edit_and_redo_its_way_forth(taken: list[str]):
    state = Edits()
    for number, step in enumerate(taken):
        state = state.do(Edit(EditKind.OFF, "conv1", number)) if step == "do" else getattr(state, step)()
    if state.done:
        assert state.undo().redo() == state
    if state.undone:
        assert state.redo().undo() == state
    assert state.do(A).undo().done == state.done


def test_a_slider_that_is_held_makes_one_edit():
    held = Edits()
    for value in (0.1, 0.2, 0.3):
        held = held.do(Edit(EditKind.BIAS, "fc", 1, numbers=(value,)), is_same_move=True)
    assert held.done == (Edit(EditKind.BIAS, "fc", 1, numbers=(0.3,)),)
    apart = held.do(Edit(EditKind.BIAS, "fc", 1, numbers=(0.4,)))
    assert len(apart.done) == 2  # let go and taken up again: two
    other = held.do(Edit(EditKind.BIAS, "fc", 2, numbers=(0.4,)), is_same_move=True)
    assert len(other.done) == 2  # of another unit: two


def test_negating_twice_is_two_edits_even_in_one_movement():
    negate = Edit(EditKind.NEGATE, "conv1", 0, 0)
    assert Edits().do(negate).do(negate, is_same_move=True).done == (negate, negate)


def test_there_are_at_most_as_many_edits_as_a_link_can_carry():
    full = Edits((A,) * MOST_EDITS)
    with pytest.raises(EditError, match=f"at most {MOST_EDITS}"):
        full.do(B)
    assert len(full.reset().undone) == MOST_EDITS
    kernel = Edit(EditKind.SET, "conv1", 0, 0, (0.5,) * 121)
    assert len(kernel.text) > 640
    with pytest.raises(EditError, match=f"{LONGEST} characters"):
        Edits((kernel,) * 7)
    with pytest.raises(EditError, match="copy the link again"):
        read_edits("x" * (LONGEST + 1))


def test_nothing_done_is_no_edit():
    assert not Edits((), (A,))
    assert Edits((A,))
    assert Edits().text == ""
