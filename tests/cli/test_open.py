"""`cnnviz open`: what is handed over is PyTorch's own network, privately, and what cannot be is one sentence."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from torch import nn

import cnnviz
from cnnviz.__main__ import main
from cnnviz.cli import open as command
from cnnviz.cli import opening
from cnnviz.cli.handing_over import Reading, hand_over, image_array, source_of
from cnnviz.core.trace import Tracer
from cnnviz.data.fitted_images import Fit
from cnnviz.data.network_images import image_from_bytes
from cnnviz.data.uploads import fit_levels
from cnnviz.machine.resources import HAND_OFF
from cnnviz.machine.whole_files import PART, HeldFolder
from cnnviz.models.builder import build_module, preset
from cnnviz.models.hand_off import HandOff, find_hand_off, read_hand_off, write_hand_off
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.models.importers.sources import NetworkSource, open_source
from cnnviz.training import run_lock, unpack_network
from tests.ui.saved_networks import saved

SHAPE = (3, 16, 16)
NETS = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.conv, self.fc = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(4, 3)

    def forward(self, x):
        maps = torch.relu(self.conv(x))
        return self.fc((maps + self.conv(x)).mean((2, 3)))

class ByValue(Net):
    def forward(self, x):
        if x.sum() > 0:
            return super().forward(x)
        return x

class Wrong(Net):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 3)

class OfTwo(Net):
    def forward(self, a, b):
        return super().forward(a + b)

def make_model():
    return Net().train()

ready = make_model()

def fails():
    return 1 / 0

def number():
    return 7
"""


def line_of(code: str) -> int:
    return [line.strip() for line in NETS.splitlines()].index(code) + 1


@pytest.fixture
def nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module of the reader's own, in the folder in which the command is started."""
    (tmp_path / "own_nets.py").write_text(NETS)
    (tmp_path / "names.txt").write_text("cat\ndog\n![b](http://a.example/b.png)\n")
    pixels = np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "image.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    sys.modules.pop("own_nets", None)
    yield tmp_path
    sys.modules.pop("own_nets", None)


def scores_of(source: NetworkSource, image: np.ndarray) -> np.ndarray:
    return Tracer(open_source(source).model)(image).logits


def pytorchs(model: nn.Module, image: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return model.eval()(torch.from_numpy(image)[None])[0].numpy()


IMAGE = np.random.default_rng(1).random(SHAPE, np.float32)


@pytest.mark.parametrize("name", ["make_model", "Net", "ready"])
def test_a_model_of_the_readers_own_module_is_handed_over_with_pytorchs_numbers(nets: Path, name: str):
    source = source_of(f"own_nets:{name}", Reading(nets / "names.txt", shape=SHAPE))
    model = sys.modules["own_nets"].Net()
    np.testing.assert_allclose(scores_of(source, IMAGE), pytorchs(model, IMAGE), atol=1e-6)
    assert source.classes == ("cat", "dog", "![b](http://a.example/b.png)")
    assert source.name == f"{name}.pt2"


def test_a_model_is_as_before_when_it_has_been_handed_over(nets: Path):
    model = nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2 * 14 * 14, 2))
    model.train()
    model[1].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    source = source_of(model, Reading(shape=SHAPE))
    assert [module.training for module in model.modules()] == [True, True, False, True, True]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(each.requires_grad for each in model.parameters())
    np.testing.assert_allclose(scores_of(source, IMAGE), pytorchs(model, IMAGE), atol=1e-6)


