"""The examples in docstrings: all are doctests, run with the tests, and work as a reader types them."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def untested(text: str) -> list[str]:
    """The names of what has an example that nothing runs."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))
    return [getattr(node, "name", "module") for node in nodes if "Example:" in (ast.get_docstring(node) or "")]


def test_every_example_is_a_doctest():
    files = sorted((ROOT / "cnnviz").rglob("*.py"))
    assert {path.name: names for path in files if (names := untested(path.read_text(encoding="utf-8")))} == {}


def test_an_example_in_words_is_found():
    assert untested('def two():\n    """Two. Example: `two()` is 2."""\n') == ["two"]
    assert untested('def two():\n    """Two.\n\n    >>> two()\n    2\n    """\n') == []


def halves_of_letters(text: str) -> list[str]:
    """The texts of a module that hold half of a letter: a docstring with one ends the whole run of the tests."""
    texts = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return [each for each in texts if isinstance(each, str) and has_half(each)]


def has_half(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def test_no_text_of_ours_holds_half_of_a_letter():
    files = sorted((ROOT / "cnnviz").rglob("*.py"))
    assert {path.name: said for path in files if (said := halves_of_letters(path.read_text(encoding="utf-8")))} == {}
    assert halves_of_letters('def two():\n    """\\ud800"""\n') == ["\ud800"]
    assert halves_of_letters('def two():\n    r"""\\ud800"""\n') == []


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """An empty project with the settings and the conftest of this one."""
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "cnnviz").mkdir()
    (tmp_path / "cnnviz" / "__init__.py").touch()
    return tmp_path


def run(house: Path, example: str) -> subprocess.CompletedProcess[str]:
    """A plain `pytest` in a project whose only module has this example."""
    source = f'def two():\n    """Two.\n\n{example}    """\n    return 2\n'
    (house / "cnnviz" / "made.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not browser"]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)


IMPORT = "    >>> from cnnviz.made import two\n"


@pytest.mark.parametrize(
    ("example", "says"),
    [
        (f"{IMPORT}    >>> two()\n    2\n", "1 passed"),
        (f"{IMPORT}    >>> two()\n    3\n", "1 failed"),
        ("    >>> two()\n    2\n", "NameError: name 'two' is not defined"),
    ],
)
def test_a_plain_pytest_runs_examples_that_bring_their_imports(house: Path, example: str, says: str):
    done = run(house, example)
    assert says in done.stdout, done.stdout + done.stderr


def test_no_app_is_imported_by_the_tests_themselves(house: Path):
    """Its server would change Streamlit for all tests after it: in whole runs an upload of AppTest was refused."""
    apps = house / "tests" / "browser" / "apps"
    apps.mkdir(parents=True)
    for app in (house / "app.py", apps / "made_app.py"):
        app.write_text("raise SystemExit('an app was imported')\n")
    done = run(house, f"{IMPORT}    >>> two()\n    2\n")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
