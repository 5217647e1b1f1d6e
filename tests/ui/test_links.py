"""A view as a link and back; junk falls back to what an empty link shows."""

import base64
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.core.colour_ranges import RangeScope
from cnnviz.core.edits import Edit, EditKind, Edits
from cnnviz.data.pixel_edits import PixelEdits
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.ui.app.links import (
    FEW_POINTS,
    LINK_NAMES,
    LONGEST,
    LinkedView,
    pack_sketch,
    sketch_left_out,
    snap_to_grid,
    unpack_sketch,
    view_from_link,
    view_to_link,
)
from cnnviz.web.selection import Panel, Selection

EDITS = Edits((Edit(EditKind.OFF, "conv1", 3), Edit(EditKind.BIAS, "fc", 1, numbers=(1 / 3,))))
places = st.floats(-0.5, 1.5).map(lambda v: round(v, 3))
strokes = st.builds(
    Stroke,
    points=st.lists(st.tuples(places, places), min_size=1, max_size=30).map(tuple),
    width=st.integers(1, 250).map(lambda n: n / 250),
    erases=st.booleans(),
)
sketches = st.lists(strokes, min_size=1, max_size=5).map(lambda found: Sketch(tuple(found)))


def followed(view: LinkedView) -> LinkedView:
    return view_from_link(dict(parse_qsl(view_to_link(view)[1:])))


@given(sketches)
def test_a_sketch_comes_back_to_a_thousandth(sketch: Sketch):
    back = unpack_sketch(pack_sketch(sketch))
    assert back is not None
    for one, other in zip(sketch.strokes, back.strokes, strict=True):
        assert (one.erases, one.width) == (other.erases, pytest.approx(other.width))
        for p, q in zip(one.points, other.points, strict=True):
            assert p == pytest.approx(q, abs=0.5 / 1000 + 1e-9)


def test_a_drawing_is_short_enough_to_send():
    assert max(len(pack_sketch(sample.sketch)) for sample in DIGIT_SAMPLES) < 300


@given(
    st.builds(
        Selection,
        layer=st.sampled_from(["conv1", "fc", "softmax"]),
        channel=st.integers(0, 99),
        row=st.integers(0, 27),
        col=st.integers(0, 27),
        scope=st.sampled_from(RangeScope),
        panels=st.frozensets(st.sampled_from(Panel)),
        folds=st.frozensets(st.sampled_from(["layer1", "layer2.0", "a~b", "50%", "ü &?#/"])),
    )
)
def test_a_selection_survives_its_link(selection: Selection):
    assert followed(LinkedView(selection)).selection == selection


def test_a_test_image_survives_its_link():
    assert followed(LinkedView(digit=4711)).digit == 4711


def test_the_plain_start_has_a_plain_link():
    assert view_to_link(LinkedView()) == "?"


def test_what_else_a_link_says_is_kept():
    assert view_to_link(LinkedView(Selection("conv1")), {"lang": "de"}) == "?lang=de&layer=conv1&map=0"


def test_link_names_are_all_that_a_link_writes():
    view = LinkedView(
        Selection("conv1", 1, 2, 3, RangeScope.MAP, frozenset(Panel), frozenset({"layer1"})),
        DIGIT_SAMPLES[0].sketch,
        off=frozenset({"fitted"}),
        edits=EDITS,
        pixels=PixelEdits(((3, 255),)),
        has_all_answers=True,
    )
    written = dict(parse_qsl(view_to_link(view)[1:]))
    assert set(written) | {"digit", "network"} == set(LINK_NAMES)


@given(st.dictionaries(st.sampled_from([*LINK_NAMES, "x"]), st.text(max_size=60)))
def test_junk_never_raises(query: dict[str, str]):
    view = view_from_link(query)
    assert view.selection.channel >= 0


@given(st.binary(max_size=200))
def test_no_bytes_break_the_unpacking(data: bytes):
    found = unpack_sketch(base64.urlsafe_b64encode(data).decode().rstrip("="))
    assert found is None or unpack_sketch(pack_sketch(found)) == found


@pytest.mark.parametrize("text", ["", "!", "AAAA", "a" * (LONGEST + 1), "eJwDAAAAAAE"])
def test_a_damaged_drawing_is_no_drawing(text: str):
    assert unpack_sketch(text) is None or unpack_sketch(text).strokes == ()


