"""`python -m cnnviz train mnist` (`xo`, `birds`: see `train_xo`, `train_birds`): make a shipped checkpoint again."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from cnnviz.checks import MOST_THREADS, whole_argument
from cnnviz.cli import train_birds, train_xo
from cnnviz.cli.progress import checkpoint_path, output_path, print_progress, report_progress
from cnnviz.data.datasets import mnist, pen_drawings
from cnnviz.data.digit_pools import split_by_tablet
from cnnviz.i18n import _
from cnnviz.models import checkpoints
from cnnviz.release.digits import SETTINGS, DigitPlan, make_pools, publish_checkpoint, train_digits
from cnnviz.training import find_device

STEPS, COOL = 23_000, 6_000
BATCH = 128


def register(parser: argparse.ArgumentParser) -> None:
    """Add for each network its arguments."""
    networks = parser.add_subparsers(dest="network", required=True, metavar="network")
    _register_mnist(networks)
    train_xo.register(networks)
    train_birds.register(networks)


def _register_mnist(networks: Any) -> None:
    parser = networks.add_parser("mnist", help=_("digits: MNIST and pen strokes"))
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--epochs", type=float, help=_("passes over as many images as MNIST has, instead of --steps"))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument(
        "--cool", type=int, default=COOL, help=_("cool-down steps, in which the learning rate falls to 0")
    )
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--rate", type=float, default=SETTINGS.rate, help=_("highest learning rate"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--variations", type=int, default=DigitPlan.variations, help=_("of each pen drawing"))
    parser.add_argument("--pen-share", type=float, default=DigitPlan.pen_share, help=_("of pen strokes in a batch"))
    parser.add_argument("--others-share", type=float, default=DigitPlan.others_share, help=_("of no digits in a batch"))
    parser.add_argument("--strength", type=float, default=1.0, help=_("of the augmentation of MNIST’s images"))
    parser.add_argument("--start", metavar="CHECKPOINT", help=_("start from its weights instead of random ones"))
    parser.add_argument("--hold-out", metavar="TABLET,TABLET", help=_("tablets kept away (the three smallest)"))
    parser.add_argument("--threads", type=whole_argument(1, MOST_THREADS), help=_("of the CPU (PyTorch's own choice)"))
    parser.add_argument("--cache", type=Path, help=_("file that keeps the varied strokes for the next run"))
    parser.add_argument("--keep", type=Path, help=_("file that keeps the run, and from which it resumes"))
    parser.add_argument("--brief", action="store_true", help=_("leave the tables of robustness out of the manifest"))
    parser.add_argument("--out", default="mnist", help=_("name of the checkpoint, or a path without suffix"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, calibrate, measure, save."""
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    plan = DigitPlan(
        network=arguments.network,
        variations=arguments.variations,
        pen_share=arguments.pen_share,
        others_share=arguments.others_share,
        strength=arguments.strength,
        held_out=tuple(arguments.hold_out.split(",")) if arguments.hold_out else None,
    )
    config = replace(
        SETTINGS,
        steps=_steps(arguments),
        batch=arguments.batch,
        rate=arguments.rate,
        cool=arguments.cool,
        seed=arguments.seed,
        device=find_device(arguments.device).type,
    )
    weights = checkpoints.load(*checkpoint_path(arguments.start))[0].state_dict() if arguments.start else None
    split = split_by_tablet(pen_drawings(), plan.held_out)
    data = make_pools(plan, split, config.seed, report_progress, arguments.cache)
    with tqdm(total=config.steps, unit=_("step"), desc=_("training")) as bar:
        snapshot = train_digits(
            config, plan, data, lambda reports: print_progress(bar, reports), arguments.keep, weights
        )
    packed, manifest = publish_checkpoint(snapshot, config, plan, command_of(arguments), not arguments.brief)
    path = checkpoints.save(packed, manifest, *output_path(arguments.out))
    print(
        _(
            "{path}: {accuracy} of MNIST’s test images, {pen} of pen strokes on other tablets",
            **_summary(path, manifest),
        )
    )
    return 0


def _steps(arguments: argparse.Namespace) -> int:
    if arguments.epochs is None:
        return arguments.steps
    return max(1, round(arguments.epochs * len(mnist("train")) / arguments.batch))


def command_of(arguments: argparse.Namespace) -> str:
    """The command that makes the same weights again; where files lie does not matter to it."""
    parts = [f"python -m cnnviz train {arguments.network} --steps {_steps(arguments)} --cool {arguments.cool}"]
    parts += [
        f"--batch {arguments.batch} --rate {arguments.rate} --seed {arguments.seed} --variations {arguments.variations}"
    ]
    parts += [f"--pen-share {arguments.pen_share} --others-share {arguments.others_share}"]
    parts += [f"--hold-out {arguments.hold_out}"] if arguments.hold_out else []
    parts += [f"--strength {arguments.strength}"] if arguments.strength != 1 else []
    if arguments.start:
        before = checkpoints.read_manifest(*checkpoint_path(arguments.start)).command
        parts = [f"{before} --out runs/before && {parts[0]}", *parts[1:], "--start runs/before"]
    return " ".join([*parts, f"--device {find_device(arguments.device).type}"])


def _summary(path: Path, manifest: checkpoints.Manifest) -> dict[str, object]:
    figures = manifest.figures
    accuracies = {name: f"{figures[key]['accuracy']:.2%}" for name, key in _SHOWN.items()}
    return {"path": path, **accuracies}


_SHOWN = {"accuracy": "mnist_test", "pen": "pen_held_out"}