def test_a_model_that_stops_half_way_is_handed_over_as_far_as_it_runs_with_the_reason(nets: Path):
    source = source_of("own_nets:Wrong", Reading(shape=SHAPE))
    found = open_source(source)
    assert found.classes == ()
    assert found.stopped.startswith("layer fc refused its input of shape 4: ")
    kept = NetworkSource.from_record(source.to_record(), source.content)
    assert (kept.digest(), open_source(kept).stopped) == (source.digest(), found.stopped)
    made = Tracer(found.model)(IMAGE)
    model = sys.modules["own_nets"].make_model().eval()
    with torch.no_grad():
        maps = torch.relu(model.conv(torch.from_numpy(IMAGE)[None]))
        wanted = (maps + model.conv(torch.from_numpy(IMAGE)[None])).mean((2, 3))[0]
    np.testing.assert_allclose(made.layers[-1].output, wanted, atol=1e-6)
    assert "fc" not in [layer.spec.path for layer in made.layers]
    assert {"conv", "add"} <= {layer.spec.path for layer in made.layers}


def test_files_weights_saved_networks_and_names_are_known_too(nets: Path):
    model = build_module(preset("lenet5"))
    Path("weights.safetensors").write_bytes(safetensors.torch.save(model.state_dict()))
    Path("saved.safetensors").write_bytes(saved("digits_small"))
    drawing = np.random.default_rng(2).random((1, 28, 28), np.float32)
    weights = source_of("weights.safetensors", Reading(architecture="lenet5"))
    np.testing.assert_allclose(scores_of(weights, drawing), pytorchs(model, drawing), atol=1e-5)
    taught = unpack_network(saved("digits_small"))
    image = np.random.default_rng(2).random(taught.blueprint.input_shape, np.float32)
    found = source_of("saved.safetensors", Reading())
    np.testing.assert_allclose(scores_of(found, image), pytorchs(taught.build(), image), atol=1e-4)
    assert open_source(source_of("mnist", Reading())).classes == tuple("0123456789")
    assert open_source(source_of("torchvision:squeezenet1_1", Reading(shape=(3, 32, 32)))).input_shape == (3, 32, 32)


def test_an_image_is_handed_over_as_the_page_takes_it(nets: Path):
    source = source_of("own_nets:make_model", Reading(shape=SHAPE))
    data = Path("image.png").read_bytes()
    centre, whole = hand_over(source, "image.png"), hand_over(source, Path("image.png"), (16, 16))
    assert (centre.fit, whole.fit) == (Fit.CENTRE, Fit.WHOLE)
    np.testing.assert_array_equal(fit_levels(centre.image, SHAPE), fit_levels(data, SHAPE))
    assert not np.array_equal(fit_levels(whole.image, SHAPE), fit_levels(data, SHAPE))
    as_pillow = hand_over(source, Image.open("image.png"))
    np.testing.assert_array_equal(fit_levels(as_pillow.image, SHAPE), fit_levels(data, SHAPE))
    for image in (IMAGE, torch.from_numpy(IMAGE)[None], torch.from_numpy(IMAGE).double()):
        np.testing.assert_array_equal(image_from_bytes(hand_over(source, image).image, 3), IMAGE)
    assert image_array(np.full((1, 2, 2), 255, np.uint8)).max() == 1
    assert hand_over(source).image == b""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["own_nets:ByValue", "--input", "1,3,16,16"],
         rf"torch.export cannot take ByValue \(own_nets.py, line {line_of('if x.sum() > 0:')}: "),
        (["own_nets:OfTwo", "--input", "1,3,16,16"], r"cannot take OfTwo \(missing a required argument: 'b'\)"),
        (["own_nets:make_model"], "input must be given for a model, got none"),
        (["own_nets:make_model", "--input", "3,16"], "input must be channels, rows and columns"),
        (["own_nets:make_model", "--input", "2,3,16,16"], "input must be channels, rows and columns"),
        (["own_nets:fails", "--input", "3x16x16"],
         rf"ZeroDivisionError: division by zero \(own_nets.py, line {line_of('return 1 / 0')}\)"),
        (["own_nets:number", "--input", "3x16x16"], "must be an nn.Module, or a function that returns one, got 'int'"),
        (["own_nets:nothing", "--input", "3x16x16"], "has no attribute 'nothing'"),
        (["no_nets:make_model", "--input", "3x16x16"], "Python finds no module 'no_nets'"),
        (["nowhere.pt2"], "No such file"),
        (["names.txt"], "network must be a file"),
        (["torchvision:resnet18", "--input", "1x32x32"], "input must be 3 channels of a square, got '1×32×32'"),
        (["own_nets:make_model", "--input", "3x16x16", "--image", "names.txt"], "cannot be read as an image"),
        (["own_nets:make_model", "--input", "3x16x16", "--image", "no.png"], "No such file"),
        (["own_nets:make_model", "--input", "3x16x16", "--resize", "8"], "input size of the network, 16×16, got 8×8"),
        (["own_nets:make_model", "--input", "3x16x16", "--std", "0"], "std must be numbers from 1e-06"),
        (["own_nets:make_model", "--input", "3x16x16", "--mean", "1,2"], "must be 1 number or 3, got 2"),
        (["own_nets:make_model", "--input", "3x16x16", "--classes", "image.png"], "file of class names"),
        (["own_nets:make_model", "--input", "3x16x16", "--classes", "own_nets.py"], "class names must be 3, one for"),
    ],
)  # fmt: skip
def test_what_cannot_be_opened_is_one_sentence_and_no_server_starts(
    nets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
):
    monkeypatch.setattr(opening, "start_process", lambda *_words, **_rest: pytest.fail("a server was started"))
    assert main(["open", *words]) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert re.search(sentence, said)


