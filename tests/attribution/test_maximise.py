"""The image that maximises a unit: its steps against finite differences, its bounds, and what it reaches."""

import copy

import numpy as np
import pytest
import torch
from networks import drawn_digits, image_of, seeded
from torch import nn

from cnnviz.attribution import AttributionError
from cnnviz.attribution.maximise import Climb, Frame, Start, maximise, smoothed, start_image
from cnnviz.attribution.strongest import find_peaks, middle_unit, strongest_unit
from cnnviz.core.graph import Graph, build_graph
from cnnviz.core.receptive_field import receptive_field
from cnnviz.core.units import UnitRef
from cnnviz.data.held_out_images import held_out_digits
from cnnviz.models.checkpoints import load


@pytest.fixture(scope="module")
def digits() -> Graph:
    return build_graph(load("mnist")[0], (1, 28, 28))


def frames(graph: Graph, unit: UnitRef, climb: Climb, start: Start = Start.NOISE) -> list[Frame]:
    seen = receptive_field(graph, unit).exact
    first = start_image(start, graph.input_shape, climb.seed, seen=seen)
    return list(maximise(graph, unit, first, climb))


def test_the_first_step_goes_along_the_gradient_of_finite_differences():
    model = seeded(nn.Sequential(nn.Conv2d(1, 3, 3), nn.Tanh(), nn.Conv2d(3, 2, 3), nn.Tanh()))
    unit = UnitRef("3", 1, 1, 1)
    start = 0.3 + 0.4 * image_of(1, 7, 7)  # no pixel at its bounds
    graph = build_graph(model, (1, 7, 7))
    first, second = list(maximise(graph, unit, start, Climb(steps=2)))[:2]
    double = copy.deepcopy(model).double()
    slope = np.zeros_like(start, dtype=np.float64)
    for place in np.ndindex(start.shape):
        ends = []
        for sign in (1, -1):
            moved = start.astype(np.float64)
            moved[place] += sign * 1e-5
            with torch.no_grad():
                ends.append(float(double(torch.tensor(moved)[None])[0, 1, 1, 1]))
        slope[place] = (ends[0] - ends[1]) / 2e-5
    step = second.image - first.image
    cosine = (step * slope).sum() / np.linalg.norm(step) / np.linalg.norm(slope)
    assert cosine == pytest.approx(1, abs=1e-4)
    assert abs((step * slope.transpose(0, 2, 1)).sum() / np.linalg.norm(step) / np.linalg.norm(slope)) < 0.99


def test_the_value_of_each_frame_is_the_network_s(digits: Graph):
    model = load("mnist")[0]
    for frame in frames(digits, UnitRef("fc", 4), Climb(steps=8)):
        with torch.no_grad():
            assert float(model(torch.tensor(frame.image)[None])[0, 4]) == pytest.approx(frame.value, abs=1e-4)


