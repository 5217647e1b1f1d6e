"""Training as a run that is advanced piece by piece: whoever drives it keeps the clock.

`TrainingRun(config, source).advance(budget_s)` takes steps for about that long and reports each of
them; `snapshot()` is the state at that moment. A command drives it in a loop, a page can from a timer.
Refuses to know: data sets (a `Source` hands out batches), files, progress bars, pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.messages import _
from cnnviz.networks import find_recipe

Objective = Callable[[Tensor, Tensor], Tensor]  # (logits, targets) → loss


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained: everything that decides the result, besides the data."""

    network: str = "mnist"
    steps: int = 10_000
    batch: int = 128
    rate: float = 3e-3  # the highest learning rate
    warm: int = 300  # the first steps, in which it rises to that
    cool: int = 0  # the last steps, in which it falls to 0
    decay: float = 1e-4  # weight decay (AdamW)
    smoothing: float = 0.05  # label smoothing
    averaging: float = 0.999  # share of the old average kept at each step (EMA of the weights); 0 is off
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        find_recipe(self.network)
        _demand(self.steps >= 1, "steps", "at least 1", self.steps, "train for one step or more")
        _demand(self.batch >= 1, "batch", "at least 1", self.batch, "use one image or more a step")
        _demand(0 < self.rate < 10, "rate", "above 0 and below 10", self.rate, "0.001 is a good start")
        _demand(self.warm >= 0, "warm", "at least 0", self.warm, "0 starts with the full rate")
        _demand(self.cool >= 0, "cool", "at least 0", self.cool, "0 keeps the full rate to the end")
        _demand(0 <= self.smoothing < 1, "smoothing", "in 0..1", self.smoothing, "0.05 is usual")
        _demand(0 <= self.averaging < 1, "averaging", "in 0..1", self.averaging, "0.999 is usual")


def _demand(holds: bool, parameter: str, rule: str, got: object, way_out: str) -> None:
    if not holds:
        raise ValueError(
            _(
                "{parameter} must be {rule}, got {got}: {way_out}",
                parameter=parameter,
                rule=rule,
                got=got,
                way_out=way_out,
            )
        )


@dataclass(frozen=True)
class StepReport:
    """One step: its number (from 1), loss, share of the batch read rightly, learning rate."""

    step: int
    loss: float
    accuracy: float
    rate: float


@dataclass(frozen=True)
class Snapshot:
    """The weights after `step` steps, copied: nothing that happens later changes them."""

    step: int
    weights: Mapping[str, Tensor]


