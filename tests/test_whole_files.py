"""Files are whole or not there: killed writers, a full disk, no handles, a clock that was set back."""

import ast
import errno
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnviz.data import datasets
from cnnviz.data.datasets import DataMissing, has_mnist
from cnnviz.data.image_sets import SetKey, is_available, store
from cnnviz.machine.whole_files import PART, HeldFolder, replace_file, sweep
from cnnviz.processes import start_process
from tests import killing

ROOT = Path(__file__).resolve().parent.parent
POSIX = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork, and its kills are others")
MOMENTS = 12  # of each kind; `python -m tests.killing 200` for more
# Who opens files for writing by hand, and why it may: nothing of a visitor's lies there, or it is how locks are made.
BY_HAND = {
    "machine/whole_files.py", "processes/places.py", "training/run_lock.py",  # locks
    "training/state_files.py",  # mapped files with a sum, written in turns
    "models/hand_off.py",  # for one server, which starts when all of it is there
}  # fmt: skip


@POSIX
@pytest.mark.parametrize("kind", sorted(killing.KINDS))
def test_whenever_it_is_killed_what_was_said_to_be_saved_is_there(kind: str):
    assert killing.kill_at_moments(kind, MOMENTS, seed=1) > 100


@POSIX
def test_the_killing_finds_out_a_careless_writer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(killing, "replace_file", lambda path, data: path.write_bytes(data))
    with pytest.raises(killing.Wrong, match="half written"):
        killing.kill_at_moments("files", 500, seed=1)


def test_a_leftover_is_swept_and_what_is_being_written_stays(tmp_path: Path):
    (tmp_path / f".old.x{PART}").write_bytes(b"half")
    (tmp_path / f".MNIST.y{PART}").mkdir()
    (tmp_path / "mine.npz").write_bytes(b"whole")
    hold = "import sys\nfrom pathlib import Path\nfrom cnnviz.machine.whole_files import writing\n"
    hold += "with writing(Path(sys.argv[1])) as file:\n  file.write(b'new')\n  print('at it', flush=True)\n"
    hold += "  sys.stdin.read()"
    with start_process([sys.executable, "-c", hold, str(tmp_path / "theirs")]) as other:
        assert other.stdout.readline() == b"at it\n"
        assert sweep(tmp_path) == 2
        other.stdin.close()
        assert other.wait(60) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"mine.npz", "theirs"}
    assert (tmp_path / "theirs").read_bytes() == b"new"


def test_downloads_and_folders_of_others_are_never_swept(tmp_path: Path):
    (tmp_path / "film.mkv.part").write_bytes(b"what a browser has fetched so far")
    (tmp_path / "disk.part").mkdir()
    assert sweep(tmp_path) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"film.mkv.part", "disk.part"}


