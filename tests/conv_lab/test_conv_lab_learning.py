"""A kernel found by gradient descent: as in the lesson, with PyTorch's optimiser as oracle."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.conv_lab.images import find_image
from cnnviz.conv_lab.learning import MOST_STEPS, LearningConfig, LearningError, LearningRun, largest_rate, make_target
from cnnviz.core.kernels import find_preset

EDGE = find_image("edge")
HIDDEN = np.array([[1, -1]], np.float32)


def config(seed: int = 0, rate: float = 0.03, preset: str = "difference", picture: str = "edge") -> LearningConfig:
    hidden = find_preset(preset).fitted(*find_preset(preset).natural)
    chosen = find_image(picture)
    return LearningConfig(chosen, make_target(chosen, hidden), hidden.shape, rate, seed)


@pytest.mark.parametrize("seed", range(5))
def test_the_edge_finder_is_found_in_ten_steps(seed: int):
    run = LearningRun(config(seed))
    run.advance(10)
    assert np.abs(run.kernel - HIDDEN).max() < 0.1
    assert run.step == 10


def test_the_loss_falls_at_every_second_step_as_it_is_shown():
    reports = LearningRun(config()).advance(10)
    losses = [report.loss for report in reports][::2]
    assert losses == sorted(losses, reverse=True)
    assert [report.step for report in reports] == list(range(1, 11))


def test_a_run_is_what_pytorchs_own_optimiser_does():
    run = LearningRun(config(rate=0.02))
    layer = nn.Conv2d(1, 1, (1, 2), bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(run.kernel.copy())[None])
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.02)
    target = torch.tensor(run.config.target)[None]
    for _ in range(7):
        optimiser.zero_grad()
        ((layer(torch.tensor(EDGE.values)[None]) - target) ** 2).sum().backward()
        optimiser.step()
    run.advance(7)
    np.testing.assert_allclose(run.kernel, layer.weight[0].detach().numpy(), atol=1e-6)


def test_a_run_up_the_slope_would_be_noticed():
    uphill = LearningConfig(EDGE, make_target(EDGE, -HIDDEN), (1, 2))
    run = LearningRun(uphill)
    run.advance(10)
    assert np.abs(run.kernel - HIDDEN).max() > 1


def test_the_gradient_is_that_of_finite_differences():
    run = LearningRun(config(rate=0.001))
    before = run.kernel.astype(np.float64)
    run.advance(1)
    gradient = (before - run.kernel) / 0.001
    for at in range(2):
        step = np.zeros_like(before)
        step[0, 0, at] = 1e-3
        maps = [make_target(EDGE, (before + sign * step)[0].astype(np.float32)) for sign in (1, -1)]
        losses = [float(((made - run.config.target) ** 2).sum()) for made in maps]
        assert gradient[0, 0, at] == pytest.approx((losses[0] - losses[1]) / 2e-3, rel=2e-2)


def test_the_same_seed_gives_the_same_run_and_another_one_another():
    one, same, other = LearningRun(config(3)), LearningRun(config(3)), LearningRun(config(4))
    for run in (one, same, other):
        run.advance(3)
    np.testing.assert_array_equal(one.kernel, same.kernel)
    assert not np.array_equal(one.kernel, other.kernel)


def test_advancing_step_by_step_is_advancing_at_once():
    one, other = LearningRun(config()), LearningRun(config())
    for _ in range(6):
        one.advance()
    other.advance(6)
    np.testing.assert_array_equal(one.kernel, other.kernel)
    assert one.losses == other.losses


def test_nothing_random_outside_is_touched():
    state = torch.random.get_rng_state()
    LearningRun(config()).advance(2)
    assert torch.equal(state, torch.random.get_rng_state())


@pytest.mark.parametrize(("picture", "preset"), [("edge", "difference"), ("face", "sobel"), ("bars", "gaussian")])
def test_the_largest_rate_parts_the_runs_that_settle_from_those_that_go_astray(picture: str, preset: str):
    limit = largest_rate(find_image(picture), find_preset(preset).natural)
    settles = LearningRun(config(rate=0.98 * limit, picture=picture, preset=preset))
    strays = LearningRun(config(rate=1.05 * limit, picture=picture, preset=preset))
    settles.advance(300)
    strays.advance(300)
    assert settles.losses[-1] < settles.losses[0]
    assert not strays.losses[-1] < strays.losses[0] * 10


def test_a_run_that_goes_astray_stops_and_says_so():
    run = LearningRun(config(rate=5))
    run.advance(MOST_STEPS)
    assert run.has_diverged
    assert run.step < MOST_STEPS
    assert run.advance(3) == ()


def test_a_run_ends():
    run = LearningRun(config(rate=0.01))
    run.advance(MOST_STEPS + 50)
    assert run.step == MOST_STEPS


def test_kept_kernels_cannot_be_changed():
    run = LearningRun(config())
    with pytest.raises(ValueError, match="read-only"):
        run.kernel[0] = 1


def test_a_target_of_another_shape_is_refused():
    with pytest.raises(LearningError, match="target must be a map of 1×6×7"):
        LearningConfig(EDGE, np.zeros((1, 6, 8), np.float32), (1, 2))
    with pytest.raises(LearningError, match="learning rate"):
        LearningConfig(EDGE, make_target(EDGE, HIDDEN), (1, 2), rate=0)
