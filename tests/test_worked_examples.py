"""The index of the worked examples: every row leads to a page that there is and to a test that there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
INDEX = ROOT / "docs" / "worked_examples.md"
EVERY = {f"{group}{number}" for group, last in (("A", 9), ("B", 8), ("C", 8), ("D", 4), ("E", 12), ("F", 18))
         for number in range(1, last + 1)}  # fmt: skip


def rows() -> list[list[str]]:
    lines = [line for line in INDEX.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def page_titles() -> set[str]:
    """The titles in `app.py`, read without running it."""
    return set(re.findall(r'title=_\("([^"]+)"\)', (ROOT / "app.py").read_text(encoding="utf-8")))


def functions_of(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


def without_ground(found: list[list[str]]) -> list[str]:
    """What a row names and is not there."""
    troubles = []
    for row, _what, way, test in found:
        page = way.split(" → ")[0]
        troubles += [f"{row}: no page {page}"] * (page not in page_titles())
        for file, name in re.findall(r"`([^`:]+)::([^`]+)`", test):
            is_there = (ROOT / file).is_file() and name in functions_of(ROOT / file)
            troubles += [f"{row}: no test {file}::{name}"] * (not is_there)
        troubles += [f"{row}: names no test"] * ("::" not in test)
    return troubles


def test_every_row_leads_to_a_page_and_a_test():
    assert {row[0] for row in rows()} == EVERY
    assert without_ground(rows()) == []


def test_a_row_without_ground_is_found():
    wrong = [["B1", "what", "No page → there", "`tests/test_worked_examples.py::test_nobody_wrote`"]]
    assert without_ground(wrong) == [
        "B1: no page No page", "B1: no test tests/test_worked_examples.py::test_nobody_wrote",
    ]  # fmt: skip
