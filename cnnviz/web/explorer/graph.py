"""The graph of a trace as the browser needs it: where columns stand, the open blocks, and the words of both.

Refuses to know: what a layout is decided from (`core.graph_layout`), and pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cnnviz.core.graph_blocks import GraphStep, graph_steps
from cnnviz.core.graph_layout import ColumnPlace, GraphLayout, graph_layout
from cnnviz.core.layer_trace import Trace
from cnnviz.core.map_overview import map_activity, maps_in_order, most_active
from cnnviz.i18n import _, ngettext
from cnnviz.web.selection import Selection
from cnnviz.web.wire import Header

FIRST_MAPS = 16  # of a column with more


@lru_cache(maxsize=32)  # the same from drawing to drawing
def _layout(
    steps: tuple[GraphStep, ...], folds: frozenset[str], selected: str | None, has_answer: bool
) -> GraphLayout | None:
    return graph_layout(steps, folds, selected, has_answer=has_answer)


def layout_of(trace: Trace, selection: Selection) -> GraphLayout | None:
    """Where the columns of `trace` stand as `selection` has folded its blocks; None for a plain row."""
    return _layout(graph_steps(trace), selection.folds, selection.layer, not trace.stopped)


def graph_plan(
    trace: Trace, layout: GraphLayout | None, selected: str | None = None, ranked: Trace | None = None
) -> Header | None:
    """The layout as JSON values; None for a plain row. `ranked`: whose most active maps come first, else `trace`'s.

    Columns: `index` of the layer that they show, `depth`, `lane` of `lanes`, `block` and `inside`, `sources`,
    `order` of the maps that are shown (None: all, as they come), and `words`, None where those of the layer do.
    `activity` of each map of the `selected` layer: its mean of |value|.
    """
    if layout is None:
        return None
    columns = [
        {
            "index": one.number, "depth": one.depth, "lane": one.lane, "lanes": one.lanes, "block": one.block,
            "inside": one.inside, "sources": list(one.sources), "order": _order(ranked or trace, one.number),
            "words": _words(trace, one),
            "activity": column_activity(trace, one.number, selected),
        }
        for one in layout.columns
    ]  # fmt: skip
    blocks = [
        {"path": one.path, "name": one.path.split(".")[-1], "first": one.first, "last": one.last, "row": one.row,
         "hint": _("{block}: click to fold it into one column", block=one.path)}
        for one in layout.blocks
    ]  # fmt: skip
    return {"columns": columns, "blocks": blocks, "depths": layout.depths, "first_maps": FIRST_MAPS, "texts": _texts()}


def _order(trace: Trace, number: int) -> Sequence[int] | None:
    if number > len(trace.layers):
        return most_active(trace.probabilities)[:FIRST_MAPS] if len(trace.probabilities) > FIRST_MAPS else None
    if number == 0 or trace.layers[number - 1].output.ndim != 3:
        return None
    return maps_in_order(trace, number) if len(trace.layers[number - 1].output) > 1 else None


def column_activity(trace: Trace, number: int, selected: str | None) -> list[float] | None:
    """The mean of |value| of each map of a column, where it is that of the `selected` layer; else None."""
    layer = trace.layers[number - 1] if 0 < number <= len(trace.layers) else None
    if layer is None or layer.spec.path != selected or layer.output.ndim != 3:
        return None
    activity: list[float] = map_activity(layer.output).tolist()
    return activity


def _words(trace: Trace, column: ColumnPlace) -> Header | None:
    """What stands above a column, where that is not what its layer is called."""
    if column.number == 0 or column.number > len(trace.layers):
        return None
    layer = trace.layers[column.number - 1]
    path = column.block or layer.spec.path
    name = _name_inside(path, column.inside)
    if not column.block:
        return {"name": name, "path": path} if name != path else None
    layers = [trace.layers[at - 1] for at in column.members]
    count = sum(one.spec.parameters for one in layers)
    return {
        "name": name,
        "path": path,
        "shape": "×".join(map(str, layer.output.shape)),
        "parameters": ngettext("{shown} parameter", "{shown} parameters", count, shown=f"{count:,}") if count else "",
        "role": ngettext("{count} layer", "{count} layers", len(layers)),
        "hint": _(
            "{block}: {count} layers as one column, which shows the output of the last, {last}. Click to open it",
            block=path, count=len(layers), last=layer.spec.path,
        ),
    }  # fmt: skip


def _name_inside(path: str, block: str) -> str:
    """A path without the open block around it; a stage is in the module of its layers, which have that one's name."""
    module = block if path.startswith(f"{block}.") else block.rpartition(".")[0]
    return path.removeprefix(f"{module}.") if module else path


def overview_texts() -> dict[str, str]:
    """About maps that are there in overview size, and networks that stopped half-way."""
    return {
        "info_block": _(
            "{layer}, map {channel}, rows {top}–{bottom}, columns {left}–{right}: "
            "{value} is the value furthest from 0. Open the map to read each cell."
        ),
        "note_cut": _("{shown} of {count} terms: those with the largest mean of |value|"),
        "note_cut_inputs": _("the first {shown} of {count} maps"),
        "maps": _("All maps"),
        "maps_all": _("All {count} maps"),
        "maps_hint": _("All maps of this layer, to be sorted and looked for by number"),
        "maps_closed": _("Open a map, then see all maps of its layer"),
        "maps_none": _("This layer has one map or none: all of it is here"),
        "maps_search": _("Map number"),
        "maps_by_active": _("most active first"),
        "maps_by_number": _("by number"),
        "maps_found": _("{found} of {count} maps"),
        "maps_more": _("Show {count} more"),
        "maps_activity": _("Map {channel}: the mean of |value| is {value}"),
        "steps_soon": _("The numbers of this map are on their way"),
        "steps_never": _("This layer has too many weights to step through it here"),
        "stopped": _("Shown as far as it ran: {reason}"),
        "not_sent": _("{layer}, map {channel}: open it to read its values"),
    }


def _texts() -> dict[str, str]:
    return {
        "canvas": _(
            "The network. Left and right arrow keys follow the connections, up and down go from map to map, plus opens "
            "a folded block, minus folds it, Enter opens a map, arrow keys then move from cell to cell, Page Up and "
            "Page Down change the map, Escape goes back."
        ),
        "of": _("{shown} of {count}"),
        "of_short": _("{shown}/{count}"),
        "of_hint": _(
            "The {shown} most active of {count} maps: those with the largest mean of |value|. "
            "Layers that pass their maps on one by one have the order of the last of them."
        ),
    }
