"""Where the browser asks while the hand is at work, and what it reports of the reader. No session."""

from __future__ import annotations

from typing import Any

from cnnviz.checks import is_whole
from cnnviz.ui.app.route_paths import ACCURACY, CELL, FIELD, LOOK, address_of


def moves_of(reported: Any) -> int:
    """How often the reader had gone elsewhere in the network when the browser reported last."""
    return reported["moves"] if isinstance(reported, dict) and is_whole(reported.get("moves"), 0) else 0


def live_addresses() -> dict[str, Any]:
    """The addresses of the short way, by the names that the packet has for them."""
    paths = {"url": LOOK, "cell_url": CELL, "field_url": FIELD, "accuracy_url": ACCURACY}
    return {name: address_of(path) for name, path in paths.items()}
