"""Which PyTorch is installed, tried on a small index of this machine with wheels made here: nothing is fetched."""

from __future__ import annotations

import functools
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import pytorch_builds
import start

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there do the builds differ")


def put_wheel(index: Path, name: str, version: str) -> None:
    """A wheel that holds nothing, in an index as pip reads it: a folder for each package."""
    (index / name).mkdir(parents=True, exist_ok=True)
    notes = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(index / name / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{notes}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(
            f"{notes}/WHEEL", "Wheel-Version: 1.0\nGenerator: here\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{notes}/RECORD", "")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture(autouse=True)
def plain_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip as it comes: no index, constraint or folder of wheels that this machine adds."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.fixture
def serve_folder() -> Iterator[Callable[[Path], str]]:
    """A folder as a package index on the loopback."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start_one(folder: Path) -> str:
        handler = functools.partial(Quiet, directory=str(folder))
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}"

    yield start_one
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def silent_index() -> Iterator[str]:
    """An index that takes a question and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has pip and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


@pytest.fixture
def python(bare: Path) -> Iterator[Path]:
    yield bare
    start.answers(bare, "-m", "pip", "uninstall", "--yes", *pytorch_builds.PACKAGES, "nvidia-cudnn", "triton")


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytorch_builds, "has_driver", lambda: False)


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.txt"
    file.write_text("# what it needs\nnumpy==1.0\ntorch==9.1.2\ntorchvision==8.0.1  # pictures\n")
    return file


def cpu_index(folder: Path, *packages: tuple[str, str]) -> Path:
    for name, version in packages:
        put_wheel(folder, name, version)
    return folder


BOTH = (("torch", "9.1.2+cpu"), ("torch", "9.2.0+cpu"), ("torchvision", "8.0.1+cpu"))


def test_without_a_driver_both_packages_come_from_the_cpu_index_in_the_versions_that_are_asked_for(
    python: Path, requirements: Path, tmp_path: Path, serve_folder, monkeypatch: pytest.MonkeyPatch, no_gpu: None
):
    monkeypatch.setattr(pytorch_builds, "CPU_INDEX", serve_folder(cpu_index(tmp_path / "index", *BOTH)))
    pytorch_builds.prepare(python, requirements)
    assert versions(python) == {"torch": "9.1.2+cpu", "torchvision": "8.0.1+cpu"}
    assert pytorch_builds.installed_build(python) == "cpu"
    wanted = pytorch_builds.pins(requirements)
    assert start.answers(python, "-m", "pip", "install", "--no-index", *wanted), "pip would fetch the ordinary ones"


def test_of_an_index_with_half_of_them_nothing_is_taken(
    python: Path,
    requirements: Path,
    tmp_path: Path,
    serve_folder,
    monkeypatch: pytest.MonkeyPatch,
    capsys,
    no_gpu: None,
):
    monkeypatch.setattr(pytorch_builds, "CPU_INDEX", serve_folder(cpu_index(tmp_path / "index", BOTH[0])))
    pytorch_builds.prepare(python, requirements)
    assert versions(python) == {}
    assert "the ordinary builds are taken" in capsys.readouterr().out


def test_an_index_that_keeps_silent_is_not_waited_for(
    python: Path, requirements: Path, silent_index: str, monkeypatch: pytest.MonkeyPatch, capsys, no_gpu: None
):
    monkeypatch.setattr(pytorch_builds, "CPU_INDEX", silent_index)
    monkeypatch.setattr(pytorch_builds, "answers", functools.partial(pytorch_builds.answers, patience=0.5))
    waits: list[float] = []
    ask = pytorch_builds.urllib.request.urlopen

    def asked(url: str, timeout: float) -> object:
        waits.append(timeout)
        return ask(url, timeout=timeout)

    monkeypatch.setattr(pytorch_builds.urllib.request, "urlopen", asked)
    pytorch_builds.prepare(python, requirements)
    assert waits == [0.5]
    assert versions(python) == {}
    assert "the ordinary builds are taken" in capsys.readouterr().out
    assert pytorch_builds.PATIENCE_S <= 10


def test_who_has_a_driver_or_asks_for_cuda_gets_the_ordinary_builds(
    python: Path, requirements: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pytorch_builds, "answers", lambda _index: pytest.fail("the CPU index was asked"))
    monkeypatch.setattr(pytorch_builds, "has_driver", lambda: True)
    pytorch_builds.prepare(python, requirements)
    monkeypatch.setattr(pytorch_builds, "has_driver", lambda: False)
    pytorch_builds.prepare(python, requirements, "cuda")


