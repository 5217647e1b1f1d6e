"""A network from outside in the explorer: every question is answered with PyTorch's numbers, nothing is mixed up."""

from __future__ import annotations

import base64
import copy
import gc
import io
import json
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz.core.edits import Edit, EditKind, Edits
from cnnviz.data.example_images import EXAMPLES, draw_example
from cnnviz.data.fitted_images import Fit
from cnnviz.data.uploads import ImageFileError
from cnnviz.machine.bounded_cache import BoundedCache
from cnnviz.models.importers import ImportedNetworkError, sources
from cnnviz.models.importers.sources import NetworkSource, open_source
from cnnviz.models.zoo import Recipe
from cnnviz.ui.app import known_images, route_paths, routes
from cnnviz.ui.app.caches import edited_network, trained_network
from cnnviz.ui.draw.contents import contents_of_upload, shrink_to_store
from cnnviz.ui.your_network import opened
from cnnviz.web.edits.texts import edits_texts
from tests.models.importers.exported import pt2_bytes, seeded_image


class Residual(nn.Module):
    """A small network with an addition."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(4 * 8 * 8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.conv1(x))
        x = torch.relu(self.conv2(x) + x)
        return self.fc(torch.flatten(nn.functional.max_pool2d(x, 2), 1))


torch.manual_seed(0)
MODEL = Residual().eval()
SOURCE = NetworkSource("net.pt2", pt2_bytes(MODEL, seeded_image(1, 3, 16, 16)), classes=("cat", "dog", "bird"))
IMAGE = np.random.default_rng(0).random((3, 16, 16), np.float32)


def ask(path: str, network: str, **rest: Any) -> bytes:
    image = base64.b64encode(IMAGE.tobytes()).decode()
    return routes.answer_to(path, json.dumps({"network": network, "image": image} | rest).encode())


def header_of(packet: bytes, at: int = 0) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(packet[at : at + 4], "little")
    return json.loads(packet[at + 4 : at + 4 + length]), packet[at + 4 + length :]


def shown(network: str, **rest: Any) -> dict[str, np.ndarray]:
    """The outputs that the explorer gets, by the paths of the layers."""
    packet = ask(route_paths.LOOK, network, selection={}, **rest)
    header, body = header_of(packet, 4)
    fields = {layer["path"]: layer["output"] for layer in header["layers"]}
    return {
        path: np.frombuffer(body, "<f4", int(np.prod(one["shape"])), one["at"]).reshape(one["shape"])
        for path, one in fields.items()
    }


def test_the_explorer_gets_pytorchs_numbers_and_the_names():
    key = opened.put_source(SOURCE)
    with torch.no_grad():
        scores = MODEL(torch.from_numpy(IMAGE)[None])[0]
        conv1 = MODEL.conv1(torch.from_numpy(IMAGE)[None])[0]
    found = shown(key)
    np.testing.assert_allclose(found["conv1"], conv1, atol=1e-5)
    np.testing.assert_allclose(found["softmax"], scores.softmax(0), atol=1e-5)
    header, _body = header_of(ask(route_paths.LOOK, key, selection={}), 4)
    assert header["classes"] == ["cat", "dog", "bird"]
    assert header["verdict"]["answer"] == ("cat", "dog", "bird")[int(scores.argmax())]


def test_a_cell_and_its_field_are_answered():
    key = opened.put_source(SOURCE)
    unit = {"layer": "conv2", "channel": 1, "row": 4, "col": 5}
    table = json.loads(ask(route_paths.CELL, key, **unit))
    assert "problem" not in table
    packet = ask(route_paths.FIELD, key, **unit)
    header, body = header_of(packet)
    given = torch.from_numpy(IMAGE)[None].requires_grad_(True)
    inner = MODEL.conv2(torch.relu(MODEL.conv1(given)))
    (gradient,) = torch.autograd.grad(inner[0, 1, 4, 5], given)
    wanted = gradient[0].abs().sum(0).numpy()
    weights = header["strengths"][0]["weights"]
    size = int(np.prod(weights["shape"]))
    made = np.frombuffer(body, "<f4", size, weights["at"]).reshape(weights["shape"]).reshape(16, 16)
    np.testing.assert_allclose(made, wanted / wanted.sum(), atol=1e-5)


def test_an_edit_is_carried_out_on_a_copy():
    key = opened.put_source(SOURCE)
    before = shown(key)
    after = shown(key, surgery={}, acts=[{"do": {"op": "negate", "layer": "conv1", "out": 1, "into": 2}}])
    twin = copy.deepcopy(MODEL)
    with torch.no_grad():
        twin.conv1.weight[1, 2] *= -1
        wanted = twin(torch.from_numpy(IMAGE)[None])[0].softmax(0)
    np.testing.assert_allclose(after["softmax"], wanted, atol=1e-5)
    assert np.abs(after["softmax"] - before["softmax"]).max() > 1e-4
    np.testing.assert_array_equal(shown(key)["softmax"], before["softmax"])


def test_another_reading_is_another_network_and_the_same_reading_the_same():
    assert opened.put_source(SOURCE) == opened.put_source(replace(SOURCE, name="renamed.pt2"))
    scaled = opened.put_source(replace(SOURCE, mean=(0.5,)))
    assert scaled != opened.put_source(SOURCE)
    assert trained_network(scaled).tracer(IMAGE).layers[0].spec.path == "standardise"


def test_what_cannot_be_opened_leaves_nothing_behind():
    held = set(opened._OPENED)
    with pytest.raises(ImportedNetworkError):
        opened.put_source(replace(SOURCE, classes=("one",)))
    assert set(opened._OPENED) == held


def test_networks_are_dropped_by_their_bytes_and_the_last_one_stays(monkeypatch: pytest.MonkeyPatch):
    first = opened.put_source(SOURCE)
    monkeypatch.setattr(opened, "MOST_BYTES", opened.find_opened(first).size + 10)
    second = opened.put_source(replace(SOURCE, std=(0.5,)))
    assert opened.find_opened(second)
    with pytest.raises(opened.NotOpened):
        opened.find_opened(first)
    monkeypatch.setattr(opened, "MOST_BYTES", 1)
    assert opened.find_opened(opened.put_source(SOURCE))


def test_what_was_made_of_a_network_goes_with_it(monkeypatch: pytest.MonkeyPatch):
    key = opened.put_source(replace(SOURCE, mean=(0.25,)))
    shown(key, surgery={}, acts=[{"do": {"op": "negate", "layer": "conv1", "out": 1, "into": 2}}])
    ask(route_paths.FIELD, key, layer="conv2", channel=1, row=4, col=5)
    model = weakref.ref(trained_network(key).model)
    assert model() is not None
    monkeypatch.setattr(opened, "MOST", 1)
    opened.put_source(SOURCE)
    gc.collect()
    assert model() is None


def test_a_bounded_cache_drops_by_bytes_what_was_asked_for_longest_ago():
    cache: BoundedCache[str] = BoundedCache(most=10, most_bytes=10)
    for name in "ab":
        cache.put(name, name, 5)
    assert cache.get("a") == "a"
    cache.put("c", "c", 5)
    assert [cache.get(name) for name in "abc"] == ["a", None, "c"]
    cache.put("d", "d", 100)
    assert (len(cache), cache.get("d")) == (1, "d")


@pytest.mark.parametrize(
    ("address", "names", "expected"),
    [("localhost", [], False), ("0.0.0.0", [], True), (None, [], True), ("localhost", ["app.example"], True)],
    ids=["own machine", "shared", "anything", "behind a proxy"],
)
def test_a_server_is_shared_where_other_machines_reach_it(
    monkeypatch: pytest.MonkeyPatch, address: str | None, names: list[str], expected: bool
):
    monkeypatch.setattr(opened.st, "get_option", {"server.address": address, "server.allowedHosts": names}.get)
    asked: list[bool] = []
    monkeypatch.setattr(opened, "open_source", lambda source, is_shared: asked.append(is_shared) or open_source(source))
    opened.put_source(replace(SOURCE, std=(0.3 + expected, 0.5, 0.5), mean=(len(f"{address}{names}") / 40,)))
    assert asked == [expected]


def test_the_words_of_edits_are_true_of_random_weights_too():
    assert not [text for text in edits_texts().values() if "trained" in text]


def test_edited_copies_hold_what_they_changed_and_nothing_else_and_only_so_much(monkeypatch: pytest.MonkeyPatch):
    chosen = trained_network(opened.put_source(replace(SOURCE, mean=(0.125,))))
    negated = [Edits((Edit(EditKind.NEGATE, "conv1", out=at, into=0),)) for at in range(3)]
    twin = edited_network(chosen, negated[0])
    before = {one.data_ptr() for one in chosen.model.parameters()}
    own = [name for name, one in twin.model.named_parameters() if one.data_ptr() not in before]
    assert own
    assert all("conv1" in name for name in own)
    traces = [one.trace(IMAGE) for one in (chosen, twin)]
    shared = [next(layer for layer in made.layers if layer.spec.path == "conv2").weight for made in traces]
    assert np.shares_memory(*shared)  # a trace of a network that nobody changes copies no weights
    monkeypatch.setattr(chosen.twins, "most_bytes", 1)
    edited_network(chosen, negated[1])
    edited_network(chosen, negated[2])
    assert len(chosen.twins) == 1


class Stops(Residual):
    """Its last layer does not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 3)


