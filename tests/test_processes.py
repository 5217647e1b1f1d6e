"""Processes of our own: started with pipes, ended by themselves, bounded; one implementation for all of them."""

import ast
import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from cnnviz.machine.limits import most_at_work
from cnnviz.processes import UNWATCHED, Registry, end_process, start_process
from cnnviz.processes.registry import LASTS_S

ROOT = Path(__file__).resolve().parent.parent
SOON = 30  # seconds in which a process ends, on a busy machine too


def child(*lines: str) -> list[str]:
    head = "import os, sys, time\nfrom cnnviz.processes import Watchdog"
    return [sys.executable, "-c", "\n".join([head, *lines])]


READY = ("print('ready', flush=True)", f"time.sleep({4 * SOON})")


def test_a_process_that_nobody_asks_ends_by_itself():
    with start_process(child("Watchdog(0).start()", *READY)) as process:
        assert process.wait(SOON) == UNWATCHED


@pytest.mark.parametrize("patience", ["60", "None"])
def test_a_process_ends_with_its_input(patience: str):
    with start_process(child(f"Watchdog({patience}).start()", *READY)) as process:
        assert process.stdout.readline() == b"ready\n"
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(SOON) == 0


def test_a_process_ends_when_whoever_started_it_is_killed(tmp_path: Path):
    """Nobody closes the pipe then but the system."""
    body = child(f"open({str(tmp_path / 'mark')!r}, 'w').close()", "Watchdog(60).start()", "print('ready', flush=True)",
                 "sys.stdout.close()", f"time.sleep({4 * SOON})")  # fmt: skip
    parent = f"""
import sys
from cnnviz.processes import start_process
made = start_process({body!r})
print(made.stdout.readline().decode().strip(), made.pid, flush=True)
sys.stdin.read()
"""
    whole = [sys.executable, "-c", parent]
    with subprocess.Popen(whole, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        word, pid = server.stdout.readline().decode().split()
        assert word == "ready"
        descriptor = _watch(int(pid))
        server.kill()
        assert _has_ended(descriptor)


def _watch(pid: int) -> int:
    """A descriptor that becomes readable when the process ends; it need not be a child of ours."""
    if not hasattr(os, "pidfd_open"):
        pytest.skip("needs pidfd_open (Linux)")
    return os.pidfd_open(pid)


def _has_ended(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], SOON)[0])


def test_an_ended_process_may_be_ended_again_and_one_that_will_not_go_is_killed():
    with start_process(child("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)", *READY)) as process:
        assert process.stdout.readline() == b"ready\n"
        end_process(process)
        assert process.poll() is None
        end_process(process, grace_s=0.01)
        assert process.returncode is not None
        end_process(process)


@dataclass
class Thing:
    token: str
    is_working: bool = True
    seen: float = 0.0


class Shelf(Registry[Thing]):
    def __init__(self, most: int = 3, most_working: int = 2) -> None:
        self.now, self.released = 0.0, []
        super().__init__(lambda thing: self.released.append(thing.token), most, most_working, lambda: self.now)


def test_places_for_work_are_taken_and_freed():
    shelf = Shelf()
    tokens = [shelf.add(Thing) for _place in range(2)]
    assert shelf.is_full
    shelf.find(tokens[0]).is_working = False
    assert not shelf.is_full


def test_the_one_looked_at_longest_ago_goes_first_of_those_at_rest_and_never_the_new_one():
    shelf = Shelf()
    first, second, third = (shelf.add(Thing) for _place in range(3))
    shelf.find(second).is_working = False
    shelf.find(first)
    newest = shelf.add(lambda token: Thing(token, is_working=False))
    assert shelf.released == [second]
    shelf.find(newest).is_working = True
    another = shelf.add(lambda token: Thing(token, is_working=False))
    assert shelf.released == [second, third]
    assert [shelf.find(token) is None for token in (first, newest, another)] == [False] * 3


def test_what_nobody_asks_for_is_forgotten_and_released_once():
    shelf = Shelf()
    old, asked = shelf.add(Thing), shelf.add(Thing)
    shelf.now = LASTS_S / 2 + 1
    shelf.find(asked)
    shelf.now = LASTS_S + 1
    shelf.forget_old()
    shelf.drop(old)
    assert (shelf.released, len(shelf)) == ([old], 1)
    shelf.close()
    assert (shelf.released, len(shelf)) == ([old, asked], 0)


def test_as_many_work_as_half_of_the_cores_but_no_more_than_half_of_those_kept():
    assert [most_at_work(16, cores) for cores in (1, 2, 8, 100)] == [2, 2, 4, 8]


def rivals(text: str) -> list[str]:
    """Calls by which a module would start, end or number processes in its own way."""
    names = ("Popen", "_exit", "token_urlsafe", "nice")
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return [name for call in calls if (name := ast.unparse(call.func).split(".")[-1]) in names]


def test_there_is_one_room_for_processes():
    files = [path for path in sorted((ROOT / "cnnviz").rglob("*.py")) if path.parent.name != "processes"]
    found = {path.name: names for path in files if (names := rivals(path.read_text(encoding="utf-8")))}
    assert found == {}
    assert rivals("import os\nos._exit(0)\nsubprocess.Popen([])") == ["_exit", "Popen"]
