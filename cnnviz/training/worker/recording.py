"""A run as a file: its job, its curves, its evaluations and the weights at some moments, to be looked at again.

`record_run(job, steps)` trains and keeps; `pack_recording` and `read_recording` are the way into a safetensors file and
back. Refuses to know: pages, where the file lies.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
import torch

from cnnviz.i18n import _
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import Evaluation, Job, SetScore, TrainingSession, start_session
from cnnviz.training.worker.history import History
from cnnviz.training.worker.loading import run_facts
from cnnviz.training.worker.messages import Evaluated, Message, MomentMessage, Progress, RunState, RunStatus, Started

FORMAT = "cnnviz recording 1"


@dataclass(frozen=True, eq=False)
class Recording:
    """A job and what was recorded of it. facts: the torch and the machine that trained it, in words."""

    job: Job
    history: History
    facts: dict[str, str]


def record_run(job: Job, moments: Sequence[int]) -> Recording:
    """Train `job` up to the last of `moments`, and keep weights and a whole evaluation at each of them.

    Every step's loss and accuracy are kept, too. Raises: ValueError, one sentence, for moments that the job has not.
    """
    if not moments or sorted(set(moments)) != list(moments) or moments[0] < 0:
        raise ValueError(_("moments must rise from 0 on, got {got}: sort them", got=list(moments)))
    history, course = History(), start_session(job)
    history.add([run_facts(course)])
    run = course.run
    if moments[-1] > run.length:
        raise ValueError(
            _("moments must end within the run ({length} steps), got {got}", length=run.length, got=moments[-1])
        )
    for step in moments:
        if step > run.step:
            reports = run.advance(float("inf"), step - run.step)
            steps = np.array([each.step for each in reports])
            table = np.array([(each.loss, each.accuracy, each.rate) for each in reports])  # (steps, 3)
            history.add([Progress(steps, table[:, 0], table[:, 1], table[:, 2], run.gradient_norms(), 0.0, 0.0)])
        history.add(_at_this_moment(course))
    history.add([RunStatus(RunState.DONE, run.step, run.step, run.epoch, "cpu")])
    facts = {"torch": str(torch.__version__), "threads": str(torch.get_num_threads())}
    return Recording(job, history, facts)


def _at_this_moment(course: TrainingSession) -> list[Message]:
    snapshot = course.run.snapshot()
    weights = {name: weight.numpy() for name, weight in snapshot.weights.items()}
    return [Evaluated(course.evaluated()), MomentMessage(snapshot.step, weights)]


def pack_recording(recording: Recording) -> bytes:
    """The recording as the bytes of a safetensors file. Raises: ValueError where evaluations and moments differ."""
    history, curve = recording.history, recording.history.curve()
    checks, norms = history.evaluations, history.norms()
    if [check.step for check in checks] != list(history.moments):
        raise ValueError(_("recording must have one evaluation for each moment: record it with `record_run`"))
    arrays: dict[str, np.ndarray] = {
        "steps": curve.steps, "losses": curve.losses, "accuracies": curve.accuracies, "rates": curve.rates,
        "moments": np.array(history.moments), "predicted": np.stack([check.predicted for check in checks]),
        "confusion": np.stack([check.confusion for check in checks]),
        "scores": np.array([_numbers(check.training) + _numbers(check.validation) for check in checks]),
        "epochs": np.array([check.epoch for check in checks]),
    }  # fmt: skip
    for name in history.weights_at(0):
        arrays[f"weights/{name}"] = np.stack([history.weights_at(step)[name] for step in history.moments])
    started = dict(vars(history.started)) if history.started else {}
    facts = {"started": started, "norms": [[step, dict(norms_then)] for step, norms_then in norms], **recording.facts}
    head = {"format": FORMAT, "job": json.dumps(recording.job.to_record()), "facts": json.dumps(facts)}
    return safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, head)


def _numbers(score: SetScore) -> list[float]:
    return [score.loss, score.accuracy, float(score.n)]


def read_recording(data: bytes) -> Recording:
    """The recording in a file. Raises: CheckpointError, one sentence, for a foreign or damaged one."""
    try:
        length = int.from_bytes(data[:8], "little")
        head = json.loads(data[8 : 8 + length])["__metadata__"]
        if head["format"] != FORMAT:
            raise ValueError(head["format"])
        arrays, facts = safetensors.numpy.load(data), json.loads(head["facts"])
        job = Job.from_record(json.loads(head["job"]))
        history = History()
        history.add([_started(facts.pop("started")), *_steps(arrays, facts.pop("norms")), *_moments(arrays)])
        return Recording(job, history, facts)
    except (ValueError, KeyError, TypeError, IndexError, safetensors.SafetensorError) as error:
        raise CheckpointError(
            _("This is no recording of a run: make it again with `python -m cnnviz record`.")
        ) from error


def _started(record: dict[str, Any]) -> Started:
    found: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
    return Started(**found)


def _steps(arrays: dict[str, np.ndarray], norms: list[Any]) -> list[Message]:
    """As many reports as there were: each with the gradient of its last step."""
    found: list[Message] = []
    start = 0
    for step, by_layer in norms:
        end = int(np.searchsorted(arrays["steps"], step, "right"))
        steps, losses, accuracies, rates = (
            arrays[name][start:end] for name in ("steps", "losses", "accuracies", "rates")
        )
        found.append(Progress(steps, losses, accuracies, rates, by_layer, 0.0, 0.0))
        start = end
    return found


def _moments(arrays: dict[str, np.ndarray]) -> list[Message]:
    names = [name for name in arrays if name.startswith("weights/")]
    found: list[Message] = []
    for at, step in enumerate(arrays["moments"].tolist()):
        weights = {name.removeprefix("weights/"): arrays[name][at] for name in names}
        found += [Evaluated(_evaluation(arrays, at, step)), MomentMessage(step, weights)]
    step, epoch = int(arrays["moments"][-1]), float(arrays["epochs"][-1])
    return [*found, RunStatus(RunState.DONE, step, step, epoch, "cpu")]


def _evaluation(arrays: dict[str, np.ndarray], at: int, step: int) -> Evaluation:
    training, validation = (
        SetScore(one[0], one[1], int(one[2])) for one in arrays["scores"][at].reshape(2, 3).tolist()
    )
    predicted = arrays["predicted"][at]
    return Evaluation(
        step, float(arrays["epochs"][at]), training, validation, arrays["confusion"][at], np.arange(len(predicted)),
        predicted, (), True,
    )  # fmt: skip
