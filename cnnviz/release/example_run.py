"""The run that the page "Train live" opens with: which training it is, and where its recording lies.

The page shows this recording before anybody has started a run of their own.
"""

from __future__ import annotations

from cnnviz.data.image_sets import DataChoice, SetKey, load_images
from cnnviz.machine.resources import CHECKPOINTS
from cnnviz.models.builder import adapt_to_data, preset
from cnnviz.training import Job, TrainConfig

EPOCHS = 6
MOMENTS = (0, 1, 2, 3, 4, 6, 8, 11, 14, 18, 22, 27, 32, 38, 44, 51, 60, 70, 80, 92, 104, 118, 134, 153, 178, 204, 230,
           255, 280, 306)  # fmt: skip
FILE = CHECKPOINTS / "recorded_run.safetensors"


def recorded_job() -> Job:
    """The training that a newcomer can start at once, for fewer epochs."""
    sets = load_images(DataChoice(SetKey.DIGITS))
    blueprint = adapt_to_data(preset("digits_small"), sets.shape, sets.classes)
    return Job(blueprint, DataChoice(SetKey.DIGITS), TrainConfig(epochs=EPOCHS, batch=32, rate=3e-3))
