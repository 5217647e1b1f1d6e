"""The branches for Windows, run here as that system would: nothing open is moved or removed, no flock, a code page.

Which files this process has open, Linux says in `/proc/self/fd`; elsewhere these tests are skipped. It is no Windows:
how its locks behave between processes, and how it ends them, only a Windows can tell.
"""

from __future__ import annotations

import io
import os
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from cnnviz.__main__ import main
from cnnviz.machine import file_lock, output, whole_files
from cnnviz.machine.whole_files import PART, HeldFolder, replace_file, sweep, writing
from cnnviz.processes import MachinePlaces, places

OPEN = Path("/proc/self/fd")
pytestmark = pytest.mark.skipif(not OPEN.is_dir(), reason="nothing here says which files are open")
MISSING = {"O_DIRECTORY", "O_NOFOLLOW", "getuid", "geteuid", "nice", "fork", "killpg"}  # what `os` has not there


class WindowsOs(types.ModuleType):
    """The module `os` as code finds it on Windows."""

    name = "nt"

    def __getattr__(self, name: str) -> Any:
        if name in MISSING:
            raise AttributeError(name)
        return getattr(os, name)


class Locks(types.ModuleType):
    """`msvcrt`, as far as we use it: a lock on a byte of a file that is open."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: dict[int, str] = {}

    def locking(self, handle: int, _mode: int, _count: int) -> None:
        path = os.readlink(OPEN / str(handle))
        if any(self._still(number) == path for number in self.held if number != handle):
            raise PermissionError(13, "in use", path)
        self.held[handle] = path

    def _still(self, handle: int) -> str | None:
        link = OPEN / str(handle)
        return os.readlink(link) if link.is_symlink() and os.readlink(link) == self.held[handle] else None


def refuse_if_open(path: Path) -> None:
    """As Windows does, whoever opened it."""
    for link in OPEN.iterdir():
        if link.is_symlink() and os.readlink(link) == str(path.absolute()):
            raise PermissionError(32, "The process cannot access the file because it is being used", str(path))


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Locks:
    unlink, replace, locks = Path.unlink, Path.replace, Locks()

    def unlink_there(self: Path, missing_ok: bool = False) -> None:
        refuse_if_open(self)
        unlink(self, missing_ok=missing_ok)

    def replace_there(self: Path, target: Path) -> Path:
        refuse_if_open(self)
        refuse_if_open(Path(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "unlink", unlink_there)
    monkeypatch.setattr(Path, "replace", replace_there)
    monkeypatch.setitem(sys.modules, "msvcrt", locks)
    monkeypatch.setitem(sys.modules, "fcntl", None)  # an import of it fails
    for module in (whole_files, file_lock, places):
        monkeypatch.setattr(module, "os", WindowsOs("os"))
    return locks


def test_a_file_is_written_and_written_again(windows: Locks, tmp_path: Path):
    for data in (b"old", b"new"):
        replace_file(tmp_path / "numbers", data)
        assert (tmp_path / "numbers").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["numbers"]


def test_a_file_that_somebody_reads_stays_as_it_is_and_nothing_is_left(windows: Locks, tmp_path: Path):
    replace_file(tmp_path / "numbers", b"old")
    with (tmp_path / "numbers").open("rb"), pytest.raises(PermissionError):
        replace_file(tmp_path / "numbers", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"numbers": b"old"}


def test_what_a_killed_process_left_goes_at_the_next_start_and_what_is_being_written_stays(
    windows: Locks, tmp_path: Path
):
    (tmp_path / f".old.x{PART}").write_bytes(b"half")
    with writing(tmp_path / "numbers") as file:
        file.write(b"new")
        assert sweep(tmp_path) == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"numbers": b"new"}


def test_a_folder_is_made_and_removed_without_handles_of_folders(windows: Locks, tmp_path: Path):
    with HeldFolder(tmp_path, "download") as folder:
        (folder / "part").write_bytes(b"1")
        assert sweep(tmp_path) == 0
    assert not folder.exists()


def test_places_are_held_by_its_own_locks(windows: Locks, tmp_path: Path):
    here, there = (MachinePlaces("training", 1, tmp_path) for _server in range(2))
    place = here.take()
    assert windows.held
    assert (there.take(), there.taken) == (None, 1)
    assert place is not None
    place.release()
    assert there.taken == 0


def test_the_pretence_refuses_what_windows_refuses(windows: Locks, tmp_path: Path):
    path = tmp_path / "open"
    path.write_bytes(b"")
    with path.open("rb"), pytest.raises(PermissionError):
        path.unlink()
    path.unlink()
    with pytest.raises(AttributeError):
        whole_files.os.getuid()


@pytest.mark.parametrize("page", ["cp1252", "cp437", "ascii"])
def test_a_table_with_any_sign_goes_into_a_file_whatever_the_code_page(monkeypatch: pytest.MonkeyPatch, page: str):
    written = io.BytesIO()
    monkeypatch.delenv(output.VARIABLE, raising=False)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=page))
    assert main(["summary", "mnist"]) == 0
    sys.stdout.flush()
    text = written.getvalue().decode("utf-8")
    assert "28×28" in text
    with pytest.raises(UnicodeEncodeError):  # what the page has not
        text.encode(page)


def test_who_chose_an_encoding_gets_it_and_every_sign_in_some_way(monkeypatch: pytest.MonkeyPatch):
    written = io.BytesIO()
    monkeypatch.setenv(output.VARIABLE, "ascii")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert main(["summary", "mnist"]) == 0
    sys.stdout.flush()
    assert "28\\xd728" in written.getvalue().decode("ascii")
