"""What travels while a network is edited: what is new, and laid over what the browser has, it is the whole answer."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from short_way import IMAGE, MODEL, NEGATED, Opened, assert_shows, question

from cnnviz.core.edits import Edit, EditKind, Edits, apply_edits
from cnnviz.core.edits.comparison import ComparisonView
from cnnviz.core.trace import TraceError, Tracer
from cnnviz.data.sample_drawings import find_sample
from cnnviz.ui.app import route_paths, routes
from cnnviz.web.wire import PacketWriter

EDITS = ["off.1.conv1", "negate.2.3.conv2", "redraw.1.fc", "linear.relu1", "average.pool1", "zero.2.0.conv1"]
OTHER_INK = find_sample("one").sketch.to_record()["strokes"]


class Screen:
    """A browser in a few lines: it takes over what an answer leaves out from the answer before."""

    def __init__(self) -> None:
        self.arrays: dict[tuple[str, ...], np.ndarray] = {}
        self.header: dict[str, Any] = {}

    @property
    def key(self) -> str | None:
        return self.header["surgery"]["key"] if self.header else None

    def take(self, answer: Opened) -> None:
        base = answer.surgery["base"]
        assert base in (None, self.key)
        header, old = answer.header, self.header
        self.arrays = {place: self._whole(answer, place, field) for place, field in _fields(header)}
        self.header = header | {name: header.get(name, old.get(name)) for name in ("texts", "palettes", "classes")}
        layers = old.get("layers", [{}] * len(header["layers"]))
        self.header["layers"] = [before | new for before, new in zip(layers, header["layers"], strict=True)]
        self.header["surgery"] = (
            header["surgery"] if "texts" in header["surgery"] else old["surgery"] | header["surgery"]
        )

    def _whole(self, answer: Opened, place: tuple[str, ...], field: dict[str, Any]) -> np.ndarray:
        if "rows" not in field:
            return answer.array(field)
        whole, rows = self.arrays[place].copy(), field["rows"]
        whole[rows] = answer.array({"at": field["at"], "shape": [len(rows), *field["shape"][1:]]})
        return whole

    def said(self) -> dict[str, Any]:
        """All but where arrays lie in the packet, and what the browser had before."""
        plain = json.loads(json.dumps(self.header), object_hook=lambda made: "array" if "at" in made else made)
        plain["surgery"] = {name: value for name, value in plain["surgery"].items() if name != "base"}
        return plain


def _fields(header: dict[str, Any]) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    of_layers = [((layer["path"], name), layer[name]) for layer in header["layers"] for name in layer]
    of_more = [(("fields", name), field) for name, field in header["fields"].items()]
    detail = header["detail"]
    shares = [(("detail", detail["layer"], str(detail["channel"])), detail["sums"])] if detail else []
    return [(place, field) for place, field in of_layers + of_more + shares if _is_array(field)]


def _is_array(field: Any) -> bool:
    return isinstance(field, dict) and "at" in field


def seen(
    edits: list[str], view: ComparisonView = ComparisonView.AFTER, layer: str | None = None, **rest: Any
) -> dict[str, Any]:
    state = {"done": "~".join(edits), "view": view, "open": layer is not None}
    return {"surgery": state, "selection": {"layer": layer, "channel": 2}, **rest}


def assert_shows_the_same(one: Screen, other: Screen) -> None:
    assert one.said() == other.said()
    assert one.arrays.keys() == other.arrays.keys()
    for place, array in other.arrays.items():
        np.testing.assert_array_equal(one.arrays[place], array, strict=True)


looks = st.builds(
    seen, st.lists(st.sampled_from(EDITS), max_size=3), st.sampled_from(ComparisonView),
    st.sampled_from([None, "conv1", "relu1", "conv2", "fc"]),
    strokes=st.sampled_from([OTHER_INK, question()["strokes"]]),
)  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(looks, looks)
def test_what_is_new_laid_over_what_a_browser_has_is_the_whole_answer(old: dict[str, Any], new: dict[str, Any]):
    old, new = (
        {"strokes": question()["strokes"]} | {k: v for k, v in one.items() if v is not ...} for one in (old, new)
    )
    screen, whole = Screen(), Screen()
    screen.take(Opened(**old))
    screen.take(Opened(**new, has=screen.key))
    whole.take(Opened(**new))
    assert_shows_the_same(screen, whole)


def test_a_browser_that_has_something_else_than_it_says_would_be_told_apart():
    """The twin of the test above: with another base the same answer makes another picture."""
    screen, whole = Screen(), Screen()
    had = Opened(**seen(["zero.2.0.conv1"], layer="conv1"))
    screen.take(Opened(**seen(["off.1.conv1"], layer="conv1")))
    screen.header["surgery"]["key"] = had.surgery["key"]
    screen.take(Opened(**seen(["zero.2.0.conv1", "negate.2.3.conv2"], layer="conv1"), has=had.surgery["key"]))
    whole.take(Opened(**seen(["zero.2.0.conv1", "negate.2.3.conv2"], layer="conv1")))
    with pytest.raises(AssertionError):
        assert_shows_the_same(screen, whole)


def rows(answer: Opened) -> dict[str, Any]:
    """Which maps of each layer travel; all where it is not said."""
    return {layer["path"]: layer["output"].get("rows", "all") for layer in answer.header["layers"]}


def test_while_a_weight_of_conv1_is_dragged_only_the_maps_that_it_changes_travel():
    def put(value: float) -> list[str]:
        return [Edit(EditKind.SET, "conv1", 2, 0, numbers=(value,) * 25).text]

    whole = Opened(**seen(put(0.1), layer="conv1"))
    news = Opened(**seen(put(0.2), layer="conv1"), has=whole.surgery["key"])
    assert {name: rows(news)[name] for name in ("input", "conv1", "relu1", "pool1")} == {
        "input": [], "conv1": [2], "relu1": [2], "pool1": [2],
    }  # fmt: skip
    assert len(news.body) < len(whole.body) / 2
    assert not {"texts", "palettes"} & set(news.header)
    assert not {"menu", "kernel", "texts"} & set(news.surgery)


def test_while_a_weight_of_conv2_is_dragged_nothing_before_it_travels():
    whole = Opened(**seen(["zero.2.3.conv2"], layer="conv2"))
    news = Opened(**seen(["negate.2.3.conv2"], layer="conv2"), has=whole.surgery["key"])
    assert [rows(news)[name] for name in ("conv1", "relu1", "pool1", "conv2", "relu2")] == [[], [], [], [2], [2]]
    assert news.header["layers"][4]["weight"]["rows"] == [2]
    assert news.header["detail"]["sums"]["rows"] == [3]  # of 16 shares the one of the edited kernel
    assert len(news.body) < len(whole.body) / 10


def test_of_another_drawing_all_numbers_travel_and_no_weights():
    key = Opened(**seen(["off.1.conv1"])).surgery["key"]
    news = Opened(**seen(["off.1.conv1"], strokes=OTHER_INK), has=key)
    assert set(rows(news).values()) == {"all"}
    assert all(layer["weight"]["rows"] == [] for layer in news.header["layers"] if layer.get("weight"))
    assert news.surgery["base"] == key


@pytest.mark.parametrize(
    "key",
    ["", "x", "[]", "[" * 3000, ["odd"], 7, {}, '["a", "mnist", "en", "after", "", false, null, "0"]',
     '["a", "other", "en", "after", "", false, null, 0]', '["a", "mnist", "xx", "after", "", false, null, 0]',
     '["a", "mnist", "en", "before", "off.1.conv1", false, null, 0]', '["a", "mnist", "en", [], {}, 1, [], []]',
     '["a", "mnist", "en", "after", "burn.1.conv1", false, null, 0]',
     '["a", "mnist", "en", "after", "off.1.conv1", false, "nowhere", 0]',
     '["a", "mnist", "en", "after", "linear.relu1", false, null, 0]'],
)  # fmt: skip
def test_with_a_key_that_stands_for_nothing_usable_everything_travels(key: Any):
    answer = Opened(acts=[NEGATED], has=key)
    assert answer.surgery["base"] is None
    assert set(rows(answer).values()) == {"all"}
    assert {layer["path"] for layer in answer.header["layers"] if layer.get("weight")} == {"conv1", "conv2", "fc"}


def test_a_key_is_no_secret_and_gives_nothing_of_anybody_else():
    """Whoever names a key gets what is new against it, and never what another reader has drawn or edited."""
    theirs = Opened(**seen(["off.3.conv1"], strokes=OTHER_INK))
    mine = Opened(surgery={}, has=theirs.surgery["key"])
    assert_shows(mine, Tracer(MODEL)(IMAGE))
    assert mine.surgery["done"] == ""


def test_rows_are_new_where_a_single_bit_is():
    old = np.zeros((5, 3), np.float32)
    new = old.copy()
    new[1, 2] = -0.0  # equal, and another number all the same
    new[3, 0] = np.nan
    assert PacketWriter().put(new, old) == {"at": 0, "shape": [5, 3], "rows": [1, 3]}
    assert PacketWriter().put(new, new.copy())["rows"] == []  # NaN is what it was
    assert PacketWriter().put(old, new[:4]) == {"at": 0, "shape": [5, 3]}
    assert PacketWriter().put(old + 1, old) == {"at": 0, "shape": [5, 3]}  # shorter as a whole


@pytest.mark.parametrize("edit", [Edit(EditKind.OFF, "conv1", 3), Edit(EditKind.NEGATE, "conv2", 7, 5),
Edit(EditKind.LINEAR, "relu2"),
                                  Edit(EditKind.BIAS, "fc", 8, numbers=(2.5,))],
                                  ids=lambda edit: edit.text)  # fmt: skip
def test_a_trace_that_goes_on_from_the_twins_is_the_whole_one_to_the_bit(edit: Edit):
    twin = Tracer(MODEL)
    model = apply_edits(MODEL, Edits((edit,)))
    begun, whole = twin(IMAGE), Tracer(model)(IMAGE)
    made = Tracer(model, twin=twin)(IMAGE, begun)
    for one, other in zip(made.layers, whole.layers, strict=True):
        np.testing.assert_array_equal(one.output, other.output)
        assert one.spec == other.spec
    np.testing.assert_array_equal(made.probabilities, whole.probabilities)
    taken_over = [one is other for one, other in zip(made.layers, begun.layers, strict=True)]
    position = begun.position(edit.layer)
    assert taken_over == [at < position for at in range(len(begun.layers))]


def test_a_trace_does_not_go_on_from_another_image():
    twin = Tracer(MODEL)
    with pytest.raises(TraceError, match="image must be that of the trace"):
        Tracer(MODEL, twin=twin)(IMAGE, twin(IMAGE + 1))


def test_an_answer_to_a_drag_is_not_longer_for_what_others_do():
    """Nothing is kept for a browser: the same question has the same answer, whoever asked in between."""
    asked = json.dumps(question(**seen(["zero.2.3.conv2"]), has=Opened(**seen([])).surgery["key"])).encode()
    first = routes.answer_to(route_paths.LOOK, asked)
    for number in range(40):  # more than any cache holds
        Opened(surgery={"done": f"off.{number % 16}.conv1~off.{number // 16}.conv2"})
    assert routes.answer_to(route_paths.LOOK, asked) == first
