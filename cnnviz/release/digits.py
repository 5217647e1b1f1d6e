"""From data to a checkpoint that can be shipped: pools, training, calibration, figures, manifest.

Everything is chosen on images kept for choosing; MNIST's test images and the held-out tablets
are looked at once, at the end, for the manifest.
Refuses to know: arguments and progress bars (`cli.train`), how a step is taken (`training`).
"""

from __future__ import annotations

import datetime
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cnnviz import __version__
from cnnviz.checks import require
from cnnviz.data.augment_images import Augmentation
from cnnviz.data.batch_sampler import PoolWeights, digit_batches
from cnnviz.data.datasets import STROKES_FILE, LabelledImages, data_folder, mnist, mnist_files, pen_drawings, sha256
from cnnviz.data.digit_pools import (
    DigitPools,
    TabletSplit,
    leave_out,
    make_digit_pools,
    rasterise_all,
    selection_images,
    split_by_tablet,
)
from cnnviz.data.doubtful_labels import doubtful_drawings
from cnnviz.data.more_non_digits import MORE_PRACTICE
from cnnviz.data.non_digits import PRACTICE
from cnnviz.evaluation.metrics import best_temperature, best_threshold, evaluate, fold_temperature, logits_of
from cnnviz.evaluation.robustness import rejected_by_kind, robustness
from cnnviz.i18n import _
from cnnviz.machine.whole_files import replace_file, writing
from cnnviz.models.checkpoints import Manifest, digest, pack
from cnnviz.models.decision import DecisionRule, RejectBy, acceptance_scores, softmax
from cnnviz.models.zoo import find_recipe
from cnnviz.release.averaging import average_weights
from cnnviz.release.rejection_rules import KEPT, compare_rules
from cnnviz.release.teacher import DistilledBatches, build_teacher
from cnnviz.training import (
    BatchSource,
    OptimiserKind,
    StepReport,
    TrainConfig,
    TrainingRun,
    WeightSnapshot,
    find_device,
    soft_cross_entropy,
)

SETTINGS = TrainConfig(
    optimiser=OptimiserKind.ADAMW,
    steps=10_000,
    batch=128,
    rate=3e-3,
    warm=300,
    decay=1e-4,
    smoothing=0.05,
    averaging=0.999,
)


@dataclass(frozen=True)
class DigitPlan:
    """What the shipped network is made of, besides `TrainConfig`."""

    network: str = "mnist"  # a key of `networks`
    variations: int = 8  # of each pen drawing
    others: int = 18_000  # images that are no digit
    pen_share: float = 0.32  # of a batch
    others_share: float = 0.12
    smoothing: float = 0.05
    held_out: tuple[str, ...] | None = None  # tablets; the three smallest where not told
    scanned: Augmentation = Augmentation(10, 0.2, 0.1, 0.1, 1.0, 1.0, 0.4, 0.02)  # noqa: RUF009 - frozen
    strength: float = 1.0  # of the changes to MNIST's images: 0.5 halves them
    pen: Augmentation = Augmentation(6, 0.1, 0.06, 0.06, 1.0, 0.8, 0.3, 0.05)  # noqa: RUF009 - frozen
    families: float = 0.0  # the share of the varied drawings that get the form of a family of handwriting
    more_others: bool = False  # more kinds of what is no digit
    leaves_out_doubtful: bool = False  # doubtful labels, in training and choosing
    is_large: bool = False  # the teacher instead of the network that ships
    teacher_share: float = 0.7  # of a target, where there are teachers
    teacher_temperature: float = 1.0
    averaged: float = 1.0  # of what was trained, in an average with the weights that it began with
    reject_by: RejectBy = RejectBy.PROBABILITY

    def __post_init__(self) -> None:
        for name in ("families", "teacher_share", "averaged"):
            require(0 <= getattr(self, name) <= 1, name, "in 0..1", getattr(self, name), _("give a fraction"))
        require(
            0 < self.teacher_temperature <= 100, "teacher_temperature", "above 0 and at most 100",
            self.teacher_temperature, _("1 leaves the scores as they are"),
        )  # fmt: skip

    @property
    def build(self) -> Callable[[], nn.Sequential]:
        """The untrained network."""
        return build_teacher if self.is_large else find_recipe(self.network).build

    def split(self) -> TabletSplit:
        """The data folder's drawings by their use. Raises: DataMissing, DataBroken."""
        drawings = pen_drawings()
        split = split_by_tablet(drawings, self.held_out)
        if not self.leaves_out_doubtful:
            return split
        return leave_out(split, doubtful_drawings(drawings, data_folder() / STROKES_FILE))


