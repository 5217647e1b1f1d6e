"""One training step in slow motion: gradients are autograd's, the model stays as it is, trouble is one sentence."""

import copy
import dataclasses
import math
import re

import numpy as np
import pytest
import torch
from slow_networks import ADAM, moved, picture, small
from torch import nn
from torch.nn import functional

from cnnviz.core.trace import TraceError, trace
from cnnviz.core.training_step import (
    OptimiserSettings,
    StepTrace,
    TrainingStepError,
    input_gradient,
    trace_training_step,
    weight_sum,
)
from cnnviz.models.zoo import find_recipe


def built(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return find_recipe("mnist").build().eval()


def by_autograd(model: nn.Sequential, image: np.ndarray, target: int) -> tuple[float, dict[str, np.ndarray]]:
    """The whole network at once, with PyTorch's own `backward`."""
    own = copy.deepcopy(model).eval().requires_grad_(True)
    dtype = next(own.parameters()).dtype
    loss = functional.cross_entropy(own(torch.tensor(image, dtype=dtype)[None]), torch.tensor([target]))
    loss.backward()
    return loss.item(), {name: p.grad.numpy() for name, p in own.named_parameters()}


def gradients(motion: StepTrace) -> dict[str, np.ndarray]:
    named = {}
    for layer in motion.layers:
        for name, held in (("weight", layer.weight), ("bias", layer.bias)):
            if held is not None:
                named[f"{layer.spec.path}.{name}"] = held.gradient
    return named


# The loss, and where the way back begins


def test_three_scores_by_hand():
    """Scores ln 1, ln 2, ln 5 are shares of 1/8, 2/8, 5/8: the loss of class 1 is ln 4."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(1, 3, bias=False)).double()
    with torch.no_grad():
        model[1].weight[:, 0] = torch.tensor([math.log(1), math.log(2), math.log(5)])
    motion = trace_training_step(model, np.ones((1, 1, 1)), 1, OptimiserSettings(rate=0.1))
    assert motion.loss == pytest.approx(math.log(4))
    np.testing.assert_allclose(motion.grad_logits, [1 / 8, 2 / 8 - 1, 5 / 8])
    fc = motion.layer("1").weight
    np.testing.assert_allclose(
        fc.after[:, 0], [math.log(1) - 0.1 / 8, math.log(2) + 0.1 * 6 / 8, math.log(5) - 0.5 / 8]
    )


def test_the_gradient_of_the_scores_is_probabilities_minus_truth_and_adds_up_to_zero():
    motion = moved()
    np.testing.assert_allclose(motion.grad_logits, motion.probabilities - motion.truth, atol=1e-12)
    assert motion.grad_logits.sum() == pytest.approx(0, abs=1e-12)
    assert motion.loss == pytest.approx(-math.log(motion.probabilities[2]))
    assert np.abs(motion.grad_logits - (motion.truth - motion.probabilities)).max() > 0.1  # the negative twin: y − p


# Backwards: autograd at once, finite differences, naive loops


def test_layer_by_layer_gives_the_gradients_of_one_whole_backward():
    for model, image in ((small(), picture((2, 9, 9))), (built(), picture((1, 28, 28)))):
        motion = trace_training_step(model, image, 2)
        loss, wanted = by_autograd(model, image, 2)
        assert motion.loss == pytest.approx(loss)
        assert gradients(motion).keys() == wanted.keys()
        for name, gradient in gradients(motion).items():
            np.testing.assert_allclose(gradient, wanted[name], rtol=1e-5, atol=1e-7)


def test_float32_agrees_with_float64():
    model, image = built(), picture((1, 28, 28))
    _loss, exact = by_autograd(copy.deepcopy(model).double(), image, 7)
    for name, gradient in gradients(trace_training_step(model, image, 7)).items():
        np.testing.assert_allclose(gradient, exact[name], atol=1e-5 * np.abs(exact[name]).max() + 1e-7)


@pytest.mark.parametrize("path", ["conv1", "conv2", "fc"])
def test_a_little_more_weight_changes_the_loss_as_the_gradient_says(path: str):
    model, image, little = small(), picture((2, 9, 9)), 1e-6
    gradient = trace_training_step(model, image, 2).layer(path).weight.gradient
    place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)

    def loss(change: float) -> float:
        other = copy.deepcopy(model)
        with torch.no_grad():
            other.get_submodule(path).weight[place] += change
        return trace_training_step(other, image, 2).loss

    slope = (loss(little) - loss(-little)) / (2 * little)
    assert slope == pytest.approx(gradient[place], rel=1e-5)
    assert slope != pytest.approx(-gradient[place], rel=1e-5)


def test_a_little_more_ink_changes_the_loss_as_the_gradient_of_the_image_says():
    model, image, little = small(), picture((2, 9, 9)), 1e-6
    back = trace_training_step(model, image, 2).layers[0].grad_input
    for place in [(0, 0, 0), (1, 4, 5), (1, 8, 8)]:
        more, less = image.copy(), image.copy()
        more[place] += little
        less[place] -= little
        slope = (trace_training_step(model, more, 2).loss - trace_training_step(model, less, 2).loss) / (2 * little)
        assert slope == pytest.approx(back[place], rel=1e-4, abs=1e-8)


def test_what_leaves_a_layer_backwards_arrives_at_the_layer_before():
    motion = moved()
    for before, after in zip(motion.layers, motion.layers[1:], strict=False):
        np.testing.assert_array_equal(before.grad_output, after.grad_input)
    np.testing.assert_array_equal(motion.layers[-1].grad_output, motion.grad_logits)


# What is left alone, and what is refused


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("frozen", [True, False])
def test_the_shared_model_is_left_as_it_was(training: bool, frozen: bool):
    model = small().train(training).requires_grad_(not frozen)
    model.pool1 = nn.Sequential(nn.BatchNorm2d(3).double().requires_grad_(not frozen), model.pool1).train(training)
    before = copy.deepcopy(model.state_dict())
    trace_training_step(model, picture((2, 9, 9)), 2, ADAM, step=3)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert {module.training for module in model.modules()} == {training}
    assert {p.requires_grad for p in model.parameters()} == {not frozen}
    assert not any(module._forward_hooks or module._backward_hooks for module in model.modules())


def test_a_failing_run_leaves_the_model_as_it_was_too():
    model = small()
    with pytest.raises(TraceError, match="conv1"):
        trace_training_step(model, picture((5, 9, 9)), 2)
    assert all(p.grad is None for p in model.parameters())


def test_records_cannot_be_written_to():
    motion = moved(optimiser=ADAM)
    held = motion.layers[0]
    for array in (motion.grad_logits, held.grad_input, held.weight.after, held.weight.mean, held.bias.step, held.input):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        motion.loss = 0


def test_a_layer_that_works_in_place_gives_the_same_gradients():
    plain, in_place = small(), small()
    in_place.relu1 = nn.ReLU(inplace=True)
    one, other = (trace_training_step(model, picture((2, 9, 9)), 2) for model in (plain, in_place))
    np.testing.assert_array_equal(one.layers[0].weight.gradient, other.layers[0].weight.gradient)
    np.testing.assert_array_equal(one.layer("relu1").input, other.layer("relu1").input)


class Dead(nn.Module):
    def forward(self, value: torch.Tensor) -> torch.Tensor:
        return value.detach() * 2


def test_a_layer_without_a_way_back_is_named_and_the_layers_after_it_still_learn():
    model = small()
    model.pool2 = nn.Sequential(Dead(), nn.AvgPool2d(2, padding=1))
    motion = trace_training_step(model, picture((2, 9, 9)), 2)
    (problem,) = motion.problems
    assert "pool2.0.mul (mul)" in problem  # what it hands on is cut off from what it reads
    assert motion.layer("fc").weight.gradient is not None
    conv = motion.layer("conv1")
    assert (conv.grad_output, conv.weight.gradient) == (None, None)  # unknown, never shown as 0
    np.testing.assert_array_equal(conv.weight.after, conv.weight.before)
    assert motion.loss_after < motion.loss
    with pytest.raises(TrainingStepError, match="conv1"):
        weight_sum(conv, 0, 0)
    with pytest.raises(TrainingStepError, match="relu1"):
        input_gradient(motion.layer("relu1"), 0)


def test_values_that_are_no_numbers_are_said_with_the_layer_that_made_them():
    model = small()
    with torch.no_grad():
        model.conv2.weight[0, 0, 0, 0] = math.inf
    motion = trace_training_step(model, picture((2, 9, 9)), 2)
    assert "conv2" in motion.problems[0]
    assert np.isfinite(motion.layer("relu1").output).all()
    assert moved().problems == ()


def test_a_step_that_is_much_too_large_is_said():
    torch.manual_seed(0)
    model, image = nn.Sequential(nn.Flatten(), nn.Linear(4, 3)), np.full((1, 2, 2), 1e30)
    worst = int(trace(model, image).logits.argmin())
    motion = trace_training_step(model, image, worst, OptimiserSettings(rate=1000))
    assert math.isfinite(motion.loss)
    assert not math.isfinite(motion.loss_after)
    assert ["learning rate" in problem for problem in motion.problems] == [True]


@pytest.mark.parametrize(("rate", "is_said"), [(0.01, False), (100, True)])
def test_a_step_larger_than_the_weights_is_said(rate: float, is_said: bool):
    motion = moved(optimiser=OptimiserSettings(rate=rate))
    larger = [np.linalg.norm(layer.weight.step) > np.linalg.norm(layer.weight.before)
              for layer in motion.layers if layer.weight is not None]  # fmt: skip
    assert any(larger) == is_said
    assert ["what the network knew" in problem for problem in motion.problems] == [True] * is_said


@pytest.mark.parametrize(("target", "step"), [(-1, 1), (5, 1), (2, 0), (2, 101)])
def test_a_class_or_step_that_there_is_not_is_refused(target: int, step: int):
    says = f"class must be in 0..4, got {target}" if step == 1 else f"whole number from 1 to 100, got {step}"
    with pytest.raises(TrainingStepError, match=re.escape(says)):
        trace_training_step(small(), picture((2, 9, 9)), target, step=step)


def test_a_network_without_weights_is_refused():
    with pytest.raises(TrainingStepError, match="weights"):
        trace_training_step(nn.Sequential(nn.Flatten()), picture((1, 1, 3)), 0)
