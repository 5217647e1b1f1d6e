"""Some odd things of each kind; ten thousand by `python -m tests.fuzz 10000`. A case is made again by its number.

Never an exception or a trace, never more than a sentence back, never a file outside of the folders that are ours.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.data.datasets import data_folder
from cnnviz.lesson import records
from cnnviz.lesson.records import VIEW_CHOICES
from cnnviz.machine.resources import user_cache
from cnnviz.models import hand_off
from cnnviz.ui.app import route_paths
from cnnviz.ui.app.links import COMPARISON_NAMES, LINK_NAMES, READING_NAMES
from cnnviz.ui.experiments import choices
from cnnviz.ui.experiments import page as experiments
from cnnviz.ui.lab import answers, lab_state, learn_kernel, nd, norm, shift_demo
from cnnviz.ui.layers import tables
from cnnviz.ui.small_examples import example_state
from cnnviz.ui.train import links as training_links
from tests.fuzz import __main__ as main
from tests.fuzz import command_cases, component_cases, file_cases, page_cases, question_cases, record_cases

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
            user_cache(), tmp_path_factory.getbasetemp(), Path("/dev"), Path("/proc"), Path("/sys"),
            Path.home() / ".cache" / "matplotlib",  # captum brings it along
            Path("/usr/share/zoneinfo")]  # fmt: skip
    OPENED.paths = set()
    yield
    opened, OPENED.paths = OPENED.paths, None
    roots = tuple(
        {str(path) for each in ours for path in (each, each.resolve())} | {"/tmp/tmp", "/usr/lib", "/etc/mime"}
    )
    commands = (test_a_changed_command_ends_with_a_result_or_a_sentence, test_real_ones_are_taken)
    may_name_files = request.function in commands
    assert may_name_files or [path for path in opened if not path.startswith(roots)] == []


def cases(kind: str, names: Any) -> list[Any]:
    """Every name with its numbers: some, and those that have failed once."""
    kept = [(name, number) for of, name, number in KEPT if of == kind]
    return [pytest.param(name, [n for of, n in kept if of == name], id=str(name)) for name in names]


def faults(check: Callable[[str, int], str | None], name: str, kept: list[int], count: int = SOME) -> list[Any]:
    return [(name, n, fault) for n in (*range(count), *kept) if (fault := check(name, n)) is not None]


@pytest.mark.parametrize(
    "module", [question_cases, record_cases, file_cases, page_cases, command_cases, component_cases],
    ids=lambda module: module.__name__.rpartition(".")[2],
)  # fmt: skip
def test_real_ones_are_taken(module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Or nothing could be learned from changing them."""
    monkeypatch.chdir(tmp_path)  # for commands
    assert module.real_faults() == []


def test_there_are_questions_to_every_route():
    assert set(question_cases.real_questions()) == set(question_cases.PATHS)
    assert all(question_cases.real_questions().values())


def test_every_name_that_a_page_reads_from_a_link_is_tried():
    read = {
        *LINK_NAMES, *READING_NAMES, *COMPARISON_NAMES, *training_links.LINK_NAMES, *records.LINK_NAMES,
        *choices.LINK_NAMES, tables.LAYER, lab_state.PART, nd.LINK_NAME, norm.LINK_NAME, learn_kernel.LINK_NAME,
        shift_demo.LINK_NAME, *VIEW_CHOICES, hand_off.TOKEN, answers.EXAMPLE_NAME, answers.SETUP_NAME,
        example_state.LINK, experiments.LINK,
    }  # fmt: skip
    assert read - {name for query in page_cases.QUERIES.values() for name in query} == set()


def test_every_page_is_tried():
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == {
        name.partition(":")[0] for name in page_cases.QUERIES
    }


def test_to_look_for_these_tests_makes_no_question_yet():
    script = "from tests.fuzz import question_cases as q; print(q.real_questions.cache_info().currsize, len(q.PATHS))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", str(len(question_cases.PATHS))]


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


@pytest.mark.parametrize(("name", "kept"), cases("component", component_cases.REPORTS))
def test_a_page_goes_on_whatever_a_component_reports(name: str, kept: list[int]):
    assert faults(component_cases.fault_of_report, name, kept, 2) == []


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
    names = sorted({name for question in question_cases.real_questions()[path] for name in question})

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
    for result, says in ((b'{"a": NaN}', "no browser reads"), (b'{"a": "' + b"a" * 2_000 + b'"}', "comes back")):
        monkeypatch.setattr(question_cases.routes, "answer_to", lambda _path, _body, result=result: result)
        assert says in str(question_cases.fault_of_answer(route_paths.CELL, b"{}"))
    assert OPENED.paths is not None
    with open("/etc/hosts", "rb"):
        pass
    assert "/etc/hosts" in OPENED.paths
    OPENED.paths.discard("/etc/hosts")


def fails(*_what: Any) -> Any:
    raise KeyError("a fault of ours")


def test_a_fault_of_a_reader_would_be_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The negative twins of the other kinds."""
    monkeypatch.setitem(record_cases.RECORDS, "data", (fails, {"a": 1}))
    monkeypatch.setitem(record_cases.LINKS, "lesson", (fails, {"chapter": "3"}))
    monkeypatch.setitem(record_cases.TEXTS_READ, "mean", (fails, "0.5"))
    monkeypatch.setitem(file_cases.FILES, "array", (lambda: bytes(9), (fails,)))
    for check, name in (
        (record_cases.fault_of_record, "data"), (record_cases.fault_of_link, "lesson"),
        (record_cases.fault_of_link, "mean"), (file_cases.fault_of_file, "array"),
    ):  # fmt: skip
        assert "KeyError: 'a fault of ours'" in str(check(name, 0))
    monkeypatch.setattr(command_cases, "main", fails)
    monkeypatch.setattr(command_cases.training, "main", fails)
    assert "KeyError" in str(command_cases.fault_of_command(0, tmp_path))


def without_end(_n: int) -> None:
    while True:
        pass


def test_a_case_without_end_and_one_without_bounds_would_be_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(main, "MOST_S", 0.2)
    former = signal.signal(signal.SIGPROF, main._give_up)
    try:
        assert "processor time" in str(main.within_limits(without_end, 0))
        assert main.within_limits(lambda _n: None, 0) is None
        before_and_after = iter((100, 101 + main.MOST_MB))
        monkeypatch.setattr(main, "peak_mb", lambda: next(before_and_after))
        assert main.within_limits(lambda _n: None, 0) == "701 MB of memory"
    finally:
        signal.signal(signal.SIGPROF, former)


def test_a_fault_of_a_page_would_be_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cnnviz.ui.lesson.lesson_state.lesson_from_link", fails)
    assert page_cases.fault_of_page("x_or_o", 0) is not None
    monkeypatch.setattr("cnnviz.ui.lesson.stored.lesson_from_json", fails, raising=False)
    monkeypatch.setattr("cnnviz.ui.app.browser_store.UNUSABLE", (ZeroDivisionError,))
    assert page_cases.opened_with("lesson", json.dumps(page_cases.KEPT["lesson"][1]))[0] is not None


def test_a_case_is_made_again_by_its_number():
    for path in question_cases.PATHS:
        assert question_cases.changed_question(path, 7) == question_cases.changed_question(path, 7)
    assert file_cases.changed_file("PNG", random.Random("7")) == file_cases.changed_file("PNG", random.Random("7"))
