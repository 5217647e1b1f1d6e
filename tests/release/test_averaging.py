"""Weights between those that a run began with and its own."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.cli import train
from cnnviz.data.datasets import LabelledImages
from cnnviz.data.digit_pools import DigitPools
from cnnviz.evaluation.metrics import fold_temperature
from cnnviz.models import checkpoints
from cnnviz.models.zoo import find_recipe
from cnnviz.release.averaging import average_weights, unfold_temperature
from cnnviz.release.digits import DigitPlan, train_digits
from cnnviz.training import TrainConfig

BEFORE = {"weight": torch.tensor([0.0, 8.0]), "count": torch.tensor(3)}
AFTER = {"weight": torch.tensor([4.0, 0.0]), "count": torch.tensor(9)}


@pytest.mark.parametrize(("share", "weight"), [(0.0, [0.0, 8.0]), (0.25, [1.0, 6.0]), (1.0, [4.0, 0.0])])
def test_an_average_lies_between_the_two_and_counts_are_not_averaged(share, weight):
    found = average_weights(BEFORE, AFTER, share)
    assert found["weight"].tolist() == weight
    assert found["count"].item() == 9


def test_networks_of_other_shapes_are_not_averaged():
    with pytest.raises(ValueError, match="the weights of the same network"):
        average_weights({"weight": torch.zeros(3), "count": torch.tensor(3)}, AFTER, 0.5)
    with pytest.raises(ValueError, match=r"in 0\.\.1"):
        average_weights(BEFORE, AFTER, 1.5)


def test_a_temperature_that_was_folded_in_is_taken_out_again():
    torch.manual_seed(0)
    model, image = nn.Sequential(nn.Flatten(), nn.Linear(4, 3)), torch.rand(1, 2, 2)
    scores = model(image)
    fold_temperature(model, 0.5)
    assert torch.allclose(model(image), scores / 0.5)
    unfold_temperature(model, 0.5)
    assert torch.allclose(model(image), scores)
    with pytest.raises(ValueError, match="linear"):
        unfold_temperature(nn.Sequential(nn.ReLU()), 0.5)


def pools():
    rng = np.random.default_rng(0)
    some = LabelledImages(rng.integers(0, 256, (20, 28, 28)).astype(np.uint8), np.arange(20) % 10)
    return DigitPools(some, some, some.images)


def trained(share):
    weights = find_recipe("mnist").build().state_dict()
    before = {name: torch.full_like(value, 0.01) for name, value in weights.items()}
    config = TrainConfig(steps=2, batch=8, rate=0.01, warm=1, averaging=0.5)
    return before, train_digits(config, DigitPlan(averaged=share), pools(), lambda _: None, weights=before).weights


def test_a_run_is_averaged_with_its_own_beginning():
    before, whole = trained(1.0)
    half = trained(0.5)[1]
    assert any(not torch.equal(before[name], whole[name]) for name in whole)
    for name, value in half.items():
        assert torch.allclose(value, (before[name] + whole[name]) / 2)


def command(*words):
    from cnnviz.__main__ import build_parser

    return build_parser("train").parse_args(["train", "mnist", "--device", "cpu", *words])


def test_the_command_says_what_is_averaged_and_by_what_is_rejected():
    said = train.command_of(command("--start", "mnist", "--average", "0.5", "--reject-by", "divergence"))
    last = said.rsplit(" && ", 1)[1]
    assert "--start runs/before --average 0.5" in last
    assert last.endswith(" --reject-by divergence")
    again = build_again(last)
    assert (again.average, again.reject_by) == (0.5, "divergence")
    assert "--average" not in train.command_of(command("--start", "mnist")).rsplit(" && ", 1)[1]


def build_again(text):
    from cnnviz.__main__ import build_parser

    return build_parser("train").parse_args(text.split()[3:])


def test_an_average_needs_a_beginning():
    with pytest.raises(ValueError, match="--average must be with --start"):
        train.run(command("--average", "0.5"))


def test_an_averaged_run_begins_before_the_temperature_was_folded_in():
    model, manifest = checkpoints.load("mnist")
    for words, factor in ((("--average", "0.5"), manifest.config["temperature"]), ((), 1.0)):
        found = train._beginning(command("--start", "mnist", *words))
        last = list(found)[-1]
        assert torch.allclose(found[last], model.state_dict()[last] * factor)
