"""The lesson's numbers: the printed digits, naive loops in float64, and wrong versions that must be caught."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lesson_oracle import CROSS_ROW_0, PRINTED, PRINTED_POOLED, cut, matched, matched_again, pooled, read, the_x

from cnnviz.core.explain import explain, explain_dense, explain_softmax
from cnnviz.core.units import UnitRef
from cnnviz.lesson import (
    DEEP,
    FEATURES,
    IDEAL_X,
    PRESETS,
    SHORT,
    VOTES,
    Lesson,
    LessonError,
    LessonRun,
    Letter,
    deep_network,
    dense_as_convolution,
    find_lesson_image,
    run_lesson,
)
from cnnviz.lesson.network import DEEPER, pooling_divisors
from cnnviz.lesson.pictures import compare_pixels, letter_text
from cnnviz.lesson.run import SHARPNESS

PLAIN = run_lesson(Lesson())


def rounded(values: object) -> list:
    """To two decimals, as the worked example prints them; −0 is 0."""
    return (np.round(np.array(values, np.float64), 2) + 0.0).tolist()


def test_the_picture_is_the_x_of_the_worked_example():
    assert IDEAL_X.tolist() == the_x()


def test_the_match_scores_are_the_printed_ones():
    maps = PLAIN.layer("match").output
    assert maps.shape == (3, 7, 7)
    assert rounded(maps[0]) == PRINTED[0]
    assert rounded(maps[2]) == PRINTED[2]
    assert [rounded(maps[1])[0]] == read(CROSS_ROW_0)
    assert rounded(maps[1])[3][3] == 1.00


def test_flipped_features_or_sums_instead_of_means_would_not_give_the_printed_scores():
    flipped = run_lesson(Lesson(features=FEATURES[:, :, ::-1].copy())).layer("match").output
    assert rounded(flipped[0]) != PRINTED[0]
    assert rounded(PLAIN.sums["match"][0]) != PRINTED[0]
    assert rounded(PLAIN.sums["match"][0] / 9) == PRINTED[0]


def test_relu_turns_negative_scores_into_0_and_keeps_the_others():
    assert rounded(PLAIN.layer("relu").output[0]) == cut(PRINTED[0])
    assert rounded(np.abs(PLAIN.layer("match").output[0])) != cut(PRINTED[0])


def test_pooling_keeps_the_ragged_edge_and_gives_the_printed_maps():
    maps = PLAIN.layer("pool").output
    assert maps.shape == (3, 4, 4)
    assert tuple(rounded(one) for one in maps) == PRINTED_POOLED
    assert len(pooled(PRINTED[0], keeps_edge=False)) == 3  # the wrong version


def test_the_stack_ends_in_three_maps_of_two_by_two():
    shapes = [layer.output.shape for layer in PLAIN.deep.layers]
    assert shapes == [(3, 7, 7)] * 4 + [(3, 4, 4)] * 3 + [(3, 2, 2), (12,), (2,)]
    assert tuple(layer.spec.path for layer in PLAIN.deep.layers) == DEEP
    assert tuple(layer.spec.path for layer in PLAIN.short.layers) == SHORT


def naive(picture: list, features: list) -> tuple[list, list]:
    """All of the stack by loops: what chapter 5 shows, and the twelve values."""
    maps = [cut(matched(picture, feature)) for feature in features]
    short = [pooled(one) for one in maps]
    deeper = DEEPER.tolist()
    again = [pooled(cut(matched_again(maps, patterns))) for patterns in deeper]
    last = [pooled(cut(matched_again(again, patterns))) for patterns in deeper]
    return short, last


def test_the_mean_of_each_window_by_loops_the_ragged_edge_by_the_cells_that_are_there():
    for scores, made in zip(PLAIN.layer("relu").output, PLAIN.layer("mean").output, strict=True):
        windows = [[scores[r : r + 2, c : c + 2] for c in range(0, 7, 2)] for r in range(0, 7, 2)]
        wanted = [[sum(window.ravel().tolist()) / window.size for window in row] for row in windows]
        np.testing.assert_allclose(made, wanted, atol=1e-6)
        assert windows[3][3].size == 1  # the corner is itself, and no quarter of it
    assert rounded(PLAIN.layer("mean").output[0])[0] == [0.44, 0.19, 0.17, 0.17]


signs = st.sampled_from((-1.0, 1.0))


@settings(max_examples=8, deadline=None)
@given(st.lists(signs, min_size=81, max_size=81), st.lists(signs, min_size=27, max_size=27))
def test_any_picture_and_any_features_give_what_plain_loops_give(cells: list, bits: list):
    picture, features = np.array(cells).reshape(9, 9), np.array(bits).reshape(3, 3, 3)
    made = run_lesson(Lesson(picture=picture, features=features))
    short, last = naive(picture.tolist(), features.tolist())
    np.testing.assert_allclose(made.layer("pool").output, short, atol=1e-6)
    np.testing.assert_allclose(made.layer("pool2").output, last, atol=1e-6)
    np.testing.assert_allclose(made.scores, VOTES.astype(np.float64) @ np.ravel(last), atol=1e-5)


def test_the_loops_would_catch_a_pooling_that_drops_the_edge():
    maps = [cut(matched(the_x(), feature)) for feature in FEATURES.tolist()]
    again = [pooled(cut(matched_again(maps, patterns)), keeps_edge=False) for patterns in DEEPER.tolist()]
    assert np.shape(again) != PLAIN.layer("pool1").output.shape


def test_the_votes_of_the_lesson_end_at_092_for_x_and_052_for_o():
    assert rounded(PLAIN.scores) == [0.92, 0.52]
    assert PLAIN.answer is Letter.X
    swapped = run_lesson(Lesson(votes=VOTES[::-1].copy()))
    assert rounded(swapped.scores) == [0.52, 0.92]
    assert swapped.answer is Letter.O


def test_equal_scores_are_no_answer():
    assert run_lesson(Lesson(votes=np.zeros((2, 12)))).answer is Letter.NEITHER


def test_the_softmax_beside_the_scores_is_09_to_01_and_explains_temperature():
    assert rounded(PLAIN.shares) == [0.9, 0.1]
    cell = explain_softmax(PLAIN.scores, temperature=1 / SHARPNESS)
    np.testing.assert_allclose(PLAIN.shares, cell.probabilities, atol=1e-6)
    assert rounded(run_lesson(Lesson(sharpness=1.0)).shares) == [0.6, 0.4]


def test_the_same_votes_as_a_convolution_give_the_same_numbers():
    np.testing.assert_allclose(PLAIN.covered, PLAIN.scores, atol=1e-6)
    for unit in range(2):
        cell = explain(PLAIN.layer("votes"), UnitRef("votes", unit))
        assert cell.total == pytest.approx(float(PLAIN.covered[unit]), abs=1e-6)
    wrong = (VOTES.reshape(2, 3, 2, 2)[:, :, ::-1, ::-1] * PLAIN.layer("pool2").output).sum(axis=(1, 2, 3))
    assert np.abs(wrong - PLAIN.scores).max() > 0.05  # kernels turned by half


def test_4096_units_on_5_maps_of_3_by_3_are_4096_kernels():
    large = dense_as_convolution()
    assert large.input == (5, 3, 3)
    assert large.linear_weight == (4096, 5 * 3 * 3)
    assert large.kernel == (4096, 5, 3, 3)
    assert large.linear_output == (1, 4096)
    assert large.output == (4096, 1, 1)
    assert large.difference < 1e-4


def test_the_large_example_leaves_other_peoples_random_numbers_alone():
    dense_as_convolution.cache_clear()
    torch.manual_seed(7)
    wanted = torch.rand(3)
    torch.manual_seed(7)
    dense_as_convolution()
    run_lesson(Lesson())
    assert torch.equal(torch.rand(3), wanted)


@pytest.mark.parametrize("path", ["match", "relu", "pool", "conv2", "pool1", "conv3", "pool2"])
def test_every_cell_is_explained_and_adds_up(path: str):
    layer = PLAIN.layer(path)
    for channel, row, col in np.ndindex(layer.output.shape):
        assert explain(layer, UnitRef(path, channel, row, col)).total == float(layer.output[channel, row, col])


def test_the_mean_is_the_sum_of_the_products_divided_by_the_cells_looked_at():
    assert pooling_divisors(DEEPER).tolist() == [3, 11, 3]
    for path in ("conv2", "conv3"):
        means = PLAIN.sums[path] / np.array([3, 11, 3])[:, None, None]
        np.testing.assert_allclose(PLAIN.layer(path).output, means, atol=1e-6)


def test_a_vote_is_explained_with_the_cell_that_it_came_from():
    cell = explain_dense(PLAIN.layer("votes"), UnitRef("votes", 0), (3, 2, 2))
    assert cell.products.sum() == pytest.approx(float(PLAIN.scores[0]), abs=1e-6)
    assert cell.source(5) == (1, 0, 1)


def test_every_ready_made_picture_is_read_right_and_comparing_cells_gets_some_wrong():
    read_as = [letter_text(*scores) for scores in PLAIN.preset_scores.tolist()]
    assert read_as == [preset.letter for preset in PRESETS]
    wrong = {preset.key for preset in PRESETS if compare_pixels(preset.values) is not preset.letter}
    assert wrong == {"x-moved", "o-moved", "o-small"}


def test_one_flipped_cell_changes_the_nine_scores_around_it_and_no_other():
    picture = IDEAL_X.copy()
    picture[4, 4] = -1
    changed = run_lesson(Lesson(picture=picture)).layer("match").output != PLAIN.layer("match").output
    assert changed[:, 2:5, 2:5].all()
    assert not changed[:, :2].any()
    assert changed.sum() == 3 * 9


def test_what_is_shown_cannot_be_written_over_and_nothing_is_shared():
    made = run_lesson(Lesson())
    assert isinstance(made, LessonRun)
    for array in (made.lesson.picture, made.lesson.votes, made.scores, made.shares, made.covered, made.sums["conv2"]):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    mine = np.full((9, 9), 1.0)
    lesson = Lesson(picture=mine)
    mine[0, 0] = -1
    assert lesson.picture[0, 0] == 1


def test_a_network_of_the_lesson_learns_nothing_by_being_run():
    network = deep_network(FEATURES, VOTES)
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"picture": np.zeros((9, 9))}, "picture must hold −1 and 1 only"),
        ({"picture": np.ones((8, 9))}, "picture must be of shape 9×9, got 8×9"),
        ({"features": np.full((3, 3, 3), np.nan)}, "features must hold"),
        ({"votes": np.full((2, 12), 11.0)}, "votes must lie between"),
        ({"votes": np.full((2, 12), np.nan)}, "votes must lie between"),
        ({"sharpness": 0.0}, "sharpness must lie between 0.5 and 10.0, got 0.0"),
    ],
)
def test_what_is_no_lesson_is_refused_in_one_sentence(part: dict, says: str):
    with pytest.raises(LessonError, match=says):
        Lesson(**part)


def test_another_picture_builds_no_network_and_other_votes_build_one(monkeypatch):
    run_lesson(Lesson())
    module = sys.modules["cnnviz.lesson.run"]
    monkeypatch.setattr(module, "deep_network", lambda *_: pytest.fail("built again"))
    assert run_lesson(Lesson(picture=find_lesson_image("o").values)).answer is Letter.O
    with pytest.raises(pytest.fail.Exception, match="built again"):
        run_lesson(Lesson(votes=np.full((2, 12), 0.125)))


def test_a_picture_without_ink_is_blank_and_one_cell_of_ink_is_not():
    paper = np.full((9, 9), -1.0)
    assert run_lesson(Lesson(picture=paper)).is_blank
    paper[8, 8] = 1
    assert not run_lesson(Lesson(picture=paper)).is_blank
    assert not PLAIN.is_blank
