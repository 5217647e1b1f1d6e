"""Weights and what is known about them: `checkpoints/<key>.safetensors` with `<key>.json` beside it.

Written so that whoever is killed in the middle leaves the old pair or the new one, verified when loaded: a changed
byte is a `CheckpointError` that names both hashes. The format is safetensors, numbers only: a file cannot bring code
along (no pickle).
Refuses to know: how weights were found (`training`), what the figures mean (`evaluation`).
"""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor, nn

from cnnviz.checks import quoted
from cnnviz.i18n import _
from cnnviz.machine.resources import CHECKPOINTS
from cnnviz.machine.whole_files import replace_file
from cnnviz.models.decision import DecisionRule, RejectBy
from cnnviz.models.zoo import find_recipe

FOLDER = CHECKPOINTS
MAX_BYTES = 2_000_000_000
COMING = ".coming.safetensors"  # how weights end that are on their way to their place


class CheckpointError(ValueError):
    """A checkpoint that is missing, changed or foreign; its text is one sentence."""


@dataclass(frozen=True)
class Manifest:
    """What is known about a file of weights; plain JSON values only.

    `figures` holds the published results: `figures["mnist_test"]["accuracy"]` and so on.
    """

    network: str  # a key of `networks`
    sha256: str  # of the weights file
    parameters: int
    seed: int
    command: str
    made: str  # ISO date
    threshold: float  # of the rejection rule: the least score of what belongs to a class
    data: Mapping[str, Any] = field(default_factory=dict)  # what it was trained on, with checksums
    versions: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    reject_by: str = RejectBy.PROBABILITY  # the score of the rejection rule: a value of `RejectBy`

    @property
    def rule(self) -> DecisionRule:
        """When an answer counts as one of the classes."""
        return DecisionRule(self.threshold, RejectBy(self.reject_by))

    def to_json(self) -> str:
        """Indented JSON, ending in a newline."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Raises: ValueError or TypeError for what is not a manifest."""
        record = json.loads(text)
        by = RejectBy(record.get("reject_by", RejectBy.PROBABILITY))
        DecisionRule(float(record.get("threshold", 0)), by)  # a number that can be its threshold
        known = {entry.name for entry in fields(cls)}
        return cls(**{key: value for key, value in record.items() if key in known})


def weights_path(key: str, folder: Path | None = None) -> Path:
    """Where the weights called `key` are kept; the manifest is beside them, `.json`."""
    return (folder or FOLDER) / f"{key}.safetensors"


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def pack(weights: Mapping[str, Tensor]) -> bytes:
    """Weights as the bytes of a safetensors file; the same weights give the same bytes."""
    return safetensors.torch.save({name: weights[name].detach().cpu().contiguous() for name in sorted(weights)})


def save(packed: bytes, manifest: Manifest, key: str, folder: Path | None = None) -> Path:
    """Write weights and manifest: a reader sees the old pair or the new one, whatever is killed when.

    The weights lie beside their place until the manifest names them: that is the moment at which the new pair holds.
    Raises: CheckpointError where the manifest's hash is not that of `packed`.
    """
    if digest(packed) != manifest.sha256:
        raise _changed(weights_path(key, folder), manifest.sha256, digest(packed))
    path = weights_path(key, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    _settle(path)
    coming = _coming(path, manifest.sha256)
    replace_file(coming, packed)
    replace_file(path.with_suffix(".json"), manifest.to_json().encode())
    coming.replace(path)
    return path


def _coming(path: Path, sha256: str) -> Path:
    """Where the weights of that hash lie until they take their place."""
    return path.with_name(f".{path.stem}.{sha256[:16]}{COMING}")


def _settle(path: Path) -> None:
    """What somebody who was killed has left takes its place where the manifest names it, else it goes."""
    with suppress(CheckpointError, FileNotFoundError):
        _coming(path, read_manifest(path.stem, path.parent).sha256).replace(path)
    for left in path.parent.glob(f".{glob.escape(path.stem)}.*{COMING}"):
        left.unlink(missing_ok=True)


def read_manifest(key: str, folder: Path | None = None) -> Manifest:
    """What is known about the checkpoint `key`. Raises: CheckpointError, one sentence."""
    path = weights_path(key, folder).with_suffix(".json")
    try:
        return Manifest.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(
            _("there is no checkpoint {key} ({path}): train it first, or restore the file.", key=quoted(key), path=path)
        ) from error
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise CheckpointError(_("{path} is not a manifest: restore the file, or train again.", path=path)) from error


def _verified(key: str, folder: Path | None) -> tuple[bytes, Manifest]:
    manifest, path = read_manifest(key, folder), weights_path(key, folder)
    found: bytes | None = None
    for place in (path, _coming(path, manifest.sha256), path):  # again: they may have taken their place meanwhile
        packed = _read(place)
        if packed is not None and digest(packed) == manifest.sha256:
            return packed, manifest
        found = packed if place == path else found
    if found is None:
        raise _unreadable(path)
    raise _changed(path, manifest.sha256, digest(found))


def _read(path: Path) -> bytes | None:
    """The bytes of weights; None where there are none. Raises: CheckpointError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CheckpointError(_("{path} is too large to be a checkpoint: restore the file.", path=path))
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> CheckpointError:
    return CheckpointError(_("{path} cannot be read: restore the file, or train again.", path=path))


def _changed(path: Path, expected: str, got: str) -> CheckpointError:
    return CheckpointError(
        _(
            "{path} must have the SHA-256 {expected}, got {got}: the file was changed, restore it or train again.",
            path=path,
            expected=expected,
            got=got,
        )
    )


def load(key: str, folder: Path | None = None) -> tuple[nn.Sequential, Manifest]:
    """The network with its weights, in evaluation mode, nothing in it asks for gradients.

    Raises: CheckpointError for a missing, changed, foreign or wrongly shaped file.
    """
    packed, manifest = _verified(key, folder)
    try:
        model = find_recipe(manifest.network).build()
        model.load_state_dict(safetensors.torch.load(packed))
    except (safetensors.SafetensorError, RuntimeError, KeyError) as error:
        raise CheckpointError(
            _(
                "{path} does not hold the weights of the network {network!r}: restore the file, or train again.",
                path=weights_path(key, folder),
                network=manifest.network,
            )
        ) from error
    return model.eval().requires_grad_(False), manifest