def test_a_drawing_that_unpacks_to_too_much_is_refused():
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(bytes([20, 1]) * 10_000_000, 9)).decode().rstrip("=")
    assert unpack_sketch(bomb) is None


def test_half_a_cell_is_no_cell():
    selection = view_from_link({"layer": "conv1", "cell": "3."}).selection
    assert (selection.row, selection.col) == (None, None)


def test_an_unknown_scope_is_the_usual_one():
    assert view_from_link({"colours": "rainbow"}).selection.scope is RangeScope.LAYER


def test_a_network_that_is_not_the_usual_one_is_in_the_link():
    assert view_to_link(LinkedView(network="other")) == "?network=other"
    assert view_from_link({"network": "mnist"}).network == view_from_link({"network": "no such"}).network == "mnist"


def test_steps_switched_off_are_in_the_link():
    view = LinkedView(off=frozenset({"fitted", "centred"}))
    assert view_to_link(view) == "?off=centred.fitted"
    assert followed(view).off == view.off
    assert view_from_link({"off": "centred.everything"}).off == {"centred"}
    assert hash(view_from_link({}).off) == hash(frozenset())  # a set could not be told apart by a cache


def test_edits_are_in_the_link_to_the_last_bit_and_what_was_undone_is_not():
    assert followed(LinkedView(edits=EDITS)).edits == EDITS
    assert followed(LinkedView(edits=EDITS.undo())).edits == Edits(EDITS.done[:1])
    assert view_to_link(LinkedView(edits=EDITS.reset())) == "?"


@pytest.mark.parametrize("text", ["off", "off.3.conv1~burn.1.conv1", "off.3.conv1~", "x" * 9000])
def test_edits_that_are_not_whole_are_none(text: str):
    assert view_from_link({"edits": text}).edits == Edits()
    assert view_from_link({"edits": "off.3.conv1"}).edits == Edits(EDITS.done[:1])


@given(sketches)
def test_who_opens_a_link_gets_the_very_same_drawing(sketch: Sketch):
    assert unpack_sketch(pack_sketch(snap_to_grid(sketch))) == snap_to_grid(sketch)


def test_an_unsnapped_drawing_is_not_the_same():
    """The negative twin: without snapping, a link would show other numbers than what it was made of."""
    sketch = Sketch((Stroke(((0.12345, 0.5), (0.4, 0.98765))),))
    assert unpack_sketch(pack_sketch(sketch)) != sketch


def test_an_empty_pad_stays_empty():
    assert followed(LinkedView(sketch=Sketch(()))).sketch == Sketch(())


def test_a_very_long_drawing_is_thinned_and_not_dropped():
    import random

    dice = random.Random(0)
    long = Sketch(tuple(Stroke(tuple((dice.random(), dice.random()) for _ in range(900))) for _ in range(8)))
    back = followed(LinkedView(sketch=long)).sketch
    assert len(back.strokes) == 8
    assert back.strokes[0].points[0] == pytest.approx(long.strokes[0].points[0], abs=0.001)
    assert back.strokes[7].points[-1] == pytest.approx(long.strokes[7].points[-1], abs=0.001)


def scribble(points: int) -> Sketch:
    """A drawing of so many points at random, which no packing makes shorter."""
    import random

    dice = random.Random(1)
    return Sketch((Stroke(tuple((dice.random(), dice.random()) for _ in range(points))),))


@pytest.mark.parametrize(("points", "is_whole"), [(20, True), (FEW_POINTS, True), (3 * FEW_POINTS, False)])
def test_a_link_says_when_it_does_not_hold_every_point(points: int, is_whole: bool):
    view = LinkedView(sketch=scribble(points))
    back = followed(view).sketch
    assert back is not None
    assert (len(back.strokes[0].points) == points) is is_whole
    assert (sketch_left_out(view, has_ink=True) == "") is is_whole


def test_panels_that_nobody_knows_are_left_out():
    assert view_from_link({"open": "numbers.everything.edit.sees.maps"}).selection.panels == frozenset(Panel)
    assert view_from_link({"open": ""}).selection.panels == frozenset()


def test_a_link_says_that_a_picture_of_ones_own_is_not_in_it():
    assert "image of your own" in sketch_left_out(LinkedView(), has_ink=True)
    assert sketch_left_out(LinkedView(), has_ink=False) == sketch_left_out(LinkedView(digit=3), has_ink=True) == ""
