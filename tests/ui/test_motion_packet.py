"""What the walk through a training step gets is the step, to the last bit, whichever network it is."""

import dataclasses
import json
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.training_step import OptimiserMethod, OptimiserSettings, StepTrace, trace_training_step, weight_sum
from cnnviz.models.zoo import find_recipe
from cnnviz.web.training_step import training_step_packet
from cnnviz.web.wire import PacketWriter

TEN = tuple("0123456789")


def moved(optimiser: OptimiserSettings | None = None, seed: int = 0, target: int = 3) -> StepTrace:
    torch.manual_seed(seed)
    image = np.random.default_rng(seed).random((1, 28, 28), dtype=np.float32)
    return trace_training_step(find_recipe("mnist").build(), image, target, optimiser)


def odd() -> StepTrace:
    """Groups, a transposed convolution, one without bias, a stride, a padding mode, two linear layers."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3, stride=2, padding=1, padding_mode="circular", groups=2),
        nn.LeakyReLU(),
        nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2, bias=False),
        nn.Flatten(),
        nn.Linear(6 * 9 * 9, 5),
        nn.Tanh(),
        nn.Linear(5, 3),
    )
    return trace_training_step(model, np.random.default_rng(1).random((2, 8, 8), dtype=np.float32), 1)


def opened(packet: bytes) -> tuple[dict[str, Any], np.ndarray]:
    length = int.from_bytes(packet[:4], "little")
    return json.loads(packet[4 : 4 + length], parse_constant=refuse), np.frombuffer(packet[4 + length :], "<f4")


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON: no browser reads it")


def array(field: dict[str, Any], floats: np.ndarray) -> np.ndarray:
    size = int(np.prod(field["shape"]))
    return floats[field["at"] // 4 : field["at"] // 4 + size].reshape(field["shape"])


def test_values_gradients_and_probabilities_travel_as_they_are():
    made = moved()
    header, floats = opened(training_step_packet(made, TEN))
    for sent, layer in zip(header["layers"][1:-1], made.layers, strict=True):
        np.testing.assert_array_equal(array(sent["output"], floats), layer.output)
        np.testing.assert_array_equal(array(sent["gradient"], floats), layer.grad_output)
        assert sent["gradient_range"] == np.abs(layer.grad_output).max()
    np.testing.assert_array_equal(array(header["layers"][0]["gradient"], floats), made.layers[0].grad_input)
    np.testing.assert_array_equal(array(header["layers"][-1]["after"], floats), made.after.probabilities)
    assert (header["loss"], header["loss_after"]) == (made.loss, made.loss_after)


@pytest.mark.parametrize(
    "optimiser",
    [OptimiserSettings(), OptimiserSettings(momentum=0.9), OptimiserSettings(OptimiserMethod.ADAM)],
    ids=str,
)
def test_weights_travel_before_during_and_after(optimiser: OptimiserSettings):
    made = moved(optimiser)
    header, floats = opened(training_step_packet(made, TEN))
    names = {"before", "gradient", "step", "after"}
    names |= {"velocity"} if optimiser.momentum else set()
    names |= {"mean", "square", "fair_mean", "fair_square"} if optimiser.method is OptimiserMethod.ADAM else set()
    for sent, layer in zip(header["layers"][1:-1], made.layers, strict=True):
        if layer.weight is None:
            assert sent["kernels"] is None
            continue
        assert set(sent["kernels"]["weight"]) == names
        for name, field in sent["kernels"]["weight"].items():
            np.testing.assert_array_equal(array(field, floats).ravel(), getattr(layer.weight, name).ravel())
        for name, field in sent["kernels"]["bias"].items():
            np.testing.assert_array_equal(array(field, floats), getattr(layer.bias, name))


def met(header: dict[str, Any], floats: np.ndarray, index: int, place: tuple[int, int, int, int]) -> float:
    """The sum as the browser makes it, from the packet alone: (picture's output map, its place, row, col)."""
    out, each, row, col = place
    column, before = header["layers"][index], header["layers"][index - 1]
    kernels = column["kernels"]
    source = out // (kernels["out"] // kernels["groups"]) * kernels["each"] + each
    maps, gradient = array(before["output"], floats)[source], array(column["gradient"], floats)[out]
    total = 0.0
    for r, down in enumerate(column["axes"]["rows"][row]):
        for c, across in enumerate(column["axes"]["cols"][col]):
            total += 0.0 if down < 0 or across < 0 else float(maps[down, across]) * float(gradient[r, c])
    return total


@pytest.mark.parametrize("index", [1, 3])
def test_the_browser_can_add_up_every_weights_gradient_from_the_packet(index: int):
    header, floats = opened(training_step_packet(odd(), ("a", "b", "c")))
    sent = array(header["layers"][index]["kernels"]["weight"]["gradient"], floats)
    for place in np.ndindex(*sent.shape):
        assert met(header, floats, index, place) == pytest.approx(sent[place], rel=1e-4, abs=1e-6)
    swapped = sent[:, ::-1] if sent.shape[1] > 1 else sent[::-1]  # the negative twin: kernels in another order
    assert any(
        met(header, floats, index, place) != pytest.approx(swapped[place], rel=1e-2)
        for place in np.ndindex(*sent.shape)
    )


def test_a_transposed_kernel_is_laid_out_by_output_map():
    made = odd()
    header, floats = opened(training_step_packet(made, ("a", "b", "c")))
    sent = array(header["layers"][3]["kernels"]["weight"]["gradient"], floats)
    assert sent.shape == (6, 2, 3, 3)
    assert sent[4, 1, 0, 2] == np.float32(weight_sum(made.layers[2], 4, 3, 0, 2).total)


def test_fully_connected_weights_are_folded_into_the_maps_that_they_read():
    header, _floats = opened(training_step_packet(moved(), TEN))
    kernels = header["layers"][-2]["kernels"]
    assert [kernels[name] for name in ("out", "each", "rows", "cols")] == [10, 32, 7, 7]
    last = opened(training_step_packet(odd(), ("a", "b", "c")))[0]["layers"][-2]["kernels"]
    assert [last[name] for name in ("out", "each", "rows", "cols")] == [3, 1, 1, 5]


@pytest.mark.parametrize("seed", range(12))
def test_the_shown_differences_of_the_scores_add_up_to_zero(seed: int):
    made = moved(seed=seed, target=seed % 10)
    digits = opened(training_step_packet(made, TEN))[0]["share_digits"]
    shown = [Decimal(f"{value:.{digits}f}") for value in made.grad_logits]
    assert sum(shown) == 0


def test_a_network_that_is_sure_shows_figures_and_not_zeros():
    made = moved()
    sure = dataclasses.replace(made, grad_logits=np.array([2e-5, -3e-5, 1e-5], dtype=np.float32))
    assert opened(training_step_packet(sure, TEN))[0]["share_digits"] >= 6


def test_with_two_decimals_they_often_do_not():
    """The negative twin: digits that nobody chose."""
    sums = [sum(Decimal(f"{value:.2f}") for value in moved(seed=seed).grad_logits) for seed in range(12)]
    assert any(sums)


def test_the_loss_line_holds_as_it_is_read():
    made = moved()
    formula = opened(training_step_packet(made, TEN))[0]["steps"][1]["formula"]
    share, loss = formula.removeprefix("−ln ").split(" = ")
    assert f"{-math.log(float(share)):.3f}" == loss == f"{made.loss:.3f}"


def test_a_small_loss_is_written_with_figures_too():
    torch.manual_seed(0)
    learned = trace_training_step(
        find_recipe("mnist").build(), np.ones((1, 28, 28)), 3, OptimiserSettings(rate=0.02), step=20
    )
    assert 1e-6 < learned.loss < 2e-2
    formula = opened(training_step_packet(learned, TEN))[0]["steps"][1]["formula"]
    share, loss = formula.removeprefix("−ln ").split(" = ")
    assert float(loss) == pytest.approx(-math.log(float(share)), rel=0.01)
    assert float(loss) == pytest.approx(learned.loss, rel=0.01)


def test_the_walk_goes_forward_to_the_loss_and_back_through_every_layer():
    steps = opened(training_step_packet(moved(), TEN))[0]["steps"]
    kinds = [step["kind"] for step in steps]
    assert kinds == ["forward", "loss", "scores", *["back"] * 8, "update"]
    assert [step["layer"] for step in steps[3:-1]] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert all(step["text"] for step in steps)


def test_what_is_not_finite_travels_as_nothing():
    torch.manual_seed(0)
    model = find_recipe("mnist").build()
    with torch.no_grad():
        model.conv2.weight[0, 0, 0, 0] = math.inf
    header, _floats = opened(training_step_packet(trace_training_step(model, np.ones((1, 28, 28)), 3), TEN))
    assert header["loss"] is None
    assert header["together"] is None
    assert math.isfinite(header["layers"][1]["range"])


def test_the_outcome_is_said_as_it_is():
    made = moved()
    for after, word in [(1.5, "falls"), (2.0, "stays"), (2.5, "rises"), (math.nan, "nan")]:
        told = dataclasses.replace(made, loss=2.0, losses=(2.0, after))
        assert word in opened(training_step_packet(told, TEN))[0]["steps"][-1]["text"]


def test_an_array_that_is_gone_does_not_lend_its_place_to_the_next():
    cargo = PacketWriter()
    places = {cargo.put(np.full(100_000, value, dtype=np.float32))["at"] for value in range(20)}
    assert len(places) == 20