class Server:
    """In place of the process of the app: what it was started with."""

    def __init__(self) -> None:
        self.command: list[str] = []
        self.folder: Path | None = None
        self.seen: HandOff | None = None
        self.stdin = None
        self.mode = 0

    def start(self, words: list[str], settings: dict[str, str], *, has_output: bool) -> Server:
        assert not has_output
        self.command, self.folder = words, Path(settings[HAND_OFF])
        self.mode = stat.S_IMODE(self.folder.stat().st_mode)
        read_hand_off.cache_clear()
        self.seen = read_hand_off(self.folder)
        return self

    def poll(self) -> int:
        return 0

    def wait(self) -> int:
        raise KeyboardInterrupt


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(opening, "start_process", made.start)
    monkeypatch.setattr(opening, "_answers", lambda _port: True)
    return made


def test_the_folder_is_private_and_gone_when_the_app_has_ended(
    nets: Path, server: Server, capsys: pytest.CaptureFixture[str]
):
    words = ["open", "own_nets:make_model", "--input", "1,3,16,16", "--image", "image.png", "--no-browser"]
    assert main([*words, "--mean", "0.5", "--std", "0.25", "--classes", "names.txt"]) == 0
    assert server.mode == 0o700
    assert server.folder is not None
    assert not server.folder.exists()
    assert server.seen is not None
    assert (server.seen.source.mean, server.seen.source.std, server.seen.source.classes[1]) == ((0.5,), (0.25,), "dog")
    assert server.seen.image
    address = capsys.readouterr().out.split()[0]
    assert address.endswith(f"/your_network?hand_off={server.seen.token}")
    assert "--server.address=localhost" in server.command
    assert not any("own_nets" in word for word in server.command)


def test_the_port_is_the_readers_or_one_that_is_free(
    nets: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    taken = {opening.FIRST_PORT, opening.FIRST_PORT + 1}
    monkeypatch.setattr(opening, "_is_free", lambda port: port not in taken)
    words = ["open", "own_nets:make_model", "--input", "1,3,16,16", "--no-browser"]
    assert main(words) == 0
    assert f"--server.port={opening.FIRST_PORT + 2}" in server.command
    assert main([*words, "--port", "9123"]) == 0
    assert "--server.port=9123" in server.command
    assert main([*words, "--port", "8501"]) == 2
    assert "port must be free, got 8501" in capsys.readouterr().err


def test_the_browser_is_opened_unless_that_is_unwanted(nets: Path, server: Server, monkeypatch: pytest.MonkeyPatch):
    pages: list[str] = []
    monkeypatch.setattr(opening.webbrowser, "open", pages.append)
    words = ["open", "own_nets:make_model", "--input", "1,3,16,16"]
    assert main([*words, "--no-browser"]) == 0
    assert pages == []
    assert main(words) == 0
    assert server.seen is not None
    assert [page.split("=")[1] for page in pages] == [server.seen.token]


def test_in_python_a_model_and_an_image_are_enough(nets: Path, server: Server):
    model = nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.Linear(2 * 14 * 14, 2))
    app = cnnviz.open(model, IMAGE, classes=["a", "b"], browser=False, wait=False)
    assert server.seen is not None
    assert (server.seen.source.name, server.seen.source.classes) == ("Sequential.pt2", ("a", "b"))
    assert server.folder is not None
    assert server.folder.exists()
    app.close()
    app.close()
    assert not server.folder.exists()


