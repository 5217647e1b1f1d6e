"""When Python hears of what the hand has made: at rest, on the way elsewhere, or by the next component of its kind."""

from __future__ import annotations

from collections.abc import Callable

Run = Callable[..., object]
MADE = """const told = [];
const make = (name) => {
  const root = document.body.appendChild(document.createElement("div"));
  const rest = new m.HandAtRest(root, (isLeaving) => told.push([name, Boolean(isLeaving)]));
  return { root, rest };
};
const later = (time) => new Promise((done) => setTimeout(done, time));
const press = (where) => where.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, composed: true }));"""


def run(run_module: Run, acts: str, result: str) -> object:
    return run_module("shared/resting.js", f"await (async () => {{ {MADE} {acts} return {result}; }})()")


def test_it_is_told_once_when_the_hand_rests(run_module: Run):
    acts = "const { rest } = make('one'); for (const at of [1, 2]) { rest.hold(at); rest.soon(20); } await later(60);"
    assert run(run_module, acts, "told") == [["one", False]]


def test_a_press_elsewhere_tells_it_at_once_and_one_inside_does_not(run_module: Run):
    acts = "const { root, rest } = make('one'); rest.hold(1); rest.soon(9999); press(root);"
    assert run(run_module, f"{acts} const before = told.length; press(document.body);", "[before, told]") == [
        0, [["one", True]],
    ]  # fmt: skip


def test_what_still_waits_for_an_answer_is_not_told_on_the_way(run_module: Run):
    assert run(run_module, "const { rest } = make('one'); rest.hold(1); press(document.body);", "told") == []


LEFT = "const first = make('first').rest; first.hear({ has: 1 }); first.hold('mine');"
NEXT = "const next = make('next').rest;"


def test_what_could_not_be_told_is_given_to_the_next_of_its_kind_once(run_module: Run):
    acts = f"{LEFT} first.close(); {NEXT} const left = next.hear({{ has: 1 }}); const other = make('other').rest;"
    assert run(run_module, acts, "[left, other.hear({ has: 1 })]") == ["mine", None]


def test_what_was_told_and_not_heard_is_given_to_the_next_too(run_module: Run):
    acts = f"{LEFT} first.soon(0); await later(20); first.close(); {NEXT}"
    assert run(run_module, acts, "[told.length, next.hear({ has: 1 })]") == [1, "mine"]


def test_where_python_has_something_newer_nothing_is_given(run_module: Run):
    assert run(run_module, f"{LEFT} first.close(); {NEXT}", "next.hear({ has: 2 })") is None


def test_what_was_told_and_heard_is_not_given_again(run_module: Run):
    acts = f"{LEFT} first.soon(0); await later(20); first.hear({{ has: 'mine' }}); first.close(); {NEXT}"
    assert run(run_module, acts, "next.hear({ has: 'mine' })") is None


def test_what_the_hand_made_after_that_is_given(run_module: Run):
    acts = f"""{LEFT} first.soon(0); await later(20); first.hold('newer'); first.hear({{ has: 'mine' }});
      first.close(); {NEXT}"""
    assert run(run_module, acts, "next.hear({ has: 'mine' })") == "newer"


def test_what_is_overtaken_is_neither_told_nor_given(run_module: Run):
    acts = f"{LEFT} first.soon(5); first.drop(); await later(30); first.close(); {NEXT}"
    assert run(run_module, acts, "[told, next.hear({ has: 1 })]") == [[], None]
