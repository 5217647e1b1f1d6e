"""Strokes and sketches: what is a drawing, and what is refused with one sentence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.data.sample_drawings import DIGIT_SAMPLES, find_sample
from cnnviz.data.strokes import MAX_POINTS, MAX_STROKES, Sketch, Stroke

coordinate = st.floats(-1, 2, allow_nan=False)
a_stroke = st.builds(
    Stroke,
    st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20).map(tuple),
    st.floats(0.001, 1),
    st.booleans(),
)


@given(st.lists(a_stroke, max_size=5))
def test_a_sketch_survives_json(strokes):
    sketch = Sketch(tuple(strokes))
    assert Sketch.from_json(sketch.to_json()) == sketch


def test_the_json_has_the_form_that_the_pad_sends():
    text = Sketch((Stroke(((0.5, 0.25),), width=0.08),)).to_json()
    assert text == '{"strokes":[{"points":[[0.5,0.25]],"width":0.08,"erases":false}]}'


def test_whole_numbers_and_missing_settings_are_fine():
    sketch = Sketch.from_json('{"strokes": [{"points": [[0, 1]]}]}')
    assert sketch.strokes[0] == Stroke(((0.0, 1.0),))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "drawing"),
        ("[]", "drawing"),
        ('{"strokes": 3}', "drawing"),
        ('{"strokes": "abc"}', "drawing"),
        ('{"strokes": [3]}', "stroke"),
        ('{"strokes": [{}]}', "points"),
        ('{"strokes": [{"points": []}]}', "points"),
        ('{"strokes": [{"points": [[1]]}]}', "points"),
        ('{"strokes": [{"points": [[1, "a"]]}]}', "point"),
        ('{"strokes": [{"points": [[1, true]]}]}', "point"),
        ('{"strokes": [{"points": [[1, NaN]]}]}', "point"),
        ('{"strokes": [{"points": [[1, 1e9]]}]}', "point"),
        ('{"strokes": [{"points": [[1, 1]], "width": 0}]}', "width"),
        ('{"strokes": [{"points": [[1, 1]], "width": "wide"}]}', "width"),
        ('{"strokes": [{"points": [[1, 1]], "erases": 1}]}', "erases"),
        ("[" * 100_000, "drawing"),
    ],
)
def test_what_is_no_drawing_is_one_sentence(text, named):
    with pytest.raises(ValueError, match=r"must be .*, got .*: ") as caught:
        Sketch.from_json(text)
    assert named in str(caught.value)
    assert len(str(caught.value)) < 200


def test_too_many_strokes_are_refused_before_they_are_read():
    with pytest.raises(ValueError, match=f"at most {MAX_STROKES}"):
        Sketch.from_record({"strokes": [None] * (MAX_STROKES + 1)})


def test_too_many_points_are_refused():
    half = Stroke(((0.5, 0.5),) * (MAX_POINTS // 2))
    Sketch((half, half))
    with pytest.raises(ValueError, match="at most"):
        Sketch((half, half, Stroke(((0, 0),))))


def test_infinite_points_are_refused():
    with pytest.raises(ValueError, match="finite"):
        Stroke(((math.inf, 0),))


def test_there_is_a_sample_of_each_digit_and_each_lies_on_the_canvas():
    assert [sample.label for sample in DIGIT_SAMPLES] == list("0123456789")
    points = [point for sample in DIGIT_SAMPLES for stroke in sample.sketch.strokes for point in stroke.points]
    assert all(0.1 < x < 0.9 and 0.1 < y < 0.9 for x, y in points)


def test_samples_are_found_by_key_and_unknown_keys_are_named():
    assert find_sample("slashed-zero").label == "0"
    with pytest.raises(KeyError, match="barred-seven"):
        find_sample("ten")
