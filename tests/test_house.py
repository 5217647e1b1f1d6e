"""The tests as a house: who imports what from whom. Every name means one module, whatever runs first."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, as it names them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def faults(tests: Path) -> list[str]:
    """What is out of order in a folder of tests, one sentence each."""
    files = sorted(tests.rglob("*.py"))
    homes = {path.stem: path.parent for path in files}
    found = [f"{name} is the name of {count} modules" for name, count in Counter(path.stem for path in files).items()
             if count > 1 and name != "conftest"]  # fmt: skip
    for path in files:
        for name in imported(path):
            plain, last = name.split(".")[0], name.split(".")[-1]
            if last == "conftest" or (last in homes and last.startswith("test_")):
                found.append(f"{path.name} imports {name}: share it in a module of another name")
            elif plain in homes and homes[plain] != path.parent:
                found.append(f"{path.name} imports {name} of another folder: write tests.{homes[plain].name}.{name}")
    return found


def test_every_name_that_tests_import_means_one_module():
    assert faults(TESTS) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("from conftest import page", "test_one.py imports conftest"),
        ("from tests.near.conftest import page", "test_one.py imports tests.near.conftest"),
        ("import test_two", "test_one.py imports test_two"),
        ("from far_away import thing", "another folder: write tests.far.far_away"),
        ("from close_by import thing", ""),
        ("from tests.far.far_away import thing", ""),
        ("import json", ""),
    ],
)
def test_an_import_that_may_mean_another_module_is_found(tmp_path: Path, line: str, says: str):
    for name in ("near/close_by", "near/test_two", "near/conftest", "far/far_away", "far/conftest"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.py").write_text("")
    (tmp_path / "near" / "test_one.py").write_text(line + "\n")
    found = faults(tmp_path)
    assert len(found) == (says != "")
    assert says in "".join(found)


def test_two_modules_of_one_name_are_found(tmp_path: Path):
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text("")
    assert faults(tmp_path) == ["same is the name of 2 modules"]


def weak(text: str) -> list[str]:
    """Tests that cannot fail for the right reason: any message will do, nothing is asked, or a clock decides."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.keyword) and node.arg == "match" and isinstance(node.value, ast.Constant):
            accepts_all = all(re.search(str(node.value.value), said) for said in ("x", "7 of them", "No, never"))
            found += [f"match={node.value.value!r} accepts any message"] * bool(accepts_all)
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare):
            sides = [node.test.left, *node.test.comparators]
            clocks = any(name in ast.unparse(side) for side in sides for name in ("perf_counter()", "monotonic()"))
            is_bound = any(isinstance(side, ast.Constant | ast.BinOp) and not _calls(side) for side in sides)
            found += [f"a clock decides: {ast.unparse(node.test)}"] * (clocks and is_bound)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "asyncio.run":
            found.append("asyncio.run fails after a browser test: use tests.own_loop.play")
    return found


def _calls(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Call) for each in ast.walk(node))


def test_every_test_can_fail_for_the_right_reason():
    files = sorted(TESTS.rglob("*.py"))
    found = {path.name: found for path in files if (found := weak(path.read_text(encoding="utf-8")))}
    assert set(found) == {"firefox_relay.py", "webkit_relay.py"}  # programs of their own, with loops of their own


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("raises(ValueError, match=r'" + chr(92) + "w')", 1),
        ("raises(ValueError, match='.')", 1),
        ("raises(ValueError, match='rate must be')", 0),
        ("assert time.monotonic() - began < 5", 1),
        ("assert 5 / 20 <= time.perf_counter() - began", 1),
        ("assert time.monotonic() < deadline", 0),
        ("asyncio.run(story())", 1),
        ("play(story())", 0),
    ],
)
def test_a_test_that_anything_passes_is_found(line: str, count: int):
    assert len(weak(line)) == count
