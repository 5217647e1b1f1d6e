"""A trained network as one file: the weights as safetensors, and in the file's own header what they belong to.

`pack_network` writes the blueprint, how pictures are read and what is known of the run beside the weights;
`unpack_network` checks all of it before anything is built. The format holds numbers only: a file cannot bring code
along (no pickle). Nor does it lead to anybody's images: where a job names an upload, the file has its mark.
Refuses to know: where files lie (bytes come in, bytes go out), pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
import torch
from numpy.typing import NDArray
from torch import nn

from cnnviz.checks import is_number
from cnnviz.data.image_sets.choice import TOKEN, upload_mark
from cnnviz.i18n import _
from cnnviz.models.builder import NetworkSpec, NetworkSpecError, build_module
from cnnviz.models.checkpoints import CheckpointError, digest
from cnnviz.models.safetensors_header import METADATA, count_tensors, read_safetensors_header
from cnnviz.training.image_pool import Scaling

MOST_BYTES = 64_000_000
MOST_HEADER, MOST_TENSORS = 2_000_000, 1_000  # a network of ours has some forty layers
MOST_FACTS = 100_000  # characters of what is known of a run
MOST_SCALING, LEAST_STD = 1e6, 1e-6  # pictures are in 0..1: nothing sensible is out of these bounds
FORMAT = "cnnviz-network-1"
UPLOAD = "upload"  # what a token of images is called in a job


@dataclass(frozen=True, eq=False)
class SavedNetwork:
    """Weights with everything needed to use them: read-only arrays by name.

    facts: what is known of the run, as plain JSON (its data, settings, steps, accuracy); for the reader only.

    >>> from cnnviz.models.builder import build_module, preset
    >>> from cnnviz.training import SavedNetwork, Scaling
    >>> spec = preset("xo_small")
    >>> weights = {name: weight.numpy() for name, weight in build_module(spec).state_dict().items()}
    >>> network = SavedNetwork(spec, Scaling((0.0,), (1.0,)), weights, facts={"steps": 100})
    >>> network.build().training
    False
    """

    blueprint: NetworkSpec
    scaling: Scaling
    weights: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def build(self, device: str | torch.device = "cpu") -> nn.Sequential:
        """A fresh network with these weights on `device`, in evaluation mode; nothing in it asks for gradients."""
        model = build_untouched(self.blueprint)
        model.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in self.weights.items()})
        return model.to(device).eval().requires_grad_(False)


def build_untouched(blueprint: NetworkSpec) -> nn.Sequential:
    """The untrained network, the caller's random numbers left as they were."""
    with torch.random.fork_rng(devices=[]):
        return build_module(blueprint)


def pack_network(network: SavedNetwork) -> bytes:
    """The bytes of a safetensors file; the same network gives the same bytes.

    Raises: ValueError where the facts hold NaN or ∞, which JSON does not have.

    >>> from cnnviz.models.builder import build_module, preset
    >>> from cnnviz.training import SavedNetwork, Scaling, pack_network, unpack_network
    >>> spec = preset("xo_small")
    >>> weights = {name: weight.numpy() for name, weight in build_module(spec).state_dict().items()}
    >>> network = SavedNetwork(spec, Scaling((0.0,), (1.0,)), weights)
    >>> unpack_network(pack_network(network)).blueprint == spec
    True
    """
    arrays = {name: np.asarray(network.weights[name], order="C") for name in sorted(network.weights)}
    manifest = {
        "format": FORMAT,
        "blueprint": network.blueprint.to_record(),
        "scaling": {"mean": list(network.scaling.mean), "std": list(network.scaling.std)},
        "facts": _without_tokens(dict(network.facts)),
    }
    manifest["sha256"] = _digest(manifest, arrays)
    return safetensors.numpy.save(arrays, {"cnnviz": json.dumps(manifest, sort_keys=True, allow_nan=False)})


