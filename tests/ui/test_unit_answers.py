"""What the panel "What does a unit look for?" asks about, and climbs that stop and go on."""

from collections.abc import Iterator

import numpy as np
import pytest

from cnnviz.attribution.maximise import Climb, Frame
from cnnviz.core.units import UnitRef
from cnnviz.ui.app.caches import shipped_networks
from cnnviz.ui.why.unit_answers import MOST_FRAMES, ClimbRecord, climb_record, layer_in_view, score_layer
from cnnviz.web.selection import SOFTMAX


def steps(climb: Climb) -> Iterator[Frame]:
    for step in range(climb.steps + 1):
        yield Frame(step, np.full((1, 2, 2), step, np.float32), float(step))


@pytest.mark.parametrize(("open_layer", "asked"), [
    (None, "conv2"), ("conv1", "conv1"), ("relu2", "relu2"), ("fc", "fc"), (SOFTMAX, "fc"), ("flatten", "conv2"),
])  # fmt: skip
def test_the_open_layer_is_asked_about(open_layer: str | None, asked: str):
    assert layer_in_view(shipped_networks("mnist"), open_layer) == asked
    assert score_layer(shipped_networks("mnist")) == "fc"


def test_a_climb_that_was_stopped_goes_on_where_it_was():
    climb = Climb(steps=100)
    record = ClimbRecord(climb, steps(climb))
    for _slice in range(7):
        record.advance(0)  # no time: one step
    assert record.values == [0, 1, 2, 3, 4, 5, 6]
    assert record.last is not None
    assert not record.is_whole
    record.advance(60)
    assert record.is_whole
    assert record.values == list(range(101))
    assert len(record.images) <= MOST_FRAMES + 2
    assert {0, 100} <= set(record.images)
    assert all(image[0, 0, 0] == step for step, image in record.images.items())


def test_a_stop_keeps_the_last_image_also_between_those_that_are_kept():
    climb = Climb(steps=100)
    record = ClimbRecord(climb, steps(climb))
    for _slice in range(6):
        record.advance(0)
    assert sorted(record.images) == [0, 4, 5]  # every fourth, and the last


def test_the_same_question_is_the_same_climb_and_another_one_is_not():
    chosen, start = shipped_networks("mnist"), np.full((1, 28, 28), 0.5, np.float32)
    first = climb_record(chosen, UnitRef("conv2", 3, 7, 7), start, Climb(seed=1))
    first.advance(0)
    assert climb_record(chosen, UnitRef("conv2", 3, 7, 7), start, Climb(seed=1)) is first
    assert climb_record(chosen, UnitRef("conv2", 3, 7, 7), start, Climb(seed=2)) is not first
    assert climb_record(chosen, UnitRef("conv2", 4, 7, 7), start, Climb(seed=1)) is not first
