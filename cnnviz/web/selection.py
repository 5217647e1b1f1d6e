"""What the reader looks at: strings and whole numbers only, so that a link can carry it.

Refuses to know: how a link is written (`links`), and what the network makes of the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from cnnviz.checks import is_whole
from cnnviz.core.colour_ranges import RangeScope
from cnnviz.core.column_form import form_of
from cnnviz.core.layer_paths import is_path
from cnnviz.core.layer_trace import Trace
from cnnviz.core.layers import IMAGE, PROBABILITIES, Kind

INPUT, SOFTMAX = IMAGE, PROBABILITIES
MOST_FOLDS = 200


class Panel(StrEnum):
    """What the reader has opened beside the view itself: table of numbers, what a cell sees, editor, all maps."""

    NUMBERS = "numbers"
    SEES = "sees"
    EDIT = "edit"
    MAPS = "maps"


@dataclass(frozen=True)
class Selection:
    """One view of the network: which layer and channel is open, and which cell is held. None means "none".

    `folds`: the blocks that the reader has folded or opened, against how they start (`graph_layout`).
    """

    layer: str | None = None
    channel: int = 0
    row: int | None = None
    col: int | None = None
    scope: RangeScope = RangeScope.LAYER
    panels: frozenset[Panel] = frozenset()
    folds: frozenset[str] = frozenset()

    def with_panel(self, panel: Panel, is_open: bool) -> Selection:
        """The same with this panel opened or closed."""
        return replace(self, panels=self.panels - {panel} | ({panel} if is_open else frozenset()))

    @property
    def depth(self) -> int:
        """0: the whole network; 1: a layer and its predecessor; 2: one cell."""
        return 0 if self.layer is None else 1 if self.row is None else 2

    def within(self, trace: Trace) -> Selection:
        """This selection, or the nearest shallower one that exists in `trace`."""
        shape = shapes(trace).get(self.layer or "")
        if shape is None or not 0 <= self.channel < shape[0]:
            return Selection(scope=self.scope, panels=self.panels, folds=self.folds)
        rows, cols = shape[1:]
        if self.row is None or self.col is None or not (0 <= self.row < rows and 0 <= self.col < cols):
            return replace(self, row=None, col=None)
        return self


def shapes(trace: Trace) -> dict[str, tuple[int, int, int]]:
    """What can be opened, and its (channels, rows, cols): the input, every layer, the probabilities.

    A vector of n entries is n channels of one cell, except a flattened or a long one, which opens as a whole.
    """
    opened = {INPUT: _cells(trace.image.shape)}
    for layer in trace.layers:
        opened[layer.spec.path] = _cells(layer.output.shape, is_unrolled=layer.spec.kind is Kind.FLATTEN)
    opened[SOFTMAX] = (len(trace.probabilities), 1, 1)
    return opened


def _cells(shape: tuple[int, ...], *, is_unrolled: bool = False) -> tuple[int, int, int]:
    form = form_of(shape, is_unrolled=is_unrolled)
    return form["count"], form["rows"], form["cols"]


def selection_from_json(plain: Mapping[str, Any]) -> Selection:
    """A selection from what a browser sent: anything odd is taken as nothing."""
    layer, scope = plain.get("layer"), plain.get("scope")
    row, col = (_count(plain.get(name)) for name in ("row", "col"))
    return Selection(
        layer=layer if is_path(layer) else None,
        channel=_count(plain.get("channel")) or 0,
        row=None if col is None else row,
        col=None if row is None else col,
        scope=RangeScope(scope) if scope in tuple(RangeScope) else RangeScope.LAYER,
        panels=known_panels(plain.get("panels")),
        folds=known_folds(plain.get("folds")),
    )


def known_panels(names: Any) -> frozenset[Panel]:
    """The panels that a list names; anything else is taken as nothing."""
    return frozenset(panel for panel in Panel if isinstance(names, list) and panel.value in names)


def known_folds(paths: Any) -> frozenset[str]:
    """The paths of blocks in a list; anything else, and more than a hand can click, is taken as nothing."""
    if not isinstance(paths, list) or len(paths) > MOST_FOLDS:
        return frozenset()
    return frozenset(path for path in paths if is_path(path))


def selection_to_json(selection: Selection) -> dict[str, Any]:
    """The selection as JSON values, as the browser speaks of it."""
    panels = sorted(panel.value for panel in selection.panels)
    folds = sorted(selection.folds)
    return asdict(selection) | {"scope": selection.scope.value, "panels": panels, "folds": folds}


def _count(value: Any) -> int | None:
    return value if is_whole(value, 0) else None
