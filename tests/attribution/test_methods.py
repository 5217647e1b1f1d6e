"""Attributions against what they are defined as: by hand, by naive loops in float64, and by Captum on modules."""

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
from networks import Shortcut, drawn_digits, image_of, seeded
from torch import nn

import cnnviz
from cnnviz.attribution import (
    Attribution,
    AttributionError,
    Question,
    Settings,
    attribute_graph,
    integration,
    method_names,
)
from cnnviz.attribution.contributions import contributions_of
from cnnviz.attribution.scores import Scores, score_node
from cnnviz.core.graph import build_graph
from cnnviz.models.checkpoints import load


@pytest.fixture(scope="module")
def shortcut() -> nn.Module:
    return seeded(Shortcut())


@pytest.fixture(scope="module")
def digits() -> nn.Module:
    return load("mnist")[0]


def float64_score(model: nn.Module, target: int, against: int | None = None) -> Callable[[np.ndarray], float]:
    double = copy.deepcopy(model).double()

    def score(image: np.ndarray) -> float:
        with torch.no_grad():
            scores = double(torch.tensor(image, dtype=torch.float64)[None])[0]
        return float(scores[target] - (0 if against is None else scores[against]))

    return score


def made_by(model: nn.Module, image: np.ndarray, method: str, question: Question, **settings) -> Attribution:
    graph = build_graph(model, image.shape)
    return attribute_graph(model, graph, image, method, question, settings=Settings(**settings))


# A weighted sum: what every method must say of it is known.
def test_of_a_weighted_sum_each_pixel_gets_its_own_product():
    model = seeded(nn.Sequential(nn.Flatten(), nn.Linear(18, 3)))
    image = image_of(2, 3, 3)
    expected = image * model[1].weight[2].detach().numpy().reshape(2, 3, 3)
    for method in ("ig", "input_x_gradient", "occlusion", "deep_lift"):
        made = made_by(model, image, method, Question(2), **({"window": 1} if method == "occlusion" else {}))
        if method == "occlusion":  # a window takes out a pixel in all channels
            np.testing.assert_allclose(made.by_pixel, 2 * expected.sum(axis=0), atol=1e-5)
        else:
            np.testing.assert_allclose(made.values, expected, atol=1e-5)


def integrated_by_hand(model: nn.Module, image: np.ndarray, question: Question, steps: int) -> np.ndarray:
    """The mean gradient at the middles of `steps` pieces of the straight way from 0, times the image; in float64."""
    double = copy.deepcopy(model).double()
    total = torch.zeros(image.shape, dtype=torch.float64)
    for step in range(steps):
        at = torch.tensor(image, dtype=torch.float64) * ((step + 0.5) / steps)
        at.requires_grad_()
        scores = double(at[None])[0]
        score = scores[question.target] - (0 if question.against is None else scores[question.against])
        total += torch.autograd.grad(score, at)[0]
    return (total / steps * torch.tensor(image, dtype=torch.float64)).numpy()


@pytest.mark.parametrize("question", [Question(1), Question(0, 2)])
def test_integrated_gradients_are_the_mean_gradient_along_the_way(shortcut: nn.Module, question: Question):
    image = image_of(2, 6, 6)
    made = made_by(shortcut, image, "ig", question, steps=40)
    np.testing.assert_allclose(made.values, integrated_by_hand(shortcut, image, question, 40), atol=1e-5)
    assert not np.allclose(made.values, integrated_by_hand(shortcut, image, question, 4), atol=1e-3)


def test_steps_are_added_until_the_sum_is_right(digits: nn.Module):
    errors = [made_by(digits, image, "ig", Question(3)) for image in drawn_digits(10)]
    assert max(made.completeness_error / abs(made.difference) for made in errors) < 0.01
    few = [made_by(digits, image, "ig", Question(3), steps=3) for image in drawn_digits(10)]
    assert max(made.completeness_error / abs(made.difference) for made in few) > 0.01


def test_short_steps_where_the_score_bends_give_what_very_many_give(digits: nn.Module):
    image = drawn_digits(4)[3]
    made = made_by(digits, image, "ig", Question(3))
    many = made_by(digits, image, "ig", Question(3), steps=1600)
    largest = np.abs(many.values).max()
    assert made.settings.steps < 400
    assert np.abs(made.values - many.values).max() < 0.02 * largest
    few = made_by(digits, image, "ig", Question(3), steps=8)
    assert np.abs(few.values - many.values).max() > 0.02 * largest