class Source(Protocol):
    """Hands out batches: images (n, c, h, w) and targets, classes (n,) or probabilities (n, classes)."""

    def batch(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The next batch, on the generator's device."""
        ...


def find_device(wish: str) -> torch.device:
    """The device for "auto" (CUDA where there is one), "cpu" or "cuda".

    Raises: ValueError for another word, or for "cuda" without a usable GPU.
    """
    if wish not in ("auto", "cpu", "cuda"):
        raise ValueError(_("device must be auto, cpu or cuda, got {wish!r}: choose one of these", wish=wish))
    if wish == "cuda" and not torch.cuda.is_available():
        raise ValueError(_("device must be usable, got cuda without a CUDA GPU that PyTorch can use: choose cpu"))
    return torch.device("cuda" if wish != "cpu" and torch.cuda.is_available() else "cpu")


class TrainingRun:
    """One network being trained. Same config, source and device: same weights."""

    def __init__(self, config: TrainConfig, source: Source, objective: Objective | None = None) -> None:
        self.config = config
        self.device = find_device(config.device)
        self.step = 0
        self._source = source
        self._objective = objective or nn.CrossEntropyLoss(label_smoothing=config.smoothing)
        self._generator = torch.Generator(self.device).manual_seed(config.seed)
        self.model = self._fresh_model()
        self._average = {name: weight.detach().clone() for name, weight in self.model.state_dict().items()}
        self._optimiser = torch.optim.AdamW(self.model.parameters(), lr=config.rate, weight_decay=config.decay)

    def _fresh_model(self) -> nn.Sequential:
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers stay as they were
            torch.manual_seed(self.config.seed)
            model = find_recipe(self.config.network).build()
        return model.to(self.device).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]

    @property
    def is_done(self) -> bool:
        """Whether all steps have been taken."""
        return self.step >= self.config.steps

    def advance(self, budget_s: float) -> list[StepReport]:
        """Steps for about `budget_s` seconds, at least one unless the run is done; a report each."""
        deadline = time.perf_counter() + budget_s
        reports: list[StepReport] = []
        while not self.is_done:
            reports.append(self._take_step())
            if time.perf_counter() >= deadline:
                break
        return reports

    def _take_step(self) -> StepReport:
        images, targets = self._source.batch(self.config.batch, self._generator)
        rate = rate_at(self.step, self.config)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.zero_grad(set_to_none=True)
        logits = self.model(images.contiguous(memory_format=torch.channels_last))
        loss = self._objective(logits, targets)
        loss.backward()
        self._optimiser.step()
        self.step += 1
        self._keep_average()
        classes = targets if targets.dim() == 1 else targets.argmax(dim=1)
        right = (logits.detach().argmax(dim=1) == classes).float().mean()
        return StepReport(self.step, float(loss.detach()), float(right), rate)

    @torch.no_grad()
    def _keep_average(self) -> None:
        # short at first, so that the random start is soon forgotten
        keep = min(self.config.averaging, self.step / (self.step + 10))
        for name, weight in self.model.state_dict().items():
            self._average[name].lerp_(weight, 1 - keep)

    def begin_with(self, weights: Mapping[str, Tensor]) -> None:
        """Start from `weights` instead of random ones; before the first step only."""
        _demand(self.step == 0, "step", "0", self.step, "start a new run")
        self.model.load_state_dict(dict(weights))
        self._average = {name: weight.detach().clone() for name, weight in self.model.state_dict().items()}

    def state(self) -> dict[str, Tensor]:
        """Everything that `resume` needs to go on as if nothing had happened, as named tensors (copies)."""
        kept = {f"model.{name}": weight for name, weight in self.model.state_dict().items()}
        kept |= {f"average.{name}": weight for name, weight in self._average.items()}
        for number, moments in self._optimiser.state_dict()["state"].items():
            kept |= {f"optimiser.{number}.{name}": value for name, value in moments.items()}
        kept |= {"generator": self._generator.get_state(), "step": torch.tensor(self.step)}
        return {name: value.detach().cpu().clone(memory_format=torch.contiguous_format) for name, value in kept.items()}

    def resume(self, state: Mapping[str, Tensor]) -> None:
        """Go on from `state`: the steps that follow are those that would have followed there."""
        self.model.load_state_dict(_below("model.", state))
        self._average = {name: weight.to(self.device) for name, weight in _below("average.", state).items()}
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in _below("optimiser.", state).items():
            number, moment = name.split(".", 1)
            moments.setdefault(int(number), {})[moment] = value
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": moments, "param_groups": groups})
        self._generator.set_state(state["generator"])
        self.step = int(state["step"])

    def snapshot(self) -> Snapshot:
        """The averaged weights so far (those of the last step where averaging is off)."""
        return Snapshot(self.step, {name: weight.cpu().clone() for name, weight in self._average.items()})


def _below(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value.clone() for name, value in state.items() if name.startswith(prefix)}


def rate_at(step: int, config: TrainConfig) -> float:
    """The learning rate of step number `step` (from 0): up a line, level, down a line.

    What happens before the last `cool` steps does not depend on how many steps there are:
    a run can be prolonged, or brought to an end early, and is still the run of its config.
    """
    rising = (step + 1) / max(config.warm, 1)
    falling = (config.steps - step) / max(config.cool, 1)
    return config.rate * min(1.0, rising, falling)


def soft_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """−Σ target · log softmax, mean over the batch; targets are probabilities (n, classes)."""
    return -(targets * F.log_softmax(logits, dim=1)).sum(dim=1).mean()
