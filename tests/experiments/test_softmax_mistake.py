"""Softmax before `nll_loss`: what it does to the gradient, exactly, and to a training."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from torch import nn

from cnnviz.experiments.softmax_mistake import RIGHT, WAYS, WRONG, LossComparison, gradient_pull, score_gradients
from cnnviz.models.builder import NetworkSpec
from cnnviz.models.builder.layer_config import FLATTEN, activation, linear

SMALL = NetworkSpec("small", (1, 8, 8), tuple("0123456789"), (FLATTEN, linear(24), activation(), linear()))


def digits() -> tuple[np.ndarray, np.ndarray]:
    found = load_digits()
    return (found.images[:, None] / 16).astype(np.float32), found.target


def both(**changes) -> LossComparison:
    images, labels = digits()
    given_ = {"blueprint": SMALL, "steps": 60, "every": 15, "rate": 5e-3} | changes
    return LossComparison(images[:1400], labels[:1400], (images[1400:], labels[1400:]), **given_)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-8, 8, allow_nan=False), min_size=2, max_size=6), st.data())
def test_the_mistake_multiplies_the_right_gradient_by_the_probability_of_the_truth(
    scores: list[float], data: st.DataObject
):
    target = data.draw(st.integers(0, len(scores) - 1))
    right, wrong = score_gradients(np.array(scores), target)
    raised = [float(np.exp(score - max(scores))) for score in scores]  # by hand, in float64
    p = [value / sum(raised) for value in raised]
    by_hand = [p[j] - (j == target) for j in range(len(scores))]
    np.testing.assert_allclose(right, by_hand, atol=1e-12)
    np.testing.assert_allclose(wrong, [p[target] * value for value in by_hand], atol=1e-12)


def test_a_certain_error_teaches_rightly_almost_everything_and_mistakenly_nothing():
    right, wrong = score_gradients(np.array([12.0, 0.0]), 1)
    assert np.abs(right).max() > 0.99
    assert np.abs(wrong).max() < 1e-4


def test_the_pull_is_that_of_the_gradients():
    p = np.array([0.001, 0.1, 0.5, 0.9])
    right, wrong = gradient_pull(p)
    for at, probability in enumerate(p):
        scores = np.array([np.log(probability), np.log(1 - probability)])
        gradients = score_gradients(scores, 0)
        assert [-one[0] for one in gradients] == pytest.approx([right[at], wrong[at]], abs=1e-12)
    assert wrong.max() <= 0.25 < right.max()


def test_from_the_same_start_the_right_way_learns_faster_by_the_same_yardstick():
    run = both()
    assert run.advance(60)
    right, wrong = run.moments[RIGHT], run.moments[WRONG]
    assert [moment.step for moment in right] == [moment.step for moment in wrong] == [1, 15, 30, 45, 60]
    assert all(a.cross_entropy < b.cross_entropy for a, b in zip(right[1:], wrong[1:], strict=True))
    assert right[1].accuracy > wrong[1].accuracy
    assert all(-1 <= moment.loss <= 0 for moment in wrong)
    assert wrong[0].gradient < 0.2 * right[0].gradient  # ten classes: p is about a tenth at the start


def test_a_moment_of_the_right_way_is_the_text_books_loop():
    run = both(steps=3, every=1)
    run.advance(60)
    images, labels = digits()
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 10))
    optimiser, draws = torch.optim.Adam(network.parameters(), lr=5e-3), torch.Generator().manual_seed(0)
    for moment in run.moments[RIGHT]:
        chosen = torch.randint(1400, (64,), generator=draws)
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(torch.tensor(images)[chosen]), torch.tensor(labels)[chosen]).backward()
        optimiser.step()
        cost = nn.functional.cross_entropy(network(torch.tensor(images[1400:])), torch.tensor(labels[1400:]))
        assert moment.cross_entropy == pytest.approx(cost.item(), abs=1e-5)
        assert run.moments[WRONG][moment.step - 1].cross_entropy != pytest.approx(cost.item(), abs=1e-5)


def test_both_ways_begin_with_the_same_weights_and_a_budget_is_kept():
    run = both()
    weights = [[p.detach().clone() for p in run._networks[kind].parameters()] for kind in WAYS]
    assert all(torch.equal(a, b) for a, b in zip(*weights, strict=True))
    assert not run.advance(0)
    assert run.step == 1


def test_what_is_out_of_bounds_is_refused():
    with pytest.raises(ValueError, match="steps must be a whole number from 1 to 5000, got 0: 300 show it"):
        both(steps=0)
    with pytest.raises(ValueError, match=r"target must be below the number of scores \(2\), got 2"):
        score_gradients(np.zeros(2), 2)
