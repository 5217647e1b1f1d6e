"""One network being trained, advanced piece by piece: whoever drives it keeps the clock.

`TrainingRun(config, source, build).advance(budget_s)` takes steps for about that long and reports each of them;
`snapshot()` is the state at that moment, `state()` all that is needed to go on elsewhere.
Refuses to know: files, processes, progress bars, pages.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import Tensor, nn

from cnnviz.checks import require
from cnnviz.i18n import _
from cnnviz.training.config import TrainConfig
from cnnviz.training.devices import find_device
from cnnviz.training.fuse_relu_maxpool import fuse_relu_maxpool
from cnnviz.training.image_pool import BatchSource
from cnnviz.training.learning_rates import rate_at
from cnnviz.training.losses import Objective, make_objective, penalty
from cnnviz.training.optimisers import make_optimiser
from cnnviz.training.process_group import ALONE, ProcessGroup
from cnnviz.training.reports import StepReport, TrainingMoment, WeightSnapshot
from cnnviz.training.sync_layers import synchronise_layers

_Raw = tuple[Tensor, Tensor, float]  # loss and share read rightly, still on the device; learning rate


class TrainingRun:
    """One network being trained. Same config, source and device: same weights.

    `build` makes the untrained network; it is called once, under the config's seed.

    >>> from cnnviz.models.builder.presets import preset
    >>> from cnnviz.data.image_sets.choice import DataChoice
    >>> from cnnviz.training.config import TrainConfig
    >>> from cnnviz.training.job import Job, start_session
    >>> job = Job(preset("digits_small"), DataChoice("digits", limit=100), TrainConfig(steps=3))
    >>> run = start_session(job).run
    >>> [report.step for report in run.advance(60)], run.is_done
    ([1, 2, 3], True)
    """

    def __init__(
        self,
        config: TrainConfig,
        source: BatchSource,
        build: Callable[[], nn.Module],
        objective: Objective | None = None,
        team: ProcessGroup = ALONE,
    ) -> None:
        self.config, self.team = config, team
        self.device = find_device(config.device)
        self.length = config.length(len(source))
        self.step = 0
        self._source = source
        self._objective = objective or make_objective(config.loss, config.smoothing)
        self._generator = torch.Generator(self.device).manual_seed(config.seed)
        with self._forked_chance():  # the caller's random numbers stay as they were
            torch.manual_seed(config.seed)
            model = build()
            self._chance = self._chance_now()
        self.model = model.to(self.device).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        if not team.is_alone:
            synchronise_layers(self.model, team)
        self._forward = fuse_relu_maxpool(self.model)
        self._average = self._weights() if config.averaging else {}
        self._parameters = list(self.model.parameters())
        self._optimiser = make_optimiser(config, self._parameters)
        self._busy = threading.Lock()

    @property
    def is_done(self) -> bool:
        """Whether all steps have been taken."""
        return self.step >= self.length

    @property
    def epoch(self) -> float:
        """Passes over the training images so far."""
        return self.step / self.steps_an_epoch

    @property
    def steps_an_epoch(self) -> int:
        """Steps of one pass over the training images."""
        return self.config.steps_an_epoch(len(self._source))

    def steps_to_epoch_end(self) -> int:
        """Steps until the pass that the next step belongs to is over."""
        return self.steps_an_epoch - self.step % self.steps_an_epoch

    def advance(
        self, budget_s: float, most: int | None = None, after_each: Callable[[TrainingRun], None] | None = None
    ) -> list[StepReport]:
        """Steps for about `budget_s` seconds, at most `most`, at least one unless the run is done; a report each.

        `after_each` hears of every step, when `live_state` is what has to be kept of it.
        Where another thread is advancing this run just now, nothing happens and nothing is reported.
        """
        if not self._busy.acquire(blocking=False):
            return []
        try:
            last = self.length if most is None else min(self.length, self.step + most)
            return self._advance(time.perf_counter() + budget_s, last, after_each)
        finally:
            self._busy.release()

    def _advance(
        self, deadline: float, last: int, after_each: Callable[[TrainingRun], None] | None
    ) -> list[StepReport]:
        raw: list[_Raw] = []
        with self._own_chance():
            while self.step < last:
                raw.append(self._take_step())
                if after_each is not None:
                    self._chance = self._chance_now()
                    after_each(self)
                if time.perf_counter() >= deadline:
                    break
        return self._reports(raw)

    def _reports(self, raw: list[_Raw]) -> list[StepReport]:
        """The device is asked once for all steps, not once a step."""
        if not raw:
            return []
        losses, shares, rates = map(list, zip(*raw, strict=True))
        losses, shares = torch.stack(losses).tolist(), torch.stack(shares).tolist()
        first = self.step - len(raw) + 1
        return [
            StepReport(first + number, *figures)
            for number, figures in enumerate(zip(losses, shares, rates, strict=True))
        ]

    def _take_step(self) -> _Raw:
        images, targets = self._source.batch(self.step, self.config.batch, self._generator)
        rate = rate_at(self.step, self.config, self.length)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.zero_grad(set_to_none=True)
        loss, right = self._gradients(images, targets)
        self._optimiser.step()
        self.step += 1
        if self.config.averaging:
            self._keep_average()
        return loss, right, rate

    def _gradients(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Forward and backward over this process's share of the batch; gradients, loss and share read rightly."""
        mine = self.team.share(len(images))
        weight = (mine.stop - mine.start) / len(images)
        images, targets = images[mine], targets[mine]
        logits = self._forward(images.contiguous(memory_format=torch.channels_last))
        loss = self._objective(logits, targets) if len(targets) else logits.sum()  # no share: 0, and it goes along
        whole = loss + self.config.l2 * penalty(self._parameters) if self.config.l2 else loss
        (whole if self.team.is_alone else whole * weight).backward()
        classes = targets if targets.dim() == 1 else targets.argmax(dim=1)
        right = (logits.detach().argmax(dim=1) == classes).float().mean() if len(targets) else logits.new_zeros(())
        loss = loss.detach()
        if not self.team.is_alone:
            loss, right = loss * weight, right * weight
            self.team.add_up([*(p.grad for p in self._parameters if p.grad is not None), loss, right])
        return loss, right

    @torch.no_grad()
    def _keep_average(self) -> None:
        # short at first, so that the random start is soon forgotten
        keep = min(self.config.averaging, self.step / (self.step + 10))
        for name, weight in self.model.state_dict().items():
            if weight.is_floating_point():
                self._average[name].lerp_(weight, 1 - keep)
            else:
                self._average[name].copy_(weight)  # a count is not averaged

    @contextmanager
    def _forked_chance(self) -> Iterator[None]:
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            yield

    @contextmanager
    def _own_chance(self) -> Iterator[None]:
        """PyTorch's random numbers (dropout draws from them) are the run's own; the caller's stay as they were."""
        with self._forked_chance():
            torch.set_rng_state(self._chance["cpu"])
            if "cuda" in self._chance:
                torch.cuda.set_rng_state(self._chance["cuda"], self.device)
            yield
            self._chance = self._chance_now()

    def _chance_now(self) -> dict[str, Tensor]:
        states = {"cpu": torch.get_rng_state()}
        return states | ({"cuda": torch.cuda.get_rng_state(self.device)} if self.device.type == "cuda" else {})

    def set_rate(self, rate: float) -> None:
        """The base of the learning rate from the next step on, recorded in `config.changes`.

        Raises: ValueError, one sentence, for a rate that is none.
        """
        before = tuple(change for change in self.config.changes if change[0] < self.step)
        self.config = replace(self.config, changes=(*before, (self.step, rate)))

    def gradient_norms(self) -> dict[str, float]:
        """√Σ g² of the last step's gradients, for each part of the network with weights; empty before the first."""
        squares: dict[str, list[Tensor]] = {}
        for name, weight in self.model.named_parameters():
            if weight.grad is not None:
                squares.setdefault(name.split(".")[0], []).append(weight.grad.detach().square().sum())
        if not squares:
            return {}
        sums = torch.stack([torch.stack(each).sum() for each in squares.values()]).sqrt().tolist()
        return dict(zip(squares, sums, strict=True))

    def begin_with(self, weights: Mapping[str, Tensor]) -> None:
        """Start from `weights` instead of random ones; before the first step only."""
        require(self.step == 0, "step", "0", self.step, "start a new run")
        self.model.load_state_dict(dict(weights))
        self._average = self._weights() if self.config.averaging else {}

    def _weights(self) -> dict[str, Tensor]:
        return {name: weight.detach().clone() for name, weight in self.model.state_dict().items()}

    def live_state(self) -> dict[str, Tensor]:
        """Everything that `resume` needs, as named tensors: those of the run itself, not copies."""
        kept = {f"model.{name}": weight.detach() for name, weight in self.model.state_dict().items()}
        kept |= {f"average.{name}": weight for name, weight in self._average.items()}
        for number, moments in self._optimiser.state_dict()["state"].items():
            kept |= {f"optimiser.{number}.{name}": value for name, value in moments.items() if value is not None}
        kept |= {f"chance.{name}": value for name, value in self._chance.items()}
        kept |= {
            f"changes.{name}": torch.tensor([change[at] for change in self.config.changes], dtype=kind)
            for at, (name, kind) in enumerate((("steps", torch.int64), ("rates", torch.float64)))
        }
        return kept | {"generator": self._generator.get_state(), "step": torch.tensor(self.step)}

    def state(self) -> dict[str, Tensor]:
        """Everything that `resume` needs to go on as if nothing had happened, as named tensors (copies)."""
        with self._busy:
            return {name: plain_values(value) for name, value in self.live_state().items()}

    def resume(self, state: Mapping[str, Tensor]) -> None:
        """Go on from `state`: the steps that follow are those that would have followed there.

        Raises: ValueError, one sentence, for the state of another network; the run stays as it was.
        """
        self._check_state(state)
        self.model.load_state_dict(is_below("model.", state))
        own = self.model.state_dict()
        self._average = {name: _laid_like(own[name], weight) for name, weight in is_below("average.", state).items()}
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in is_below("optimiser.", state).items():
            number, moment = name.split(".", 1)
            moments.setdefault(int(number), {})[moment] = _laid_like(self._parameters[int(number)], value)
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": moments, "param_groups": groups})
        self._generator.set_state(state["generator"])
        self._chance = is_below("chance.", state)
        steps, rates = (state[f"changes.{name}"].tolist() for name in ("steps", "rates"))
        self.config = replace(self.config, changes=tuple(zip(steps, rates, strict=True)))
        self.step = int(state["step"])

    def _check_state(self, state: Mapping[str, Tensor]) -> None:
        own = {name: tuple(weight.shape) for name, weight in self.model.state_dict().items()}
        found = {name: tuple(weight.shape) for name, weight in is_below("model.", state).items()}
        whole = {"generator", "step", "changes.steps", "changes.rates", *(f"chance.{name}" for name in self._chance)}
        averaged = bool(is_below("average.", state)) == bool(self._average)
        if own != found or not whole <= set(state) or not averaged:
            raise ValueError(_("state must be that of a run like this one, got another's: start a new run instead"))

    def moment(self) -> TrainingMoment:
        """The weights so far, copied on the device: what an evaluation judges."""
        with self._busy:
            weights = self._average or self.model.state_dict()
            return TrainingMoment(
                self.step, self.epoch, {name: value.detach().clone() for name, value in weights.items()}
            )

    def snapshot(self) -> WeightSnapshot:
        """The weights so far, on the CPU: the averaged ones, or those of the last step where averaging is off."""
        with self._busy:
            weights = self._average or self.model.state_dict()
            return WeightSnapshot(self.step, {name: plain_values(value) for name, value in weights.items()})


def plain_values(value: Tensor) -> Tensor:
    """A copy on the CPU, its numbers in a row."""
    return value.detach().cpu().clone(memory_format=torch.contiguous_format)


def _laid_like(own: Tensor, value: Tensor) -> Tensor:
    """`value` on the device and in the order in memory of the run's own tensor: that too decides the last digit."""
    return torch.empty_like(own, requires_grad=False).copy_(value) if own.shape == value.shape else value


def is_below(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names start with `prefix`, without it, as copies."""
    return {name.removeprefix(prefix): value.clone() for name, value in state.items() if name.startswith(prefix)}
