"""How the shipped network for birds and airplanes is made: images, training, figures, manifest.

Nothing is chosen on the validation images: they are looked at once, at the end. No image goes into the checkpoint.
Refuses to know: arguments and progress bars (`cli`), how a step is taken (`training`).
"""

from __future__ import annotations

import hashlib
from typing import Any

from torch import nn

from cnnviz.data.augment_images import PHOTOS
from cnnviz.data.image_sets import DataChoice, ImageSet, ImageSplits, SetKey, load_images
from cnnviz.evaluation.metrics import logits_of, score_logits
from cnnviz.models.builder import adapt_to_data, preset
from cnnviz.models.checkpoints import Manifest
from cnnviz.models.decision import DecisionRule
from cnnviz.models.standardise import STANDARDISE, standardising_layer
from cnnviz.models.subjects import BIRDS
from cnnviz.models.zoo import find_recipe
from cnnviz.release.digits import Listener, describe, finish_training
from cnnviz.training import Job, OptimiserKind, Scaling, TrainConfig, WeightSnapshot, start_session
from cnnviz.training.config import ScalingKind, ScheduleKind

NETWORK, PRESET = BIRDS.network, "birds_batch_norm"
SETTINGS = TrainConfig(
    epochs=24, batch=64, optimiser=OptimiserKind.ADAMW, rate=4e-3, schedule=ScheduleKind.COSINE, warm=150, decay=0.01,
    averaging=0.999, scaling=ScalingKind.DATA, device="cpu",
)  # fmt: skip
RULE = DecisionRule(0.0)  # it saw nothing but birds and airplanes: every image counts as one of the two


def train_birds(config: TrainConfig, command: str, listen: Listener) -> tuple[bytes, Manifest]:
    """The whole way: the packed weights and their manifest. Raises: DataMissing, DataBroken; one sentence each."""
    choice = DataChoice(SetKey.BIRDS)
    sets = load_images(choice)
    job = Job(adapt_to_data(preset(PRESET), sets.shape, sets.classes), choice, config, PHOTOS)
    session = start_session(job, sets)
    model = birds_model(finish_training(session.run, listen), session.scaling)
    return describe(
        model,
        network=NETWORK,
        seed=config.seed,
        command=command,
        threshold=RULE.threshold,
        data=_data(sets),
        config=job.to_record(),
        figures={"validation": score_logits(logits_of(model, sets.validation.images), sets.validation.labels, RULE)
                 .to_record()},
    )  # fmt: skip


def birds_model(snapshot: WeightSnapshot, scaling: Scaling) -> nn.Sequential:
    """The trained layers behind the scaling that they were trained with, in evaluation mode."""
    model = find_recipe(NETWORK).build().eval()
    first = standardising_layer(scaling.mean, scaling.std).state_dict()
    model.load_state_dict({f"{STANDARDISE}.{name}": value for name, value in first.items()} | dict(snapshot.weights))
    return model


def _data(sets: ImageSplits) -> dict[str, Any]:
    parts = {"training": sets.training, "validation": sets.validation}
    return {
        "images": {name: len(part) for name, part in parts.items()},
        "decoded_sha256": {name: digest_images(part) for name, part in parts.items()},
        "source": "CIFAR-10's birds and airplanes (Krizhevsky, 2009); no image of it is in the project",
    }


def digest_images(part: ImageSet) -> str:
    """SHA-256 of pixels and labels as they were decoded, hexadecimal."""
    return hashlib.sha256(part.images.tobytes() + part.labels.tobytes()).hexdigest()
