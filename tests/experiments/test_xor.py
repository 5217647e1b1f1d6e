"""XOR: learned with a non-linearity, never without one, and why: stacked linear layers are one."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.experiments.xor import (
    FROM,
    GUESSING,
    LABELS,
    POINTS,
    SIDE,
    TO,
    learn_xor,
    merge_linear_layers,
    xor_blueprint,
)
from cnnviz.models.builder import Activation, NetworkSpecError, build_module, inspect_spec

numbers = st.floats(-20, 20, allow_nan=False)


@pytest.mark.parametrize("seed", [0, 1])
def test_four_points_are_learned_with_tanh_and_not_without(seed: int):
    with_it, without = learn_xor(Activation.TANH, seed), learn_xor(Activation.NONE, seed)
    assert (with_it.right, with_it.losses[-1] < 0.05) == (4, True)
    assert without.right < 4
    assert without.losses.min() >= GUESSING - 1e-6
    assert without.losses[-1] == pytest.approx(math.log(2), abs=1e-3)
    assert with_it.losses[0] == pytest.approx(without.losses[0], abs=1)  # both begin near guessing


@pytest.mark.parametrize("units", [2, 4, 8])
def test_a_straight_line_is_never_said_to_be_wrong_at_all_four_points(units: int):
    """A line that answers at all has 1 to 3 of 4: with z(0,0) + z(1,1) = z(0,1) + z(1,0) not all four can be wrong."""
    for seed in range(4):
        run = learn_xor(Activation.NONE, seed, units=units)
        assert run.right > 0 or not run.is_answered.all()
    assert not learn_xor(Activation.NONE, 1, units=4).is_answered.any()  # the page's own start: it says 50 : 50


@given(st.tuples(numbers, numbers), numbers)
def test_no_linear_layer_at_all_does_better_than_guessing(weight: tuple[float, float], bias: float):
    """z is the score of "different" minus that of "same"; written out point by point in plain floats."""
    costs = []
    for (a, b), label in zip(POINTS.tolist(), LABELS.tolist(), strict=True):
        z = weight[0] * a + weight[1] * b + bias
        costs.append(math.log1p(math.exp(-abs(z))) + max(0.0, -z if label else z))
    assert sum(costs) / 4 >= math.log(2) - 1e-12


def test_one_bend_does_better_than_guessing():
    """The negative twin: z = 1 − 2·|a + b − 1| is no linear layer, and the bound above is not its bound."""
    costs = [math.log1p(math.exp(-(1 if label else -1) * (2 - 4 * abs(a + b - 1))))
             for (a, b), label in zip(POINTS.tolist(), LABELS.tolist(), strict=True)]  # fmt: skip
    assert sum(costs) / 4 < math.log(2)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 8))
def test_stacked_linear_layers_are_the_one_layer_that_is_shown(seed: int, units: int):
    torch.manual_seed(seed)
    network = build_module(xor_blueprint(Activation.NONE, units)).double()
    weight, bias = merge_linear_layers(network)
    x = np.random.default_rng(seed).normal(size=(20, 2))
    stacked = network(torch.tensor(x).reshape(-1, 2, 1, 1)).detach().numpy()
    np.testing.assert_allclose(stacked, x @ weight.T + bias, atol=1e-12)
    torch.manual_seed(seed)
    bent = build_module(
        xor_blueprint(Activation.TANH, units)
    ).double()  # the negative twin: the same weights with a bend
    assert np.abs(bent(torch.tensor(x).reshape(-1, 2, 1, 1)).detach().numpy() - (x @ weight.T + bias)).max() > 1e-6


def test_the_map_agrees_with_the_answers_at_the_four_points():
    made = learn_xor(Activation.TANH, steps=50)
    ticks = np.linspace(FROM, TO, SIDE)
    at = [int(np.argmin(np.abs(ticks - value))) for value in (0, 1)]
    corners = [made.map[at[int(a)], at[int(b)]] for a, b in POINTS]
    np.testing.assert_allclose(corners, made.answers, atol=1e-5)


def test_a_run_is_repeatable_and_leaves_the_callers_random_numbers():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    one, two = learn_xor(Activation.RELU, 5, steps=20), learn_xor(Activation.RELU, 5, steps=20)
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(one.losses, two.losses)
    assert not np.array_equal(one.losses, learn_xor(Activation.RELU, 6, steps=20).losses)
    assert len(one.losses) == 21
    assert not one.map.flags.writeable


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"steps": 0}, "steps must be a whole number from 1 to"), ({"units": 65}, "hidden")],
)
def test_what_is_out_of_bounds_is_refused(changes: dict, says: str):
    with pytest.raises(NetworkSpecError, match=says):
        learn_xor(Activation.TANH, **changes)


def test_the_network_is_sound_with_any_function():
    assert all(inspect_spec(xor_blueprint(function)).problem is None for function in Activation)
