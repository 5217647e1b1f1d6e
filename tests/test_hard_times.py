"""A machine that gives less than usual: no file handles, read-only folders, one folder for two servers, old clocks."""

import ast
import errno
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cnnviz.data.datasets import DataMissing
from cnnviz.data.image_sets import store
from cnnviz.machine.whole_files import PART, sweep
from cnnviz.models import checkpoints
from cnnviz.processes import MachinePlaces, start_process
from tests import killing
from tests.browser.driving import started

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 10001
POSIX = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has neither fork nor such rights")
HANDLES = 90  # that a server may have in all; it needs some 30 for itself


def as_nobody(work: Callable[[], bool]) -> bool:
    """What `work` says in a process without rights: whoever may do all sees no folder as read-only."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            code = 0 if work() else 2
        except BaseException:  # pytest's own as well: nobody else prints it
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may look into: those of the tests are for one user."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@POSIX
def test_a_read_only_folder_gives_what_it_has_and_says_that_it_takes_nothing(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CNNVIZ_CACHE", str(open_folder))
    known, new = store.content_token(b"known"), store.content_token(b"new")
    store.store_pool(known, killing._pool(1))
    (open_folder / f"{known}.npz").chmod(0o644)
    (open_folder / f".old.x{PART}").write_bytes(b"half")
    open_folder.chmod(0o555)
    before = sorted(path.name for path in open_folder.iterdir())
    store.fetch_pool(known)  # all that Python reads for it is there before the rights are gone

    def visit() -> bool:
        assert not os.access(open_folder, os.W_OK)
        assert int(store.fetch_pool(known).training[0][0, 0, 0, 0]) == 1
        with pytest.raises(DataMissing, match="make room there, or set CNNVIZ_CACHE"):
            store.store_pool(new, killing._pool(2))
        assert (sweep(open_folder), store.is_stored(new)) == (0, False)
        with pytest.raises(OSError, match="Permission denied"):
            checkpoints.save(b"1", checkpoints.Manifest("mnist", checkpoints.digest(b"1"), 1, 0, "", "", 0.5), "net",
                             open_folder)  # fmt: skip
        places = MachinePlaces("training", 1, open_folder)
        return places.take() is not None and places.taken == 0  # bounded by each server alone

    assert as_nobody(visit)
    open_folder.chmod(0o755)
    assert sorted(path.name for path in open_folder.iterdir()) == before


@POSIX
def test_what_another_user_keeps_in_a_shared_folder_is_no_trouble(open_folder: Path, monkeypatch: pytest.MonkeyPatch):
    """As in `/tmp`: everybody may write, nobody may remove another's."""
    if os.geteuid() != 0:
        pytest.skip("needs two users")
    monkeypatch.setenv("CNNVIZ_CACHE", str(open_folder))
    monkeypatch.setattr(store, "MAX_KEPT", 1)
    theirs, mine = store.content_token(b"theirs"), store.content_token(b"mine")
    store.store_pool(theirs, killing._pool(1))  # for its owner's eyes only
    open_folder.chmod(0o1777)

    def visit() -> bool:
        store.store_pool(mine, killing._pool(2))  # which should make room, and cannot
        with pytest.raises(DataMissing, match=r"cannot be read in .* now .*Permission denied.*: try again"):
            store.fetch_pool(theirs)
        return store.is_stored(mine)

    assert as_nobody(visit)
    assert store.is_stored(theirs)


@POSIX
def test_images_that_cannot_be_opened_for_want_of_handles_are_not_said_to_be_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import resource

    monkeypatch.setenv("CNNVIZ_CACHE", str(tmp_path))
    token = store.content_token(b"1")
    store.store_pool(token, killing._pool(1))

    def visit() -> bool:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            store.fetch_pool(token)
        except DataMissing as error:
            said = str(error)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return os.strerror(errno.EMFILE) in said and "no longer" not in said and bool(store.fetch_pool(token))

    assert as_nobody(visit) if os.geteuid() != 0 else visit()


TWO = """
import os, random, sys
from pathlib import Path
from cnnviz.data.datasets import DataMissing
from cnnviz.data.image_sets import store
from tests import killing
store.MAX_KEPT = 6_000  # some five sets
dice, missed = random.Random(sys.argv[1]), 0
sys.stdin.readline()
for _ in range(150):
    number = dice.randrange(12)
    token = store.content_token(bytes([number]))
    if dice.random() < 0.5:
        store.store_pool(token, killing._pool(number))
    try:
        assert int(store.fetch_pool(token).training[0][0, 0, 0, 0]) == number
    except DataMissing:
        missed += 1
    if dice.random() < 0.1:
        store.sweep_store()
print(missed)
"""


def test_two_servers_that_keep_images_in_one_folder_never_see_half_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CNNVIZ_CACHE", str(tmp_path))
    with ExitStack() as stack:
        servers = [stack.enter_context(start_process([sys.executable, "-c", TWO, str(seed)])) for seed in range(2)]
        for server in servers:  # both are ready only now
            server.stdin.write(b"go\n")
            server.stdin.flush()
        missed = [int(server.communicate(timeout=120)[0]) for server in servers]
    assert [server.returncode for server in servers] == [0, 0]
    assert all(0 < count < 150 for count in missed)  # room was made, and not all was lost
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".npz"] == []


def health(address: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{address}/cnnviz/health", timeout=60) as answer:
        return dict(json.loads(answer.read()))


@POSIX
def test_a_server_that_runs_out_of_file_handles_goes_on_once_there_are_some(tmp_path: Path):
    import resource

    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        process, address = stack.enter_context(started(ROOT / "app.py", tmp_path / "log.txt"))
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (HANDLES, usual[1]))
        port = int(address.rsplit(":", 1)[1])
        crowd = [socket.create_connection(("localhost", port), timeout=60) for _ in range(2 * HANDLES)]
        wait_for(process, lambda: "Too many open files" in (tmp_path / "log.txt").read_text())
        for connection in crowd:
            connection.close()
        assert health(address)["status"] == "ok"
        assert process.poll() is None


def wait_for(process: subprocess.Popen[bytes], holds: Callable[[], bool], patience: float = 60) -> None:
    """Look again and again, as long as the process is there."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.02)


WALL = {"time.time", "time.localtime", "time.ctime", "datetime.now", "datetime.datetime.now", "datetime.today",
        "datetime.datetime.today", "datetime.datetime.utcnow", "date.today", "datetime.date.today"}  # fmt: skip
ASK_THE_CLOCK = {"release/digits.py"}  # the date in a manifest


def asks_the_clock(source: str) -> bool:
    """Whether a module asks for the time of day, which may be set back, and not for seconds that only rise."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(ast.unparse(call) in WALL for call in calls)


def test_nothing_waits_or_is_ordered_by_the_time_of_day():
    modules = {path.relative_to(ROOT / "cnnviz").as_posix(): path for path in (ROOT / "cnnviz").rglob("*.py")}
    found = {name for name, path in modules.items() if asks_the_clock(path.read_text(encoding="utf-8"))}
    assert found <= ASK_THE_CLOCK
    assert asks_the_clock("import time\nif time.time() > deadline: ...")
    assert not asks_the_clock("import time\nif time.monotonic() > deadline: ...")
    scripts = (ROOT / "cnnviz" / "web").rglob("*.js")
    in_browsers = {path.name for path in scripts if "Date.now" in path.read_text(encoding="utf-8")}
    assert in_browsers == {"store.js"}  # `tests/browser/test_keeping.py` sets that clock back
