"""Networks that visitors opened, by the digest of their file: the explorer looks into them as into the shipped ones.

A key cannot be guessed, and whoever has the file has the key; of an architecture with random weights it is the same for
all. The server holds a few, in memory only; the visitor's session and browser hold the file.
Refuses to know: sessions, pages.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
import torch
from torch import nn

from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.data.image_sets import DataChoice, ImageSet, ImageSetError, load_images
from cnnviz.i18n import _
from cnnviz.models.builder import NetworkSpec, build_module
from cnnviz.models.checkpoints import digest
from cnnviz.models.importers.sources import NetworkSource, open_source
from cnnviz.models.standardise import STANDARDISE, standardising_layer
from cnnviz.models.zoo import Recipe, own_key
from cnnviz.training import SavedNetwork, Scaling, pack_network, unpack_network

OWN_MACHINE = ("localhost", "127.0.0.1", "::1")
MOST, MOST_BYTES = 24, 1_000_000_000  # networks in memory, and their weights


class NotOpened(ValueError):
    """The network of a link or a question is not in memory here; its text is one sentence."""


@dataclass(frozen=True, eq=False)
class OpenedNetwork:
    """A network that somebody opened. choice: pictures of ours that go with it, None where there are none.

    A file never leads to anybody's own pictures: who is given it must not see those of who made it.
    facts: a sentence each on the file. source: where a network from outside comes from.
    stopped: why it runs half-way only, one sentence; it has no classes then.
    """

    recipe: Recipe
    model: nn.Module
    choice: DataChoice | None
    sha256: str
    facts: tuple[str, ...] = ()
    source: NetworkSource | None = None
    stopped: str = ""

    @property
    def size(self) -> int:
        """The bytes of its weights, and of the file."""
        weights = sum(part.nbytes for part in (*self.model.parameters(), *self.model.buffers()))
        return weights + (len(self.source.content) if self.source else 0)

    def pictures(self, own: DataChoice | None = None) -> ImageSet | None:
        """Pictures that it never learned from; None where they are not on this machine.

        own: what it was trained on, where the visitor who asks brought these pictures.
        """
        choice = own or self.choice
        try:
            found = None if choice is None else load_images(choice).validation
        except (DataMissing, DataBroken, ImageSetError):
            return None
        is_right = found is not None and (found.shape, found.classes) == (self.recipe.input_shape, self.recipe.classes)
        return found if is_right else None  # what a file says of its pictures may be anything


_LOCK = threading.Lock()
_OPENING = threading.Lock()  # one at a time: a large one takes twice its memory while it is opened
_OPENED: OrderedDict[str, OpenedNetwork] = OrderedDict()


def put_opened(data: bytes) -> str:
    """Open the network in the bytes of a saved file; its key. The same file has the same key.

    Raises: CheckpointError, one sentence, for a file that is none of ours.
    """
    sha256 = digest(data)
    return _put(sha256, lambda key: _opened(unpack_network(data), key, sha256))


def put_source(source: NetworkSource) -> str:
    """Open a network from outside; its key: that of the file and of how it is read.

    Raises: ImportedNetworkError or GraphError, one sentence.
    """
    sha256 = source.digest()
    return _put(sha256, lambda key: _from_outside(source, key, sha256))


def is_shared() -> bool:
    """Whether other machines can reach this server, by a proxy of this one too: its visitors share the memory then."""
    return st.get_option("server.address") not in OWN_MACHINE or bool(st.get_option("server.allowedHosts"))


def _put(sha256: str, make: Callable[[str], OpenedNetwork]) -> str:
    key = own_key(sha256)
    with _LOCK:
        known = _OPENED.get(key)
    if known is None:
        with _OPENING:
            known = make(key)
    with _LOCK:
        _OPENED[key] = known
        _OPENED.move_to_end(key)
        while len(_OPENED) > 1 and (len(_OPENED) > MOST or sum(one.size for one in _OPENED.values()) > MOST_BYTES):
            _OPENED.popitem(last=False)
    return key


def _from_outside(source: NetworkSource, key: str, sha256: str) -> OpenedNetwork:
    found = open_source(source, is_shared=is_shared())
    recipe = Recipe(key, found.title, found.input_shape, found.classes, lambda: nn.Sequential(found.model))
    return OpenedNetwork(recipe, found.model, None, sha256, found.facts, source, found.stopped)


def find_opened(key: str) -> OpenedNetwork:
    """The network called `key`. Raises: NotOpened."""
    with _LOCK:
        found = _OPENED.get(key)
        if found is not None:
            _OPENED.move_to_end(key)
    if found is None:
        raise NotOpened(_("This network is not open here any more: open its file, or train it again"))
    return found


def _opened(network: SavedNetwork, key: str, sha256: str) -> OpenedNetwork:
    found = network.blueprint
    recipe = Recipe(key, found.title, found.input_shape, found.classes, network.build)
    return OpenedNetwork(recipe, with_scaling(network), _choice(network), sha256)


def _choice(network: SavedNetwork) -> DataChoice | None:
    """The pictures of ours that a file names; None for anybody's own."""
    job = network.facts.get("job")
    try:
        choice = DataChoice.from_record(job["data"]) if isinstance(job, dict) else None
    except (KeyError, TypeError, ImageSetError):
        return None
    return choice if choice is not None and choice.upload is None else None


def untrained_network(blueprint: NetworkSpec, seed: int = 0) -> bytes:
    """The file of a network with PyTorch's first weights of a seed; it reads pictures in 0..1 as they are."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        weights = {name: weight.numpy() for name, weight in build_module(blueprint).state_dict().items()}
    channels = blueprint.input_shape[0]
    return pack_network(SavedNetwork(blueprint, Scaling((0.0,) * channels, (1.0,) * channels), weights))


def with_scaling(network: SavedNetwork) -> nn.Sequential:
    """The network as it reads pictures in 0..1: (x − mean) / std is its first layer where training did that.

    That layer is a batch normalisation with fixed mean and variance, ε = 0, γ = 1 and β = 0, so that it is shown and
    explained like any other.
    """
    model, scaling = network.build(), network.scaling
    if scaling.is_nothing:
        return model
    first = standardising_layer(scaling.mean, scaling.std)
    return nn.Sequential(OrderedDict([(STANDARDISE, first), *model.named_children()])).eval().requires_grad_(False)
