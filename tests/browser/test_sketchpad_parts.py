"""The pad's pure functions, in the browser that runs them."""

import json
import math
from itertools import pairwise

import pytest

from cnnviz.data.sample_drawings import find_sample


def test_a_curve_goes_through_its_points_and_stays_between_straight_ones(run_module):
    points = run_module("sketchpad/line.js", "m.curve([0, 0], [0.1, 0], [0.2, 0], [0.3, 0])")
    assert points[-1] == pytest.approx([0.2, 0])
    assert len(points) == round(0.1 / 0.015)
    assert all(y == pytest.approx(0) and 0.1 < x <= 0.2 + 1e-9 for x, y in points)


def test_a_curve_through_a_circle_bulges_outwards(run_module):
    corners = [[math.cos(a), math.sin(a)] for a in (0, 0.5, 1, 1.5)]
    points = run_module("sketchpad/line.js", f"m.curve(...{corners})")
    middle = points[len(points) // 2]
    chord = math.cos(0.25)
    assert chord < math.hypot(*middle) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("a", "b", "inside"),
    [
        ([0.2, 0.5], [0.8, 0.5], [[0.2, 0.5], [0.8, 0.5]]),
        ([0.5, 0.5], [1.5, 0.5], [[0.5, 0.5], [1, 0.5]]),
        ([-1, 0.5], [2, 0.5], [[0, 0.5], [1, 0.5]]),
        ([-0.5, 0], [0.5, -1], None),
        ([1.1, 0.2], [1.1, 0.8], None),
        ([0.5, 1.5], [0.5, 0.5], [[0.5, 1], [0.5, 0.5]]),
    ],
)
def test_only_the_part_inside_the_pad_is_kept(run_module, a, b, inside):
    found = run_module("sketchpad/line.js", f"m.insidePart({a}, {b})")
    assert found == (inside and [pytest.approx(point) for point in inside])


def test_thinning_keeps_corners_and_drops_points_on_straight_lines(run_module):
    line = [[x / 100, 0] for x in range(51)] + [[0.5, y / 100] for y in range(1, 51)]
    assert run_module("sketchpad/line.js", f"m.thinned({line})") == [[0, 0], [0.5, 0], [0.5, 0.5]]


def test_thinning_stays_within_half_a_pixel_of_a_circle(run_module):
    circle = [[0.5 + 0.3 * math.cos(i / 50), 0.5 + 0.3 * math.sin(i / 50)] for i in range(314)]
    kept = run_module("sketchpad/line.js", f"m.thinned({circle})")
    assert 10 < len(kept) < 60
    between = [[(p + q) / 2 for p, q in zip(a, b, strict=True)] for a, b in pairwise(kept)]
    assert max(abs(math.dist(point, (0.5, 0.5)) - 0.3) for point in between) <= 0.0015 + 1e-4


def gesture(points, pen="{width: 0.1}"):
    return f"""(() => {{
        const gesture = m.startGesture({points[0]}, {pen});
        for (const point of {points[1:]}) m.extendGesture(gesture, point);
        return m.strokesOf(gesture);
    }})()"""


def test_a_gesture_ends_where_the_pen_is(run_module):
    [stroke] = run_module("sketchpad/gesture.js", gesture([[0.1, 0.1], [0.3, 0.2], [0.5, 0.1], [0.501, 0.1]]))
    assert stroke["points"][0] == [0.1, 0.1]
    assert stroke["points"][-1] == [0.501, 0.1]
    assert any(point == pytest.approx([0.3, 0.2]) for point in stroke["points"])


def test_the_trembling_of_a_hand_at_rest_adds_no_points(run_module):
    [stroke] = run_module(
        "sketchpad/gesture.js", gesture([[0.1, 0.1], *[[0.1 + i % 2 / 1000, 0.1] for i in range(50)]])
    )
    assert len(stroke["points"]) <= 2


def test_asking_for_the_strokes_leaves_the_gesture_as_it_is(run_module):
    twice = gesture([[0.1, 0.1], [0.3, 0.2], [0.5, 0.1]]).replace(
        "return m.strokesOf(gesture)", "return [m.strokesOf(gesture), m.strokesOf(gesture)]"
    )
    first, second = run_module("sketchpad/gesture.js", twice)
    assert first == second


