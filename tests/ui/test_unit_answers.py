"""What the panel "What does a unit look for?" asks about, and climbs that stop and go on."""

from collections.abc import Iterator

import numpy as np
import pytest

from cnnviz.attribution.maximise import Climb, Frame
from cnnviz.core.units import UnitRef
from cnnviz.data.image_sets import DataChoice
from cnnviz.machine.bounded_cache import BoundedCache
from cnnviz.ui.app.caches import shipped_networks
from cnnviz.ui.why import reliability_answers, why_answers
from cnnviz.ui.why.picture_sources import Pictures
from cnnviz.ui.why.unit_answers import MOST_FRAMES, ClimbRecord, climb_record, layer_in_view, peaks_in, score_layer
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


def test_what_a_search_found_takes_its_own_room_in_the_memory(monkeypatch: pytest.MonkeyPatch):
    room = BoundedCache(most=64, most_bytes=64_000_000)
    monkeypatch.setattr(why_answers, "_FOUND", room)
    images = np.random.default_rng(0).random((6, 1, 28, 28), np.float32)
    found = peaks_in(shipped_networks("mnist"), "conv1", Pictures(images, "six"))
    assert room._size() == found.nbytes == found.values.nbytes + found.rows.nbytes + found.cols.nbytes > 0


def test_other_images_with_the_same_labels_have_scores_of_their_own(monkeypatch: pytest.MonkeyPatch):
    labels = np.array([3, 7])
    dark, light = (np.full((2, 1, 28, 28), level, np.uint8) for level in (0, 255))
    of = {DataChoice(seed=1): dark, DataChoice(seed=2): light}
    monkeypatch.setattr(reliability_answers, "_test_images", lambda _chosen, own: (of[own], labels, "two images"))
    found = [reliability_answers.scores_of_test_images(shipped_networks("mnist"), own) for own in of]
    assert found[0] is not None
    assert found[1] is not None
    assert not np.array_equal(found[0].scores, found[1].scores)
