"""A network from outside as the lines of Python that open it."""

from __future__ import annotations

from cnnviz.models.importers.sources import NetworkSource

USED = ("name", "content", "architecture", "side", "mean", "std")  # class names change no number


def source_to_pytorch(source: NetworkSource) -> str:
    """Code that makes `model`, as it is opened here; a file is read from the folder in which it runs.

    >>> from cnnviz.models.importers.source_code import source_to_pytorch
    >>> from cnnviz.models.importers.sources import NetworkSource
    >>> print(source_to_pytorch(NetworkSource(architecture="resnet18", side=64)).splitlines()[-1])
    model = open_source(NetworkSource(architecture='resnet18', side=64)).model.requires_grad_(False)
    """
    given = {name: repr(value) for name in USED if (value := getattr(source, name))}
    imports = ["import torch", "from torch import nn"]
    if source.content:
        imports.append("from pathlib import Path")
        given["content"] = f"Path({source.name!r}).read_bytes()"
    made = ", ".join(f"{name}={text}" for name, text in given.items())
    return "\n".join(
        [
            *imports,
            "",
            "from cnnviz.models.importers.sources import NetworkSource, open_source",
            "",
            f"model = open_source(NetworkSource({made})).model.requires_grad_(False)",
            "",
        ]
    )