def test_a_network_that_stops_half_way_is_shown_as_far_as_it_runs(monkeypatch: pytest.MonkeyPatch):
    torch.manual_seed(1)
    model = Stops().eval()
    monkeypatch.setattr(sources, "_read", lambda _source: (model, (3, 16, 16), ()))
    key = opened.put_source(NetworkSource("stops.pt2", b"stops"))
    header, _body = header_of(ask(route_paths.LOOK, key, selection={}, surgery={}), 4)
    assert header["stopped"].startswith("layer fc refused its input of shape 256: ")
    assert (header["verdict"]["headline"], header["classes"]) == ("No prediction", [])
    assert "surgery" not in header
    found = shown(key)
    assert list(found)[-1] == "flatten"
    np.testing.assert_allclose(found["conv1"], model.conv1(torch.from_numpy(IMAGE)[None])[0].detach(), atol=1e-5)
    unit = {"layer": "conv2", "channel": 1, "row": 4, "col": 5}
    assert "problem" not in json.loads(ask(route_paths.CELL, key, **unit))
    fields, _body = header_of(ask(route_paths.FIELD, key, **unit))
    assert fields["strengths"]


def test_one_of_which_the_first_part_was_handed_over_says_why_it_stops():
    part = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    reason = "layer fc refused its input of shape 9: <b>no</b>"
    source = NetworkSource("part.pt2", pt2_bytes(part.eval(), seeded_image(1, 3, 16, 16)), stopped=reason)
    header, _body = header_of(ask(route_paths.LOOK, opened.put_source(source), selection={}, surgery={}), 4)
    assert header["stopped"] == reason
    assert [layer["path"] for layer in header["layers"]] == ["input", "0", "1"]


