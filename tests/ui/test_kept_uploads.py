"""What is uploaded lies in memory for a page that asked for it, and never more than there is room for."""

from __future__ import annotations

import subprocess
import sys

import pytest
from starlette.exceptions import HTTPException
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from cnnviz.ui.app import kept_uploads


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    for name in ("add_file", "get_upload_urls", "remove_session_files"):
        monkeypatch.setattr(MemoryUploadedFileManager, name, getattr(MemoryUploadedFileManager, name))  # put back after
    kept_uploads.keep_uploads_bounded()
    monkeypatch.setattr(kept_uploads, "_ASKED", {})
    return MemoryUploadedFileManager("/_stcore/upload_file")


def send(manager: MemoryUploadedFileManager, session: str, size: int, file_id: str | None = None) -> str:
    name = file_id or manager.get_upload_urls(session, ["a"])[0].file_id
    manager.add_file(session, UploadedFileRec(name, "a", "", bytes(size)))
    return name


def sizes(manager: MemoryUploadedFileManager, session: str) -> list[int]:
    return [len(file.data) for file in manager.file_storage.get(session, {}).values()]


def test_a_file_that_a_page_has_asked_for_is_kept(manager: MemoryUploadedFileManager):
    name = send(manager, "visitor", 5)
    assert [len(file.data) for file in manager.get_files("visitor", [name])] == [5]


@pytest.mark.parametrize("file_id", ["made-up", "../../x", ""])
def test_a_file_for_a_field_that_is_not_there_is_not(manager: MemoryUploadedFileManager, file_id: str):
    with pytest.raises(HTTPException) as refused:
        send(manager, "visitor", 20, file_id or " ")
    assert refused.value.status_code == 404
    other = manager.get_upload_urls("somebody else", ["a"])[0].file_id
    with pytest.raises(HTTPException):
        send(manager, "visitor", 20, other)
    assert sizes(manager, "visitor") == []


def test_of_a_visitor_with_too_much_the_oldest_goes(
    manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kept_uploads, "MOST_OF_VISITOR", 10)
    for size in (4, 5, 3):
        send(manager, "visitor", size)
    send(manager, "other", 9)
    assert (sizes(manager, "visitor"), sizes(manager, "other"), manager._total_bytes) == ([5, 3], [9], 17)
    send(manager, "visitor", 50)  # one that is read at once, or refused by its page
    assert sizes(manager, "visitor") == [50]


def test_of_all_the_one_with_most_makes_room(manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kept_uploads, "MOST_OF_ALL", 20)
    for session, size in (("a", 6), ("a", 7), ("b", 5), ("c", 4)):
        send(manager, session, size)
    assert [sizes(manager, session) for session in "abc"] == [[7], [5], [4]]


def test_what_was_asked_for_is_bounded_and_ends_with_the_session(
    manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kept_uploads, "MOST_ASKED", 3)
    names = [one.file_id for one in manager.get_upload_urls("visitor", ["a"] * 9)]
    assert len(names) == 3
    manager.get_upload_urls("visitor", ["a"])
    with pytest.raises(HTTPException):
        send(manager, "visitor", 1, names[0])
    send(manager, "visitor", 1, names[1])
    manager.remove_session_files("visitor")
    assert (kept_uploads._ASKED, manager._total_bytes) == ({}, 0)


def test_the_app_bounds_what_it_keeps():
    says = (
        "import app; from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager as M; "
        "print(M.add_file.__module__)"
    )
    found = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["cnnviz.ui.app.kept_uploads"]
