"""`start.py` where something is missing: it says what, and passes over a browser that is there and does not run."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import start

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the browsers of these tests are shell scripts")


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`browser("chromium", 0)`: a browser on the path, the only one, that ends with this code."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(start, "BROWSERS", tuple(f"{name}-of-this-test" for name in start.BROWSERS))
    monkeypatch.delenv("CNNVIZ_CHROMIUM", raising=False)

    def put(name: str, code: int) -> str:
        file = tmp_path / f"{name}-of-this-test"
        file.write_text(f"#!/bin/sh\nexit {code}\n")
        file.chmod(0o755)
        return str(file)

    return put


def test_a_browser_that_is_there_and_does_not_run_is_passed_over(browser):
    assert start.system_chromium() is None
    browser("chromium-browser", 1)
    assert start.system_chromium() is None
    runs = browser("google-chrome-stable", 0)
    assert start.system_chromium() == runs
    first = browser("chromium", 0)
    assert start.system_chromium() == first


def test_the_browser_that_somebody_names_comes_first(browser, monkeypatch: pytest.MonkeyPatch):
    browser("chromium", 0)
    monkeypatch.setenv("CNNVIZ_CHROMIUM", "/a/browser")
    assert start.system_chromium() == "/a/browser"


def test_an_environment_without_pip_is_finished_and_one_with_pip_left_as_it_is(monkeypatch: pytest.MonkeyPatch):
    made = []
    monkeypatch.setattr(start, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(start.venv, "create", lambda folder, **how: made.append((folder, how)))
    for has_pip in (True, False):
        monkeypatch.setattr(start, "answers", lambda *command, has_pip=has_pip: has_pip)
        start.make_environment()
        assert made == ([] if has_pip else [(start.ENVIRONMENT, {"with_pip": True})])


def test_a_python_that_cannot_make_environments_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def fails(folder: Path, **_how: bool) -> None:
        raise subprocess.CalledProcessError(1, "ensurepip")

    monkeypatch.setattr(start, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(start.venv, "create", fails)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        start.make_environment()


def test_a_word_that_is_no_command_is_answered_with_those_that_are(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["start.py", "tset"])
    with pytest.raises(SystemExit, match=r"command must be one of app, test, .* got 'tset'"):
        start.main()


def test_a_program_that_is_not_there_does_not_answer(tmp_path: Path):
    assert not start.answers(tmp_path / "nothing")
    assert start.answers(sys.executable, "-c", "")


def test_our_own_options_become_streamlits_and_its_own_are_handed_on():
    assert start.streamlit_options("--server.port", "9000") == ["--server.port", "9000"]
    shared = ["--server.address=0.0.0.0", "--server.headless=true", f"--browser.serverAddress={start.own_address()}"]
    assert start.streamlit_options("--share") == shared  # with an address, Streamlit asks no server in the internet
    assert start.streamlit_options("--watch", "x")[::2] == ["--server.fileWatcherType=auto", "x"]


def test_sharing_says_the_address_and_what_it_means(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(start, "own_address", lambda: "10.1.2.3")
    said = start.about_sharing()
    assert "http://10.1.2.3:8501" in said
    assert "no password" in said


def judged(tmp_path: Path, text: str) -> list[int]:
    """What the linter and the formatter for JavaScript end with on this text; 0 is good."""
    (tmp_path / "module.js").write_text(text, encoding="utf-8")
    linter = [start.beside(Path(sys.executable), "oxlint"), "--deny-warnings", "-c", start.ROOT / ".oxlintrc.json"]
    formatter = [start.beside(Path(sys.executable), "oxfmt"), "--check", "-c", start.ROOT / ".oxfmtrc.json"]
    return [
        subprocess.run([*map(str, command), str(tmp_path / "module.js")], capture_output=True, check=False).returncode
        for command in (linter, formatter)
    ]


@pytest.mark.parametrize(
    ("text", "is_clean", "is_in_form"),
    [
        ("export const double = (x) => 2 * x;\n", True, True),
        ("export const double = (x) => 2*x\n", True, False),
        (f"export const names = [{', '.join(['name'] * 20)}];\n", True, False),  # a line of 142 characters
        ("export function double(x) {\n  const unused = 1;\n  return 2 * x;\n}\n", False, True),
        ("export const isSame = (a, b) => a == b;\n", False, True),
    ],
)
def test_faults_and_forms_of_javascript_are_found(tmp_path: Path, text: str, is_clean: bool, is_in_form: bool):
    assert [code == 0 for code in judged(tmp_path, text)] == [is_clean, is_in_form]


def test_a_long_line_of_javascript_is_named(tmp_path: Path):
    folder = tmp_path / "cnnviz" / "deep"
    folder.mkdir(parents=True)
    (folder / "good.js").write_text("×" * 120 + "\n", encoding="utf-8")  # characters count, not bytes
    (folder / "bad.js").write_text("const one = 1;\n" + "x" * 121 + "\n")
    (found,) = start.long_lines(tmp_path / "cnnviz")
    assert found.replace("\\", "/") == "cnnviz/deep/bad.js:2: line must have at most 120 characters, got 121"


def test_no_line_of_our_javascript_is_long():
    assert start.long_lines(start.ROOT / "cnnviz") == []


def test_javascript_may_be_as_wide_as_python():
    settings = tomllib.loads((start.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wide = json.loads((start.ROOT / ".oxfmtrc.json").read_text(encoding="utf-8"))["printWidth"]
    assert settings["tool"]["ruff"]["line-length"] == wide == start.LONGEST_LINE
