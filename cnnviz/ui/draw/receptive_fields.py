"""A question about what one cell sees, answered as a packet: boxes, cells, strengths. No session: a pure function."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from cnnviz.core.explain import ExplainError
from cnnviz.core.graph import Graph, GraphError
from cnnviz.core.receptive_field import (
    Box,
    EffectiveField,
    FieldStatus,
    PixelSet,
    ReceptiveField,
    effective_field,
    receptive_field,
)
from cnnviz.core.receptive_field.effective import central_indices
from cnnviz.core.units import UnitRef
from cnnviz.data.rasterize import preprocess
from cnnviz.figures.theme import format_number, format_percent
from cnnviz.i18n import _
from cnnviz.models.subjects import shipped_samples
from cnnviz.ui.app.caches import cached_trace, network_graph, trained_network
from cnnviz.ui.draw.cells import demand_finite_image, parse_edits, parse_image, parse_network, parse_unit
from cnnviz.web.selection import INPUT
from cnnviz.web.wire import Header, PacketWriter


def field_of_cell(question: Mapping[str, Any]) -> bytes:
    """What the unit sees of the drawing and of each earlier layer, or one sentence under "problem".

    Raises: ValueError for a question that is not one.
    """
    network, unit = parse_network(question), parse_unit(question)
    image = parse_image(question, network)
    cargo = PacketWriter()
    try:
        edits = parse_edits(question, network).in_force
        graph = network_graph(network, edits)
        demand_finite_image(cached_trace(trained_network(network), image, edits), unit)
        header = _seen_by(graph, network, unit, image, cargo)
    except (GraphError, ExplainError, IndexError) as error:
        header = {"problem": error.args[0]}
    return cargo.sealed(header)


def _seen_by(graph: Graph, network: str, unit: UnitRef, image: np.ndarray, cargo: PacketWriter) -> Header:
    if unit.layer == INPUT:
        return {"problem": _("The receptive field of an input pixel is the pixel itself")}
    found = receptive_field(graph, unit)
    here, everywhere = effective_field(graph, unit, image), effective_field(graph, unit, _many(network, image))
    maps = [found.image, *found.earlier.values()] if found.image else []
    return {
        "status": found.status.value,
        "sentence": found.sentence,
        "formula": _formula(found),
        "maps": [_map(seen, cargo) for seen in maps],
        "strengths": [_strength(one, found, cargo) for one in (here, everywhere)],
    }


def _many(network: str, image: np.ndarray) -> np.ndarray:
    """Our samples for the network and the drawing, (n, channels, rows, cols); only the drawing where there are none."""
    shape = trained_network(network).recipe.input_shape
    return np.stack([image, *(one for one in _prepared_samples(network) if one.shape == shape)])


@lru_cache(maxsize=16)
def _prepared_samples(network: str) -> tuple[np.ndarray, ...]:
    """Our samples as the network gets them; read-only, for every question."""
    prepared = tuple(preprocess(sample.sketch).image for sample in shipped_samples(network))
    for image in prepared:
        image.flags.writeable = False
    return prepared


def _map(seen: PixelSet, cargo: PacketWriter) -> Header:
    """One map: its cells that are read, and the box of the formula, which may hang over the border."""
    return {
        "layer": seen.layer,
        "reach": _box(seen.reach),
        "exact": cargo.put(seen.exact.astype(np.uint8)),
        "status": seen.status.value,
    }


def _box(box: Box) -> Header:
    return {"row": box.rows.start, "col": box.cols.start, "rows": len(box.rows), "cols": len(box.cols)}


def _strength(found: EffectiveField, seen: ReceptiveField, cargo: PacketWriter) -> Header:
    """How strongly each pixel moves the unit, and how much of that lies in the middle of its reach."""
    share = None if seen.reach is None else found.share_within(central_indices(seen.reach))
    words = _("No pixel changes this cell now: on every path to it a ReLU gives 0, or max pooling kept another cell.")
    if share is not None:
        words = _("{share} of the total influence lies in the middle quarter of the frame", share=format_percent(share))
    return {"weights": cargo.put(found.weights.astype(np.float32)), "images": found.images, "words": words}


def _formula(found: ReceptiveField) -> str:
    """Size, jump and start of the layer's units on the drawing."""
    window = found.window
    if window is None or found.status is FieldStatus.WHOLE_IMAGE:
        return ""
    rows, cols = window.rows, window.cols
    if rows == cols:
        return _(
            "By the formula each unit's receptive field is {size}×{size} pixels, {jump} apart, the first from {start}.",
            size=rows.size, jump=rows.jump, start=format_number(rows.start, 0),
        )  # fmt: skip
    return _("By the formula each unit's receptive field is {tall}×{wide} pixels.", tall=rows.size, wide=cols.size)
