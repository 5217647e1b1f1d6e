"""`python3 start.py test` on several cores: how many processes, which tests go together, what comes first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import start

ROOT = Path(__file__).resolve().parent.parent
FILES = ("browser/test_last", "test_first", "test_second")
BODY = """
import os, pathlib, pytest, time
@pytest.fixture(scope="module")
def made(): return os.getpid()
@pytest.mark.parametrize("number", range(6))
def test_it(number, made):
    with pathlib.Path("who.txt").open("a") as out: out.write(f"{__name__} {os.getpid()} {made} {CACHE}\\n")
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house of tests under this one's conftest; each test notes which process ran it."""
    tests = tmp_path / "tests"
    (tests / "browser").mkdir(parents=True)
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text(encoding="utf-8"))
    for name in FILES:
        (tests / f"{name}.py").write_text(BODY.replace("{CACHE}", "{os.environ['CNNVIZ_CACHE']}"))
    return tmp_path


def ran(house: Path, *options: str, **environment: str) -> list[list[str]]:
    """Module, process, process that set it up, and cache of each test, in the order in which they ended."""
    command = [sys.executable, "-m", "pytest", *start.shared_out("-p", "no:cacheprovider", *options)]
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(command, cwd=house, env=outer | environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return [line.split() for line in (house / "who.txt").read_text().splitlines()]


def test_two_processes_share_the_files_each_with_its_own_cache(house: Path):
    notes = ran(house, PYTEST_XDIST_AUTO_NUM_WORKERS="2")
    assert len(notes) == 6 * len(FILES)
    assert len({process for _module, process, *_rest in notes}) == 2
    assert len({(process, cache) for _module, process, _made, cache in notes}) == 2
    assert len({cache for *_rest, cache in notes}) == 2


def test_no_file_is_torn_apart(house: Path):
    notes = ran(house, PYTEST_XDIST_AUTO_NUM_WORKERS="2")
    assert len({(module, process) for module, process, *_rest in notes}) == len(FILES)
    assert all(process == made for _module, process, made, _cache in notes)


def test_asked_for_one_process_the_tests_run_in_it_and_the_browsers_come_first(house: Path):
    notes = ran(house, "-n", "0")
    assert [module for module, *_rest in notes[::6]] == ["test_last", "test_first", "test_second"]
    assert len({process for _module, process, *_rest in notes}) == 1


@pytest.mark.parametrize(("cores", "count"), [(1, 0), (2, 2), (4, 4), (64, 8)])
def test_there_is_a_process_for_each_core_and_none_beside_on_a_single_one(cores: int, count: int):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import conftest; print(conftest.processes({cores}))"
    assert int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) == count


def test_what_comes_after_the_word_has_the_last_say():
    assert start.shared_out("-n", "0", "-k", "trace")[-4:] == ["-n", "0", "-k", "trace"]
