"""A network from outside with what its file does not say: the architecture, the classes, how images are scaled.

`open_source` gives the network as it takes images in 0..1. Refuses to know: sessions, pages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.checks import check_whole, require, sides
from cnnviz.core.graph import Graph, graph_as_far_as_it_runs
from cnnviz.core.graph.copies import graph_of, with_first_layer
from cnnviz.i18n import _
from cnnviz.models.builder import build_module, preset, preset_keys
from cnnviz.models.importers.architectures import architecture_names, build_architecture, find_architecture
from cnnviz.models.importers.network_files import is_network_file, read_network
from cnnviz.models.importers.records import ImportedNetwork, ImportedNetworkError, Shape, clean_text, import_refusal
from cnnviz.models.importers.source_settings import MOST_CLASSES, check_scaling, clean_classes
from cnnviz.models.importers.state_dict import load_into, read_weights
from cnnviz.models.standardise import STANDARDISE, standardising_layer

LEAST_SIDE, MOST_SIDE = 8, 1_024
MOST_PIXELS = 1_000_000  # numbers of an image: it travels with every question
MOST_SHOWN = 180_000_000  # weights and values of a network: VGG-16 has 167 million, and takes 2 GB of memory here
MOST_SHARED = 24_000_000  # of each visitor's network, where one machine serves many
KINDS = (torch.float32, torch.float64, torch.float16)  # of numbers, which NumPy has too
LONGEST_REASON = 400


@dataclass(frozen=True, eq=False)
class NetworkSource:
    """Where a network comes from. content: of a file; none for an architecture with random weights.

    architecture: torchvision's name or the key of a preset, where the file holds weights or there is none. side: rows
    and columns of its images, None for the usual ones. classes: none for numbers. mean, std: a number for each channel
    or one for all, none for images in 0..1 as they are.
    stopped: why the network of which the file holds the first part stops there, one sentence; "" for a whole one.

    >>> from cnnviz.models.importers.sources import NetworkSource
    >>> NetworkSource(architecture="resnet18").is_random
    True
    """

    name: str = ""
    content: bytes = b""
    architecture: str = ""
    side: int | None = None
    classes: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    stopped: str = ""

    @property
    def is_random(self) -> bool:
        """Whether its weights are random."""
        return not self.content

    def digest(self) -> str:
        """The same for the same file, opened in the same way, whatever it is called; hexadecimal."""
        said = {**self.to_record(), "name": "", "content": hashlib.sha256(self.content).hexdigest()}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def to_record(self) -> dict[str, Any]:
        """All but the content, as JSON values."""
        return {
            "name": self.name, "architecture": self.architecture, "side": self.side, "classes": list(self.classes),
            "mean": list(self.mean), "std": list(self.std),
        } | ({"stopped": self.stopped} if self.stopped else {})  # fmt: skip

    @classmethod
    def from_record(cls, record: Mapping[str, Any], content: bytes) -> NetworkSource:
        """Raises: KeyError, TypeError, ImportedNetworkError for what `to_record` did not write."""
        side = record["side"]
        return cls(
            clean_text(record["name"]), content, str(record["architecture"]), None if side is None else int(side),
            clean_classes(record["classes"]), check_scaling("mean", record["mean"]),
            check_scaling("std", record["std"]), clean_text(record.get("stopped", ""), LONGEST_REASON),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class OpenedSource:
    """A network that takes images in 0..1. facts: a sentence each, on the format and on what was read otherwise.

    stopped: why it runs half-way only, one sentence that names the layer; it has no classes then.
    """

    title: str
    model: nn.Module
    input_shape: Shape
    classes: tuple[str, ...]
    facts: tuple[str, ...] = ()
    stopped: str = ""


def usual_source(architecture: str) -> NetworkSource:
    """An architecture as its authors use it: torchvision's with ImageNet's names, mean and standard deviation.

    Raises: ImportedNetworkError for a name that is not in the lists.
    """
    if architecture in preset_keys():
        return NetworkSource(architecture=architecture)
    found = find_architecture(architecture)
    return NetworkSource(architecture=architecture, mean=found.mean, std=found.std, classes=found.categories)


def known_architectures() -> tuple[str, ...]:
    """Our presets, then torchvision's networks."""
    return (*preset_keys(), *architecture_names())


def open_source(source: NetworkSource, *, is_shared: bool = False) -> OpenedSource:
    """The network of a source, also one that stops half-way. is_shared: for one of many visitors of a machine.

    Raises: ImportedNetworkError, GraphError; one sentence.
    """
    model, shape, facts = _read(source)
    if source.mean or source.std:
        model = _standardised(model, shape, source)
    graph, stopped = graph_as_far_as_it_runs(model, shape)
    _check_size(graph, is_shared)
    if stopped or source.stopped:
        return OpenedSource(_title(source), model, shape, (), facts, source.stopped or stopped)
    count = _count_classes(graph)
    classes = source.classes or tuple(str(number) for number in range(count))
    if len(classes) != count:
        raise import_refusal(_("class names"), _("{count}, one for each score", count=count), len(classes),
                             _("give a list of all of them, in the order of the scores"))  # fmt: skip
    return OpenedSource(_title(source), model, shape, classes, facts)