def test_the_same_seed_is_the_same_image_and_another_one_is_not(digits: Graph):
    climb = Climb(steps=6, jitter=2, seed=3)
    one, again = (frames(digits, UnitRef("fc", 2), climb)[-1].image for _time in range(2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, frames(digits, UnitRef("fc", 2), Climb(steps=6, jitter=2, seed=4))[-1].image)


@pytest.mark.parametrize("climb", [Climb(steps=24, ink=0.1), Climb(steps=24, ink=0.1, blur=1.0)])
def test_no_image_has_more_ink_than_is_allowed(digits: Graph, climb: Climb):
    for frame in frames(digits, UnitRef("fc", 3), climb):
        assert frame.image.mean() <= 0.1 + 1e-6
        assert frame.image.min() >= 0
        assert frame.image.max() <= 1
    free = frames(digits, UnitRef("fc", 3), Climb(steps=24))
    assert free[-1].image.mean() > 0.1


def test_what_is_taken_off_makes_the_nearest_image_that_is_allowed():
    """Of many allowed images, none lies nearer to the start than the first frame."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 1))
    start = image_of(1, 4, 4)
    first = next(maximise(build_graph(model, (1, 4, 4)), UnitRef("1"), start, Climb(ink=0.2)))
    assert first.image.mean() == pytest.approx(0.2, abs=1e-4)
    dice = np.random.default_rng(0)
    others = [np.clip(first.image + 0.1 * dice.standard_normal(start.shape), 0, 1) for _ in range(300)]
    allowed = [other for other in others if other.mean() <= 0.2]
    assert len(allowed) > 50
    assert min(np.linalg.norm(other - start) for other in allowed) >= np.linalg.norm(first.image - start) - 1e-4


def test_a_smoothed_image_has_smaller_steps_between_neighbours(digits: Graph):
    rough, smooth = (frames(digits, UnitRef("fc", 3), Climb(steps=48, blur=blur))[-1] for blur in (0.0, 1.5))
    assert np.abs(np.diff(smooth.image)).max() < 0.5 * np.abs(np.diff(rough.image)).max()
    assert smooth.value < rough.value


def test_a_blur_is_that_of_scipy():
    from scipy.ndimage import gaussian_filter

    image = image_of(2, 16, 16)
    ours = smoothed(torch.tensor(image)[None], 1.5)[0].numpy()
    theirs = np.stack([gaussian_filter(each, 1.5, mode="constant", radius=4) for each in image])
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def dead_below_three_quarters() -> nn.Sequential:
    """A unit that is 0, gradient and all, until the mean of the image is above 0.75."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 1), nn.ReLU())
    model[1].weight.data[:] = 1 / 16
    model[1].bias.data[:] = -0.75
    return model.eval()


@pytest.mark.parametrize("jitter", [0, 1])
def test_a_gradient_of_0_is_said(jitter: int):
    graph = build_graph(dead_below_three_quarters(), (1, 4, 4))
    grey, bright = np.full((1, 4, 4), 0.5, np.float32), np.full((1, 4, 4), 0.8, np.float32)
    stuck = list(maximise(graph, UnitRef("2"), grey, Climb(jitter=jitter)))
    assert stuck[-1].is_stuck
    assert len(stuck) < 20
    np.testing.assert_array_equal(stuck[-1].image, grey)
    free = list(maximise(graph, UnitRef("2"), bright, Climb(jitter=jitter)))
    assert not any(frame.is_stuck for frame in free)
    assert free[-1].is_top
    assert free[-1].value == pytest.approx(0.25)


def test_the_usual_start_of_grey_leaves_maps_stuck_and_noise_does_not(digits: Graph):
    units = [middle_unit(digits, "relu2", channel) for channel in range(8)]
    assert any(frames(digits, unit, Climb(steps=2), Start.GREY)[0].is_stuck for unit in units)


def test_of_an_image_that_is_not_there_the_way_out_is_said():
    with pytest.raises(AttributionError, match="no image to start from"):
        start_image(Start.OWN, (1, 4, 4), 0)
    with pytest.raises(AttributionError, match=r"ink must be .* got 0"):
        Climb(ink=0)


def best_reached(graph: Graph, layer: str, channel: int, seeds: int = 2) -> float:
    unit = middle_unit(graph, layer, channel)
    return max(frame.value for seed in range(seeds) for frame in frames(graph, unit, Climb(steps=160, seed=seed)))


def test_the_image_reaches_at_least_the_best_of_200_real_ones_for_nine_maps_in_ten(digits: Graph):
    images = np.concatenate([held_out_digits(200).shown.images[:, None] / np.float32(255), drawn_digits(10)])
    reached = []
    for layer, channels in (("conv1", range(0, 16, 3)), ("conv2", range(0, 16, 3))):
        peaks = find_peaks(digits, layer, images)
        alive = [channel for channel in channels if not peaks.is_same_everywhere(channel)]
        reached += [best_reached(digits, layer, channel) >= peaks.best(channel) for channel in alive]
    assert len(reached) >= 8
    assert np.mean(reached) >= 0.9


def test_from_the_strongest_real_image_a_map_behind_a_relu_is_not_stuck_and_gets_beyond_it(digits: Graph):
    images = np.stack(drawn_digits(10))
    peaks = find_peaks(digits, "relu2", images)
    alive = [channel for channel in range(12) if not peaks.is_same_everywhere(channel)]
    stuck, beyond = [], []
    for channel in alive:
        best = images[peaks.values[:, channel].argmax()]
        unit = strongest_unit(digits, "relu2", channel, best)
        found = list(maximise(digits, unit, start_image(Start.STRONGEST, (1, 28, 28), 0, best), Climb(steps=24)))
        assert found[0].value == pytest.approx(peaks.best(channel), abs=1e-5)
        beyond.append(max(frame.value for frame in found) > peaks.best(channel))
        stuck.append(frames(digits, middle_unit(digits, "relu2", channel), Climb(steps=1))[0].is_stuck)
    assert len(alive) >= 4
    assert all(beyond)
    assert any(stuck)  # from noise, in the middle of the map


def test_without_a_limit_noise_gets_nearly_all_of_the_probability(digits: Graph):
    for entry in (0, 1, 8):
        last = frames(digits, UnitRef("fc", entry), Climb())[-1]
        with torch.no_grad():
            probabilities = load("mnist")[0](torch.tensor(last.image)[None]).softmax(dim=1)[0]
        assert probabilities[entry] > 0.99
        assert last.image.mean() > 0.3  # no digit has so much ink


def test_a_probability_that_is_raised_is_higher_with_as_little_ink(digits: Graph):
    for entry in (1, 4):
        found = []
        for raises in (False, True):
            climb = Climb(steps=64, ink=0.08, blur=1.5, raises_probability=raises)
            last = frames(digits, UnitRef("fc", entry), climb)[-1]
            with torch.no_grad():
                scores = load("mnist")[0](torch.tensor(last.image)[None])[0]
            assert float(scores[entry]) == pytest.approx(last.value, abs=1e-4)  # what is told is the score
            found.append(float(scores.softmax(dim=0)[entry]))
        assert found[1] > found[0]


def test_a_probability_of_1_has_arrived_and_is_not_stuck():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    model[1].weight.data[:] = torch.tensor([[50.0] * 4, [-50.0] * 4])
    graph = build_graph(model.eval(), (1, 2, 2))
    last = list(maximise(graph, UnitRef("1", 0), np.full((1, 2, 2), 0.5, np.float32), Climb(raises_probability=True)))[
        -1
    ]
    assert last.is_top
    assert not last.is_stuck
