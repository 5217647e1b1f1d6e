"""A packet read back with a few independent lines: the layout as `wire.py` documents it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np


def opened(packet: bytes) -> tuple[dict[str, Any], np.ndarray]:
    """The header, and what follows it as float32."""
    length = int.from_bytes(packet[:4], "little")
    assert length % 4 == 0
    return json.loads(packet[4 : 4 + length]), np.frombuffer(packet[4 + length :], "<f4")


def array(field: dict[str, Any], floats: np.ndarray) -> np.ndarray:
    """The values of a field of the header."""
    size = int(np.prod(field["shape"]))
    return floats[field["at"] // 4 : field["at"] // 4 + size].reshape(field["shape"])