@pytest.mark.parametrize("call", [lambda: main(["open", "mnist"]), lambda: cnnviz.open("mnist")])
def test_without_streamlit_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], call: Callable[[], Any]
):
    monkeypatch.setattr("cnnviz.machine.extras.find_spec", lambda module: None if module == "streamlit" else module)
    sentence = "the app needs Streamlit: pip install -r requirements.txt"
    try:
        assert call() == 2
        assert capsys.readouterr().err == f"cnnviz: {sentence}\n"
    except ModuleNotFoundError as error:
        assert str(error) == sentence  # noqa: PT017 - in Python it is raised


def test_a_server_sees_what_it_was_handed_and_another_one_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = HandOff(NetworkSource("net.pt2", b"content", classes=("a", "b")), b"image", Fit.WHOLE)
    write_hand_off(tmp_path, made)
    monkeypatch.delenv(HAND_OFF, raising=False)
    assert find_hand_off() is None
    monkeypatch.setenv(HAND_OFF, str(tmp_path))
    found = find_hand_off()
    assert found is not None
    assert (found.source.digest(), found.image, found.fit) == (made.source.digest(), b"image", Fit.WHOLE)
    assert found.is_for(made.token)
    assert not found.is_for("")
    assert not found.is_for("ä")
    monkeypatch.setenv(HAND_OFF, str(tmp_path / "gone"))
    assert find_hand_off() is None


def test_a_junk_file_in_the_folder_hands_over_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("network", "image", "reading.json"):
        (tmp_path / name).write_bytes(b"[]")
    monkeypatch.setenv(HAND_OFF, str(tmp_path))
    assert find_hand_off() is None


def test_reading_a_pt2_by_its_name_checks_it_here():
    with pytest.raises(ImportedNetworkError):
        hand_over(NetworkSource("net.pt2", b"junk"))


def test_the_module_of_the_command_is_the_one_that_is_offered():
    assert cnnviz.open is command.open_network


@pytest.mark.skipif(os.name == "nt", reason="no locks on folders")
def test_what_killed_commands_left_is_swept_and_what_is_anybodys_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(opening.tempfile, "tempdir", str(tmp_path))
    left, run = tmp_path / f".cnnviz-open.x{PART}", tmp_path / "cnnviz-run"
    for folder in (left, run):
        folder.mkdir()
    (left / "network").write_bytes(b"private")
    (run / run_lock.LOCK).write_bytes(b"")  # python -m cnnviz.training --out /tmp/cnnviz-run, which is not running now
    (run / "state-a.safetensors").write_bytes(b"weights")
    with HeldFolder(tmp_path, "cnnviz-open") as theirs:
        monkeypatch.setattr(opening, "start_process", _no_process)
        with pytest.raises(OSError, match="no room"):
            opening.RunningApp(hand_over(NetworkSource(architecture="resnet18")), 9000)
        assert {path.name for path in tmp_path.iterdir()} == {theirs.name, run.name}
    assert (run / "state-a.safetensors").read_bytes() == b"weights"


def _no_process(*_words: object, **_options: object) -> None:
    raise OSError("no room")
