"""Rules of rejection: each threshold accepts what it should, each score is what its name says."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.data.datasets import LabelledImages
from cnnviz.evaluation.metrics import logits_of
from cnnviz.evaluation.rejection import RejectionResult, compare_rejection, rejection_scores


def brightness(images):
    return images.mean(axis=(1, 2))


def grey(*levels):
    return np.stack([np.full((28, 28), level, np.uint8) for level in levels])


def test_the_threshold_accepts_the_share_that_was_asked_for():
    known = grey(*range(1, 101))
    found = compare_rejection({"by light": brightness}, known, {"same": known}, {"dark": grey(0, 1, 200)}, kept=0.9)
    result = found["by light"]
    assert result.accepted["same"] == pytest.approx(0.9, abs=0.011)
    assert result.rejected["dark"] == pytest.approx(2 / 3)


def test_mean_and_worst_are_over_the_kinds():
    result = RejectionResult({}, {"a": 0.5, "b": 1.0, "c": 0.9})
    assert result.mean == pytest.approx(0.8)
    assert result.worst == 0.5


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 3)).eval()


def test_scores_are_those_of_the_logits(model):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30, 28, 28)).astype(np.uint8)
    scores = rejection_scores(model, LabelledImages(images, np.arange(30) % 3))
    powers = np.exp(logits_of(model, images).astype(np.float64))
    assert np.allclose(scores["maximum probability"](images), powers.max(axis=1) / powers.sum(axis=1))
    assert np.allclose(scores["energy"](images), np.log(powers.sum(axis=1)))


def test_distance_is_least_where_the_digits_lie(model):
    rng = np.random.default_rng(0)
    middles = rng.integers(60, 200, (3, 28, 28))
    labels = np.repeat(np.arange(3), 40)
    images = np.clip(middles[labels] + rng.normal(0, 10, (120, 28, 28)), 0, 255).astype(np.uint8)
    nearness = rejection_scores(model, LabelledImages(images, labels))["distance in the features"]
    far = rng.integers(0, 256, (20, 28, 28)).astype(np.uint8)
    assert nearness(images).min() > nearness(far).max()


def test_distance_is_the_one_of_mahalanobis(model):
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (60, 28, 28)).astype(np.uint8)
    labels = np.arange(60) % 2
    values = images.reshape(60, 784) / 255
    means = np.stack([values[labels == digit].mean(axis=0) for digit in (0, 1)])
    centred = values - means[labels]
    covariance = centred.T @ centred / 60
    covariance += np.eye(784) * 0.1 * np.trace(covariance) / 784
    wanted = -min((values[7] - mean) @ np.linalg.solve(covariance, values[7] - mean) for mean in means)
    found = rejection_scores(model, LabelledImages(images, labels))["distance in the features"](images[7:8])
    assert found[0] == pytest.approx(wanted, rel=1e-4)
