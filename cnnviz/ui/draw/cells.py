"""A question about one cell, answered with its whole arithmetic as a table. No session, no widget: a pure function."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from cnnviz.checks import is_whole, quoted
from cnnviz.core.explain import (
    AddCell,
    Cell,
    ExplainError,
    MovedCell,
    ProductCell,
    SoftmaxCell,
    explain,
    explain_dense,
    explain_softmax,
)
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.figures.cell_table_of_graphs import cell_table
from cnnviz.i18n import _
from cnnviz.models.zoo import is_own_key, network_keys
from cnnviz.ui.app.caches import cached_trace, trained_network
from cnnviz.ui.app.links import NETWORK
from cnnviz.ui.app.table_images import ImageGone, find_image
from cnnviz.ui.your_network import opened
from cnnviz.web.edits.state import EditsState, edits_state_from_json
from cnnviz.web.selection import INPUT, SOFTMAX


def parse_network(question: Mapping[str, Any]) -> str:
    """The key of the network in a question; one that is not known is the usual one.

    Raises: NotOpened for a visitor's own that is not open any more: another one would give wrong numbers.
    """
    asked = question.get("network")
    if isinstance(asked, str) and is_own_key(asked):
        return opened.find_opened(asked).recipe.key
    return asked if asked in network_keys() else NETWORK


def parse_edits(question: Mapping[str, Any], network: str) -> EditsState:
    """How the network in a question is edited, and seen; what does not fit it is left out."""
    return edits_state_from_json(question.get("surgery"), trained_network(network).anatomy)


def parse_image(question: Mapping[str, Any], network: str) -> np.ndarray:
    """The image in a question, (channels, rows, cols): float32 numbers in base64, or its token under "seen".

    Raises: ValueError, one sentence, for an image that is not one of this network.
    """
    text, shape = question.get("image"), trained_network(network).recipe.input_shape
    if "seen" in question:
        image = find_image(question["seen"])
        if image.shape != shape:
            raise ImageGone(_("This image is not one of this network: choose it again"))
        return image
    size = int(np.prod(shape))
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:  # not base64, or not even ASCII
        data = b""
    if len(data) != 4 * size:
        raise ValueError(
            _("image must be {count} float32 numbers in base64, got {size} bytes", count=size, size=len(data))
        )
    return np.frombuffer(data, "<f4").reshape(shape)


def parse_unit(question: Mapping[str, Any]) -> UnitRef:
    """The unit in a question: "layer", "channel", "row", "col".

    Raises: ValueError, one sentence, where one of these is not what it must be.
    """
    layer = question.get("layer")
    places = [question.get(name, 0) for name in ("channel", "row", "col")]
    if not isinstance(layer, str) or not all(is_whole(at) for at in places):
        raise ValueError(
            _(
                "unit must be a layer and three whole numbers, got {layer}, {places}",
                layer=quoted(layer),
                places=quoted(places),
            )
        )
    return UnitRef(layer, *places)


def answer_cell(question: Mapping[str, Any]) -> bytes:
    """The arithmetic of one cell as a table, in JSON. Raises: ValueError, one sentence, for a question that is none."""
    return json.dumps(table_of_cell(question)).encode()


def table_of_cell(question: Mapping[str, Any]) -> dict[str, Any]:
    """The cell's ledger as JSON values, or one sentence under "problem" where there is none.

    Raises: ValueError for a question that is not one.
    """
    try:
        network = parse_network(question)
        edits = parse_edits(question, network).in_force
        trace = cached_trace(trained_network(network), parse_image(question, network), edits)
        unit = parse_unit(question)
        demand_finite_image(trace, unit)
        made = cell_table(_cell(trace, unit))
    except (ExplainError, IndexError, KeyError) as error:
        return {"problem": error.args[0]}
    return {"caption": made.caption, "head": made.head, "rows": made.rows, "sums": made.sums}


def demand_finite_image(trace: Trace, unit: UnitRef) -> None:
    """Raise ExplainError, naming the first place up to the unit's layer where a value is infinite or no number."""
    if not np.isfinite(trace.image).all():
        raise ExplainError(_("Some pixels of the image are not finite numbers: draw again"))
    for layer in trace.layers:
        if not np.isfinite(layer.output).all():
            raise ExplainError(
                _("Some values of {path} are not finite numbers, nothing after it can be explained: undo the last edit",
                  path=layer.spec.path)
            )  # fmt: skip
        if layer.spec.path == unit.layer:
            return


def _cell(trace: Trace, unit: UnitRef) -> Cell | SoftmaxCell:
    if unit.layer == INPUT:
        raise ExplainError(_("This is the input: nothing is computed here"))
    if unit.layer == SOFTMAX:
        unit.within(trace.probabilities.shape)
        return replace(explain_softmax(trace.logits), probabilities=trace.probabilities.astype(np.float64))
    layer = trace.layers[trace.position(unit.layer)]
    before = trace.layers[layer.sources[0] - 1] if layer.sources[0] else None
    if layer.spec.kind is Kind.LINEAR and before and before.spec.kind is Kind.FLATTEN and before.input.ndim == 3:
        shape = before.input.shape
        return explain_dense(layer, unit, (shape[0], shape[1], shape[2]))
    cell = explain(layer, unit)
    return replace(cell, names=_names(trace, layer)) if isinstance(cell, AddCell | ProductCell | MovedCell) else cell


def _names(trace: Trace, layer: LayerTrace) -> tuple[str, ...]:
    """What the inputs of a layer are called."""
    columns = [_("input"), *(one.spec.path for one in trace.layers)]
    return tuple(_("constant") if source is None else columns[source] for source in layer.sources)
