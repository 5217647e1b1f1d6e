"""The recorded run that the page "Train live" opens with: something to look at before anything is started.

It is one recording for all visitors, and nothing is trained for it. Refuses to know: sessions, widgets.
"""

from __future__ import annotations

import threading

from cnnviz.models.checkpoints import CheckpointError
from cnnviz.release.example_run import FILE
from cnnviz.training.worker.recording import read_recording
from cnnviz.ui.train.run_registry import RunRegistry
from cnnviz.ui.train.setup import run_title

TOKEN = "recorded"
_LOCK = threading.Lock()


def example_token(runs: RunRegistry) -> str | None:
    """The token of the recorded run, which is read once; None where its file is missing or damaged."""
    with _LOCK:
        if runs.find(TOKEN) is None:
            try:
                found = read_recording(FILE.read_bytes())
            except (OSError, CheckpointError):  # the page begins without it, as it did before there was one
                return None
            runs.put_example(TOKEN, found.job, run_title(found.job, found.job.blueprint.title), found.history)
        return TOKEN
