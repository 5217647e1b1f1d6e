"""Evaluation: every figure against counting by hand; the shipped checkpoint meets what it publishes."""

import math
import os

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cnnviz.data.datasets import STROKES_FILE, LabelledImages, data_folder, has_mnist, mnist, pen_drawings
from cnnviz.data.digit_pools import rasterise_all, split_by_tablet
from cnnviz.data.non_digits import UNSEEN, make_non_digits
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.evaluation.metrics import (
    best_temperature,
    best_threshold,
    calibration_error,
    evaluate,
    fold_temperature,
    logits_of,
    reliability,
    score_logits,
)
from cnnviz.evaluation.robustness import resize_images, rotate_images, shift_images
from cnnviz.models.checkpoints import load, read_manifest
from cnnviz.models.decision import DecisionRule, PredictionStatus, predict, softmax

NEEDS_DATA = pytest.mark.skipif(
    not (has_mnist() and (data_folder() / STROKES_FILE).is_file()),
    reason=f"the published figures need MNIST and the strokes; CNNVIZ_DATA is {os.environ.get('CNNVIZ_DATA')!r}",
)


def logits_for(*answers, sure=10.0):
    return np.array([[sure if digit == answer else 0.0 for digit in range(10)] for answer in answers])


def test_accuracy_confusion_and_rejection_are_counts():
    logits = np.concatenate([logits_for(3, 3, 5), logits_for(7, sure=0.1)])
    result = score_logits(logits, np.array([3, 5, 5, 7]), DecisionRule(0.5))
    assert result.n == 4
    assert result.accuracy == 3 / 4
    assert result.share_rejected == 1 / 4  # the last one is unsure
    assert result.accuracy_accepted == 2 / 3
    assert result.confusion[5][3] == 1
    assert sum(map(sum, result.confusion)) == 4
    assert sum(result.confusion[digit][digit] for digit in range(10)) == 3


def naive_calibration_error(confidence, right, bins=15):
    total = 0.0
    for number in range(bins):
        inside = [i for i, c in enumerate(confidence) if min(int(c * bins), bins - 1) == number]
        if inside:
            gap = sum(confidence[i] for i in inside) / len(inside) - sum(right[i] for i in inside) / len(inside)
            total += abs(gap) * len(inside) / len(confidence)
    return total


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_the_calibration_error_is_that_of_the_formula(pairs):
    confidence, right = np.array([c for c, _ in pairs]), np.array([r for _, r in pairs])
    assert calibration_error(confidence, right) == pytest.approx(naive_calibration_error(confidence, right))


def test_someone_sure_and_right_is_calibrated_and_someone_sure_and_wrong_is_not():
    assert calibration_error(np.ones(4), np.ones(4, bool)) == 0
    assert calibration_error(np.ones(4), np.zeros(4, bool)) == 1


def test_the_best_temperature_undoes_a_scale():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 10))
    labels = np.array([rng.choice(10, p=row) for row in softmax(logits)])
    assert best_temperature(logits, labels) == pytest.approx(1, abs=0.1)
    assert best_temperature(logits * 3, labels) == pytest.approx(3, abs=0.3)


def test_a_folded_temperature_divides_the_logits():
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)
    before = logits_of(model, images)
    fold_temperature(model, 2.0)
    assert logits_of(model, images) == pytest.approx(before / 2, abs=1e-5)


def test_a_temperature_needs_a_linear_end():
    with pytest.raises(ValueError, match="last layer must be linear"):
        fold_temperature(nn.Sequential(nn.ReLU()), 2.0)


def test_the_threshold_keeps_the_share_asked_for():
    confidence = np.linspace(0, 1, 1001)
    threshold = best_threshold(confidence, kept=0.9)
    assert 0.09 <= threshold <= 0.1
    assert (confidence >= threshold).mean() >= 0.9


def test_no_images_and_foreign_labels_are_one_sentence():
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    with pytest.raises(ValueError, match="at least one, got none"):
        evaluate(model, LabelledImages(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64)), DecisionRule())
    with pytest.raises(ValueError, match=r"labels must be in 0\.\.9"):
        score_logits(logits_for(1), np.array([12]), DecisionRule())


def a_dot(row, col):
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, row - 1 : row + 2, col - 1 : col + 2] = 255
    return image


def centre(images):
    rows, cols = np.nonzero(images[0] > 100)
    return float(rows.mean()), float(cols.mean())


def test_a_shift_moves_ink_right_and_down():
    assert centre(shift_images(a_dot(10, 5), 3)) == (13, 8)
    assert np.array_equal(shift_images(a_dot(10, 5), 0), a_dot(10, 5))


def test_a_turn_is_anticlockwise_about_the_middle():
    # 8.5 to the right of the middle (13.5, 13.5) becomes 8.5 above it
    assert centre(rotate_images(a_dot(14, 22), 90)) == pytest.approx((13.5 - 8.5, 14), abs=1)