Watch = Callable[[Iterable, str], Iterable]
Listener = Callable[[list[StepReport]], None]


def make_pools(plan: DigitPlan, split: TabletSplit, seed: int, watch: Watch, cache: Path | None = None) -> DigitPools:
    """The pools of a run; where `cache` names a file, they are kept there and found again."""
    if cache is None or not cache.is_file():
        kinds = PRACTICE | MORE_PRACTICE if plan.more_others else PRACTICE
        made = make_digit_pools(split, plan.variations, plan.others, seed, watch, plan.families, kinds)
        if cache is not None:
            with writing(cache) as file:
                np.savez(file, pen=made.pen.images, pen_labels=made.pen.labels, others=made.others)
        return made
    kept = np.load(cache)
    digits = mnist("train")
    stop = len(digits) - len(selection_images())
    return DigitPools(
        LabelledImages(digits.images[:stop], digits.labels[:stop]),
        LabelledImages(kept["pen"], kept["pen_labels"]),
        kept["others"],
    )


def train_digits(
    config: TrainConfig,
    plan: DigitPlan,
    data: DigitPools,
    listen: Listener,
    kept: Path | None = None,
    weights: Mapping[str, Tensor] | None = None,
    teachers: Sequence[nn.Module] = (),
    every: int = 250,
) -> WeightSnapshot:
    """A whole training run, from `weights` and by `teachers` where there are any; `listen` hears of every step.

    Where `kept` names a file, the run is kept there every so many steps, and goes on from there. With `plan.averaged`
    below 1 the result is an average with `weights`.
    """
    run = start_model(config, plan, data, teachers)
    if weights is None:
        return finish_training(run, listen, kept, every)
    run.begin_with(weights)
    trained = finish_training(run, listen, kept, every)
    return WeightSnapshot(trained.step, average_weights(weights, trained.weights, plan.averaged))


def finish_training(run: TrainingRun, listen: Listener, kept: Path | None = None, every: int = 250) -> WeightSnapshot:
    """The rest of `run`; where `kept` names a file, from what is kept there."""
    if kept is not None and kept.is_file():
        run.resume(safetensors.torch.load_file(kept))
    written = run.step
    while not run.is_done:
        listen(run.advance(0.5))
        if kept is not None and run.step - written >= every and not is_final_phase(run):
            replace_file(kept, safetensors.torch.save(run.state()))
            written = run.step
    return run.snapshot()


def is_final_phase(run: TrainingRun) -> bool:
    """Whether the learning rate falls: what is kept of a run is from before, so that it can be prolonged."""
    return run.step > run.length - run.config.cool


def start_model(
    config: TrainConfig, plan: DigitPlan, data: DigitPools, teachers: Sequence[nn.Module] = ()
) -> TrainingRun:
    """A run over `data`, not advanced yet."""
    shares, device = PoolWeights(plan.pen_share, plan.others_share), find_device(config.device)
    scanned = plan.scanned.scaled(plan.strength)
    source: BatchSource = digit_batches(data, device, shares, plan.smoothing, scanned, plan.pen)
    if teachers:
        taught = [teacher.to(device) for teacher in teachers]
        source = DistilledBatches(source, taught, plan.teacher_share, plan.teacher_temperature)
    return TrainingRun(config, source, plan.build, soft_cross_entropy)


def calibrate(model: nn.Sequential, split: TabletSplit, by: RejectBy) -> tuple[DecisionRule, float]:
    """Fold the best temperature into the last layer; the rule and the temperature."""
    temperature = best_temperature(*_chosen_by(model, split))
    fold_temperature(model, temperature)
    return choose_rule(model, split, by), temperature


