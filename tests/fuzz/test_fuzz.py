"""Some odd things of each kind; ten thousand by `python -m tests.fuzz 10000`. A case is made again by its number.

Never an exception or a trace, never more than a sentence back, never a file outside of the folders that are ours.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.data.datasets import data_folder
from cnnviz.machine.resources import user_cache
from tests.fuzz import command_cases, file_cases, page_cases, question_cases, record_cases

KEPT = json.loads((Path(__file__).parent / "kept.json").read_text(encoding="utf-8"))  # kind, name, number: once failed
ROOT = Path(__file__).resolve().parents[2]
SOME = 40


class Opened:
    """The files that were opened while it watches; Python lets nobody stop listening."""

    def __init__(self) -> None:
        self.paths: set[str] | None = None
        sys.addaudithook(self._hear)

    def _hear(self, event: str, told: tuple[Any, ...]) -> None:
        if self.paths is not None and event == "open" and isinstance(told[0], str | os.PathLike):
            self.paths.add(os.path.abspath(os.fspath(told[0])))


OPENED = Opened()


@pytest.fixture(autouse=True)
def _only_our_files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever is asked over a network, no file is opened but ours and the environment's; a command's user may."""
    ours = [ROOT, Path(sys.prefix), Path(sys.base_prefix), Path(os.environ["CNNVIZ_CACHE"]), data_folder(),
        user_cache(),
            tmp_path_factory.getbasetemp(), Path("/dev"), Path("/proc"), Path("/sys"),
            Path("/usr/share/zoneinfo")]  # fmt: skip
    OPENED.paths = set()
    yield
    opened, OPENED.paths = OPENED.paths, None
    roots = tuple(
        {str(path) for each in ours for path in (each, each.resolve())} | {"/tmp/tmp", "/usr/lib", "/etc/mime"}
    )
    may_name_files = request.function is test_a_changed_command_ends_with_a_result_or_a_sentence
    assert may_name_files or [path for path in opened if not path.startswith(roots)] == []


def cases(kind: str, names: Any) -> list[Any]:
    """Every name with its numbers: some, and those that have failed once."""
    kept = [(name, number) for of, name, number in KEPT if of == kind]
    return [pytest.param(name, [n for of, n in kept if of == name], id=str(name)) for name in names]


def faults(check: Callable[[str, int], str | None], name: str, kept: list[int], count: int = SOME) -> list[Any]:
    return [(name, n, fault) for n in (*range(count), *kept) if (fault := check(name, n)) is not None]


def test_real_questions_are_answered():
    """Or nothing could be learned from changing them."""
    assert question_cases.real_faults() == []


@pytest.mark.parametrize(("path", "kept"), cases("question", question_cases.PATHS))
def test_a_changed_question_is_answered_or_refused_in_a_sentence(path: str, kept: list[int]):
    check = lambda path, n: question_cases.fault_of_answer(path, question_cases.changed_question(path, n))  # noqa: E731
    assert faults(check, path, kept) == []


@pytest.mark.parametrize(("name", "kept"), cases("record", record_cases.RECORDS))
def test_a_changed_record_is_read_or_refused_in_a_sentence(name: str, kept: list[int]):
    assert faults(record_cases.fault_of_record, name, kept, 3 * SOME) == []


@pytest.mark.parametrize(("name", "kept"), cases("link", sorted({*record_cases.LINKS, *record_cases.TEXTS_READ})))
def test_a_changed_link_never_raises(name: str, kept: list[int]):
    assert faults(record_cases.fault_of_link, name, kept, 3 * SOME) == []


@pytest.mark.parametrize(("kind", "kept"), cases("file", file_cases.FILES))
def test_a_changed_file_is_read_or_refused_in_a_sentence(kind: str, kept: list[int]):
    assert faults(file_cases.fault_of_file, kind, kept) == []


@pytest.mark.parametrize(("page", "kept"), cases("page", page_cases.QUERIES))
def test_a_page_opens_by_a_changed_link(page: str, kept: list[int]):
    assert faults(page_cases.fault_of_page, page, kept, 2) == []


@pytest.mark.parametrize(("name", "kept"), cases("kept", page_cases.KEPT))
def test_a_page_opens_with_whatever_a_browser_has_kept(name: str, kept: list[int]):
    assert faults(page_cases.fault_of_kept, name, kept, 3) == []


def test_a_changed_command_ends_with_a_result_or_a_sentence(tmp_path: Path):
    kept = [number for of, _name, number in KEPT if of == "command"]
    assert faults(lambda _name, n: command_cases.fault_of_command(n, tmp_path), "", kept) == []


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("path", question_cases.PATHS)
def test_whatever_stands_under_the_names_of_a_question(path: str):
    names = sorted({name for question in question_cases.QUESTIONS[path] for name in question})

    @settings(max_examples=25)
    @given(st.dictionaries(st.sampled_from(names), PLAIN, max_size=len(names)))
    def check(question: dict[str, Any]) -> None:
        body = json.dumps(question).encode("utf-8", "surrogatepass")
        assert question_cases.fault_of_answer(path, body) is None

    check()


def test_a_fault_would_be_found(monkeypatch: pytest.MonkeyPatch):
    """The negative twin: an answer that breaks, one that echoes, a file that is not ours."""
    monkeypatch.setattr(question_cases.routes, "answer_to", lambda _path, _body: 1 / 0)
    assert "ZeroDivisionError" in str(question_cases.fault_of_answer(question_cases.PATHS[0], b"{}"))

    def echo(_path: str, body: bytes) -> bytes:
        raise ValueError(body.decode())

    monkeypatch.setattr(question_cases.routes, "answer_to", echo)
    assert "come back" in str(question_cases.fault_of_answer(question_cases.PATHS[0], b"x" * 5_000))
    assert OPENED.paths is not None
    with open("/etc/hosts", "rb"):
        pass
    assert "/etc/hosts" in OPENED.paths
    OPENED.paths.discard("/etc/hosts")


def test_a_case_is_made_again_by_its_number():
    for path in question_cases.PATHS:
        assert question_cases.changed_question(path, 7) == question_cases.changed_question(path, 7)
    assert file_cases.changed_file("PNG", random.Random("7")) == file_cases.changed_file("PNG", random.Random("7"))
