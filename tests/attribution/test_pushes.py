"""How far can one push: images moved, turned, scaled and hidden as they should be, and the network's own answers."""

import numpy as np
import pytest
import torch
from networks import Shortcut, drawn_digits, image_of, seeded

from cnnviz.attribution.pushes import (
    Push,
    PushedAnswers,
    answers_over_shifts,
    push_image,
    pushed_answers,
    reach_of,
)
from cnnviz.core.graph import build_graph
from cnnviz.models.checkpoints import load


@pytest.mark.parametrize("push", list(Push))
def test_the_start_of_every_reach_changes_nothing_and_its_ends_do(push: Push):
    image = drawn_digits(1)[0]
    reach = reach_of(push, (28, 28))
    np.testing.assert_allclose(push_image(image, push, reach.start), image, atol=1e-6)
    assert reach.start in reach.amounts
    assert not np.allclose(push_image(image, push, reach.high), image, atol=0.05)


def test_whole_pixels_move_as_they_do_by_hand():
    image = image_of(2, 5, 6)
    right, down = np.zeros_like(image), np.zeros_like(image)
    right[:, :, 2:], down[:, 3:] = image[:, :, :-2], image[:, :-3]
    np.testing.assert_allclose(push_image(image, Push.RIGHT, 2), right, atol=1e-6)
    np.testing.assert_allclose(push_image(image, Push.DOWN, 3), down, atol=1e-6)
    assert not np.allclose(push_image(image, Push.RIGHT, -2), right, atol=0.1)


def test_a_quarter_turn_is_clockwise():
    image = image_of(1, 5, 5)
    np.testing.assert_allclose(push_image(image, Push.TURN, 90)[0], np.rot90(image[0], -1), atol=1e-5)
    assert not np.allclose(push_image(image, Push.TURN, -90)[0], np.rot90(image[0], -1), atol=0.1)


def test_thicker_and_thinner_are_the_largest_and_smallest_around():
    image = np.zeros((1, 7, 7), np.float32)
    image[0, 2:5, 2:5] = 1
    assert push_image(image, Push.THICKEN, 1).sum() == 25
    assert push_image(image, Push.THICKEN, -1).sum() == 1
    assert push_image(image, Push.THICKEN, 0.5).sum() == pytest.approx((9 + 25) / 2)


def test_twice_the_size_keeps_the_middle():
    image = image_of(1, 5, 5)
    grown = push_image(image, Push.SCALE, 2)[0]
    assert grown[2, 2] == pytest.approx(image[0, 2, 2])
    assert grown[2, 4] == pytest.approx(image[0, 2, 3])  # two from the middle now, one before


def test_a_hidden_corner_is_zero_and_the_rest_stays():
    image = image_of(1, 5, 5) + 1
    hidden = push_image(image, Push.HIDE, 3)
    assert (hidden[:, :3, :3] == 0).all()
    np.testing.assert_array_equal(hidden[:, 3:], image[:, 3:])


def test_the_answers_are_the_networks_own():
    network, image = load("mnist")[0], drawn_digits(4)[3]
    made = pushed_answers(build_graph(network, (1, 28, 28)), image, Push.TURN)
    for at in (0, 13, 40):
        pushed = torch.tensor(push_image(image, Push.TURN, made.amounts[at]))[None]
        with torch.no_grad():
            np.testing.assert_allclose(made.scores[at], network(pushed)[0], atol=1e-4)
    assert not np.allclose(made.scores[0], made.scores[20], atol=0.1)


def test_the_middle_of_the_shifts_is_the_image_itself():
    model, image = seeded(Shortcut()), image_of(2, 6, 6)
    made = answers_over_shifts(build_graph(model, (2, 6, 6)), image, 2)
    moved = push_image(push_image(image, Push.DOWN, 1), Push.RIGHT, -2)
    with torch.no_grad():
        np.testing.assert_allclose(made[2, 2], model(torch.tensor(image)[None])[0], atol=1e-5)
        np.testing.assert_allclose(made[3, 0], model(torch.tensor(moved)[None])[0], atol=1e-5)


def test_a_temperature_makes_less_sure_and_keeps_the_order():
    made = PushedAnswers(np.zeros(1), np.array([[2.0, 0.0, -1.0]]))
    cold, warm = made.probabilities(1.0)[0], made.probabilities(4.0)[0]
    np.testing.assert_allclose(warm, np.exp([0.5, 0, -0.25]) / np.exp([0.5, 0, -0.25]).sum())
    assert warm.max() < cold.max()
    assert (np.argsort(warm) == np.argsort(cold)).all()