def _without_tokens(fact: Any, name: str = "") -> Any:
    """A fact with the mark of each upload for its token: who has a token sees the images on the same machine."""
    if isinstance(fact, dict):
        return {key: _without_tokens(value, key) for key, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [_without_tokens(value, name) for value in fact]
    is_token = name == UPLOAD and isinstance(fact, str) and TOKEN.fullmatch(fact) is not None
    return upload_mark(fact) if is_token else fact


def unpack_network(data: bytes) -> SavedNetwork:
    """The network in a file that somebody brings along.

    data: the bytes of the file, 64 MB at most.
    Raises: CheckpointError, one sentence, for a file that is too large, foreign, damaged or does not hold the weights
    of the network that it names.

    >>> from cnnviz.models.checkpoints import CheckpointError
    >>> from cnnviz.training import unpack_network
    >>> try:
    ...     unpack_network(b"a drawing")
    ... except CheckpointError as error:
    ...     print(error)
    This file is not a network saved by this app: choose a .safetensors file that was saved here.
    """
    if len(data) > MOST_BYTES:
        raise CheckpointError(
            _(
                "file must have at most {most} bytes, got {size}: is it a network of this app?",
                most=MOST_BYTES,
                size=len(data),
            )
        )
    manifest, arrays = _manifest_of(data), _arrays_of(data)
    if manifest.pop("sha256", None) != _digest(manifest, arrays):
        raise CheckpointError(_("This file was changed or damaged: save the network again."))
    network = SavedNetwork(_blueprint_of(manifest), _scaling_of(manifest), arrays, _facts_of(manifest))
    _check_weights(network)
    return network


def _manifest_of(data: bytes) -> dict[str, Any]:
    """What the file says of itself in its header."""
    try:
        header = read_safetensors_header(data, MOST_HEADER)
        text = header[METADATA]["cnnviz"] if count_tensors(header) <= MOST_TENSORS else ""
        found = json.loads(text, parse_constant=_refused)
        json.dumps(found, ensure_ascii=False).encode()  # raises for nesting, and for half letters
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise CheckpointError(
            _("This file is not a network saved by this app: choose a .safetensors file that was saved here.")
        )
    return found


def _refused(constant: str) -> None:
    """NaN and ∞ are no JSON; Python reads them all the same, and a browser does not."""
    raise ValueError(f"number must be finite, got {constant}: leave it out")


def _arrays_of(data: bytes) -> dict[str, NDArray[Any]]:
    try:
        arrays = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(_("This file was changed or damaged: save the network again.")) from error
    for array in arrays.values():
        array.setflags(write=False)
    return dict(sorted(arrays.items()))


def _blueprint_of(manifest: dict[str, Any]) -> NetworkSpec:
    try:
        return NetworkSpec.from_record(manifest.get("blueprint"))
    except NetworkSpecError as error:
        raise CheckpointError(_("The network in this file cannot be built: {reason}", reason=error)) from error


def _scaling_of(manifest: dict[str, Any]) -> Scaling:
    found = manifest.get("scaling")
    mean, std = (_column(found, name) for name in ("mean", "std"))
    channels = _blueprint_of(manifest).input_shape[0]
    if not len(mean) == len(std) == channels or min(std) < LEAST_STD:
        raise CheckpointError(_("This file does not say how the network's input is scaled: save the network again."))
    return Scaling(mean, std)


def _column(found: object, name: str) -> tuple[float, ...]:
    """The numbers under `name`; none where they are not all numbers, or one is out of all bounds."""
    column = found.get(name) if isinstance(found, dict) else None
    is_column = isinstance(column, list) and all(is_number(value, -MOST_SCALING, MOST_SCALING) for value in column)
    return tuple(map(float, column)) if is_column and column is not None else ()


def _facts_of(manifest: dict[str, Any]) -> dict[str, Any]:
    facts = manifest.get("facts")
    if not isinstance(facts, dict) or len(json.dumps(facts)) > MOST_FACTS:
        return {}
    return facts


def _check_weights(network: SavedNetwork) -> None:
    """Names, shapes and kinds are those of the network; every number is one."""
    try:
        wanted = build_untouched(network.blueprint).state_dict()
    except NetworkSpecError as error:
        raise CheckpointError(_("The network in this file cannot be built: {reason}", reason=error)) from error
    expected = {name: (tuple(weight.shape), weight.numpy().dtype) for name, weight in wanted.items()}
    found = {name: (array.shape, array.dtype) for name, array in network.weights.items()}
    if expected != found:
        name = next(name for name in sorted(expected | found) if expected.get(name) != found.get(name))
        raise CheckpointError(
            _(
                "The weights in this file are not those of its network (first at {name}): save the network again.",
                name=name,
            )
        )
    if not all(np.isfinite(array).all() for array in network.weights.values()):
        raise CheckpointError(_("The weights in this file hold numbers that are not finite: train again."))


def _digest(manifest: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over the manifest, then names, shapes, kinds and numbers of the weights, all in alphabetical order."""
    parts = [json.dumps(manifest, sort_keys=True).encode()]
    parts += [
        f"{name} {array.dtype.str} {array.shape}\n".encode() + np.asarray(array, order="C").tobytes()
        for name, array in sorted(arrays.items())
    ]
    return digest(b"".join(parts))
