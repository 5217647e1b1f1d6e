"""`cnnviz record`: train the network that the page "Train live" begins with, and keep the run as a file.

Which run that is says `release.example_run`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from cnnviz.i18n import _
from cnnviz.machine.resources import output_folder
from cnnviz.machine.whole_files import replace_file
from cnnviz.release.example_run import FILE, MOMENTS, recorded_job
from cnnviz.training.worker.recording import pack_recording, record_run


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--out", type=Path, default=output_folder() / FILE.name, help=_("the file (default: %(default)s)")
    )
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Train, keep, say how well it reads."""
    torch.set_num_threads(1)  # what the sums are added up in decides their last digit
    recording = record_run(recorded_job(), MOMENTS)
    replace_file(chosen.out, pack_recording(recording))
    last = recording.history.evaluations[-1]
    print(
        _("{path}: {n} moments of {steps} steps, {right:.2%} of the validation images", path=chosen.out,
          n=len(MOMENTS), steps=MOMENTS[-1], right=last.validation.accuracy)
    )  # fmt: skip
    return 0