def _title(source: NetworkSource) -> str:
    if source.architecture and source.is_random:
        return _("{name}, random weights", name=name_of(source.architecture))
    return source.name


def name_of(architecture: str) -> str:
    """A preset's title, torchvision's own name."""
    return preset(architecture).title if architecture in preset_keys() else architecture


def _read(source: NetworkSource) -> tuple[nn.Module, Shape, tuple[str, ...]]:
    if source.content and is_network_file(source.name):
        found = read_network(source.content, source.name)
        _check_pixels(found.input_shape)
        _check_kinds(found)
        words = _("{format}, written by {producer}", format=found.format, producer=found.producer or _("unknown"))
        return found.module, found.input_shape, (words, *found.notes)
    weights = read_weights(source.content, source.name) if source.content else None
    if weights is not None and not source.architecture:
        raise ImportedNetworkError(
            _("This file holds weights and no network: choose the architecture that they belong to.")
        )
    return _of_architecture(source, weights)


def _of_architecture(
    source: NetworkSource, weights: dict[str, Tensor] | None
) -> tuple[nn.Module, Shape, tuple[str, ...]]:
    name = source.architecture
    if name in preset_keys():
        blueprint = preset(name)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            model: nn.Module = build_module(blueprint)
        shape = blueprint.input_shape
    else:
        usual = find_architecture(name)
        side = usual.input_shape[1] if source.side is None else source.side
        check_whole(_("input size"), side, LEAST_SIDE, MOST_SIDE, _("{side} is usual", side=usual.input_shape[1]),
                    ImportedNetworkError)  # fmt: skip
        shape = (3, side, side)
        _check_pixels(shape)
        model = build_architecture(name, len(usual.categories) if weights is None else _classes_of(name, weights))
    model = model.eval().requires_grad_(False)
    if weights is None:
        return model, shape, (_("The weights are random, and so is its prediction."),)
    load_into(model, weights)
    return model, shape, (_("Weights of {file} in {name}", file=clean_text(source.name), name=name_of(name)),)


def _classes_of(name: str, weights: Mapping[str, Tensor]) -> int:
    """How many classes the weights are for: as many as the last layer has biases."""
    with torch.device("meta"):
        own = build_architecture(name)
    last = [key for key in own.state_dict() if key.endswith("bias")][-1]
    found = weights.get(last)
    return len(found) if found is not None and found.dim() == 1 and len(found) > 1 else len(own.state_dict()[last])


def _check_pixels(shape: Shape) -> None:
    require(prod(shape) <= MOST_PIXELS, _("image"), _("of at most {most} numbers", most=f"{MOST_PIXELS:,}"),
            sides(shape), _("export the network for a smaller image"), ImportedNetworkError)  # fmt: skip


def _check_kinds(found: ImportedNetwork) -> None:
    weights = (*found.module.parameters(), *found.module.buffers())
    kinds = {found.input_dtype, *(one.dtype for one in weights if one.is_floating_point())}
    for kind in kinds - set(KINDS):
        raise import_refusal(_("image and weights"), _("float32, float64 or float16"), str(kind).split(".")[-1],
                             _("export the network after model.float()"))  # fmt: skip


def _standardised(model: nn.Module, shape: Shape, source: NetworkSource) -> nn.Module:
    """The network with (x − mean) / std as its first layer: a batch normalisation with fixed mean and variance."""
    channels = shape[0]
    first = standardising_layer(_spread(source.mean or (0.0,), channels), _spread(source.std or (1.0,), channels))
    return with_first_layer(graph_of(model, shape), first, STANDARDISE)


def _spread(numbers: tuple[float, ...], channels: int) -> tuple[float, ...]:
    if len(numbers) not in (1, channels):
        raise import_refusal(_("mean and standard deviation"), _("1 number or {count}", count=channels), len(numbers),
                             _("give one for each channel"))  # fmt: skip
    return numbers * channels if len(numbers) == 1 else numbers


def _count_classes(graph: Graph) -> int:
    """How many scores the network gives."""
    shape = next((one for one in graph.nodes[graph.output].shapes if one is not None), ())
    if len(shape) != 2 or not 2 <= shape[1] <= MOST_CLASSES:
        raise import_refusal(_("output"), _("one score for each of two or more classes"), sides(shape[1:]) or _("none"),
                             _("export the part of the network that classifies"))  # fmt: skip
    return shape[1]


def _check_size(graph: Graph, is_shared: bool) -> None:
    """Whether memory is enough for it, and for the copies that edits make of what they change."""
    maps = sum(prod(one) for node in graph.layers for one in node.shapes if one is not None)
    numbers, most = maps + sum(node.parameters for node in graph.layers), MOST_SHARED if is_shared else MOST_SHOWN
    if numbers <= most:
        return
    rule = _("of at most {most} weights and values", most=f"{most:,}")
    way_out = _("choose a smaller one, or a smaller input size")
    if is_shared:
        rule = _("of at most {most} weights and values on a machine that others use too", most=f"{most:,}")
        way_out = _("choose a smaller one or a smaller input size, or open it on a machine of your own")
    raise import_refusal(_("network"), rule, f"{numbers:,}", way_out)


def with_settings(source: NetworkSource, **changes: Any) -> NetworkSource:
    """The same file or architecture, read with other settings."""
    return replace(source, **changes)
