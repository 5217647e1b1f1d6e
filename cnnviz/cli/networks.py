"""The network that a command is asked about: a shipped one, one of torchvision's, one saved here, or one in a file."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from torch import nn

from cnnviz.cli.image_arguments import add_image_arguments, read_numbers, read_size
from cnnviz.data.network_images import ImageScaling, image_from_bytes
from cnnviz.i18n import _
from cnnviz.models.checkpoints import load
from cnnviz.models.importers.architectures import build_architecture, find_architecture
from cnnviz.models.importers.network_files import is_network_file, read_network
from cnnviz.models.summary import PREFIX, Shape, build_network
from cnnviz.models.zoo import find_recipe, network_keys
from cnnviz.training import unpack_network

SAVED = ".safetensors"  # of a network that Train live has saved


def find_network(name: str) -> tuple[nn.Module, Shape, tuple[str, ...]]:
    """The network called `name` with its weights, the input shape that it is made for, and what is to be said of it.

    torchvision's have random weights, the same each time.
    Raises: ValueError or OSError, one sentence.
    """
    if is_network_file(name):
        found = read_network(Path(name).read_bytes(), name)
        return found.module, found.input_shape, found.notes
    if name.lower().endswith(SAVED):
        saved = unpack_network(Path(name).read_bytes())
        return saved.build(), saved.blueprint.input_shape, ()
    if name in network_keys():
        return load(name)[0], find_recipe(name).input_shape, ()
    if name.startswith(PREFIX):
        plain = name.removeprefix(PREFIX)
        return build_architecture(plain), find_architecture(plain).input_shape, ()
    return *build_network(name), ()


def add_network_and_image(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that `read_network_and_image` reads."""
    known = _("mnist, {prefix}resnet50 and the like, or a .pt2 or .onnx file", prefix=PREFIX)
    parser.add_argument("network", metavar="NETWORK", help=known)
    size = _("resize the image; it is not resized otherwise")
    add_image_arguments(parser, is_needed=True, of_another_size=size)


def read_network_and_image(arguments: argparse.Namespace) -> tuple[nn.Module, np.ndarray, tuple[str, ...]]:
    """The network and the image, (channels, rows, cols), that a command is asked about, and what is to be said of it.

    Raises: ValueError or OSError, one sentence.
    """
    mean, std = read_numbers("mean", arguments.mean), read_numbers("std", arguments.std)
    scaling = ImageScaling(read_size(arguments.resize), mean, std)
    model, usual, notes = find_network(arguments.network)
    return model, image_from_bytes(Path(arguments.image).read_bytes(), usual[0], scaling), notes
