"""`python -m cnnviz explain NETWORK --image FILE --node NAME --unit C,ROW,COL`: one cell, as text or JSON."""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
from torch import nn

from cnnviz.checks import LONGEST, quoted
from cnnviz.cli.networks import add_network_and_image, read_network_and_image
from cnnviz.core.explain import CellTerms, explain, terms_of
from cnnviz.core.graph import Graph, build_graph
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.receptive_field import FieldStatus, ReceptiveField, receptive_field
from cnnviz.core.trace import trace_graph
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

MOST_LINES = 12  # of terms in the text


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_network_and_image(parser)
    parser.add_argument("--node", required=True, metavar="NAME", help=_("the path of a module, or a node's name"))
    parser.add_argument("--unit", required=True, metavar="C,ROW,COL", help=_("channel, row, column; or an entry"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open, trace, explain, print."""
    model, image, notes = read_network_and_image(arguments)
    made = explain_node(model, image, arguments.node, _place(arguments.unit))
    print(json.dumps(made) if arguments.json else "\n".join([*format_cell(made), *notes]))
    return 0


def explain_node(model: nn.Module, image: np.ndarray, name: str, place: tuple[int, int, int]) -> dict[str, Any]:
    """One cell of a network on one image as plain numbers: `total`, `terms`, `bias`, `receptive_field` and more.

    Raises: GraphError, TraceError, ExplainError or IndexError, one sentence.
    """
    graph = build_graph(model, (image.shape[0], image.shape[1], image.shape[2]))
    node = graph.nodes[graph.position(name)]
    trace = trace_graph(graph, image)
    layer = trace.layers[trace.position(node.name)]
    unit = UnitRef(node.name, *place)
    made = terms_of(explain(layer, unit))
    field = receptive_field(graph, unit)
    return _cell_record(trace, layer, unit, made) | {"receptive_field": _field_record(field, graph)}


def _cell_record(trace: Trace, layer: LayerTrace, unit: UnitRef, made: CellTerms) -> dict[str, Any]:
    names = ["input", *(one.spec.path for one in trace.layers)]
    sources = [None if source is None else names[source] for source in layer.sources]
    terms = [
        {"input": None if one.input is None else sources[one.input],
         "cell": None if one.cell is None else list(one.cell),
         "value": one.value, "weight": one.weight, "product": one.product}
        for one in made.terms
    ]  # fmt: skip
    return {
        "node": layer.spec.path,
        "type": layer.spec.type_name,
        "kind": layer.spec.kind.value,
        "shape": list(layer.output.shape),
        "unit": [unit.channel, unit.row, unit.col],
        "inputs": sources,
        "source_line": None if layer.source_line is None else list(layer.source_line),
        "total": made.total,
        "bias": made.bias,
        "terms": terms,
        **made.facts,
    }


def _field_record(field: ReceptiveField, graph: Graph) -> dict[str, Any]:
    """Rows and columns are [first, one past the last] pixels that are read; `size` is not cut off at the border."""
    window, pixels = field.window, field.image
    made: dict[str, Any] = {"status": field.status.value, "image": list(graph.input_shape[1:])}
    for name in ("size", "jump", "start"):
        made[name] = None if window is None else [getattr(window.rows, name), getattr(window.cols, name)]
    if window is None and field.status is FieldStatus.WHOLE_IMAGE:
        made["size"] = list(graph.input_shape[1:])
    for name in ("rows", "cols"):
        read = getattr(pixels, name) if pixels is not None else ()
        made[name] = [read[0], read[-1] + 1] if read else None
    made["pixels"] = None if field.exact is None else int(field.exact.sum())
    return made | {"unknown": list(field.unknown)}


def format_cell(made: dict[str, Any]) -> list[str]:
    """The same for people: the sum, its largest terms, and what the unit sees."""
    field = made["receptive_field"]
    lines = [
        _("{node} ({type}), unit {unit}: {total}", node=made["node"], type=made["type"],
          unit=", ".join(map(str, made["unit"])), total=f"{made['total']:.9g}"),
        _("bias {bias}, and {count} terms, the largest first:", bias=f"{made['bias']:.6g}", count=len(made["terms"])),
    ]  # fmt: skip
    if made["source_line"] is not None:
        lines.insert(1, "{}, {}: {}".format(*made["source_line"]))
    largest = sorted(made["terms"], key=lambda term: -abs(term["product"]))
    lines += [f"  {_term(term)}" for term in largest[:MOST_LINES]]
    if len(largest) > MOST_LINES:
        rest = sum(term["product"] for term in largest[MOST_LINES:])
        lines.append(_("  … and {count} more, together {rest}", count=len(largest) - MOST_LINES, rest=f"{rest:.6g}"))
    where = f"{field['rows']} × {field['cols']}" if field["rows"] else "–"
    lines.append(_("receptive field: {status}, pixels {where}", status=field["status"], where=where))
    return lines


def _term(term: dict[str, Any]) -> str:
    cell = "–" if term["cell"] is None else f"{term['input']}[{', '.join(map(str, term['cell']))}]"
    weight = "" if term["weight"] is None else f" · {term['weight']:.6g}"
    return f"{cell}: {term['value']:.6g}{weight} → {term['product']:.6g}"


def _place(text: str) -> tuple[int, int, int]:
    parts = text.split(",")
    if not 1 <= len(parts) <= 3 or not all(part.strip().isdecimal() and len(part) <= LONGEST for part in parts):
        raise ValueError(_("unit must be channel, row and column as in 3,0,5, got {text}: write whole numbers",
                           text=quoted(text)))  # fmt: skip
    channel, row, col = (*map(int, parts), 0, 0)[:3]
    return channel, row, col
