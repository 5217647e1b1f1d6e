"""Fool it: the changed image has the class, less of the change has not, and no easy way is shorter."""

import numpy as np
import pytest
import torch
from networks import drawn_digits, seeded
from torch import nn

from cnnviz.attribution import AttributionError
from cnnviz.attribution.fooling import Fooled, fool
from cnnviz.core.graph import Graph, build_graph
from cnnviz.models.checkpoints import load


@pytest.fixture(scope="module")
def digits() -> Graph:
    return build_graph(load("mnist")[0], (1, 28, 28))


def class_of(image: np.ndarray) -> int:
    with torch.no_grad():
        return int(load("mnist")[0](torch.tensor(image)[None])[0].argmax())


def probability_of(image: np.ndarray, entry: int) -> float:
    with torch.no_grad():
        return float(load("mnist")[0](torch.tensor(image)[None])[0].softmax(dim=0)[entry])


PAIRS = [(0, 6), (1, 7), (3, 8), (4, 9), (7, 2), (9, 0)]


@pytest.mark.parametrize(("number", "target"), PAIRS)
def test_the_changed_image_has_the_class_and_less_of_the_change_has_not(digits: Graph, number: int, target: int):
    image = drawn_digits(10)[number]
    made = fool(digits, image, target)
    assert made.is_found
    assert class_of(made.changed) == target
    assert int(made.scores.argmax()) == target
    for part in (0, 0.5, 0.9, 0.99):
        assert class_of(image + np.float32(part) * made.change) != target
    assert int(made.just_short.argmax()) != target
    assert made.changed.min() >= 0
    assert made.changed.max() <= 1


def along_the_gradient(image: np.ndarray, target: int) -> float:
    """How far one must go along the gradient at the image, pixels cut off at 0 and 1; infinite where it never helps."""
    seen = torch.tensor(image)[None].requires_grad_()
    scores = load("mnist")[0](seen)[0]
    others = torch.cat([scores[:target], scores[target + 1 :]])
    slope = torch.autograd.grad(scores[target] - others.max(), seen)[0][0].numpy()
    for size in np.geomspace(0.01, 100, 400):
        changed = np.clip(image + np.float32(size) * slope / np.abs(slope).max(), 0, 1).astype(np.float32)
        if class_of(changed) == target:
            return float(np.linalg.norm(changed - image))
    return np.inf


def test_the_change_is_smaller_than_one_along_the_gradient_and_no_random_one_of_its_size_helps(digits: Graph):
    gains = []
    for number, target in PAIRS:
        image = drawn_digits(10)[number]
        made = fool(digits, image, target)
        gains.append(along_the_gradient(image, target) / made.distance)
        dice = np.random.default_rng(0)
        for _time in range(5):
            noise = dice.standard_normal(image.shape)
            assert class_of((image + made.distance * noise / np.linalg.norm(noise)).astype(np.float32)) != target
    assert min(gains) > 0.99
    assert max(gains) > 1.1


def test_of_a_straight_border_it_is_the_distance():
    model = seeded(nn.Sequential(nn.Flatten(), nn.Linear(9, 2)))
    image = np.full((1, 3, 3), 0.5, np.float32)
    with torch.no_grad():
        first, second = model(torch.tensor(image)[None])[0]
        model[1].bias[0] += second - first - 0.4  # the border is near
        scores = model(torch.tensor(image)[None])[0]
    target = 0
    assert int(scores.argmin()) == target
    normal = (model[1].weight[0] - model[1].weight[1]).detach()
    distance = float((scores[1] - scores[0]) / normal.norm())
    made = fool(build_graph(model, (1, 3, 3)), image, target)
    assert made.is_found
    assert made.distance == pytest.approx(distance, rel=0.01)
    assert made.changed.min() > 0  # no pixel was cut off, else the distance would be another


def test_a_probability_that_is_asked_for_is_reached_and_hardly_passed(digits: Graph):
    image = drawn_digits(10)[3]
    sizes = []
    for least in (0.5, 0.9, 0.99):
        made = fool(digits, image, 8, least)
        assert least <= probability_of(made.changed, 8) < least + 0.05
        sizes.append(made.distance)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_a_class_that_no_change_can_give_is_not_found():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    model[1].weight.data[:] = torch.tensor([[0.0] * 4, [1.0] * 4])
    model[1].bias.data[:] = torch.tensor([0.0, -9.0])  # even four white pixels are not enough
    made = fool(build_graph(model.eval(), (1, 2, 2)), np.zeros((1, 2, 2), np.float32), 1)
    assert not made.is_found
    model[1].bias.data[1] = -3.0
    assert fool(build_graph(model, (1, 2, 2)), np.zeros((1, 2, 2), np.float32), 1).is_found


def test_what_cannot_be_asked_is_refused(digits: Graph):
    image = drawn_digits(10)[3]
    with pytest.raises(AttributionError, match="has this class already"):
        fool(digits, image, 3)
    with pytest.raises(AttributionError, match="target must be a class from 0 to 9"):
        fool(digits, image, 10)
    with pytest.raises(AttributionError, match="least must be between 0 and 1"):
        fool(digits, image, 8, 1.0)


def test_the_size_of_a_change_is_counted_in_every_channel():
    image = np.zeros((2, 1, 3), np.float32)
    changed = image.copy()
    changed[0, 0, 0], changed[1, 0, 2], changed[1, 0, 1] = 0.3, -0.4, 0.001  # the last is less than half a level
    made = Fooled(0, image, changed, np.zeros(2), np.zeros(2), is_found=True)
    assert made.distance == pytest.approx(0.5, abs=1e-4)
    assert made.pixels == 2
    assert made.largest == pytest.approx(0.4)
