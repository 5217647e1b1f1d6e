"""What the page of a network shows: its table, how fields grow, and the field of the middle and the corner unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.checks import sides
from cnnviz.core.graph import Graph, Node, build_graph
from cnnviz.core.receptive_field import FieldStatus, ReceptiveField, receptive_field
from cnnviz.figures.receptive_fields import Growth, Outline
from cnnviz.figures.theme import format_number
from cnnviz.i18n import _
from cnnviz.models.summary import PREFIX, Summary, SummaryRow, build_network, tabulate
from cnnviz.models.zoo import network_keys

TORCHVISION = ("alexnet", "vgg16", "resnet18", "resnet50", "squeezenet1_1", "densenet121", "mobilenet_v2",
               "efficientnet_b0", "convnext_tiny", "vit_b_16")  # fmt: skip
LAYER = "at"  # in a link
_WRITTEN, _LEFT = "layer in the address", "layers that were left"  # in the session
NETWORKS = (*network_keys(), *(PREFIX + name for name in TORCHVISION))


@dataclass(frozen=True, eq=False)
class NetworkGraph:
    """A network without weights: its graph and its table. Shared: nobody changes it."""

    graph: Graph
    summary: Summary


@dataclass(frozen=True)
class LayerTable:
    """One unit's field, as the page shows it."""

    title: str
    field: ReceptiveField
    outline: Outline | None


@st.cache_resource(max_entries=len(NETWORKS), show_spinner=False)
def network_graph(name: str) -> NetworkGraph:
    """The network called `name`, for the input that it is made for."""
    model, shape = build_network(name)
    graph = build_graph(model, shape)
    return NetworkGraph(graph, tabulate(graph, name))


def table_rows(summary: Summary) -> list[dict[str, object]]:
    """The table, one dictionary a layer; an empty cell is None."""
    return [_row(row) for row in summary.rows]


def table_formats() -> dict[str, Any]:
    """Large numbers in groups of three digits."""
    counts = (_("Parameters"), _("Multiply-adds"))
    return {name: st.column_config.NumberColumn(format="localized") for name in counts}


def _row(row: SummaryRow) -> dict[str, object]:
    return {
        _("Layer"): row.name,
        _("Type"): row.type_name,
        _("Output"): sides(row.output_shape) or None,
        _("Parameters"): row.parameters or None,
        _("Parameter formula"): row.formula or None,
        _("Multiply-adds"): row.macs or None,
        _("Receptive field"): row.sight.text,
        _("Jump"): _sides(row.sight.jump) if row.sight.status is not FieldStatus.WHOLE_IMAGE else None,
        _("Start"): _sides(row.sight.start) if row.sight.status is not FieldStatus.WHOLE_IMAGE else None,
    }


def _sides(pair: tuple[int, int] | None) -> str | None:
    """One number where both are the same; with a true minus."""
    if pair is None:
        return None
    rows, cols = (format_number(side, 0) for side in pair)
    return rows if rows == cols else f"{rows} × {cols}"


def growing_layers(summary: Summary) -> list[Growth]:
    """How fields grow, on rows; layers that do not read the image are left out."""
    steps = []
    for row in summary.rows:
        sight = row.sight
        whole = sight.status is FieldStatus.WHOLE_IMAGE
        if sight.status is not FieldStatus.APART:
            size, jump = (None if pair is None or whole else pair[0] for pair in (sight.size, sight.jump))
            steps.append(Growth(row.name, size, jump, whole))
    return steps


def layers_with_maps(graph: Graph) -> list[str]:
    """The layers with several units on a map, each in its own place."""
    return [node.name for node in graph.layers if node.maps and max(node.maps) > 1 and len(node.shape) == 3]


def open_layer(name: str, layers: list[str]) -> str:
    """The key of the list of layers of the network `name`, with the layer that the link asks for, or was left here.

    A list belongs to its network: the browser keeps the value of a list by its key, whatever Python deletes.
    """
    key = f"at {name}"
    asked = st.query_params.get(LAYER)
    if asked in layers and asked != st.session_state.get(_WRITTEN):  # and not what another network left in the address
        st.session_state[key] = asked
    elif st.session_state.get(key) not in layers:
        st.session_state[key] = st.session_state.get(_LEFT, {}).get(name, layers[-1])
    return key


def keep_layer(name: str, layers: list[str], layer: str) -> None:
    """The layer in the address, unless it is the one that is shown first; and for the next visit to this network."""
    st.session_state[_LEFT] = st.session_state.get(_LEFT, {}) | {name: layer}
    wanted = layer if layer != layers[-1] else None
    st.session_state[_WRITTEN] = wanted
    if wanted is None:
        st.query_params.pop(LAYER, None)
    elif st.query_params.get(LAYER) != wanted:
        st.query_params[LAYER] = wanted


def unit_fields(graph: Graph, layer: str) -> tuple[LayerTable, LayerTable]:
    """The fields of the unit in the middle of the first map of `layer`, and of the one in its corner."""
    node = graph.nodes[graph.position(layer)]
    rows, cols = node.maps or (1, 1)
    middle = _shown(graph, node, (rows // 2, cols // 2), _("Unit in the middle"))
    return middle, _shown(graph, node, (rows - 1, cols - 1), _("Unit in the corner"))


def _shown(graph: Graph, node: Node, place: tuple[int, int], name: str) -> LayerTable:
    made = receptive_field(graph, node.unit_at(*place))
    title = _("{name}: row {row}, column {col}", name=name, row=place[0], col=place[1])
    if made.image is None or made.image.reach.is_empty:
        return LayerTable(title, made, None)
    reach = made.image.reach
    outline = Outline(reach.rows.start, reach.rows.stop - 1, reach.cols.start, reach.cols.stop - 1)
    return LayerTable(title, made, outline)