def test_integration_ends_where_no_steps_are_left(digits: nn.Module, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(integration, "GOOD_ENOUGH", 0.0)
    image = torch.tensor(drawn_digits(1)[0])[None]
    made, steps = integration.integrate(
        Scores(build_graph(digits, (1, 28, 28)), Question(3)), image, torch.zeros_like(image), 200
    )
    assert 100 < steps <= 200
    assert made.shape == image.shape


@pytest.mark.parametrize(("window", "stride"), [(4, 2), (5, 5), (28, 28), (3, 1)])
def test_occlusion_says_how_far_it_is_and_ends_with_all(digits: nn.Module, window: int, stride: int):
    said: list[float] = []
    graph = build_graph(digits, (1, 28, 28))
    attribute_graph(
        digits, graph, drawn_digits(1)[0], "occlusion", Question(3), settings=Settings(window=window, stride=stride),
        on_progress=said.append,
    )  # fmt: skip
    assert said == sorted(said)
    assert said[0] < 0.5
    assert said[-1] == 1.0


@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 1), (3, 2)])
def test_occlusion_is_the_mean_difference_of_all_windows_over_a_pixel(shortcut: nn.Module, window: int, stride: int):
    image = image_of(2, 6, 6)
    score = float64_score(shortcut, 1)
    sums, counts = np.zeros((6, 6)), np.zeros((6, 6))
    starts = range(0, -(-(6 - window) // stride) * stride + 1, stride)
    for row in starts:
        for col in starts:
            hidden = image.copy()
            hidden[:, row : row + window, col : col + window] = 0
            sums[row : row + window, col : col + window] += score(image) - score(hidden)
            counts[row : row + window, col : col + window] += 1
    made = made_by(shortcut, image, "occlusion", Question(1), window=window, stride=stride)
    np.testing.assert_allclose(made.values, np.broadcast_to(sums / counts, (2, 6, 6)), atol=1e-5)
    assert not np.allclose(made.values[0], sums, atol=1e-3) or counts.max() == 1


def grad_cam_by_hand(model: nn.Sequential, cut: int, image: np.ndarray, target: int) -> np.ndarray:
    maps = model[:cut](torch.tensor(image)[None]).detach().requires_grad_()
    slope = torch.autograd.grad(model[cut:](maps)[0, target], maps)[0]
    small = torch.relu((slope.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1, keepdim=True))
    return nn.functional.interpolate(small, image.shape[1:], mode="bilinear")[0].detach().numpy()


def test_grad_cam_is_that_of_the_paper_and_of_captum_on_modules(digits: nn.Sequential):
    from captum.attr import LayerGradCam

    image = drawn_digits(4)[3]
    made = made_by(digits, image, "grad_cam", Question(3), layer="relu2")
    by_hand = grad_cam_by_hand(digits, list(dict(digits.named_children())).index("relu2") + 1, image, 3)
    np.testing.assert_allclose(made.values, by_hand, atol=1e-5)
    theirs = LayerGradCam(digits, digits.relu2).attribute(torch.tensor(image)[None], 3, relu_attributions=True)
    enlarged = nn.functional.interpolate(theirs, (28, 28), mode="bilinear")[0].detach().numpy()
    np.testing.assert_allclose(made.values, enlarged, atol=1e-5)
    assert not np.allclose(made.values, grad_cam_by_hand(digits, 1, image, 3), atol=1e-3)


def test_grad_cam_reads_a_sum_that_is_no_module(shortcut: nn.Module):
    graph = build_graph(shortcut, (2, 6, 6))
    added = next(node.name for node in graph.layers if node.type_name == "add")
    image = torch.tensor(image_of(2, 6, 6))[None]
    begun = torch.relu(shortcut.first(image))
    maps = (begun + shortcut.second(begun)).detach().requires_grad_()
    pooled = nn.functional.max_pool2d(torch.relu(maps), 2).flatten(1)
    slope = torch.autograd.grad(shortcut.head(pooled)[0, 1], maps)[0]
    expected = torch.relu((slope.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1))[0].detach().numpy()
    made = made_by(shortcut, image[0].numpy(), "grad_cam", Question(1), layer=added)
    np.testing.assert_allclose(made.values[0], expected, atol=1e-5)


# The score as a sum over a layer.
def test_the_score_is_the_sum_of_what_the_last_maps_give(digits: nn.Module):
    graph = build_graph(digits, (1, 28, 28))
    weights = digits.fc.weight.detach().double().reshape(10, 32, 7, 7)
    for image in drawn_digits(5):
        made = contributions_of(graph, image, "pool2", Question(7))
        maps = digits[:6](torch.tensor(image)[None])[0].detach().double()
        np.testing.assert_allclose(made.by_map, (weights[7] * maps).sum(dim=(1, 2)).numpy(), atol=1e-5)
        assert made.is_weighted_sum
        assert made.error < 1e-5
        assert made.rest == pytest.approx(float(digits.fc.bias[7]), abs=1e-6)


def test_where_more_than_a_weighted_sum_follows_it_is_said(digits: nn.Module):
    graph = build_graph(digits, (1, 28, 28))
    behind = contributions_of(graph, drawn_digits(1)[0], "conv2", Question(7))
    assert not behind.is_weighted_sum
    assert behind.error < 1e-5  # ReLU and pooling only: the parts add up, but they depend on which cells won
    before = contributions_of(graph, drawn_digits(1)[0], "conv1", Question(7))
    assert not before.is_weighted_sum
    assert before.error > 1e-3  # conv2 adds a bias


# What is asked for.
def test_the_score_is_taken_before_a_softmax():
    model = seeded(nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.Softmax(dim=1)))
    image = image_of(1, 2, 2)
    made = cnnviz.attribute(model, image, target=2, checks=False)
    assert made.output == pytest.approx(model[:2](torch.tensor(image)[None])[0, 2].item(), abs=1e-6)
    assert score_node(build_graph(model, (1, 2, 2))) == 2
    assert score_node(build_graph(nn.Sequential(*model, nn.Softmax(dim=1)), (1, 2, 2))) == 2


class OneImageOnly(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(torch.relu(x).reshape(1, 8))


def test_a_network_that_was_written_for_one_image_runs_one_by_one():
    model, image = seeded(OneImageOnly()), image_of(2, 2, 2)
    assert Scores(build_graph(model, (2, 2, 2)), Question(0)).at_once == 1
    made = cnnviz.attribute(model, image, target=1, checks=False)
    np.testing.assert_allclose(
        made.values.reshape(-1), image.reshape(-1) * model.head.weight[1].detach().numpy(), atol=1e-5
    )
    assert Scores(build_graph(seeded(Shortcut()), (2, 6, 6)), Question(0)).at_once > 1


def test_the_highest_class_is_explained_where_none_is_named(digits: nn.Module):
    image = drawn_digits(4)[3]
    made = cnnviz.attribute(digits, image, "gradient", checks=False)
    assert made.question.target == int(digits(torch.tensor(image)[None]).argmax())


def test_the_network_is_only_read(digits: nn.Module):
    before = {name: value.clone() for name, value in digits.state_dict().items()}
    for method in method_names()[:6]:
        cnnviz.attribute(digits, drawn_digits(1)[0], method)
    assert all(torch.equal(value, before[name]) for name, value in digits.state_dict().items())
    assert all(weights.grad is None for weights in digits.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in digits.modules())


WRONG = {
    "a method": ({"method": "magic"}, "method must be one of ig"),
    "a class": ({"target": 10}, "target must be a class from 0 to 9, got 10"),
    "a negative class": ({"target": -1}, "target must be a class from 0 to 9, got -1"),
    "the same class twice": ({"target": 3, "against": 3}, "against must be another class"),
    "steps": ({"steps": 0}, "steps must be a whole number from 1 to 1600, got 0"),
    "a window": ({"method": "occlusion", "window": 29}, "window must be a whole number from 1 to 28, got 29"),
    "a stride": ({"method": "occlusion", "window": 4, "stride": 5}, "stride must be a whole number from 1 to 4"),
    "a layer for another method": (
        {"layer": "conv2"},
        "layer must be left out with the method ig, got 'conv2': it is for",
    ),
    "a window for another method": ({"method": "gradient", "window": 3}, "it is for occlusion"),
    "a baseline that is no number": ({"baseline": float("nan")}, "baseline must be a finite number, got nan"),
    "a layer without maps": ({"method": "grad_cam", "layer": "fc"}, "layer must be one with feature maps"),
    "a layer that there is not": ({"method": "grad_cam", "layer": "conv9"}, "layer must be one of"),
    "a method without a rule": ({"method": "lrp"}, "no rule for a layer"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_refused_in_one_sentence(digits: nn.Module, what: str):
    asked, says = WRONG[what]
    with pytest.raises(ValueError, match=says):
        cnnviz.attribute(digits, drawn_digits(1)[0], **asked)


def test_an_image_needs_three_axes(digits: nn.Module):
    with pytest.raises(AttributionError, match="channels, rows and columns, got 2 axes"):
        cnnviz.attribute(digits, np.zeros((28, 28), np.float32))
