"""From what lies on both sides to the packet of the comparison: trace, read, pack. No widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cnnviz.core.edits import Edits
from cnnviz.ui.app.caches import TrainedNetwork, cached_trace
from cnnviz.ui.app.links import LinkedView, sketch_left_out, view_to_link
from cnnviz.ui.app.prediction_text import prediction_text
from cnnviz.ui.draw.contents import DrawingContents
from cnnviz.web.comparison.packet import ComparedSide, comparison_packet


@dataclass(frozen=True, eq=False)
class ComparedTable:
    """One side: a network as `edits` leave it, what lies on its table, and what the side is called.

    named, image: what its network and its image are called, in a file that is saved.
    """

    network: TrainedNetwork
    contents: DrawingContents
    title: str
    edits: Edits
    named: str
    image: str

    def traced(self) -> ComparedSide:
        """The side as it travels. Raises: as `cached_trace`."""
        chosen, prepared = self.network, self.contents.prepared
        trace = cached_trace(chosen, prepared.image, self.edits)
        verdict = prediction_text(trace, prepared, chosen.manifest.rule, chosen.recipe, self.contents.truth)
        return ComparedSide(trace, self.title, chosen.recipe.classes, verdict, self.named, self.image)


def compute_comparison(one: ComparedTable, other: ComparedTable, view: LinkedView, others: Mapping[str, str]) -> bytes:
    """The packet of both. view: what the link says of side A and of what is open; others: what else it says."""
    keys = [side.network.recipe.key for side in (one, other)]
    token = "/".join([*keys, one.edits.text, other.edits.text])
    return comparison_packet(
        one.traced(), other.traced(), view.selection, sparse=one.network.sparse | other.network.sparse, token=token,
        link=view_to_link(view, others), left_out=_left_out(one, other),
    )  # fmt: skip


def _left_out(one: ComparedTable, other: ComparedTable) -> str:
    """What the link does not hold, a sentence each."""
    found = [
        sketch_left_out(LinkedView(sketch=table.sketch, digit=table.digit), has_ink=table.prepared.has_ink)
        for table in (one.contents, other.contents)
    ]
    return " ".join(dict.fromkeys(filter(None, found)))
