"""From what lies on both sides to the packet of the comparison: trace, read, pack. No widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cnnviz.core.edits import Edits
from cnnviz.ui.app.caches import TrainedNetwork, cached_trace
from cnnviz.ui.app.links import LinkedView, view_to_link
from cnnviz.ui.app.prediction_text import prediction_text
from cnnviz.ui.draw.contents import DrawingContents
from cnnviz.web.comparison.packet import ComparedSide, comparison_packet
from cnnviz.web.selection import Selection


@dataclass(frozen=True, eq=False)
class ComparedTable:
    """One side: a network as `edits` leave it, what lies on its table, and what the side is called."""

    network: TrainedNetwork
    contents: DrawingContents
    title: str
    edits: Edits

    def traced(self) -> ComparedSide:
        """The side as it travels. Raises: as `cached_trace`."""
        chosen, prepared = self.network, self.contents.prepared
        trace = cached_trace(chosen, prepared.image, self.edits)
        verdict = prediction_text(trace, prepared, chosen.manifest.rule, chosen.recipe, self.contents.truth)
        return ComparedSide(trace, self.title, chosen.recipe.classes, verdict)


def compute_comparison(
    one: ComparedTable, other: ComparedTable, selection: Selection, off: frozenset[str], others: Mapping[str, str]
) -> bytes:
    """The packet of both; its link leads to side A alone.

    off: steps of the preparation that are switched off. others: what else the link says.
    """
    table, key = one.contents, one.network.recipe.key
    link = view_to_link(LinkedView(selection, table.sketch, table.digit, key, off, one.edits), others)
    token = "/".join([key, other.network.recipe.key, one.edits.text, other.edits.text])
    sparse = one.network.sparse | other.network.sparse
    return comparison_packet(one.traced(), other.traced(), selection, sparse=sparse, token=token, link=link)
