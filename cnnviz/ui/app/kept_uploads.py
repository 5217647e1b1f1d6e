"""How much of what visitors upload lies in memory, and for which fields.

Streamlit (1.67.0) keeps every file that somebody sends with a session's name until that session ends, for fields that
there are not as well, and however many. Here a file must be one that a page has asked for; and where a visitor's files,
or all files together, take too much, the oldest make room: a page has read them when they came.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec, UploadFileUrlInfo

from cnnviz.machine.limits import UPLOADS_MB

MOST_OF_VISITOR = 450_000_000  # bytes: the largest network, a folder of images, and some files more
MOST_OF_ALL = UPLOADS_MB.value * 1_000_000
MOST_ASKED = 45_000  # files of a session that are on their way: a folder has each of its files asked for

_add, _remove_session = MemoryUploadedFileManager.add_file, MemoryUploadedFileManager.remove_session_files
_ask = MemoryUploadedFileManager.get_upload_urls
_LOCK = threading.Lock()
_ASKED: dict[str, OrderedDict[str, None]] = {}  # session → the files that its pages have asked for


def keep_uploads_bounded() -> None:
    """From now on, in every session of this process."""
    for name, mended in (("add_file", _add_bounded), ("get_upload_urls", _ask_noted),
                         ("remove_session_files", _remove_noted)):  # fmt: skip
        setattr(MemoryUploadedFileManager, name, mended)


def _ask_noted(
    manager: MemoryUploadedFileManager, session_id: str, file_names: Sequence[str]
) -> list[UploadFileUrlInfo]:
    asked = _ask(manager, session_id, file_names[:MOST_ASKED])
    with _LOCK:
        known = _ASKED.setdefault(session_id, OrderedDict())
        known.update((one.file_id, None) for one in asked)
        while len(known) > MOST_ASKED:
            known.popitem(last=False)
    return asked


def _remove_noted(manager: MemoryUploadedFileManager, session_id: str) -> None:
    with _LOCK:
        _ASKED.pop(session_id, None)
    _remove_session(manager, session_id)


def _add_bounded(manager: MemoryUploadedFileManager, session_id: str, file: UploadedFileRec) -> None:
    """Raises: HTTPException, which is the answer, for a file that no page has asked for."""
    with _LOCK:
        if file.file_id not in _ASKED.get(session_id, ()):
            raise HTTPException(status_code=404, detail="No field waits for this file.")
        _add(manager, session_id, file)
        while _bytes_of(manager, session_id) > MOST_OF_VISITOR and _drop_oldest(manager, session_id):
            pass
        while manager._total_bytes > MOST_OF_ALL and _drop_oldest(manager, _largest(manager)):
            pass


def _bytes_of(manager: MemoryUploadedFileManager, session_id: str) -> int:
    return sum(len(file.data) for file in list(manager.file_storage.get(session_id, {}).values()))


def _largest(manager: MemoryUploadedFileManager) -> str:
    return max(list(manager.file_storage), key=lambda session: _bytes_of(manager, session))


def _drop_oldest(manager: MemoryUploadedFileManager, session_id: str) -> bool:
    """Whether there was more than one: the newest stays."""
    files = list(manager.file_storage.get(session_id, {}))
    if len(files) < 2:
        return False
    manager.remove_file(session_id, files[0])
    return True
