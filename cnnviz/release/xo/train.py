"""How the shipped network for X and O is made: pools, training, calibration, figures, manifest.

Everything is chosen on writers kept for choosing; the tablets held out are looked at once, at the end.
Refuses to know: arguments and progress bars (`cli`), how a step is taken (`training`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from cnnviz.checks import require
from cnnviz.data.augment_images import Augmentation
from cnnviz.data.batch_sampler import PEN_HOW, BatchSampler, SampledPool, class_targets, uniform_targets
from cnnviz.data.datasets import STROKES_FILE, XO_FILE, data_folder, pen_drawings, sha256
from cnnviz.data.digit_pools import TabletSplit, rasterise_all, rasterise_varied, split_by_tablet
from cnnviz.data.xo_drawings import CLASSES, HELD_OUT, held_out_numbers, split_xo, xo_drawings
from cnnviz.data.xo_negatives import PRACTICE, not_zero, xo_negatives
from cnnviz.evaluation.metrics import logits_of
from cnnviz.models.checkpoints import Manifest
from cnnviz.models.decision import DecisionRule, softmax
from cnnviz.models.zoo import find_recipe
from cnnviz.release.digits import Listener, describe, finish_training, trained_model
from cnnviz.release.xo.published import published_xo_figures
from cnnviz.training import OptimiserKind, TrainConfig, TrainingRun, find_device, soft_cross_entropy

NETWORK = "xo"
SETTINGS = TrainConfig(
    optimiser=OptimiserKind.ADAMW, steps=10_000, cool=5_000, batch=128, rate=3e-3, warm=300, decay=1e-4, averaging=0.999
)
CANDIDATES = tuple(percent / 100 for percent in range(50, 100))  # of the threshold
Watch = Callable[[Iterable, str], Iterable]


@dataclass(frozen=True)
class XoPlan:
    """What the shipped network is made of, besides `TrainConfig`. Raises: ValueError, one sentence."""

    variations: int = 8  # of each O; of each X twice as many, there are half as many of them
    others: int = 24_000  # made pictures of other ink
    others_share: float = 0.45  # of a batch
    smoothing: float = 0.02
    letters_weigh: float = 2.0  # one turned away is as bad as so many pieces of other ink let through
    how: Augmentation = PEN_HOW

    def __post_init__(self) -> None:
        require(self.variations >= 1, "variations", "at least 1", self.variations, "8 is usual")
        require(self.others >= 10, "others", "at least 10", self.others, "24000 is usual")
        require(0 < self.others_share < 1, "others share", "above 0 and below 1", self.others_share, "0.45 is usual")


@dataclass(frozen=True, eq=False)
class XoPools:
    """What a run draws its batches from: pictures uint8 (n, 28, 28)."""

    crosses: NDArray[np.uint8]
    rings: NDArray[np.uint8]
    digits: NDArray[np.uint8]  # 1 to 9: other ink by people
    others: NDArray[np.uint8]  # other ink by a seed


@dataclass(frozen=True, eq=False)
class XoSources:
    """The X's and O's and the digits, by their use."""

    letters: TabletSplit
    digits: TabletSplit  # zeros too, which are not trained on
    numbers: tuple[int, ...]  # of the letters held out, in their file


def load_xo_sources() -> XoSources:
    """What the data folder has. Raises: DataMissing, DataBroken; one sentence each."""
    digits = split_by_tablet(pen_drawings(data_folder() / STROKES_FILE), HELD_OUT)
    letters = xo_drawings()
    return XoSources(split_xo(letters), digits, held_out_numbers(letters))


_PARTS = ("practice", "choosing", "held_out")


def make_xo_pools(plan: XoPlan, found: XoSources, seed: int, watch: Watch) -> XoPools:
    """Each drawing varied, and other ink; the same for the same seed."""

    def varied(label: str, times: int) -> NDArray[np.uint8]:
        chosen = tuple(drawing for drawing in found.letters.practice if drawing.label == label)
        return rasterise_varied(chosen, times, seed, watch, CLASSES).images

    return XoPools(
        varied("X", 2 * plan.variations),
        varied("O", plan.variations),
        rasterise_varied(not_zero(found.digits.practice), 1, seed, watch).images,
        xo_negatives(PRACTICE, plan.others, [seed, 1]),
    )


def start_xo_model(config: TrainConfig, plan: XoPlan, pools: XoPools) -> TrainingRun:
    """A run over `pools`, not advanced yet; X's and O's come in equal parts."""

    def letters(images: NDArray[np.uint8], name: str, share: float | None) -> SampledPool:
        labels = np.full(len(images), CLASSES.index(name))
        return SampledPool(images, class_targets(labels, len(CLASSES), plan.smoothing), plan.how, share)

    def neither(images: NDArray[np.uint8]) -> SampledPool:
        return SampledPool(images, uniform_targets(len(images), len(CLASSES)), plan.how, plan.others_share / 2)

    mixture = (
        letters(pools.crosses, "X", (1 - plan.others_share) / 2),
        letters(pools.rings, "O", None),
        neither(pools.digits),
        neither(pools.others),
    )
    source = BatchSampler(mixture, find_device(config.device))
    return TrainingRun(config, source, find_recipe(NETWORK).build, soft_cross_entropy)


def train_xo(
    config: TrainConfig, plan: XoPlan, found: XoSources, command: str, watch: Watch, listen: Listener
) -> tuple[bytes, Manifest]:
    """The whole way: the packed weights and their manifest."""
    snapshot = finish_training(start_xo_model(config, plan, make_xo_pools(plan, found, config.seed, watch)), listen)
    model = trained_model(snapshot, NETWORK)
    rule = choose_threshold(model, plan, found, config.seed)
    numbered = dict(zip(found.numbers, found.letters.held_out, strict=True))
    return describe(
        model,
        network=NETWORK,
        seed=config.seed,
        command=command,
        threshold=rule.threshold,
        data=_data(found),
        config={"training": config.to_record(), "plan": asdict(plan)},
        figures=published_xo_figures(model, rule, numbered, found.digits.held_out),
    )


def choose_threshold(model: nn.Module, plan: XoPlan, found: XoSources, seed: int) -> DecisionRule:
    """The rule with the least errors on what is kept for choosing: letters turned away, other ink let through.

    The letters are few (92 drawings): varied as in training, they tell more exactly where the doubtful ones begin.
    The scores are not made honest by a temperature: where no drawing is misread the likeliest one is 0.
    """
    letters = rasterise_varied(found.letters.choosing, plan.variations, seed, classes=CLASSES).images
    made = xo_negatives(PRACTICE, plan.others // 10, [seed, 2])
    digits = rasterise_all(not_zero(found.digits.choosing)).images
    known, made_away, digits_away = (softmax(logits_of(model, each)).max(axis=1) for each in (letters, made, digits))

    def cost(at: float) -> float:
        passed = (made_away >= at).mean() + (digits_away >= at).mean()
        return float(plan.letters_weigh * (known < at).mean() + passed / 2)

    return DecisionRule(min(CANDIDATES, key=cost))


def _data(found: XoSources) -> dict[str, Any]:
    folder = data_folder()
    return {
        "xo_sha256": sha256(folder / XO_FILE),
        "strokes_sha256": sha256(folder / STROKES_FILE),
        "trained_on_tablets": sorted({drawing.source for drawing in found.letters.practice}),
        "held_out_tablets": list(HELD_OUT),
        "drawings": {part: len(getattr(found.letters, part)) for part in _PARTS},
        "digits": {part: len(getattr(found.digits, part)) for part in _PARTS},
        "split": "by tablet, and so by writer: the tablets that the MNIST network never saw are held out",
    }