def test_a_smaller_size_brings_ink_to_the_middle():
    row, col = centre(resize_images(a_dot(4, 14), 0.5))
    assert (row, col) == pytest.approx((13.5 - 9.5 / 2, 13.75), abs=0.8)


MODEL, MANIFEST = load("mnist")


def status_of(sketch):
    prepared = preprocess(sketch)
    with torch.no_grad():
        logits = MODEL(torch.tensor(prepared.image)[None])[0].numpy()
    return predict(logits, prepared.has_ink, MANIFEST.rule)


@pytest.mark.parametrize("sample", DIGIT_SAMPLES, ids=lambda sample: sample.key)
def test_the_shipped_network_reads_our_own_drawings(sample):
    reading = status_of(sample.sketch)
    assert (reading.status, reading.top) == (PredictionStatus.ANSWER, int(sample.label))


def test_a_blank_canvas_and_a_scribble_are_no_digit():
    assert status_of(Sketch()).status is PredictionStatus.BLANK
    angles = [step / 4 for step in range(120)]
    scribble = tuple((0.5 + 0.4 * math.sin(3.1 * a), 0.5 + 0.4 * math.sin(2.3 * a + 1)) for a in angles)
    assert status_of(Sketch((Stroke(scribble, 0.05),))).status is PredictionStatus.FOREIGN


def test_what_was_never_trained_on_is_turned_away_as_published():
    rng = np.random.default_rng(3)  # other pictures than those of the manifest
    published = MANIFEST.figures["no_digit_turned_away"]
    probabilities = softmax(logits_of(MODEL, make_non_digits(UNSEEN, 70 * len(UNSEEN), rng)))
    assert 1 - MANIFEST.rule.accepts(probabilities).mean() == pytest.approx(np.mean(list(published.values())), abs=0.06)


def test_the_manifest_describes_the_network_it_ships_with():
    assert MANIFEST.parameters == 16 * (25 + 1) + 32 * (16 * 25 + 1) + (32 * 7 * 7 + 1) * 10
    assert read_manifest("mnist").command.startswith("python -m cnnviz train mnist")
    assert not set(MANIFEST.data["trained_on_tablets"]) & set(MANIFEST.data["held_out_tablets"])


@pytest.mark.data
@NEEDS_DATA
def test_the_shipped_network_reads_mnist_as_published():
    result = evaluate(MODEL, mnist("test"), MANIFEST.rule)
    published = MANIFEST.figures["mnist_test"]
    assert result.accuracy == pytest.approx(published["accuracy"], abs=3e-4)  # other CPUs round otherwise
    assert result.share_rejected == pytest.approx(published["share_rejected"], abs=5e-4)


@pytest.mark.data
@NEEDS_DATA
def test_the_shipped_network_reads_the_held_out_tablets_as_published():
    split = split_by_tablet(pen_drawings())
    assert sorted({drawing.source for drawing in split.held_out}) == MANIFEST.data["held_out_tablets"]
    result = evaluate(MODEL, rasterise_all(split.held_out), MANIFEST.rule)
    assert result.accuracy == pytest.approx(MANIFEST.figures["pen_held_out"]["accuracy"], abs=1e-3)
    assert result.accuracy >= 0.97


def test_reliability_counts_each_bin_by_hand_and_agrees_with_the_calibration_error():
    dice = np.random.default_rng(0)
    logits, labels = dice.normal(0, 2, (400, 10)), dice.integers(0, 10, 400)
    labels[:250] = logits[:250].argmax(axis=1)
    found = reliability(logits, labels)
    probabilities = softmax(logits)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    for number in range(15):
        inside = [at for at in range(400) if min(int(confidence[at] * 15), 14) == number]
        assert found.counts[number] == len(inside)
        if inside:
            assert found.accuracy[number] == pytest.approx(sum(bool(right[at]) for at in inside) / len(inside))
            assert found.confidence[number] == pytest.approx(sum(confidence[at] for at in inside) / len(inside))
    assert found.counts.sum() == 400
    assert found.calibration_error == pytest.approx(calibration_error(confidence, right))
    assert found.calibration_error == pytest.approx(naive_calibration_error(confidence, right))


def test_a_temperature_moves_the_images_between_the_bins_and_not_the_answers():
    dice = np.random.default_rng(1)
    logits = dice.normal(0, 3, (300, 10))
    labels = logits.argmax(axis=1)
    labels[::5] = (labels[::5] + 1) % 10
    cold, warm = (reliability(logits, labels, temperature) for temperature in (0.5, 3.0))
    for found in (cold, warm):
        bins = found.counts > 0
        assert found.accuracy[bins] @ found.counts[bins] == pytest.approx(240)  # as many are right as before
    mean = [np.nansum(found.confidence * found.counts) / 300 for found in (cold, warm)]
    assert mean[1] < mean[0]
    assert cold.calibration_error != pytest.approx(warm.calibration_error, abs=0.01)


def test_no_images_have_no_reliability():
    with pytest.raises(ValueError, match="at least one"):
        reliability(np.zeros((0, 10)), np.zeros(0, np.int64))
