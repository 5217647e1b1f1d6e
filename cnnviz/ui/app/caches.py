"""Every cache of the app: what is loaded once a process and shared by all visitors, read-only."""

from __future__ import annotations

import gc
import os
import threading
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from weakref import WeakKeyDictionary, ref

import numpy as np
import streamlit as st
import torch
from torch import nn

from cnnviz.core.colour_ranges import sparse_layers
from cnnviz.core.edits import Edit, EditableLayers, Edits, apply_edits, find_editable
from cnnviz.core.graph import Graph, build_graph_to, graph_as_far_as_it_runs
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.machine.bounded_cache import BoundedCache
from cnnviz.models import checkpoints
from cnnviz.models.importers.source_code import source_to_pytorch
from cnnviz.models.reference_images import reference_images
from cnnviz.models.zoo import Recipe, find_recipe, is_own_key
from cnnviz.ui.your_network import opened
from cnnviz.web.selection import SOFTMAX

MOST_TWINS, MOST_TWIN_BYTES = 16, 500_000_000  # edited networks of one, and what of each is not shared with it


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A trained network, ready to be traced. Shared: nobody changes it.

    What is made of it is kept with it, and goes with it: a visitor's network is not held for ever.
    stopped: why it never gets as far as its answer, one sentence; "" for nearly all. opening: the lines of Python that
    open it, where it comes from outside.
    """

    recipe: Recipe
    tracer: Tracer
    manifest: checkpoints.Manifest
    model: nn.Module
    stopped: str = ""
    opening: str = ""
    twins: BoundedCache[TrainedNetwork] = field(
        init=False, default_factory=lambda: BoundedCache(MOST_TWINS, MOST_TWIN_BYTES)
    )

    def trace(self, image: np.ndarray, begun: Trace | None = None) -> Trace:
        """The image in it: a shipped network runs as a whole, one that a visitor opened as far as it runs.

        begun: as in `Tracer`. Raises: TraceError.
        """
        if begun is not None or not is_own_key(self.recipe.key):
            return self.tracer(image, begun)
        found = self.tracer.as_far_as_it_runs(image)
        return found.as_part(self.stopped) if self.stopped else found

    @cached_property
    def anatomy(self) -> EditableLayers:
        """What of it can be edited; nothing where there is no answer to compare."""
        return EditableLayers(()) if self.stopped else find_editable(self.model, self.recipe.input_shape)

    @cached_property
    def sparse(self) -> frozenset[str]:
        """The layers with colour scales of their own: decided by images that are always the same."""
        return sparse_layers(map(self.trace, reference_images(self.recipe.key, self.recipe.input_shape)))

    @cached_property
    def graph(self) -> Graph:
        """The network and its softmax as a graph of operations; of one that stops, as far as it runs."""
        if self.stopped:
            return graph_as_far_as_it_runs(self.model, self.recipe.input_shape)[0]
        return build_graph_to(self.model, self.recipe.input_shape, nn.Softmax(dim=1), SOFTMAX)


@st.cache_resource(show_spinner=False)
def configure_process(page: str) -> None:
    """Once a process after the first visit to each page, which imports its own: freeze what will never be garbage.

    A full collection walks through all of torch, which is felt in the middle of a stroke.
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def configure_threads() -> None:
    """Once a process: visitors share the cores."""
    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))


def trained_network(key: str) -> TrainedNetwork:
    """The shipped network `key`, verified against its manifest, or one that a visitor opened.

    Raises: CheckpointError, KeyError for a shipped one; NotOpened.
    """
    return _of_visitor(opened.find_opened(key)) if is_own_key(key) else shipped_networks(key)


def recipe_of(key: str) -> Recipe:
    """What the network `key` reads and answers; its weights are not loaded. Raises: as `trained_network`."""
    return opened.find_opened(key).recipe if is_own_key(key) else find_recipe(key)


@lru_cache(maxsize=8)  # each answer asks twice: Streamlit's own cache would take longer to look than the network to run
def shipped_networks(key: str) -> TrainedNetwork:
    """A network of `checkpoints/`, loaded once a process."""
    configure_threads()
    model, manifest = checkpoints.load(key)
    return TrainedNetwork(find_recipe(key), Tracer(model, key, is_frozen=True), manifest, model)


_OF_VISITORS: WeakKeyDictionary[opened.OpenedNetwork, TrainedNetwork] = WeakKeyDictionary()  # as long as it is open
_LOCK = threading.Lock()


def _of_visitor(found: opened.OpenedNetwork) -> TrainedNetwork:
    with _LOCK:
        made = _OF_VISITORS.get(found)
        if made is None:
            made = _OF_VISITORS[found] = _uncalibrated(found)
        return made


def _uncalibrated(found: opened.OpenedNetwork) -> TrainedNetwork:
    """A network without published figures: it was not calibrated, so every answer counts as one of its classes."""
    configure_threads()
    key, count = found.recipe.key, sum(part.numel() for part in found.model.parameters())
    manifest = checkpoints.Manifest(key, found.sha256, count, seed=0, command="", made="", threshold=0.0)
    opening = source_to_pytorch(found.source) if found.source else ""
    tracer = Tracer(found.model, key, is_frozen=True)
    return TrainedNetwork(found.recipe, tracer, manifest, found.model, found.stopped, opening)


def cached_trace(chosen: TrainedNetwork, image: np.ndarray, edits: Edits | None = None) -> Trace:
    """The image in the network as `edits` leave it; kept, for while a weight is dragged the image stays the same.

    Raises: EditError for an edit that does not fit the network.
    """
    return _traced(chosen, edits.done if edits else (), image.shape, image.tobytes())


def _traced(chosen: TrainedNetwork, done: tuple[Edit, ...], shape: tuple[int, ...], data: bytes) -> Trace:
    """What is kept, or made now."""
    place = (ref(chosen), done, shape, data)
    found = _TRACES.get(place)
    if found is None:
        image = np.frombuffer(data, np.float32).reshape(shape)
        network = edited_network(chosen, Edits(done))
        found = network.trace(image, _traced(chosen, (), shape, data) if done else None)
        weights = _bytes_of_its_own(network.model, chosen.model)  # which a trace holds, whatever else lets them go
        _TRACES.put(place, found, weights + sum(layer.output.nbytes for layer in found.layers))
    return found


_TRACES: BoundedCache[Trace] = BoundedCache(most=32, most_bytes=600_000_000)


def edited_network(chosen: TrainedNetwork, edits: Edits) -> TrainedNetwork:
    """A trained network as `edits` leave it, for whoever asks for these very edits; itself without any.

    Raises: EditError for an edit that does not fit the network.
    """
    if not edits:  # what was undone makes no other network
        return chosen
    found = chosen.twins.get(edits.done)
    if found is None:
        model = apply_edits(chosen.model, Edits(edits.done), chosen.recipe.input_shape)
        found = replace(chosen, tracer=Tracer(model, chosen.recipe.key, chosen.tracer, is_frozen=True), model=model)
        chosen.twins.put(edits.done, found, _bytes_of_its_own(model, chosen.model))
    return found


def _bytes_of_its_own(model: nn.Module, other: nn.Module) -> int:
    """Of the weights that it does not share with another network."""
    mine, theirs = ({one.data_ptr(): one.nbytes for one in each.parameters()} for each in (model, other))
    return sum(size for place, size in mine.items() if place not in theirs)


def network_graph(key: str, edits: Edits | None = None) -> Graph:
    """The network `key`, edited or not, and its softmax as a graph of operations, for what its units see."""
    return edited_network(trained_network(key), edits or Edits()).graph
