"""The update in slow motion: torch's optimiser, the formulas by hand, the loss before and after."""

import math

import numpy as np
import pytest
import torch
from slow_networks import ADAM, SGD, moved, picture, small
from torch.nn import functional

from cnnviz.core.trace import trace
from cnnviz.core.training_step import OptimiserMethod, OptimiserSettings, trace_training_step

OPTIMISERS = [
    SGD,
    OptimiserSettings(OptimiserMethod.SGD, rate=0.05, momentum=0.9, decay=0.01),
    ADAM,
    OptimiserSettings(OptimiserMethod.ADAM, rate=0.01, betas=(0.5, 0.8), epsilon=1e-3, decay=0.1),
]


# The update


def by_torch(optimiser: OptimiserSettings, step: int) -> list[dict[str, np.ndarray]]:
    """The weights before and after each step of a plain loop around torch's optimiser."""
    model, image = small(), torch.tensor(picture((2, 9, 9)))[None]
    if optimiser.method is OptimiserMethod.SGD:
        stepper = torch.optim.SGD(
            model.parameters(), lr=optimiser.rate, momentum=optimiser.momentum, weight_decay=optimiser.decay
        )
    else:
        stepper = torch.optim.Adam(
            model.parameters(), lr=optimiser.rate, betas=optimiser.betas, eps=optimiser.epsilon,
            weight_decay=optimiser.decay,
        )  # fmt: skip
    states = [{name: p.detach().numpy().copy() for name, p in model.named_parameters()}]
    for _each in range(step):
        stepper.zero_grad()
        functional.cross_entropy(model(image), torch.tensor([2])).backward()
        stepper.step()
        states.append({name: p.detach().numpy().copy() for name, p in model.named_parameters()})
    return states


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=str)
@pytest.mark.parametrize("step", [1, 2, 5])
def test_weights_before_and_after_are_those_of_torchs_optimiser(optimiser: OptimiserSettings, step: int):
    motion, states = moved(optimiser=optimiser, step=step), by_torch(optimiser, step)
    for path in ("conv1", "conv2", "fc"):
        for name in ("weight", "bias"):
            held = getattr(motion.layer(path), name)
            np.testing.assert_allclose(held.before, states[-2][f"{path}.{name}"], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(held.after, states[-1][f"{path}.{name}"], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(held.before + held.step, held.after, rtol=1e-12)


def naive_steps(
    optimiser: OptimiserSettings, gradients: list[float], weights: list[float], corrects: bool = True
) -> float:
    """The last step of one weight by the formulas, in plain Python; `weights[i]` is what step i + 1 began with."""
    velocity = mean = square = change = 0.0
    first, second = optimiser.betas
    for t, (gradient, weight) in enumerate(zip(gradients, weights, strict=True), start=1):
        d = gradient + optimiser.decay * weight
        if optimiser.method is OptimiserMethod.SGD:
            velocity = d if t == 1 else optimiser.momentum * velocity + d
            change = -optimiser.rate * velocity
            continue
        mean, square = first * mean + (1 - first) * d, second * square + (1 - second) * d * d
        fair = (mean / (1 - first**t), square / (1 - second**t)) if corrects else (mean, square)
        change = -optimiser.rate * fair[0] / (math.sqrt(fair[1]) + optimiser.epsilon)
    return change


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=str)
@pytest.mark.parametrize("step", [1, 3])
def test_one_weights_step_follows_the_formulas(optimiser: OptimiserSettings, step: int):
    run = [moved(optimiser=optimiser, step=t).layer("conv2").weight for t in range(1, step + 1)]
    place = (1, 2, 0, 1)
    grads, weights = (
        [float(a[place]) for a in arrays] for arrays in zip(*((w.gradient, w.before) for w in run), strict=True)
    )
    assert naive_steps(optimiser, grads, weights) == pytest.approx(run[-1].step[place], rel=1e-7)


def test_a_missing_bias_correction_is_caught():
    held = moved(optimiser=ADAM).layer("conv2").weight
    place = (1, 2, 0, 1)
    wrong = naive_steps(ADAM, [held.gradient[place]], [held.before[place]], corrects=False)
    assert wrong != pytest.approx(held.step[place], rel=1e-2)


def test_adams_first_step_is_about_the_rate_whatever_the_gradient():
    held = moved(optimiser=ADAM).layer("fc").weight
    sure = np.abs(held.gradient) > 1e-5
    np.testing.assert_allclose(held.step[sure], -0.01 * np.sign(held.gradient[sure]), rtol=1e-2)
    assert (held.gradient[sure].max() / np.abs(held.gradient[sure]).min()) > 2


def test_adams_averages_are_shown_before_and_after_their_correction():
    held = moved(optimiser=ADAM).layer("fc").weight
    np.testing.assert_allclose(held.mean, 0.1 * held.gradient)
    np.testing.assert_allclose(held.square, 0.001 * held.gradient**2)
    np.testing.assert_allclose(held.fair_mean, held.gradient)  # at the first step the correction undoes the average
    np.testing.assert_allclose(held.fair_square, held.gradient**2)
    assert moved(optimiser=SGD).layer("fc").weight.mean is None


@pytest.mark.parametrize("step", [1, 2, 4])
def test_the_corrected_averages_make_the_step_that_is_shown(step: int):
    held = moved(optimiser=ADAM, step=step).layer("fc").weight
    np.testing.assert_allclose(held.step, -0.01 * held.fair_mean / (np.sqrt(held.fair_square) + 1e-8), rtol=1e-9)
    np.testing.assert_allclose(held.fair_square * (1 - 0.999**step), held.square)
    if step > 1:
        wrong = -0.01 * held.mean / (np.sqrt(held.square) + 1e-8)  # the negative twin: no correction
        assert np.abs(wrong - held.step).max() > 1e-3


def test_momentum_is_shown_as_the_velocity_that_it_is():
    optimiser = OptimiserSettings(OptimiserMethod.SGD, rate=0.05, momentum=0.9)
    one, two = (moved(optimiser=optimiser, step=step).layer("fc").weight for step in (1, 2))
    np.testing.assert_allclose(one.velocity, one.gradient)
    np.testing.assert_allclose(two.velocity, 0.9 * one.gradient + two.gradient)
    np.testing.assert_allclose(two.step, -0.05 * two.velocity)


def test_a_small_step_downhill_lowers_the_loss_and_one_uphill_raises_it():
    motion = moved(optimiser=OptimiserSettings(rate=0.01))
    assert motion.loss_after < motion.loss
    model = small()
    with torch.no_grad():
        for layer in motion.layers:
            if layer.weight is not None:
                layer_now = model.get_submodule(layer.spec.path)
                layer_now.weight -= torch.tensor(layer.weight.step)
                layer_now.bias -= torch.tensor(layer.bias.step)
    assert trace_training_step(model, picture((2, 9, 9)), 2).loss > motion.loss


def test_the_loss_after_is_that_of_a_network_with_the_new_weights():
    motion, model = moved(optimiser=ADAM, step=2), small()
    with torch.no_grad():
        for layer in motion.layers:
            if layer.weight is not None:
                model.get_submodule(layer.spec.path).weight[...] = torch.tensor(layer.weight.after)
                model.get_submodule(layer.spec.path).bias[...] = torch.tensor(layer.bias.after)
    again = trace(model, picture((2, 9, 9)))
    np.testing.assert_allclose(motion.after.logits, again.logits, rtol=1e-12)
    assert motion.loss_after == pytest.approx(-math.log(again.probabilities[2]))
    assert motion.loss_after != pytest.approx(motion.loss)


def test_the_losses_of_a_run_are_those_of_its_steps_one_by_one():
    whole = moved(step=4).losses
    assert len(whole) == 4 + 1
    assert whole[:-1] == pytest.approx([moved(step=t).loss for t in (1, 2, 3, 4)])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"rate": 0}, "rate must be above 0"),
        ({"rate": -1}, "rate"),
        ({"rate": math.nan}, "rate"),
        ({"rate": math.inf}, "rate"),
        ({"momentum": 1}, "momentum"),
        ({"decay": -1}, "decay"),
        ({"betas": (0.9, 1.0)}, "betas"),
        ({"epsilon": 0}, "epsilon"),
        ({"method": "newton"}, "sgd, adam"),
    ],
)
def test_settings_that_make_no_sense_are_one_sentence(wrong: dict, says: str):
    with pytest.raises(ValueError, match=says):
        OptimiserSettings(**wrong)


def test_a_method_may_be_given_as_the_word_that_a_link_carries():
    assert OptimiserSettings("adam").method is OptimiserMethod.ADAM