@POSIX
def test_a_folder_stays_while_its_process_is_at_it_and_is_swept_once_that_was_killed(tmp_path: Path):
    hold = "import sys\nfrom pathlib import Path\nfrom cnnviz.machine.whole_files import HeldFolder\n"
    hold += "folder = HeldFolder(Path(sys.argv[1]), 'MNIST')\n(folder.path / 'half').write_bytes(b'1')\n"
    hold += "print('at it', flush=True)\nsys.stdin.read()"
    with start_process([sys.executable, "-c", hold, str(tmp_path)]) as other:
        assert other.stdout.readline() == b"at it\n"
        assert sweep(tmp_path) == 0
        other.kill()
    assert sweep(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_held_folder_goes_with_its_block_also_where_it_fails(tmp_path: Path):
    def cut_off() -> None:
        with HeldFolder(tmp_path, "MNIST") as folder:
            (folder / "half").write_bytes(b"1")
            raise OSError("cut off")

    with pytest.raises(OSError, match="cut off"):
        cut_off()
    assert list(tmp_path.iterdir()) == []


def test_sweeping_where_there_is_nothing_is_nothing(tmp_path: Path):
    assert sweep(tmp_path / "never made") == 0


def on_full_disk(limit: int = 10_000) -> None:
    """From now on no file of this process is longer: the nearest thing to a full disk that needs no rights."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@POSIX
def test_on_a_full_disk_the_old_file_stays_and_nothing_is_left(tmp_path: Path):
    replace_file(tmp_path / "file", b"old")

    def child() -> bool:
        on_full_disk()
        try:
            replace_file(tmp_path / "file", bytes(50_000))
        except OSError as error:
            return error.errno == errno.EFBIG
        return False

    assert in_child(child)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


@POSIX
def test_on_a_full_disk_images_are_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CNNVIZ_CACHE", str(tmp_path))
    images = np.zeros((2, 3, 100, 100), np.uint8)
    pool = store.ImagePool(("a", "b"), (images, np.array([0, 1])), None, None, report=None, copies=None)

    def child() -> bool:
        on_full_disk()
        try:
            store.store_pool(store.content_token(b"1"), pool)
        except DataMissing as error:
            return "make room there" in str(error)
        return False

    assert in_child(child)
    assert list(tmp_path.iterdir()) == []


@POSIX
def test_out_of_file_handles_nothing_is_left_and_it_goes_on_afterwards(tmp_path: Path):
    def child() -> bool:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            replace_file(tmp_path / "file", b"new")
        except OSError as error:
            has_failed = error.errno == errno.EMFILE
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        replace_file(tmp_path / "file", b"new")
        return has_failed

    assert in_child(child)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"new")]


def in_child(work) -> bool:
    """What `work` says in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if work() else 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_clock_that_was_set_back_costs_nobody_the_newest_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CNNVIZ_CACHE", str(tmp_path))
    old, new = store.content_token(b"old"), store.content_token(b"new")
    store.store_pool(old, killing._pool(1))
    later = (tmp_path / f"{old}.npz").stat().st_mtime + 1_000_000
    os.utime(tmp_path / f"{old}.npz", (later, later))  # written before the clock was set back
    monkeypatch.setattr(store, "MAX_KEPT", 1)
    store.store_pool(new, killing._pool(2))
    assert store.is_stored(new)
    assert not store.is_stored(old)


def test_images_in_a_read_only_folder_can_still_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CNNVIZ_CACHE", str(tmp_path))
    token = store.content_token(b"1")
    store.store_pool(token, killing._pool(1))

    def refuse(_path: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(store.os, "utime", refuse)
    assert int(store.fetch_pool(token).training[0][0, 0, 0, 0]) == 1


def test_half_of_mnist_is_fetched_again_and_not_taken_for_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in datasets.mnist_files():
        path.write_bytes(b"half")  # unpacked when it was killed
    assert not has_mnist()
    assert not is_available(SetKey.MNIST)  # so the pages offer to fetch it
    fetched = []
    monkeypatch.setattr(datasets, "_fetch_mnist", fetched.append)
    datasets._mnist.cache_clear()
    with pytest.raises(DataMissing):
        datasets.mnist("test", download=True)
    assert fetched == [tmp_path]


def test_a_download_of_mnist_stays_while_another_one_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    swept = []

    def download(root: str, **_how: bool) -> None:
        raw = Path(root, "MNIST", "raw")
        raw.mkdir(parents=True)
        (raw / "train-images-idx3-ubyte").write_bytes(b"first")
        swept.append(sweep(tmp_path))  # as the other one does first

    monkeypatch.setattr("torchvision.datasets.MNIST", download)
    datasets._fetch_mnist(tmp_path)
    assert swept == [0]
    assert (tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["MNIST"]


WRITES = re.compile(r"[wax][bt+]{0,2}|r[bt]?\+[bt]?")  # how files are opened for it


def writes_by_hand(source: str) -> bool:
    """Whether a module opens files for writing, or writes them, past `whole_files`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in ("write_bytes", "write_text", "mkstemp"):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            words = [*node.args, *(each.value for each in node.keywords)]
            texts = [word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)]
            if name == "open" and any(WRITES.fullmatch(text) for text in texts):
                return True
            if name in ("NamedTemporaryFile", "save_file"):
                return True
    return False


def test_files_are_written_in_one_way():
    without_examples = {
        path.relative_to(ROOT / "cnnviz").as_posix(): writes_by_hand(path.read_text(encoding="utf-8"))
        for path in (ROOT / "cnnviz").rglob("*.py")
    }
    assert {name for name, does in without_examples.items() if does} <= BY_HAND


@pytest.mark.parametrize("line", ["open('x', 'wb')", "path.open('w')", "path.write_text('x')", "save_file(a, 'x')"])
def test_a_module_that_writes_by_hand_is_found(line: str):
    assert writes_by_hand(line)
    assert not writes_by_hand("path.open('rb'); open('wax')")
