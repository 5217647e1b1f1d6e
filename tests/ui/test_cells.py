"""A question about one cell: the answer is PyTorch's arithmetic as a table, a bad question is one sentence."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from posting import JSON, Headers, posted
from torch import nn

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.models.zoo import Recipe
from cnnviz.ui.app import caches, route_paths, routes
from cnnviz.ui.draw import cells

cell_table = partial(routes.answer_to, route_paths.CELL)


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.asarray(preprocess(find_sample("three").sketch).image, dtype="<f4")


@pytest.fixture(scope="module")
def three(image: np.ndarray) -> Trace:
    model, _manifest = checkpoints.load("mnist")
    return Tracer(model)(image)


def packed(image: np.ndarray) -> str:
    return base64.b64encode(np.asarray(image, dtype="<f4").tobytes()).decode()


def question(image: np.ndarray, layer: object = "conv2", **rest: object) -> dict[str, Any]:
    return {"image": packed(image), "layer": layer, **rest}


def total_of(table: dict[str, Any]) -> Decimal:
    return Decimal(table["sums"][-1][-1].replace("\N{MINUS SIGN}", "-"))


def is_rounded(text: Decimal, value: float) -> bool:
    return abs(text - Decimal(value)) <= Decimal(1).scaleb(text.as_tuple().exponent) / 2


@pytest.mark.parametrize(
    ("layer", "place"),
    [
        ("conv1", (3, 0, 27)), ("relu1", (3, 5, 6)), ("pool1", (3, 5, 6)), ("conv2", (31, 13, 0)), ("relu2", (2, 3, 4)),
        ("pool2", (7, 6, 6)), ("flatten", (1567, 0, 0)), ("fc", (9, 0, 0)),
    ],
)  # fmt: skip
def test_the_last_number_of_the_table_is_pytorchs(image, three, layer: str, place: tuple[int, int, int]):
    table = cells.table_of_cell(question(image, layer, **dict(zip(("channel", "row", "col"), place, strict=True))))
    output = three.layers[three.position(layer)].output
    assert is_rounded(total_of(table), float(output[place[: output.ndim]]))
    assert not is_rounded(total_of(table) + Decimal("0.002"), float(output[place[: output.ndim]]))


def test_the_softmax_is_asked_like_a_layer(image, three):
    table = cells.table_of_cell(question(image, "softmax", channel=3))
    assert [row[0] for row in table["rows"]] == [str(k) for k in range(10)]
    shares = [float(row[3].replace("\N{MINUS SIGN}", "-")) for row in table["rows"]]
    np.testing.assert_allclose(shares, three.probabilities, atol=1e-6)


def test_a_score_names_the_map_of_every_entry(image):
    table = cells.table_of_cell(question(image, "fc", channel=3))
    assert len(table["rows"]) == 1568
    assert all(": map " in row[0] for row in table["rows"])


def test_an_entry_of_the_column_may_be_asked_as_the_explorer_counts_it(image, three):
    """The browser shows a flattened column as one strip; the walk asks for an entry as a channel."""
    table = cells.table_of_cell(question(image, "flatten", channel=50))
    assert table["rows"][0][0] == "cell 1, 0, 1"
    assert is_rounded(total_of(table), float(three.layers[three.position("flatten")].output[50]))


def test_every_table_is_json(image):
    for layer in ("conv1", "relu1", "pool1", "flatten", "fc", "softmax"):
        answer = json.loads(cell_table(json.dumps(question(image, layer)).encode()))
        assert set(answer) == {"caption", "head", "rows", "sums"}
        assert all(isinstance(text, str) for row in answer["rows"] + answer["sums"] for text in row)


def test_an_unknown_network_is_the_usual_one(image):
    assert cells.parse_network({"network": "nobody"}) == cells.parse_network({}) == "mnist"
    asked = question(image, "conv1")
    assert cells.table_of_cell(asked | {"network": ["mnist"]}) == cells.table_of_cell(asked)


def birds() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.Tanh(), nn.AvgPool2d(2), nn.Dropout(),
        nn.Flatten(), nn.Linear(6 * 16 * 16, 5), nn.SiLU(), nn.Linear(5, 2),
    )  # fmt: skip


@pytest.fixture
def colour_network(monkeypatch: pytest.MonkeyPatch) -> str:
    """Another network, which joins the known ones: colour input, two fully connected layers; untrained."""
    torch.manual_seed(0)
    recipe = Recipe("birds", "Birds and airplanes", (3, 32, 32), ("bird", "airplane"), birds)
    model = recipe.build().eval()
    other = caches.TrainedNetwork(recipe, Tracer(model, "birds"), None, model)  # type: ignore[arg-type]
    monkeypatch.setattr(cells, "network_keys", lambda: ("mnist", "birds"))
    monkeypatch.setattr(cells, "trained_network", lambda asked: {"birds": other}[asked])
    return "birds"


def test_another_network_answers_with_its_own_layers(colour_network: str):
    picture = np.random.default_rng(0).random((3, 32, 32), dtype=np.float32)
    traced = cells.trained_network(colour_network).tracer(picture)
    for layer in traced.layers:
        place = tuple(size // 2 for size in layer.output.shape)
        asked = question(picture, layer.spec.path, network=colour_network)
        table = cells.table_of_cell(asked | dict(zip(("channel", "row", "col"), place, strict=False)))
        assert is_rounded(total_of(table), float(layer.output[place]))


def test_an_image_of_another_network_is_refused(colour_network: str, image):
    with pytest.raises(ValueError, match="image must be 3072 float32 numbers in base64, got 3136 bytes"):
        cells.table_of_cell(question(image, network=colour_network))


@pytest.mark.parametrize(
    "odd", [{"image": None}, {"image": 7}, {"image": "!!!!"}, {"image": "AAA"}, {"image": "ü"}, {"image": ""}]
)
def test_what_is_no_image_is_refused_in_one_sentence(image, odd: dict[str, Any]):
    with pytest.raises(ValueError, match=r"^image must be 784 float32 numbers in base64, got \d+ bytes$"):
        cells.table_of_cell(question(image) | odd)


@pytest.mark.parametrize(
    "odd",
    [{"layer": None}, {"layer": 3}, {"layer": ["conv1"]}, {"channel": "3"}, {"row": 1.5}, {"col": None}, {"col": True}],
)
def test_what_is_no_unit_is_refused_in_one_sentence(image, odd: dict[str, Any]):
    with pytest.raises(ValueError, match=r"^unit must be a layer and three whole numbers, got [^\n]+$"):
        cells.table_of_cell(question(image) | odd)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"layer": "conv2", "channel": 32}, "unit must lie within conv2, of shape 32×14×14, got channel 32"),
        ({"layer": "conv2", "row": -1}, "got channel 0, row -1"),
        ({"layer": "conv2", "col": 10**30}, "unit must lie within conv2"),
        ({"layer": "fc", "channel": 1, "row": 1}, "unit must lie within fc"),
        ({"layer": "conv9"}, "layer must be one of conv1"),
        ({"layer": "input"}, "nothing is computed here"),
    ],
)
def test_a_cell_that_there_is_not_is_one_sentence_under_problem(image, asked: dict[str, Any], says: str):
    answer = cells.table_of_cell(question(image) | asked)
    assert set(answer) == {"problem"}
    assert says in answer["problem"]
    assert "\n" not in answer["problem"]


@pytest.mark.parametrize("layer", ["conv1", "fc", "softmax"])
def test_an_image_that_is_not_finite_is_one_sentence(image, layer: str):
    broken = image.copy()
    broken[0, 3, 3] = np.nan
    answer = cells.table_of_cell(question(broken, layer, row=3, col=3) if layer == "conv1" else question(broken, layer))
    assert "finite" in answer["problem"]


def test_a_table_is_bounded_by_what_a_browser_can_show(image):
    answer = cell_table(json.dumps(question(image, "fc")).encode())
    assert len(answer) < routes.MOST_BYTES


def test_the_shared_network_is_the_same_after_any_question(image):
    before = cells.table_of_cell(question(image, "conv2", channel=3, row=5, col=6))
    for asked in ({"channel": 99}, {"layer": "softmax"}, {"layer": "nothing"}):
        cells.table_of_cell(question(image) | asked)
    assert cells.table_of_cell(question(image, "conv2", channel=3, row=5, col=6)) == before


def ask(body: bytes, headers: Headers = JSON, path: str = route_paths.CELL) -> tuple[int, str]:
    answer = posted(path, body, headers)
    return answer.status, answer.body.decode()


@pytest.mark.parametrize("path", [route_paths.CELL, f"/a/base{route_paths.CELL}"])
def test_the_route_answers_below_any_base_path(image, three, path: str):
    status, body = ask(json.dumps(question(image, "fc", channel=3)).encode(), path=path)
    assert status == 200
    assert is_rounded(total_of(json.loads(body)), float(three.logits[3]))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b"[" * 100_000, b"\xff", b"{}", b'{"layer": "conv1"}'])
def test_the_route_refuses_what_is_no_question_without_a_stack_trace(body: bytes):
    status, said = ask(body)
    assert status == 422
    assert "must be" in said
    assert "Traceback" not in said
    assert "\n" not in said


def test_the_route_is_bounded_and_takes_json_only(image):
    assert ask(b" " * (routes.MOST_BYTES + 1))[0] == 413
    assert ask(json.dumps(question(image)).encode(), ())[0] == 415


def test_a_failure_inside_shows_no_stack_trace(image, monkeypatch: pytest.MonkeyPatch, caplog):
    monkeypatch.setattr(cells, "cell_table", lambda cell: 1 / 0)
    status, said = ask(json.dumps(question(image)).encode())
    assert status == 500
    assert "ZeroDivisionError" not in said
    assert "ZeroDivisionError" in caplog.text


class Shortcut(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1)
        self.fc = nn.Linear(28 * 28, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc((self.conv(x) + x * 0.5).flatten(1))


def test_a_sum_names_the_layers_that_it_adds(image, monkeypatch: pytest.MonkeyPatch):
    torch.manual_seed(0)
    tracer = Tracer(Shortcut().eval())
    monkeypatch.setattr(cells, "cached_trace", lambda _network, image, _edits: tracer(image))
    table = cells.table_of_cell(question(image, "add", row=1, col=2))
    assert [row[0] for row in table["rows"]] == ["conv: map 0, row 1, column 2", "mul: map 0, row 1, column 2"]
    table = cells.table_of_cell(question(image, "mul", row=1, col=2))
    assert [row[0] for row in table["rows"]] == ["input: map 0, row 1, column 2", "constant"]
    table = cells.table_of_cell(question(image, "fc", channel=3))
    assert all(": map 0, row " in row[0] for row in table["rows"])
