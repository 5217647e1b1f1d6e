"""`python -m cnnviz train xo`: make the shipped network that tells an X from an O, reproducibly."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import torch
from tqdm import tqdm

from cnnviz.checks import MOST_THREADS, whole_argument
from cnnviz.cli.progress import output_path, print_progress, report_progress
from cnnviz.i18n import _
from cnnviz.models import checkpoints
from cnnviz.release.xo.train import NETWORK, SETTINGS, XoPlan, load_xo_sources, train_xo
from cnnviz.training import find_device


def register(networks: Any) -> None:
    """Add the network to `train`, with its arguments."""
    parser = networks.add_parser(NETWORK, help=_("X or O: pen strokes"))
    parser.add_argument("--device", default="cpu", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--steps", type=int, default=SETTINGS.steps)
    parser.add_argument(
        "--cool", type=int, default=SETTINGS.cool, help=_("cool-down steps, in which the rate falls to 0")
    )
    parser.add_argument("--batch", type=int, default=SETTINGS.batch)
    parser.add_argument("--rate", type=float, default=SETTINGS.rate, help=_("highest learning rate"))
    parser.add_argument("--seed", type=int, default=SETTINGS.seed)
    parser.add_argument("--variations", type=int, default=XoPlan.variations, help=_("of each pen drawing"))
    parser.add_argument("--others", type=int, default=XoPlan.others, help=_("images of ink that is neither"))
    parser.add_argument("--others-share", type=float, default=XoPlan.others_share, help=_("of other ink in a batch"))
    parser.add_argument(
        "--threads",
        type=whole_argument(1, MOST_THREADS),
        default=1,
        help=_("of the CPU; another number rounds otherwise"),
    )
    parser.add_argument("--out", default=NETWORK, help=_("name of the checkpoint, or a path without suffix"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, measure, save."""
    torch.set_num_threads(arguments.threads)
    plan = XoPlan(variations=arguments.variations, others=arguments.others, others_share=arguments.others_share)
    config = replace(
        SETTINGS,
        steps=arguments.steps,
        cool=arguments.cool,
        batch=arguments.batch,
        rate=arguments.rate,
        seed=arguments.seed,
        device=find_device(arguments.device).type,
    )
    found = load_xo_sources()
    with tqdm(total=config.steps, unit=_("step"), desc=_("training")) as bar:
        packed, manifest = train_xo(
            config, plan, found, command_of(arguments), report_progress, lambda reports: print_progress(bar, reports)
        )
    path = checkpoints.save(packed, manifest, *output_path(arguments.out))
    read = manifest.figures["pen_held_out"]
    print(
        _("{path}: {accuracy} of {n} X’s and O’s by writers on other tablets",
          path=path, accuracy=f"{read['accuracy']:.2%}", n=read["n"])
    )  # fmt: skip
    return 0


def command_of(arguments: argparse.Namespace) -> str:
    """The command that makes the same weights again."""
    names = ("steps", "cool", "batch", "rate", "seed", "variations", "others", "others_share", "threads")
    told = (f"--{name.replace('_', '-')} {getattr(arguments, name)}" for name in names)
    return " ".join([f"python -m cnnviz train {NETWORK}", *told, f"--device {find_device(arguments.device).type}"])
