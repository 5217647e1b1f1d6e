"""`cnnviz` without a command: it runs Streamlit on `app.py`, hands its options on, and says what is missing."""

import subprocess
import sys

import pytest

from cnnviz.__main__ import main
from cnnviz.machine.resources import APP


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines with which Streamlit was run, in place of running it."""
    lines: list[list[str]] = []

    def run_module(name: str, run_name: str) -> None:
        assert (name, run_name) == ("streamlit", "__main__")
        lines.append(list(sys.argv))

    monkeypatch.setattr("runpy.run_module", run_module)
    monkeypatch.setattr(sys, "argv", ["cnnviz"])
    return lines


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], []),
        (["app"], []),
        (["--server.port", "9000"], ["--server.port", "9000"]),
        (["app", "--server.headless=true"], ["--server.headless=true"]),
        (["--", "--server.headless=true"], ["--server.headless=true"]),
        (["app", "--", "--server.port", "9000"], ["--server.port", "9000"]),
    ],
)
def test_the_app_is_started_with_streamlits_options(started: list[list[str]], words: list[str], options: list[str]):
    assert main(words) == 0
    assert started == [["streamlit", "run", str(APP), *options]]


def test_without_words_the_program_starts_the_app(started: list[list[str]]):
    assert main() == 0
    assert started == [["streamlit", "run", str(APP)]]


def test_an_app_without_its_packages_is_one_sentence(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("cnnviz.machine.extras.find_spec", lambda module: None if module == "plotly" else module)
    assert main([]) == 2
    assert started == []
    assert capsys.readouterr().err == "cnnviz: the app needs Plotly: pip install -r requirements.txt\n"


def test_a_module_that_no_extra_brings_is_a_fault_and_no_advice(monkeypatch: pytest.MonkeyPatch):
    def fails(_name: str) -> None:
        raise ModuleNotFoundError(name="cnnviz.cli.sumary")

    monkeypatch.setattr("cnnviz.__main__.import_module", fails)
    with pytest.raises(ModuleNotFoundError) as caught:
        main(["summary", "mnist"])
    assert caught.value.name == "cnnviz.cli.sumary"


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["app", "--help"]])
def test_what_needs_no_network_does_not_load_pytorch(words: list[str]):
    code = (
        "import sys\nfrom cnnviz.__main__ import main\ntry: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "cnnviz" in done.stdout
