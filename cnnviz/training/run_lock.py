"""Whose a run's folder is: one job's for ever, and one process's as long as that lives.

Refuses to know: what lies in the folder besides, how a run goes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

from cnnviz.i18n import _
from cnnviz.machine.file_lock import lock_file
from cnnviz.machine.whole_files import replace_file, sweep
from cnnviz.training.job import Job
from cnnviz.training.state_files import NAMES

JOB, LOCK = "job.json", "lock"


def lock_run_folder(folder: Path, job: Job) -> BinaryIO:
    """Make the folder this job's, and this process's until the file that comes back is closed (or the process ends).

    Raises: ValueError, one sentence, where it is another job's or another process is at it; OSError where nothing can
    be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = _locked(folder)
    sweep(folder)
    try:
        _make_it_ours(folder, job)
    except BaseException:
        lock.close()
        raise
    return lock


def _locked(folder: Path) -> BinaryIO:
    """The lock is the system's, on an open file: it goes with its process, however that ends."""
    file = (folder / LOCK).open("ab")
    try:
        lock_file(file)
    except OSError as error:
        file.close()
        raise ValueError(
            _("{folder} is in use by another process: wait until it has ended, or choose another folder",
              folder=folder)
        ) from error  # fmt: skip
    return file


def _make_it_ours(folder: Path, job: Job) -> None:
    path, wanted = folder / JOB, write_job(job.to_record())
    is_foreign = path.read_bytes() != wanted if path.exists() else any((folder / name).exists() for name in NAMES)
    if is_foreign:
        raise ValueError(
            _(
                "{folder} holds a run with other settings: choose another folder, or the same settings to resume",
                folder=folder,
            )
        )
    replace_file(path, wanted)


def write_job(record: object) -> bytes:
    """Plain values as JSON that people can read."""
    return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode()
