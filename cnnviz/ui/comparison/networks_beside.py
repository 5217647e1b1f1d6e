"""Which networks can stand beside one: a visitor's own, those that ship with the app, random weights, and files.

Refuses to know: widgets, what is compared with what (`comparison_state`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import Any

from cnnviz.core.graph import GraphError
from cnnviz.i18n import _
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.models.importers.sources import NetworkSource, usual_source, with_settings
from cnnviz.models.importers.state_dict import ENDINGS as WEIGHTS
from cnnviz.models.zoo import is_own_key, network_keys
from cnnviz.training import unpack_network
from cnnviz.ui.app.caches import recipe_of
from cnnviz.ui.comparison.comparison_state import REFUSALS, ComparisonState, NetworkFile
from cnnviz.ui.teach import own_network
from cnnviz.ui.your_network import opened, your_network
from cnnviz.ui.your_network.linked_reading import LinkedReading
from cnnviz.ui.your_network.opened import untrained_network

SAVED_HERE = ".safetensors"
SEED = 1  # of random weights: others than those of an untrained network that one opens
_OF_A_NETWORK: dict[str, Any] = {"architecture": "", "side": None}  # a file that holds the network itself


def networks_beside(comparison: ComparisonState) -> list[NetworkFile]:
    """What can stand on side B without a file: networks opened before, the taught one, ours, random weights."""
    key = comparison.table.network
    shipped = [NetworkFile(one, recipe_of(one).title) for one in network_keys()]
    found = [*known_networks(), *shipped, *random_weights(key)]
    shape = comparison.table.recipe.input_shape
    fitting = {one.key: one for one in found if one.key != key and _shape_of(one) == shape}
    return list(fitting.values())


def known_networks() -> list[NetworkFile]:
    """The visitor's own in this session: what lies open on "Your network" and lay open before, the taught one."""
    found = [*_on_your_network(), *(NetworkFile(**one) for one in your_network.state()["before"])]
    if (taught := own_network.state()["network"]) is not None:
        found.append(NetworkFile(opened.put_opened(taught), _("The network that you taught"), taught))
    return found


def _on_your_network() -> list[NetworkFile]:
    """The network that lies open on the page "Your network"."""
    now = your_network.state()
    if now["key"] is None:
        return []
    found = NetworkFile(now["key"], now["title"], now["data"], now["source"])
    try:
        title = now["title"] or recipe_of(found.open()).title
    except REFUSALS:
        return []
    return [replace(found, title=title)]


def _shape_of(network: NetworkFile) -> tuple[int, ...] | None:
    try:
        return recipe_of(network.open()).input_shape
    except REFUSALS:
        return None


def random_weights(key: str) -> list[NetworkFile]:
    """The architecture of a network with random weights, where it is known; else nothing."""
    if not is_own_key(key):
        return _of_architecture(usual_source(recipe_of(key).preset)) if recipe_of(key).preset else []
    state = your_network.state()
    if state["key"] != key or state["data"] is None:
        return []
    source = opened.find_opened(key).source
    if source is None:
        blueprint = unpack_network(state["data"]).blueprint
        data = untrained_network(blueprint, SEED)
        return [NetworkFile(opened.put_opened(data), _("{title}, random weights", title=blueprint.title), data)]
    if not source.architecture or source.is_random:
        return []
    return _of_architecture(with_settings(source, name="", content=b"", classes=source.classes))


def _of_architecture(random: NetworkSource) -> list[NetworkFile]:
    try:
        key = opened.put_source(random)
    except (ImportedNetworkError, GraphError):  # the weights are for another number of classes
        return []
    return [NetworkFile(key, opened.find_opened(key).recipe.title, b"", random.to_record())]


def open_beside(key: str, content: bytes, name: str, asked: LinkedReading | None = None) -> NetworkFile:
    """A file as it is read beside the network `key`: weights belong to its architecture, with its classes and scaling.

    asked: how a link reads the file that it asked for; it counts where this is the file.
    Raises: one of `REFUSALS`.
    """
    source = _source_of(key)
    if asked is not None and asked.is_of(content):
        return _put(asked.applied_to(NetworkSource(name, content)))
    if name.lower().endswith(SAVED_HERE):
        try:
            return NetworkFile(opened.put_opened(content), name[: -len(SAVED_HERE)], content)
        except CheckpointError:
            if source is None or not source.architecture:
                raise
    reading = source or NetworkSource()
    is_weights = PurePath(name).suffix.lower() in WEIGHTS
    of_weights = {"architecture": reading.architecture, "side": reading.side} if is_weights else _OF_A_NETWORK
    made = with_settings(reading, name=name, content=content, **of_weights)
    try:
        return _put(made)
    except ImportedNetworkError:
        return _put(with_settings(made, classes=()))  # its names are of another number of classes


def _source_of(key: str) -> NetworkSource | None:
    """How the network beside which a file is opened came from outside; of one of ours which architecture it is."""
    if is_own_key(key):
        return opened.find_opened(key).source
    return usual_source(recipe_of(key).preset) if recipe_of(key).preset else None


def _put(source: NetworkSource) -> NetworkFile:
    found = opened.put_source(source)
    return NetworkFile(found, opened.find_opened(found).recipe.title, source.content, source.to_record())
