"""A lesson travels as plain values and as a link, and comes back the same; junk is refused, or falls back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.lesson import (
    FEATURES,
    IDEAL_X,
    PRESETS,
    VOTES,
    Lesson,
    LessonError,
    find_lesson_image,
    lesson_from_json,
    lesson_from_link,
    lesson_to_json,
    lesson_to_link,
)
from cnnviz.lesson.pictures import Agreement, cell_agreement, image_from_text
from cnnviz.lesson.records import chapter_of, from_bits, to_bits

signs = st.sampled_from((-1.0, 1.0))


def same(one: Lesson, other: Lesson) -> bool:
    return lesson_to_json(one) == lesson_to_json(other) and np.array_equal(one.votes, other.votes)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(signs, min_size=81, max_size=81), st.lists(signs, min_size=27, max_size=27),
    st.lists(st.integers(-1000, 1000), min_size=24, max_size=24), st.sampled_from((0.5, 1.0, 5.5, 10.0)),
)  # fmt: skip
def test_any_lesson_comes_back_from_a_record_and_from_a_link(picture, features, votes, sharpness):
    lesson = Lesson(
        picture=np.reshape(picture, (9, 9)), features=np.reshape(features, (3, 3, 3)),
        votes=np.reshape(np.array(votes, np.float32) / np.float32(100), (2, 12)), sharpness=sharpness,
    )  # fmt: skip
    assert same(lesson_from_json(json.loads(json.dumps(lesson_to_json(lesson)))), lesson)
    assert same(lesson_from_link(lesson_to_link(lesson)), lesson)
    assert sum(map(len, lesson_to_link(lesson).values())) < 250


def test_bits_are_written_row_by_row():
    assert to_bits(np.array([1, -1, 1, 1, -1])) == "b0"
    assert from_bits("b0", (5,), "picture").tolist() == [1, -1, 1, 1, -1]
    assert to_bits(image_from_text("#. .#")) != to_bits(image_from_text(".# #."))


def test_the_unchanged_lesson_has_an_empty_link_and_a_ready_made_picture_goes_by_its_name():
    assert lesson_to_link(Lesson()) == {}
    assert lesson_to_link(Lesson(picture=find_lesson_image("o-small").values)) == {"picture": "o-small"}


@pytest.mark.parametrize(
    "junk",
    [
        {"picture": "zzz"}, {"picture": "f" * 10_000}, {"picture": "0" * 20}, {"features": "G" * 7}, {"votes": "1.2"},
        {"votes": ".".join(["9999"] * 24)}, {"votes": "1e9"}, {"sharpness": "inf"}, {"sharpness": "99"},
        {"sharpness": "-1"},
    ],
)  # fmt: skip
def test_junk_in_a_link_falls_back_and_the_rest_of_the_link_counts(junk: dict[str, str]):
    assert same(lesson_from_link(junk), Lesson())
    good = {"picture": "o"} if "picture" not in junk else {"sharpness": "2"}
    assert same(lesson_from_link(junk | good), lesson_from_link(good))
    assert not same(lesson_from_link(good), Lesson())


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"picture": 5}, "picture must be 21 hexadecimal digits, got 5"),
        ({"features": "0" * 8}, "features must be 7 hexadecimal digits"),
        ({"votes": [0.5] * 24}, "votes must be 24 whole hundredths"),
        ({"votes": [1001] * 24}, "votes must be 24 whole hundredths"),
        ({"votes": [True] * 24}, "votes must be 24 whole hundredths"),
        ({"sharpness": "5"}, "sharpness must lie between"),
        ({"sharpness": float("nan")}, "sharpness must lie between"),
    ],
)
def test_a_record_that_is_no_lesson_is_refused_in_one_sentence(record: dict, says: str):
    with pytest.raises(LessonError, match=says):
        lesson_from_json(record)


def test_a_chapter_is_one_of_eight():
    assert [chapter_of(text) for text in ("1", "8", 3, "0", "9", "x", None, "²")] == [1, 8, 3, 1, 1, 1, 1, 1]


def test_a_picture_that_is_not_known_is_said_to_be_so():
    with pytest.raises(KeyError, match="picture must be one of x, x-right"):
        find_lesson_image("z")


def test_agreement_counts_equal_cells_and_its_score_is_what_the_count_says():
    for preset in PRESETS:
        found = cell_agreement(preset.values, IDEAL_X)
        by_hand = sum(a == b for a, b in zip(preset.values.flat, IDEAL_X.flat, strict=True))
        assert found.same == by_hand
        assert found.score == pytest.approx((2 * by_hand - 81) / 81)
    assert cell_agreement(IDEAL_X, IDEAL_X) == Agreement(81, 1.0)
    assert cell_agreement(-IDEAL_X, IDEAL_X) == Agreement(0, -1.0)


def test_every_preset_is_nine_by_nine_of_plus_and_minus_one():
    assert all(preset.values.shape == (9, 9) and set(preset.values.flat) == {-1, 1} for preset in PRESETS)
    assert len({to_bits(preset.values) for preset in PRESETS}) == len(PRESETS) == 10
    assert FEATURES.shape == (3, 3, 3)
    assert VOTES.shape == (2, 12)
