"""How a network from outside is read, as a link carries it: architecture, size, scaling, and digests of file and names.

A link holds no file and no list of names: whoever opens it brings these, and digests tell whether they are the same.
Refuses to know: sessions, pages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cnnviz.i18n import _
from cnnviz.models.builder import preset, preset_keys
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.models.importers.architectures import find_architecture
from cnnviz.models.importers.source_settings import read_scaling
from cnnviz.models.importers.sources import (
    LEAST_SIDE,
    MOST_SIDE,
    NetworkSource,
    known_architectures,
    name_of,
    with_settings,
)
from cnnviz.models.zoo import is_own_key
from cnnviz.ui.your_network import opened

DIGITS = 16  # of a digest in a link, hexadecimal
IMAGENET = "resnet18"  # whose class names most of torchvision's networks share


@dataclass(frozen=True)
class LinkedReading:
    """What a link says of a network from outside.

    file, classes: digests; "" for none, that is random weights, and numbers in the place of names.
    """

    file: str = ""
    architecture: str = ""
    side: int | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    classes: str = ""

    def is_of(self, content: bytes) -> bool:
        """Whether the link leads to this file."""
        return self.file != "" and self.file == _digest(content)

    def applied_to(self, source: NetworkSource) -> NetworkSource:
        """The same file as the link reads it; names of classes only where they are known here (`lacks_names`)."""
        ours = preset(self.architecture).classes if self.architecture in preset_keys() else _imagenet()
        known = {_of_names(names): names for names in (ours, _imagenet(), (), source.classes)}
        classes = known.get(self.classes, source.classes)
        return with_settings(
            source, architecture=self.architecture, side=self.side, mean=self.mean, std=self.std, classes=classes
        )

    def lacks_names(self, source: NetworkSource) -> bool:
        """Whether the link was made with other names of classes than `source` has."""
        return self.classes != _of_names(source.classes)

    def random_source(self) -> NetworkSource | None:
        """The architecture with random weights that the link names; None where it leads to a file."""
        return None if self.file or not self.architecture else self.applied_to(NetworkSource())

    @property
    def words(self) -> str:
        """What somebody has to bring, in sentences."""
        said = [_("This link leads to a network from a file that is not open here: open the file.")]
        if self.architecture:
            said.append(_("Its weights belong to {name}.", name=name_of(self.architecture)))
        if self.mean or self.std:
            numbers = {"mean": _listed(self.mean), "std": _listed(self.std)}
            said.append(
                _("It is then read with mean {mean} and standard deviation {std}, as the link says.", **numbers)
            )
        if self.classes and self.classes != _of_names(_imagenet()):
            said.append(_("Its class names are not in the link: bring their list too."))
        return " ".join(said)


def reading_to_link(key: str) -> dict[str, str]:
    """What a link to the network `key` says beside the key; nothing for one of ours, or one that is not open."""
    try:
        source = opened.find_opened(key).source if is_own_key(key) else None
    except opened.NotOpened:
        return {}
    if source is None:
        return {}
    said = {
        "file": _digest(source.content) if source.content else "", "architecture": source.architecture,
        "side": "" if source.side is None else str(source.side), "mean": _listed(source.mean),
        "std": _listed(source.std), "classes": _of_names(source.classes),
    }  # fmt: skip
    return {name: text for name, text in said.items() if text}


def reading_from_link(query: Mapping[str, str]) -> LinkedReading | None:
    """What a link says of a network from outside; None where it says nothing, or nothing that makes sense."""
    file, classes = (_hexadecimal(query.get(name, "")) for name in ("file", "classes"))
    architecture, side = query.get("architecture", ""), query.get("side", "")
    is_known = architecture == "" or architecture in known_architectures()
    if not is_known or not (file or architecture):
        return None
    try:
        mean, std = (read_scaling(name, query.get(name, "")) for name in ("mean", "std"))
    except ImportedNetworkError:
        return None
    pixels = int(side) if side.isascii() and side.isdigit() and len(side) < 5 else None
    fits = pixels is not None and LEAST_SIDE <= pixels <= MOST_SIDE
    return LinkedReading(file, architecture, pixels if fits else None, mean, std, classes)


def _listed(numbers: tuple[float, ...]) -> str:
    """Numbers with commas between them, which are read back as the very same."""
    return ",".join(f"{one:.17g}" if float(f"{one:g}") != one else f"{one:g}" for one in numbers)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]


def _of_names(names: tuple[str, ...]) -> str:
    return _digest(json.dumps(list(names)).encode()) if names else ""


def _imagenet() -> tuple[str, ...]:
    return find_architecture(IMAGENET).categories


def _hexadecimal(text: str) -> str:
    return text if len(text) == DIGITS and set(text) <= set("0123456789abcdef") else ""
