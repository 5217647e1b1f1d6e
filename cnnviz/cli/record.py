"""`cnnviz record`: train the network that the page "Train live" begins with, and keep the run as a file.

The page shows this recording before anybody has started a run of their own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from cnnviz.data.image_sets import DataChoice, SetKey, load
from cnnviz.i18n import _
from cnnviz.models.builder import fit_to, preset
from cnnviz.models.checkpoints import replace_file
from cnnviz.training import Job, TrainConfig
from cnnviz.training.worker.recording import pack_recording, record

EPOCHS = 6
MOMENTS = (0, 1, 2, 3, 4, 6, 8, 11, 14, 18, 22, 27, 32, 38, 44, 51, 60, 70, 80, 92, 104, 118, 134, 153, 178, 204, 230,
           255, 280, 306)  # fmt: skip
FILE = Path(__file__).resolve().parents[2] / "checkpoints" / "recorded_run.safetensors"


def recorded_job() -> Job:
    """The training that a newcomer can start at once, for fewer epochs."""
    sets = load(DataChoice(SetKey.DIGITS))
    blueprint = fit_to(preset("digits_small"), sets.shape, sets.classes)
    return Job(blueprint, DataChoice(SetKey.DIGITS), TrainConfig(epochs=EPOCHS, batch=32, rate=3e-3))


def register(subparsers: argparse._SubParsersAction) -> None:
    """Name the command and its arguments."""
    parser = subparsers.add_parser("record", help=_("record the run that the page “Train live” opens with"))
    parser.add_argument("--out", type=Path, default=FILE, help=_("the file (default: %(default)s)"))
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Train, keep, say how well it reads."""
    torch.set_num_threads(1)  # what the sums are added up in decides their last digit
    recording = record(recorded_job(), MOMENTS)
    replace_file(chosen.out, pack_recording(recording))
    last = recording.history.evaluations[-1]
    print(
        _("{path}: {n} moments of {steps} steps, {right:.2%} of the validation pictures", path=chosen.out,
          n=len(MOMENTS), steps=MOMENTS[-1], right=last.validation.accuracy)
    )  # fmt: skip
    return 0