def choose_rule(model: nn.Sequential, split: TabletSplit, by: RejectBy) -> DecisionRule:
    """The rule that accepts 98.5 % of the digits kept for choosing."""
    logits, _labels = _chosen_by(model, split)
    return DecisionRule(best_threshold(acceptance_scores(softmax(logits), by), KEPT), by)


def _chosen_by(model: nn.Sequential, split: TabletSplit) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits and labels of the digits kept for choosing; both kinds of them count the same."""
    scanned, pen = selection_images(), rasterise_all(split.choosing)
    logits = [logits_of(model, digits.images) for digits in (scanned, pen)]
    repeat = max(1, len(scanned) // len(pen))
    return (
        np.concatenate([logits[0]] + [logits[1]] * repeat),
        np.concatenate([scanned.labels] + [pen.labels] * repeat),
    )


def publish_checkpoint(
    snapshot: WeightSnapshot, config: TrainConfig, plan: DigitPlan, command: str, tables: bool = True
) -> tuple[bytes, Manifest]:
    """The calibrated weights, packed, and the manifest with all figures (`tables`: those of robustness too)."""
    split = plan.split()
    model = trained_model(snapshot, plan.network)
    rule, temperature = calibrate(model, split, plan.reject_by)
    return describe(
        model,
        network=plan.network,
        seed=config.seed,
        command=command,
        threshold=rule.threshold,
        reject_by=rule.by.value,
        data=_data(split),
        config={"training": config.to_record(), "plan": asdict(plan), "temperature": round(temperature, 4)},
        figures=published_figures(model, rule, split, tables),
    )


def trained_model(snapshot: WeightSnapshot, network: str) -> nn.Sequential:
    """The network with the weights of `snapshot`, in evaluation mode."""
    model = find_recipe(network).build().eval()
    model.load_state_dict(dict(snapshot.weights))
    return model


def describe(model: nn.Module, **told: Any) -> tuple[bytes, Manifest]:
    """The weights, packed, and their manifest; `told` are the fields that they and this machine do not say."""
    packed = pack(model.state_dict())
    manifest = Manifest(
        sha256=digest(packed),
        parameters=sum(weight.numel() for weight in model.parameters()),
        made=datetime.datetime.now(datetime.UTC).date().isoformat(),
        versions=_versions(),
        **told,
    )
    return packed, manifest


def published_figures(
    model: nn.Sequential, rule: DecisionRule, split: TabletSplit, tables: bool = True
) -> dict[str, Any]:
    """All published results, by what they were measured on."""
    test = mnist("test")
    by_tablet = {}
    for tablet in sorted({drawing.source for drawing in split.held_out}):
        drawings = [drawing for drawing in split.held_out if drawing.source == tablet]
        by_tablet[tablet] = evaluate(model, rasterise_all(drawings), rule).to_record()
    return {
        "mnist_test": evaluate(model, test, rule).to_record(),
        "pen_held_out": evaluate(model, rasterise_all(split.held_out), rule).to_record(),
        "pen_held_out_by_tablet": by_tablet,
        "no_digit_turned_away": rejected_by_kind(model, rule),
        "accuracy_under": robustness(model, test, split.held_out) if tables else {},
        "rejection_rules": rejection_figures(model, split) if tables else {},
    }


def rejection_figures(model: nn.Sequential, split: TabletSplit) -> dict[str, Any]:
    """What each rule of rejection accepts of digits and rejects of kinds that were never trained on, by its name."""
    rules = compare_rules(model, split)
    return {name: {"mean": result.mean, "worst": result.worst} | asdict(result) for name, result in rules.items()}


def _data(split: TabletSplit) -> dict[str, Any]:
    return {
        "mnist_sha256": {path.name: sha256(path) for path in mnist_files() if path.is_file()},
        "strokes_sha256": sha256(data_folder() / STROKES_FILE),
        "trained_on_tablets": sorted({drawing.source for drawing in split.practice}),
        "held_out_tablets": sorted({drawing.source for drawing in split.held_out}),
        "drawings": {name: len(getattr(split, name)) for name in ("practice", "choosing", "held_out")},
        "split": "by tablet, and so by writer: the tablets with the fewest drawings are held out",
    }


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in ("numpy", "pillow", "safetensors")}
    return {"cnnviz": __version__, "python": platform.python_version(), "torch": str(torch.__version__), **packages}