def test_who_has_a_driver_and_asks_for_the_cpu_gets_it(
    python: Path, requirements: Path, tmp_path: Path, serve_folder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pytorch_builds, "has_driver", lambda: True)
    monkeypatch.setattr(pytorch_builds, "CPU_INDEX", serve_folder(cpu_index(tmp_path / "index", *BOTH)))
    pytorch_builds.prepare(python, requirements, "cpu")
    assert pytorch_builds.installed_build(python) == "cpu"


def test_the_build_that_is_there_stays_until_somebody_decides_otherwise(
    python: Path, requirements: Path, tmp_path: Path, serve_folder, monkeypatch: pytest.MonkeyPatch, no_gpu: None
):
    ordinary = (("torch", "9.1.2"), ("torchvision", "8.0.1"), ("triton", "3.0"), ("nvidia_cudnn", "9.0"))
    index = serve_folder(cpu_index(tmp_path / "ordinary", *ordinary))
    names = ["torch", "torchvision", "triton", "nvidia_cudnn"]
    assert start.answers(python, "-m", "pip", "install", "--no-deps", "--find-links", *links(index, names), *names)
    monkeypatch.setattr(pytorch_builds, "answers", lambda _index: pytest.fail("the CPU index was asked"))
    pytorch_builds.prepare(python, requirements)
    assert not pytorch_builds.remove_other(python, None)
    assert not pytorch_builds.remove_other(python, "cuda")
    assert pytorch_builds.installed_build(python) == "cuda"
    assert pytorch_builds.remove_other(python, "cpu")
    assert versions(python) == {}
    assert pytorch_builds.installed_build(python) is None


def links(index: str, names: list[str]) -> list[str]:
    """Options of pip that make it look on these pages and nowhere else."""
    pages = [f"{index}/{name}/" for name in names]
    return [pages[0], *(part for page in pages[1:] for part in ("--find-links", page)), "--no-index"]


def versions(python: Path) -> dict[str, str]:

    listed = subprocess.run([python, "-m", "pip", "list", "--format=json"], capture_output=True, check=True).stdout
    return {each["name"]: each["version"] for each in json.loads(listed) if each["name"] not in {"pip", "setuptools"}}


@pytest.mark.parametrize(
    ("words", "choice", "rest"),
    [
        ((), None, ()),
        (("--cpu",), "cpu", ()),
        (("--server.port", "1", "--cuda"), "cuda", ("--server.port", "1")),
        (("--cpu", "--share", "--cuda"), "cuda", ("--share",)),
    ],
)
def test_a_choice_by_hand_is_taken_out_of_the_words(words: tuple[str, ...], choice: str | None, rest: tuple[str, ...]):
    assert pytorch_builds.take_choice(words) == (choice, rest)


def test_app_and_test_hand_the_choice_on(monkeypatch: pytest.MonkeyPatch):
    installed, ran = [], []
    monkeypatch.setattr(start, "install", lambda *what: installed.append(what))
    monkeypatch.setattr(start, "install_browser", lambda: None)
    monkeypatch.setattr(start, "run", lambda *command, **_how: ran.append(command))
    for words in (["app", "--cpu", "--share"], ["test", "--cuda", "-k", "trace"], ["--cpu"]):
        monkeypatch.setattr(sys, "argv", ["start.py", *words])
        start.main()
    assert installed == [("requirements.txt", "cpu"), ("requirements-dev.txt", "cuda"), ("requirements.txt", "cpu")]
    assert not {"--cpu", "--cuda"} & {word for command in ran for word in command}


def test_the_pins_are_those_of_the_project():
    assert [pin.split("==")[0] for pin in pytorch_builds.pins(ROOT / "requirements.txt")] == ["torch", "torchvision"]


def test_it_needs_no_package():
    code = "import sys; sys.path.insert(0, '.'); import start; print(*sys.modules)"

    found = subprocess.run(
        [sys.executable, "-S", "-I", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    top = {name.split(".")[0] for name in found.stdout.split()} - {
        "start",
        "package_audit",
        "pytorch_builds",
        "__main__",
    }
    assert {name for name in top if name not in sys.stdlib_module_names and not name.startswith("_")} == set()
