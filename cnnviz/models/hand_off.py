"""A network and an image that a command hands to the app that it starts: a private folder, named to the server alone.

`cnnviz open` makes the folder (no other user may read it) and removes it when the server ends. The server is told of it
by an environment variable; a page opens what lies there for whoever brings the token, which stands in the address that
the command opens. No path ever comes from a page. Refuses to know: sessions, and how the server is started.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from cnnviz.data.fitted_images import Fit
from cnnviz.machine.resources import HAND_OFF
from cnnviz.models.importers.sources import NetworkSource

TOKEN = "hand_off"  # what the token is called in an address
READING, NETWORK, IMAGE = "reading.json", "network", "image"  # the files


@dataclass(frozen=True, eq=False)
class HandOff:
    """A network, and an image as `fit_to_network` made it, empty for none. token: who brings it may see them.

    >>> from cnnviz.models.hand_off import HandOff
    >>> from cnnviz.models.importers.sources import NetworkSource
    >>> len(HandOff(NetworkSource(architecture="resnet18")).token)
    48
    """

    source: NetworkSource
    image: bytes = b""
    fit: Fit = Fit.CENTRE
    token: str = field(default_factory=lambda: secrets.token_hex(24))

    @cached_property
    def digest(self) -> str:
        """That of the network and of how it is read."""
        return self.source.digest()

    def is_for(self, token: str) -> bool:
        """Whether somebody who brings `token` may see it."""
        return secrets.compare_digest(token.encode(), self.token.encode())


def write_hand_off(folder: Path, made: HandOff) -> None:
    """Put it into a folder that exists and is private."""
    reading = {"source": made.source.to_record(), "fit": made.fit.value, "token": made.token}
    for name, content in ((NETWORK, made.source.content), (IMAGE, made.image), (READING, json.dumps(reading).encode())):
        (folder / name).write_bytes(content)


@lru_cache(maxsize=1)  # a server has one, and everybody who may see it shares its bytes
def read_hand_off(folder: Path) -> HandOff:
    """What `write_hand_off` put there. Raises: OSError, ValueError, KeyError, TypeError for anything else."""
    reading = json.loads((folder / READING).read_bytes())
    source = NetworkSource.from_record(reading["source"], (folder / NETWORK).read_bytes())
    return HandOff(source, (folder / IMAGE).read_bytes(), Fit(reading["fit"]), str(reading["token"]))


def find_hand_off() -> HandOff | None:
    """What was handed to this server; None for one that was started without anything."""
    folder = os.environ.get(HAND_OFF)
    try:
        return read_hand_off(Path(folder)) if folder else None
    except (OSError, ValueError, KeyError, TypeError):  # the folder of a command that has ended
        return None
