"""The runs of a process with workers that are known and a clock that stands still, asked as a page asks."""

import json
from dataclasses import replace
from typing import Any

import numpy as np

from cnnviz.data.image_sets import DataChoice
from cnnviz.models.builder import preset
from cnnviz.training import Job, TrainConfig
from cnnviz.ui.train.answers import answer_training
from cnnviz.ui.train.run_registry import RunRegistry
from tests.ui.fake_worker import FakeWorker

DATA = DataChoice("xo_generated", limit=60)
JOB = Job(preset("xo_small"), DATA, TrainConfig(steps=8, batch=20, rate=0.01))
SHORT = replace(JOB, config=TrainConfig(steps=1, batch=4))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Office:
    """Runs with workers that are known and a clock that stands still."""

    def __init__(self, **bounds: int) -> None:
        self.hired: list[FakeWorker] = []
        self.clock = Clock()
        self.runs = RunRegistry(self.hire, self.clock, **bounds)

    def hire(self) -> FakeWorker:
        self.hired.append(FakeWorker())
        return self.hired[-1]

    def started(self, job: Job = JOB) -> str:
        return self.runs.start(job, "a run")

    def finished(self, job: Job = SHORT) -> str:
        token = self.started(job)
        run = self.runs.find(token)
        while run.is_working:
            run.refresh()
        return token

    def asked(self, *tokens: str, **rest: Any) -> dict[str, Any]:
        runs = [{"token": token, **rest.pop("of_each", {})} for token in tokens]
        return opened(answer_training({"runs": runs, **rest}, self.runs))


def opened(packet: bytes) -> dict[str, Any]:
    """The header, each array read with a few independent lines."""
    length = int.from_bytes(packet[:4], "little")
    header, body = json.loads(packet[4 : 4 + length]), packet[4 + length :]

    def read(value: Any) -> Any:
        if isinstance(value, dict) and {"at", "shape"} <= set(value):
            kind = np.uint8 if value.get("bytes") else np.dtype("<f4")
            return np.frombuffer(body, kind, int(np.prod(value["shape"])), value["at"]).reshape(value["shape"])
        if isinstance(value, dict):
            return {name: read(part) for name, part in value.items()}
        return [read(part) for part in value] if isinstance(value, list) else value

    return read(header)
