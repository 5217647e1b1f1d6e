"""What the panel "What does a unit look for?" shows, computed once for the same question. No widget, no session."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np

from cnnviz.attribution.fooling import Fooled, fool
from cnnviz.attribution.maximise import Climb, Frame, maximise
from cnnviz.attribution.scores import score_node
from cnnviz.attribution.strongest import Peaks, find_peaks, looking_layers
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.models.decision import softmax
from cnnviz.ui.app.caches import TrainedNetwork
from cnnviz.ui.why.picture_sources import Pictures
from cnnviz.ui.why.why_answers import find_kept, keep, kept, scores_of
from cnnviz.web.selection import SOFTMAX

MOST_FRAMES = 32  # of a climb, kept to be looked at again


class ClimbRecord:
    """A climb as far as it came: all values, some images (step → image), the last frame. Several may ask for more."""

    def __init__(self, climb: Climb, frames: Iterator[Frame]) -> None:
        self.climb, self._frames = climb, frames
        self._every = -(-climb.steps // MOST_FRAMES)
        self._lock = threading.Lock()
        self.values: list[float] = []
        self.images: dict[int, np.ndarray] = {}
        self.last: Frame | None = None

    def advance(self, seconds: float) -> None:
        """Climb on for so long; nothing happens where somebody else has it climb already."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            end = time.monotonic() + seconds
            for frame in self._frames:
                self._add(frame)
                if time.monotonic() >= end:
                    return
        finally:
            self._lock.release()

    def _add(self, frame: Frame) -> None:
        self.values.append(frame.value)
        last = {} if self.last is None or self.last.step % self._every else {self.last.step: self.last.image}
        kept = {step: image for step, image in self.images.items() if step % self._every == 0}
        self.images = kept | last | {frame.step: frame.image}  # a new one: who reads the old one reads on
        self.last = frame

    @property
    def is_whole(self) -> bool:
        """Whether it went as far as it could."""
        return self.last is not None and (self.last.step == self.climb.steps or self.last.is_stuck or self.last.is_top)


def score_layer(chosen: TrainedNetwork) -> str:
    """The layer whose units are the scores of the classes."""
    return chosen.graph.nodes[score_node(chosen.graph)].name


def layer_in_view(chosen: TrainedNetwork, open_layer: str | None) -> str:
    """The layer to ask about: the one that is open in the explorer, else the last convolution."""
    layers = looking_layers(chosen.graph)
    wanted = score_layer(chosen) if open_layer == SOFTMAX else open_layer
    if wanted in layers:
        return str(wanted)
    specs = [chosen.graph.nodes[chosen.graph.position(name)].spec for name in layers]
    last = [name for name, spec in zip(layers, specs, strict=True) if spec and spec.kind is Kind.CONVOLUTION]
    return (last or layers)[-1]


def peaks_in(chosen: TrainedNetwork, layer: str, pictures: Pictures) -> Peaks:
    """Where the pictures excite the maps of a layer most."""
    what = ("peaks", layer, pictures.mark)
    return kept(
        what, chosen, np.zeros(0), lambda: find_peaks(chosen.graph, layer, pictures.images), lambda peaks: peaks.nbytes
    )


def climb_record(chosen: TrainedNetwork, unit: UnitRef, start: np.ndarray, climb: Climb) -> ClimbRecord:
    """The climb from `start`, as far as it came before somebody stopped it; at first it has not begun."""
    what = ("climb", unit, climb)
    found: ClimbRecord | None = find_kept(what, chosen, start)
    if found is None:
        found = ClimbRecord(climb, maximise(chosen.graph, unit, start, climb))
        keep(what, chosen, start, found, (MOST_FRAMES + 2) * start.nbytes)
    return found


def fooled(chosen: TrainedNetwork, image: np.ndarray, target: int, least: float | None) -> Fooled:
    """The smallest change found that makes another class of the image. Raises: AttributionError, one sentence."""
    return kept(("fooled", target, least), chosen, image, lambda: fool(chosen.graph, image, target, least))


def probabilities_of(chosen: TrainedNetwork, image: np.ndarray) -> np.ndarray:
    """What the network makes of an image, (classes,)."""
    made: np.ndarray = softmax(scores_of(chosen, image)[None])[0]
    return made
