"""A file that holds a network, whatever its format: the reader is chosen by the ending of its name.

Refuses to know: what is done with the network.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from cnnviz.i18n import _
from cnnviz.models.importers.onnx_reader import read_onnx
from cnnviz.models.importers.pt2 import read_pt2
from cnnviz.models.importers.records import ImportedNetwork, ImportedNetworkError, ImportLimits, import_refusal
from cnnviz.models.importers.state_dict import ENDINGS as WEIGHT_ENDINGS

READERS: dict[str, Callable[[bytes, ImportLimits | None], ImportedNetwork]] = {".pt2": read_pt2, ".onnx": read_onnx}


def is_network_file(name: str) -> bool:
    """Whether a name ends as that of a file which holds a network.

    >>> from cnnviz.models.importers.network_files import is_network_file
    >>> is_network_file("Net.PT2"), is_network_file("net.pth")
    (True, False)
    """
    return PurePath(name).suffix.lower() in READERS


def read_network(content: bytes, name: str, limits: ImportLimits | None = None) -> ImportedNetwork:
    """The network in a file called `name`. Raises: ImportedNetworkError, one sentence."""
    ending = PurePath(name).suffix.lower()
    if ending in WEIGHT_ENDINGS:
        raise ImportedNetworkError(
            _("This file holds weights and no network: choose the network that they belong to, or export it with "
              "torch.export.save.")
        )  # fmt: skip
    if ending not in READERS:
        raise import_refusal(_("file of a network"), _("one of {known}", known=", ".join(READERS)), ending or "?",
                             _("export the network with torch.export.save"))  # fmt: skip
    return READERS[ending](content, limits)
