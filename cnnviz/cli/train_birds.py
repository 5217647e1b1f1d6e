"""`python -m cnnviz train birds`: make the shipped network that tells birds from airplanes, reproducibly."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import torch
from tqdm import tqdm

from cnnviz.checks import MOST_THREADS, whole_argument
from cnnviz.cli.progress import output_path, print_progress
from cnnviz.i18n import _
from cnnviz.models import checkpoints
from cnnviz.release.birds import NETWORK, SETTINGS, train_birds


def register(networks: Any) -> None:
    """Add the network to `train`, with its arguments."""
    parser = networks.add_parser(NETWORK, help=_("birds and airplanes: photos in colour"))
    parser.add_argument("--epochs", type=int, default=SETTINGS.epochs)
    parser.add_argument("--batch", type=int, default=SETTINGS.batch)
    parser.add_argument("--rate", type=float, default=SETTINGS.rate, help=_("highest learning rate"))
    parser.add_argument("--seed", type=int, default=SETTINGS.seed)
    parser.add_argument(
        "--threads", type=whole_argument(1, MOST_THREADS), default=1,
        help=_("of the CPU; another number rounds otherwise"),
    )  # fmt: skip
    parser.add_argument("--out", default=NETWORK, help=_("name of the checkpoint, or a path without suffix"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, measure, save."""
    torch.set_num_threads(arguments.threads)
    chosen = {name: getattr(arguments, name) for name in ("epochs", "batch", "rate", "seed")}
    config = replace(SETTINGS, **chosen)
    with tqdm(unit=_("step"), desc=_("training")) as bar:
        packed, manifest = train_birds(config, command_of(arguments), lambda reports: print_progress(bar, reports))
    path = checkpoints.save(packed, manifest, *output_path(arguments.out))
    read = manifest.figures["validation"]
    print(
        _("{path}: {accuracy} of {n} validation images",
          path=path, accuracy=f"{read['accuracy']:.2%}", n=read["n"])
    )  # fmt: skip
    return 0


def command_of(arguments: argparse.Namespace) -> str:
    """The command that makes the same weights again."""
    told = (f"--{name} {getattr(arguments, name)}" for name in ("epochs", "batch", "rate", "seed", "threads"))
    return " ".join([f"python -m cnnviz train {NETWORK}", *told])
