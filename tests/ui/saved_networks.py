"""Saved networks for tests: untrained presets with weights of a seed, as the bytes of a file."""

from __future__ import annotations

import torch
from torch import nn

from cnnviz.data.image_sets import DataChoice, SetKey
from cnnviz.models.builder import build_module, preset
from cnnviz.training import Job, SavedNetwork, Scaling, TrainConfig, pack_network


def saved(key: str = "birds_c1", scaling: Scaling | None = None, choice: DataChoice | None = None) -> bytes:
    """A file of an untrained preset with weights of a seed."""
    torch.manual_seed(3)
    blueprint = preset(key)
    model = build_module(blueprint)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-1, 1)
    weights = {name: weight.numpy() for name, weight in model.state_dict().items()}
    channels = blueprint.input_shape[0]
    facts = {"job": Job(blueprint, choice or DataChoice(SetKey.DIGITS), TrainConfig(steps=1)).to_record()}
    return pack_network(
        SavedNetwork(blueprint, scaling or Scaling((0.0,) * channels, (1.0,) * channels), weights, facts)
    )
