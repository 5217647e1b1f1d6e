"""A job from its first step to its last, kept in a folder after every step: what the command line does.

The folder: `job.json`, `state-a.safetensors` and `state-b.safetensors` (`kept`), `evaluations.json`, and at the end
`network.safetensors` (`saved`). Refuses to know: arguments, how several processes are started.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
import torch.distributed as dist
from torch import Tensor
from tqdm import tqdm

from cnnviz.checkpoints import replace_file
from cnnviz.imagesets import Sets
from cnnviz.messages import _
from cnnviz.training.job import Job, begin
from cnnviz.training.kept import Keeper, last_kept
from cnnviz.training.reports import Evaluation, StepReport
from cnnviz.training.run import TrainingRun
from cnnviz.training.saved import SavedNetwork, pack
from cnnviz.training.teams import ALONE, Team

SLICE_S = 0.2
KEEP_S = 0.1  # on a GPU: keeping a step means waiting for it, so only so often


class Runner:
    """Takes a job to its end, or goes on with it. Example: `Runner(job, sets, Path("runs/mine")).finish()`

    Raises: ValueError, one sentence, where the folder holds another job or a damaged state.
    """

    def __init__(self, job: Job, sets: Sets, folder: Path, team: Team = ALONE) -> None:
        self._folder, self._team = folder, team
        if team.leads:
            claim(folder, job)
        self._course = begin(job, sets, team)
        state = shared(last_kept(folder) if team.leads else None, team, self._course.run.device)
        if state is not None:
            self._course.run.resume(state)
        self._keeper = Keeper(folder)
        self._kept = 0.0

    def finish(self) -> None:
        """Every step that is left, evaluations at the end of each epoch, the network at the end."""
        run = self._course.run
        with tqdm(
            total=run.length, initial=run.step, unit=_("step"), disable=not self._team.leads, dynamic_ncols=True
        ) as bar:
            self._evaluate(bar)
            while not run.is_done:
                _show(bar, run.advance(SLICE_S, run.steps_to_epoch_end(), self._keep if self._team.leads else None))
                self._evaluate(bar)
        if self._team.leads:
            self._keeper.keep(run.live_state())
            self._keeper.close()
            self._save()

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
        found = record_of(self._course.evaluated())
        replace_file(path, _json([*known, found]))
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
        replace_file(path, pack(SavedNetwork(job.blueprint, self._course.scaling, weights, facts)))
        said = "" if tested is None else _(", {right:.2%} of {n} test pictures", right=tested.accuracy, n=tested.n)
        print(
            _(
                "{path}: {right:.2%} of the validation pictures",
                path=path,
                right=facts["evaluation"]["validation"]["accuracy"],
            )
            + said
        )


def claim(folder: Path, job: Job) -> None:
    """Make the folder this job's. Raises: ValueError, one sentence, where it is another's."""
    path, wanted = folder / "job.json", _json(job.to_record())
    folder.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() != wanted:
        raise ValueError(
            _(
                "{folder} holds a run with other settings: choose another folder, or the same settings to go on",
                folder=folder,
            )
        )
    replace_file(path, wanted)


def shared(state: dict[str, Tensor] | None, team: Team, device: torch.device) -> dict[str, Tensor] | None:
    """The leader's state, in every process: the others may be on machines that do not see the folder."""
    if team.is_alone:
        return state
    packed = safetensors.torch.save(state) if state is not None else b""
    size = torch.tensor([len(packed)], device=device)
    dist.broadcast(size, 0)
    if not int(size):
        return None
    data = torch.empty(int(size), dtype=torch.uint8, device=device)
    if team.leads:
        data.copy_(torch.frombuffer(bytearray(packed), dtype=torch.uint8))
    dist.broadcast(data, 0)
    return safetensors.torch.load(data.cpu().numpy().tobytes())


def record_of(evaluation: Evaluation) -> dict[str, Any]:
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
        "epoch {epoch:g}: loss {loss:.4f}, right {right:.2%}; on validation pictures {val_loss:.4f}, {val_right:.2%}",
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
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def _json(record: object) -> bytes:
    return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode()
