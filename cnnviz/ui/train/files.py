"""A run's network as a file to keep, and such a file as a recording of one moment that can be looked at.

The file holds weights, network, how pictures are read, and the whole job (`cnnviz.training.saved_networks`).
Refuses to know: pages, workers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from cnnviz.data.image_sets.choice import upload_mark
from cnnviz.i18n import _
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import Evaluation, Job, SavedNetwork, TrainingSession, pack_network, start_session, unpack_network
from cnnviz.training.reports import TrainingMoment as Weighed
from cnnviz.training.worker import Evaluated, History, MomentMessage, RunState, RunStatus
from cnnviz.ui.train.code import as_it_went
from cnnviz.ui.train.run_entry import TrainingRunEntry

MOST_JUDGED = 2000  # pictures, when a file is brought


def saved_network(run: TrainingRunEntry, at: int | None) -> bytes:
    """The network at the recorded moment nearest to step `at` (None: the newest) as the bytes of a safetensors file.

    The run may be going on meanwhile: weights and step are of one and the same moment.
    Raises: RunError where nothing is recorded yet.
    """
    moment = run.moment(at)
    facts: dict[str, Any] = {"job": as_it_went(run.job, run.history).to_record(), "title": run.title}
    facts |= {"step": moment.step, "began_with_weights": run.began_with_weights}
    check = run.check_at(moment.step)
    if check is not None:
        facts["validation"] = {"step": check.step, "accuracy": check.validation.accuracy, "n": check.validation.n}
    return pack_network(SavedNetwork(run.job.blueprint, run.exhibits.scaling, moment.weights, facts))


def numbers_csv(run: TrainingRunEntry) -> str:
    """Everything that was measured of a run: a line for each number, `what,of,step,value`."""
    history = run.history
    curve, lines = history.curve(), ["what,of,step,value"]
    for name, values in (("loss", curve.losses), ("accuracy", curve.accuracies), ("rate", curve.rates)):
        points = zip(curve.steps.tolist(), values.tolist(), strict=True)
        lines += [f"{name},step,{step},{value!r}" for step, value in points]
    scores = [("training sample", check.step, check.training) for check in history.evaluations]
    scores += [("validation", check.step, check.validation) for check in history.evaluations]
    scores += [("all test images" if test.is_whole else "test", test.step, test.score) for test in history.tests]
    scores += [("training epoch", epoch.step, epoch.training) for epoch in history.epochs]
    scores += [("validation epoch", epoch.step, epoch.validation) for epoch in history.epochs]
    for of, step, score in scores:
        lines += [f"loss,{of},{step},{score.loss!r}", f"accuracy,{of},{step},{score.accuracy!r}"]
    for step, norms in history.norms():
        lines += [f"gradient norm,{layer},{step},{norm!r}" for layer, norm in norms.items()]
    return "\n".join(lines) + "\n"


def file_name(run: TrainingRunEntry, step: int) -> str:
    """What the file of that step is called: it says of what pictures it is, and of which step."""
    return f"{run.job.data.key}-{step}.safetensors"


@dataclass(frozen=True, eq=False)
class Loaded:
    """What a file holds: a recording of one moment. began_with_weights: its run did not begin at random ones."""

    job: Job
    title: str
    history: History
    began_with_weights: bool


def loaded_network(data: bytes, uploads: Collection[str] = ()) -> Loaded:
    """The job, the title and a recording with the one moment that the file holds, judged on the job's pictures.

    uploads: the tokens of the images that the reader brought; a file leads to no others.
    Raises: CheckpointError, one sentence, for a foreign or damaged file; what loading its pictures raises.
    """
    network = unpack_network(data)
    facts = network.facts
    record = _with_upload(facts.get("job"), uploads)
    try:
        job = Job.from_record(record)
    except ValueError as error:
        raise CheckpointError(_("This file does not say how the network was trained: save it again.")) from error
    step, title = facts.get("step"), facts.get("title")
    if job.blueprint != network.blueprint or not isinstance(step, int) or step < 0:
        raise CheckpointError(_("What this file says of its training does not fit its network: save it again."))
    here = replace(job, config=replace(job.config, device="cpu"))  # its own device may be elsewhere
    history, course = History(), start_session(here)
    if step > course.run.length:
        raise CheckpointError(_("What this file says of its training does not fit its network: save it again."))
    epoch = step / course.run.steps_an_epoch
    status = RunStatus(RunState.DONE, step, max(step, 1), epoch, "cpu")
    history.add([status, Evaluated(_judged(course, network, step)), MomentMessage(step, network.weights)])
    return Loaded(
        job, _("{title}, from a file", title=str(title)[:80]), history, facts.get("began_with_weights") is True
    )


def _with_upload(job: Any, uploads: Collection[str]) -> Any:
    """The record of a job, with the reader's own token for its mark. Raises: CheckpointError where none fits it."""
    data = job.get("data") if isinstance(job, dict) else None
    if not isinstance(data, dict) or data.get("upload") is None:
        return job
    named = data["upload"]
    token = next((token for token in uploads if named in (token, upload_mark(token))), None)
    if token is None:
        raise CheckpointError(
            _("This network was trained on somebody's own images, and a file does not lead to them: choose “Your own "
              "images” and bring the same zip or folder, then load the file again.")
        )  # fmt: skip
    return job | {"data": data | {"upload": token}}


def _judged(course: TrainingSession, network: SavedNetwork, step: int) -> Evaluation:
    """How well the weights read the job's pictures, here and now: what the file says of it is not believed."""
    weighed = Weighed(step, step / course.run.steps_an_epoch, network.build().state_dict())
    return course.exam.held(weighed, MOST_JUDGED)