def recipe(*shape: int) -> Recipe:
    return Recipe("own", "Own", shape, ("a", "b"), nn.Sequential)  # type: ignore[arg-type]


def png(rows: int, cols: int) -> bytes:
    file, picture = io.BytesIO(), np.zeros((rows, cols, 3), np.uint8)
    picture[:, : cols // 4] = 255
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def test_an_image_is_cut_out_or_resized_as_was_chosen_and_it_is_said():
    wide, small = png(20, 80), recipe(3, 20, 20)
    contents = {fit: contents_of_upload(shrink_to_store(wide, small, fit), frozenset(), small, fit) for fit in Fit}
    assert not contents[Fit.CENTRE].prepared.image.any()  # the white quarter lies outside the centre
    assert contents[Fit.WHOLE].prepared.image[:, :, :4].min() > 0.9
    assert [contents[fit].prepared.stages[-1].note.split(",")[0] for fit in (Fit.CENTRE, Fit.WHOLE)] == [
        "The centre of your image", "Your whole image",
    ]  # fmt: skip


def test_an_array_is_taken_as_it_is_and_one_of_another_shape_is_refused():
    file = io.BytesIO()
    values = np.random.default_rng(1).standard_normal((5, 6, 7)).astype(np.float32)
    np.save(file, values)
    kept = shrink_to_store(file.getvalue(), recipe(5, 6, 7))
    np.testing.assert_array_equal(
        contents_of_upload(kept, frozenset(), recipe(5, 6, 7)).prepared.image, values
    )  # fmt: skip
    with pytest.raises(ImageFileError, match="must be of shape 5×7×6, got 5×6×7"):
        shrink_to_store(file.getvalue(), recipe(5, 7, 6))
    with pytest.raises(ImageFileError, match="choose a NumPy file"):
        shrink_to_store(png(6, 7), recipe(5, 6, 7))


def test_there_is_always_an_image_to_begin_with():
    key = opened.put_source(SOURCE)
    assert known_images.count_known_images(key) == len(EXAMPLES)
    found = [known_images.find_known_image(key, at).picture for at in range(len(EXAMPLES))]
    assert all(one.shape == (3, 16, 16) and one.std() > 10 for one in found)
    assert draw_example(0, (5, 9, 7)).shape == (5, 9, 7)
