"""A job from its first step to its last, kept in a folder after every step: what the command line does.

The folder: `job.json` and `lock` (`run_lock`), `state-a.safetensors` and `state-b.safetensors` (`state_files`),
`evaluations.json`, and at the end `network.safetensors` (`saved_networks`).
Refuses to know: arguments, how several processes are started.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import safetensors.torch
import torch
import torch.distributed as dist
from torch import Tensor

from cnnviz.data.image_sets import ImageSplits
from cnnviz.i18n import _
from cnnviz.machine.whole_files import replace_file
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training.job import Job, TrainingSession, start_session
from cnnviz.training.process_group import ALONE, ProcessGroup, run_together
from cnnviz.training.reports import Evaluation, StepReport, demand_losses, demand_score, demand_weights
from cnnviz.training.run import TrainingRun
from cnnviz.training.run_lock import lock_run_folder, write_job
from cnnviz.training.saved_networks import SavedNetwork, pack_network
from cnnviz.training.state_files import CheckpointWriter, last_state

if TYPE_CHECKING:
    from tqdm import tqdm

SLICE_S = 0.2
KEEP_S = 0.1  # on a GPU: keeping a step means waiting for it, so only so often


class FolderRun:
    """Takes a job to its end, or goes on with it.

    Raises: ValueError, one sentence, where the folder holds another job or a damaged state, or is in use.
    """

    def __init__(self, job: Job, sets: ImageSplits, folder: Path, team: ProcessGroup = ALONE) -> None:
        self._folder, self._team = folder, team
        self._keeper, self._kept = CheckpointWriter(folder), 0.0
        self._lock = lock_run_folder(folder, job) if team.leads else None
        try:
            self._course = self._begun(job, sets)
        except BaseException:
            self.close()
            raise

    def _begun(self, job: Job, sets: ImageSplits) -> TrainingSession:
        """The job where the folder's state left it."""
        course = start_session(job, sets, self._team)
        state = share_job(last_state(self._folder) if self._team.leads else None, self._team, course.run.device)
        if state is not None:
            course.run.resume(state)
        return course

    def finish(self) -> None:
        """Every step that is left, evaluations at the end of each epoch, the network at the end."""
        try:
            self._take_all_steps(self._course.run)
            if self._team.leads:
                self._keeper.keep(self._course.run.live_state())
                self._save()
        finally:
            self.close()

    def _take_all_steps(self, run: TrainingRun) -> None:
        from tqdm import tqdm  # the app does without

        with tqdm(
            total=run.length, initial=run.step, unit=_("step"), disable=not self._team.leads, dynamic_ncols=True
        ) as bar:
            self._evaluate(bar)
            while not run.is_done:
                reports = run.advance(SLICE_S, run.steps_to_epoch_end(), self._keep if self._team.leads else None)
                demand_losses(reports)
                _show(bar, reports)
                self._evaluate(bar)

    def close(self) -> None:
        """Let go of the folder; the end of the process does the same."""
        self._keeper.close()
        if self._lock is not None:
            self._lock.close()

    def _keep(self, run: TrainingRun) -> None:
        if run.device.type == "cpu" or time.monotonic() - self._kept > KEEP_S:
            self._keeper.keep(run.live_state())
            self._kept = time.monotonic()

    def _evaluate(self, bar: tqdm) -> None:
        """At the end of an epoch, and of the run, unless it was done before the run was interrupted."""
        run = self._course.run
        at_end = run.is_done or (run.step and run.steps_to_epoch_end() == run.steps_an_epoch)
        path = self._folder / "evaluations.json"
        if not at_end or not self._team.leads:
            return
        known = [each for each in _read(path) if each["step"] <= run.step]
        if known and known[-1]["step"] == run.step:
            return
        evaluation = self._course.evaluated()
        demand_weights(run.step, run.moment().weights)
        demand_score(run.step, evaluation.validation)
        demand_score(run.step, evaluation.training)
        found = run_record(evaluation)
        replace_file(path, write_job([*known, found]))
        bar.write(_told(found))

    def _save(self) -> None:
        job, run = self._course.job, self._course.run
        tested = self._course.tested()
        evaluations = _read(self._folder / "evaluations.json")
        facts = {
            "data": job.data.to_record(),
            "config": run.config.to_record(),
            "augmentation": job.to_record()["augmentation"],
            "steps": run.step,
            "evaluation": evaluations[-1] if evaluations else None,
            "test": None if tested is None else vars(tested),
            "torch": str(torch.__version__),
        }
        weights = {name: value.numpy() for name, value in run.snapshot().weights.items()}
        path = self._folder / "network.safetensors"
        replace_file(path, pack_network(SavedNetwork(job.blueprint, self._course.scaling, weights, facts)))
        said = "" if tested is None else _(", {right:.2%} of {n} test images", right=tested.accuracy, n=tested.n)
        print(
            _(
                "{path}: {right:.2%} of the validation images",
                path=path,
                right=facts["evaluation"]["validation"]["accuracy"],
            )
            + said
        )


def share_job(state: dict[str, Tensor] | None, team: ProcessGroup, device: torch.device) -> dict[str, Tensor] | None:
    """The leader's state, in every process: the others may be on machines that do not see the folder."""
    if team.is_alone:
        return state
    packed = safetensors.torch.save(state) if state is not None else b""
    size = torch.tensor([len(packed)], device=device)
    run_together(dist.broadcast, size, 0)
    if not int(size):
        return None
    data = torch.empty(int(size), dtype=torch.uint8, device=device)
    if team.leads:
        data.copy_(torch.frombuffer(bytearray(packed), dtype=torch.uint8))
    run_together(dist.broadcast, data, 0)
    return safetensors.torch.load(data.cpu().numpy().tobytes())


def run_record(evaluation: Evaluation) -> dict[str, Any]:
    """What stays of an evaluation, as plain JSON."""
    return {
        "step": evaluation.step,
        "epoch": evaluation.epoch,
        "training": vars(evaluation.training),
        "validation": vars(evaluation.validation),
        "confusion": evaluation.confusion.tolist(),
        "first": [list(pair) for pair in evaluation.first],
    }


def _told(record: dict[str, Any]) -> str:
    return _(
        "epoch {epoch:g}: loss {loss:.4f}, accuracy {right:.2%}; on validation images {val_loss:.4f}, {val_right:.2%}",
        epoch=record["epoch"],
        loss=record["training"]["loss"],
        right=record["training"]["accuracy"],
        val_loss=record["validation"]["loss"],
        val_right=record["validation"]["accuracy"],
    )


def _show(bar: tqdm, reports: list[StepReport]) -> None:
    bar.update(len(reports))
    if reports:
        bar.set_postfix(loss=f"{reports[-1].loss:.3f}", right=f"{reports[-1].accuracy:.0%}", refresh=False)


def _read(path: Path) -> list[dict[str, Any]]:
    """The evaluations so far. Raises: CheckpointError, one sentence, where the file is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        return [one for one in found if isinstance(one["step"], int)]
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(
            _("{path} is damaged: remove it, the run continues without those evaluations.", path=path)
        ) from error