@pytest.mark.parametrize(
    ("event", "command"),
    [
        ({"key": "z", "ctrlKey": True}, "undo"),
        ({"key": "z", "metaKey": True}, "undo"),
        ({"key": "Z", "ctrlKey": True, "shiftKey": True}, "redo"),
        ({"key": "y", "ctrlKey": True}, "redo"),
        ({"key": "E"}, "change"),
        ({"key": "p"}, "pen"),
        ({"key": " "}, "touch"),
        ({"key": "e", "ctrlKey": True}, None),
        ({"key": "[", "ctrlKey": True, "altKey": True}, "thinner"),
        ({"key": "]"}, "thicker"),
        ({"key": "Tab"}, None),
        ({"key": "ArrowLeft", "altKey": True}, None),
        ({"key": "ArrowLeft", "shiftKey": True}, "move"),
        ({"key": "toString"}, None),
    ],
)
def test_keys_mean_commands(run_module, event, command):
    assert run_module("sketchpad/keys.js", f"m.commandOf({json.dumps(event)})") == command


def test_the_cross_hair_stays_on_the_pad(run_module):
    assert run_module("sketchpad/keys.js", 'm.movedBy([0.99, 0], ["ArrowRight", "ArrowUp"], true)') == [1, 0]


SENDER = """(() => {
    let time = 0, value = 0, rests = true, task = null;
    const sent = [];
    const sender = m.createSender({
        read: () => value, send: (v) => sent.push([time, v]), isAtRest: () => rests, gap: 60, patience: 500,
        now: () => time, later: (run, ms) => (task = {run, at: time + ms}), cancel: () => { task = null; },
    });
    const until = (end) => {
        while (task && task.at <= end) { const due = task; task = null; time = due.at; due.run(); }
        time = end;
    };
    const offer = (v) => { value = v; sender.offer(); };
    const flush = (v) => { value = v; sender.flush(); };
    const rest = (is) => { rests = is; };
    %s
    return sent;
})()"""


@pytest.mark.parametrize(
    ("story", "sent"),
    [
        ("offer(1); until(10); offer(2); until(20); offer(3); until(200);", [[0, 1], [60, 3]]),
        ("offer(1); rest(false); offer(2); until(90); rest(true); until(200);", [[0, 1], [92, 2]]),
        ("offer(1); rest(false); offer(2); until(1000);", [[0, 1], [500, 2]]),
        ("offer(1); rest(false); until(10); offer(2); flush(3); until(1000);", [[0, 1], [10, 3]]),
        ("offer(1); flush(1); until(1000); flush(1);", [[0, 1]]),
        ("offer(1); offer(2); sender.stop(); until(1000);", [[0, 1]]),
    ],
    ids=[
        "the latest state goes out, at most every 60 ms",
        "no update while one is being answered",
        "an update that is never answered is overtaken in the end",
        "the end of a stroke goes out at once and drops what waited",
        "nothing is sent twice",
        "a stopped sender is silent",
    ],
)
def test_the_sender(run_module, story, sent):
    assert run_module("shared/sender.js", SENDER % story) == sent


def test_what_python_has_put_on_the_pad_goes_back_point_by_point_and_a_hand_s_line_is_thinned(run_module):
    """Thinned, the same drawing was another image: a map that was opened showed other values until the next run."""
    placed = find_sample("nine").sketch.to_record()["strokes"]
    story = """(() => {
      const sketch = new m.Sketch(0.08);
      sketch.place(data);
      sketch.begin([0.2, 0.2]);
      sketch.extend([[0.3, 0.2], [0.4, 0.2], [0.5, 0.2], [0.6, 0.2]]);
      sketch.finish();
      const [went, drawn] = m.packStrokes(sketch.strokes);
      sketch.undo();
      return [went, drawn.points, m.packStrokes(sketch.strokes)];
    })()"""
    went, drawn, again = run_module("sketchpad/sketch.js", story, placed)
    assert ([went], again) == (placed, placed)
    assert drawn == [[0.2, 0.2], [0.6, 0.2]]
