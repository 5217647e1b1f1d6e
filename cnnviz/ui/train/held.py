"""Which runs a session holds: the present one, one kept as A, one put aside. Nothing is lost by a single press.

A run that makes room for another one (started, loaded, brought back) is stopped and put aside: its recording can be
brought back until the next one is put aside. Refuses to know: widgets, what is set up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnviz.training import Job
from cnnviz.training.worker import History
from cnnviz.ui.train.example import example_token
from cnnviz.ui.train.run_entry import TrainingRunEntry
from cnnviz.ui.train.run_registry import RUNS
from cnnviz.ui.train.session import setup, state

NAMES = ("kept", "run", "aside")


def warm_up() -> None:
    """Have a worker ready before somebody presses the button."""
    RUNS.warm()


def has_place() -> bool:
    """Whether a run could start just now."""
    return RUNS.has_place


def example() -> str | None:
    """The token of the recorded run that is shown where there is none of the reader's own."""
    return example_token(RUNS)


def find_run(name: str) -> TrainingRunEntry | None:
    """The run that is held under `name`, one of `NAMES`; None where there is none (any more)."""
    return RUNS.find(state().get(name))


def last_run() -> TrainingRunEntry | None:
    """The run that was started last, or the one that is kept."""
    return find_run("run") or find_run("kept")


def own_uploads() -> set[str]:
    """The tokens of the images that this visitor brought, as far as the session still knows them."""
    runs = [run for name in NAMES if (run := find_run(name))]
    known = {state()["pictures"], setup().data.upload, *(run.job.data.upload for run in runs)}
    return {token for token in known if token is not None}


def start_run(job: Job, title: str, weights: Mapping[str, np.ndarray] | None = None) -> None:
    """Begin a run in the place of the present one, which is stopped first: its worker is free for this one.

    Raises: RunError, one sentence, where it cannot begin; the present run's recording is still there then.
    """
    before = find_run("run")
    if before is not None:
        before.release()
    speed = before.speed if before is not None else None  # as it was set for the one before
    hold(RUNS.start(job, title, weights=weights, speed=speed))


def put_run(job: Job, title: str, history: History, *, began_with_weights: bool) -> None:
    """A recording, from a file say, in the place of the present run."""
    hold(RUNS.put(job, title, history, began_with_weights=began_with_weights))


def hold(token: str) -> None:
    """Another run in the place of the present one, which is put aside."""
    kept = state()
    _put_aside(kept["run"])
    kept.update(run=token, stamp=kept["stamp"] + 1)


def bring_back() -> None:
    """The run that was put aside changes places with the present one."""
    kept = state()
    kept["run"], kept["aside"] = kept["aside"], kept["run"]
    kept["stamp"] += 1
    _rest(kept["aside"])


def _put_aside(token: str | None) -> None:
    """In the place of what was aside before, which is forgotten. A run without a step is nothing to bring back."""
    kept, run = state(), RUNS.find(token)
    if run is None:
        return
    _rest(token)
    if run.history.status.step == 0:
        RUNS.drop(token)
        return
    RUNS.drop(kept["aside"])
    kept["aside"] = token


def _rest(token: str | None) -> None:
    """What is put aside takes no place from others."""
    run = RUNS.find(token)
    if run is not None:
        run.release()


def follow(reported: Any) -> None:
    """Take over what the browser says of the runs: kept, put aside, found again after a reload."""
    kept = state()
    if not isinstance(reported, dict) or reported.get("stamp") != kept["stamp"]:
        return
    before = {kept[name] for name in NAMES}
    for name in NAMES:
        token = reported.get(name)
        if token is None or RUNS.find(token) is not None:
            kept[name] = token
    for token in before - {kept[name] for name in NAMES}:
        RUNS.drop(token)
    _rest(kept["aside"])
