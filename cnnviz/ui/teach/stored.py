"""What a browser keeps of "Teach it yourself": drawings, network, the run that goes on, what lies on the pad."""

from __future__ import annotations

import base64
import json
from typing import Any

import streamlit as st

from cnnviz.data.strokes import Sketch
from cnnviz.training import unpack_network
from cnnviz.training.own_xo import MOST, XoDrawing, check_fits
from cnnviz.ui.app.browser_store import StoredState
from cnnviz.ui.mount.sketchpad import drawn, place
from cnnviz.ui.teach.collection import PAD
from cnnviz.ui.teach.own_network import state

PLAIN = ("seed", "strength", "drawn", "name", "run", "curves", "taught")  # as they are
OF_NETWORK = ("name", "curves", "taught")
FILES = ("network", "before")  # bytes of safetensors files


def _write() -> dict[str, Any] | None:
    kept, strokes = state(), drawn(PAD)["strokes"]
    if not (kept["drawings"] or kept["network"] or strokes):
        return None
    former = kept["former"] and {name: kept["former"][name] for name in OF_NETWORK} | _files(kept["former"])
    plain = {name: kept[name] for name in PLAIN} | {"drawings": kept["drawings"], "pad": strokes}
    return plain | _files(kept) | {"former": former}


def _files(kept: dict[str, Any]) -> dict[str, str | None]:
    return {name: kept[name] and base64.b64encode(kept[name]).decode() for name in FILES}


def _restore(written: dict[str, Any]) -> None:
    """Raises: ValueError, KeyError, TypeError for what is not of `_write`; nothing has changed then."""
    former = written.get("former")
    found = _network_of(written) | {
        "drawings": _drawings(written["drawings"]), "run": written["run"],
        "seed": min(max(int(written["seed"]), 0), 9999), "strength": min(max(float(written["strength"]), 0.0), 2.0),
        "drawn": int(written["drawn"]), "former": former and _network_of(former),
    }  # fmt: skip
    pad = Sketch.from_record({"strokes": written["pad"]})
    state().update(found)
    st.session_state.update(own_strength=found["strength"], own_seed=found["seed"])  # what the widgets show
    place(PAD, pad.to_record())


def _network_of(written: dict[str, Any]) -> dict[str, Any]:
    """A network with what it was taught."""
    taught, curves = written["taught"], written["curves"]
    files = {name: _network(written[name]) for name in FILES}
    told = {"taught": taught and _taught(taught), "curves": curves and _curves(curves)}
    return files | told | {"name": str(written["name"])[:80]}


def _drawings(texts: list[str]) -> tuple[str, ...]:
    """Drawings as the session keeps them, each one read once."""
    for text in texts[:MOST]:
        XoDrawing.from_record(json.loads(text))
    return tuple(texts[:MOST])


def _taught(written: dict[str, Any]) -> dict[str, Any]:
    how = {"strength": float(written["strength"]), "seed": int(written["seed"])}
    return how | {"drawings": _drawings(written["drawings"])}


def _network(text: str | None) -> bytes | None:
    if not text:
        return None
    data = base64.b64decode(text, validate=True)
    check_fits(unpack_network(data))
    return data


def _curves(written: list[Any]) -> tuple[list[tuple[int, float]], list[tuple[int, float]], int]:
    learned, held_out, length = written
    pairs = ([(int(step), float(loss)) for step, loss in curve] for curve in (learned, held_out))
    return (next(pairs), next(pairs), int(length))


KEEPSAKE = StoredState("own_xo", _write, _restore)
