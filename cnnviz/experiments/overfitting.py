"""Overfitting on purpose: so few pictures that a network learns them by heart, and what helps against that.

A list of jobs that differ from the first, bare one in one thing each; to be trained in turn or side by side.
Refuses to know: how jobs are trained, pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cnnviz.data.augment_images import DRAWINGS, PHOTOS
from cnnviz.i18n import _
from cnnviz.models.builder import LayerConfig, LayerKind, NetworkSpec
from cnnviz.models.builder.layer_config import BATCH_NORM, dropout, dropout2d
from cnnviz.training import Job, OptimiserKind

FEW, MORE = 100, 10  # pictures, and how many times as many the last trial has
DECAY, L2, DROPPED = 0.1, 1e-3, 0.4
WITHOUT = {LayerKind.DROPOUT, LayerKind.DROPOUT2D, LayerKind.BATCH_NORM}  # taken out of the bare network


@dataclass(frozen=True)
class OverfittingTrial:
    """One job of the comparison, under a key; `describe` says what it does against overfitting."""

    key: str
    job: Job
    describe: Callable[[], str]

    @property
    def title(self) -> str:
        """What this one does, in the reader's language."""
        return self.describe()


def overfitting_trials(job: Job, few: int = FEW) -> tuple[OverfittingTrial, ...]:
    """`job` on `few` pictures without any regulariser, and with each of them.

    Same network, seed, order of pictures and number of steps in all of them: what differs is named by the title.
    Raises: ValueError, one sentence, for a number of pictures that cannot be.

    >>> from cnnviz.models.builder.presets import preset
    >>> from cnnviz.experiments.overfitting import overfitting_trials
    >>> from cnnviz.data.image_sets.choice import DataChoice
    >>> from cnnviz.training.config import TrainConfig
    >>> from cnnviz.training.job import Job
    >>> job = Job(preset("digits_small"), DataChoice("digits"), TrainConfig())
    >>> [trial.key for trial in overfitting_trials(job)][:4]
    ['bare', 'l2', 'decay', 'dropout']
    """
    bare = _bare(job, few)
    config, blueprint = bare.config, bare.blueprint
    changes = PHOTOS if blueprint.input_shape[0] == 3 else DRAWINGS
    trial = OverfittingTrial
    return (
        trial("bare", bare, lambda: _("no regularisation")),
        trial("l2", replace(bare, config=replace(config, l2=L2)), lambda: _("L2 penalty, λ = {l2}", l2=L2)),
        trial("decay", replace(bare, config=replace(config, optimiser=OptimiserKind.ADAMW, decay=DECAY)),
              lambda: _("weight decay {decay} (AdamW)", decay=DECAY)),
        trial("dropout", replace(bare, blueprint=with_dropout(blueprint)), lambda: _("dropout")),
        trial("batch_norm", replace(bare, blueprint=with_norms(blueprint)), lambda: _("batch normalisation")),
        trial("augmentation", replace(bare, augmentation=changes), lambda: _("augmented images")),
        trial("more", replace(bare, data=replace(bare.data, limit=few * MORE)),
              lambda: _("{times} times as many images", times=MORE)),
    )  # fmt: skip


def _bare(job: Job, few: int) -> Job:
    """`job` on few pictures, its number of steps fixed, all regularisers taken away."""
    parts = tuple(part for part in job.blueprint.parts if part.kind not in WITHOUT)
    plain = tuple(replace(part, is_normalised=False) if part.kind is LayerKind.RESIDUAL else part for part in parts)
    data = replace(job.data, limit=few, balanced=True)
    config = replace(job.config, steps=job.config.length(few), l2=0.0, decay=0.0, smoothing=0.0, averaging=0.0)
    return replace(job, blueprint=replace(job.blueprint, parts=plain), data=data, config=config, augmentation=None)


def with_dropout(blueprint: NetworkSpec, share: float = DROPPED) -> NetworkSpec:
    """Whole maps dropped after each pooling; where nothing pools, single values before the last layer."""
    pools = any(part.kind is LayerKind.POOL for part in blueprint.parts)
    parts: list[LayerConfig] = []
    for at, part in enumerate(blueprint.parts):
        if not pools and at == len(blueprint.parts) - 1:
            parts.append(dropout(share))
        parts.append(part)
        if part.kind is LayerKind.POOL:
            parts.append(dropout2d(share))
    return replace(blueprint, parts=tuple(parts))


def with_norms(blueprint: NetworkSpec) -> NetworkSpec:
    """A batch normalisation after each convolution, before its activation; residual blocks with their own."""
    parts: list[LayerConfig] = []
    for part in blueprint.parts:
        parts.append(replace(part, is_normalised=True) if part.kind is LayerKind.RESIDUAL else part)
        if part.kind is LayerKind.CONV:
            parts.append(BATCH_NORM)
    return replace(blueprint, parts=tuple(parts))
