"""`python -m cnnviz train mnist` or `digits_residual`: make a shipped checkpoint for digits again, by one recipe.

For `xo` and `birds` see `train_xo` and `train_birds`.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from cnnviz.checks import MOST_THREADS, require, whole_argument
from cnnviz.cli import train_birds, train_xo
from cnnviz.cli.progress import checkpoint_path, output_path, print_progress, report_progress
from cnnviz.data.datasets import mnist
from cnnviz.i18n import _
from cnnviz.models import checkpoints
from cnnviz.models.decision import RejectBy
from cnnviz.release.averaging import unfold_temperature
from cnnviz.release.digits import SETTINGS, DigitPlan, make_pools, publish_checkpoint, train_digits
from cnnviz.release.measure_again import measure_again
from cnnviz.release.teacher import load_teacher, save_teacher
from cnnviz.training import TrainConfig, WeightSnapshot, find_device

STEPS, COOL = {"mnist": 23_000, "digits_residual": 19_000}, 6_000
BATCH = 128
RULES = {"probability": RejectBy.PROBABILITY, "divergence": RejectBy.UNIFORM}
SUFFIX = ".safetensors"  # of a teacher that is no checkpoint


def register(parser: argparse.ArgumentParser) -> None:
    """Add for each network its arguments."""
    networks = parser.add_subparsers(dest="network", required=True, metavar="network")
    plain = networks.add_parser("mnist", help=_("digits: MNIST and pen strokes"))
    _register_digits(plain, "mnist")
    plain.add_argument("--large", action="store_true", help=_("train a teacher: a larger network that is not shipped"))
    residual = networks.add_parser("digits_residual", help=_("digits: the same images, a network of residual blocks"))
    _register_digits(residual, "digits_residual")
    train_xo.register(networks)
    train_birds.register(networks)


def _register_digits(parser: argparse.ArgumentParser, network: str) -> None:
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--epochs", type=float, help=_("passes over as many images as MNIST has, instead of --steps"))
    parser.add_argument("--steps", type=int, default=STEPS[network])
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
    parser.add_argument(
        "--families", type=float, default=0.0, help=_("share of the varied drawings in the form of a family: 0 to 1")
    )
    parser.add_argument("--more-others", action="store_true", help=_("more kinds of what is no digit"))
    parser.add_argument("--without-doubtful", action="store_true", help=_("leave doubtful labels out"))
    parser.add_argument(
        "--teacher",
        metavar="CHECKPOINT",
        help=_("learn from its probabilities too: a checkpoint, or a file of --large"),
    )
    parser.add_argument(
        "--teacher-share", type=float, default=DigitPlan.teacher_share, help=_("of the teacher in a target: 0 to 1")
    )
    parser.add_argument(
        "--teacher-temperature", type=float, default=DigitPlan.teacher_temperature,
        help=_("what the teacher’s scores are divided by"),
    )  # fmt: skip
    parser.add_argument("--start", metavar="CHECKPOINT", help=_("start from its weights instead of random ones"))
    parser.add_argument(
        "--average", type=float, metavar="SHARE",
        help=_("with --start: average the weights with those it started from, SHARE of the new ones: 0 to 1"),
    )  # fmt: skip
    parser.add_argument(
        "--reject-by", default=next(iter(RULES)), choices=RULES,
        help=_("the score below which an image belongs to no class"),
    )  # fmt: skip
    parser.add_argument(
        "--measure", metavar="CHECKPOINT",
        help=_("train nothing: choose the threshold for its weights and measure them again"),
    )  # fmt: skip
    parser.add_argument("--hold-out", metavar="TABLET,TABLET", help=_("tablets kept away (the three smallest)"))
    parser.add_argument("--threads", type=whole_argument(1, MOST_THREADS), help=_("of the CPU (PyTorch's own choice)"))
    parser.add_argument("--cache", type=Path, help=_("file that keeps the varied strokes for the next run"))
    parser.add_argument("--keep", type=Path, help=_("file that keeps the run, and from which it resumes"))
    parser.add_argument("--brief", action="store_true", help=_("leave the tables of robustness out of the manifest"))
    parser.add_argument("--out", default=network, help=_("name of the checkpoint, or a path without suffix"))
    parser.set_defaults(run=run, large=False)


def run(arguments: argparse.Namespace) -> int:
    """Train, calibrate, measure, save."""
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.measure:
        print(_measured(arguments))
        return 0
    plan, config = _plan_of(arguments), _config_of(arguments)
    weights = _beginning(arguments)
    teachers = [_teacher(arguments.teacher)[0]] if arguments.teacher else []
    data = make_pools(plan, plan.split(), config.seed, report_progress, arguments.cache)
    with tqdm(total=config.steps, unit=_("step"), desc=_("training")) as bar:
        snapshot = train_digits(
            config, plan, data, lambda reports: print_progress(bar, reports), arguments.keep, weights, teachers
        )
    print(_kept(arguments, snapshot, plan, config))
    return 0


def _beginning(arguments: argparse.Namespace) -> dict[str, Tensor] | None:
    """The weights that a run goes on from; None for random ones."""
    require(arguments.average is None or bool(arguments.start), "--average", "with --start", arguments.average,
            _("name the checkpoint whose weights are averaged with the new ones"))  # fmt: skip
    if not arguments.start:
        return None
    model, manifest = checkpoints.load(*checkpoint_path(arguments.start))
    if arguments.average is not None:
        unfold_temperature(model, manifest.config["temperature"])
    return model.state_dict()


def _measured(arguments: argparse.Namespace) -> str:
    """Choose the rule of a checkpoint's weights, measure and save them; what to say of it."""
    key, folder = checkpoint_path(arguments.measure)
    command = command_with_rule(checkpoints.read_manifest(key, folder).command, arguments.reject_by)
    packed, manifest = measure_again(key, folder, RULES[arguments.reject_by], command)
    return _saved(arguments, packed, manifest)


def _teacher(named: str) -> tuple[nn.Module, str]:
    """The network that teaches, and the command that made it, empty for one that is shipped."""
    if named.endswith(SUFFIX):
        return load_teacher(Path(named))
    key, folder = checkpoint_path(named)
    model, manifest = checkpoints.load(key, folder)
    return model, manifest.command if folder else ""


def _plan_of(arguments: argparse.Namespace) -> DigitPlan:
    return DigitPlan(
        network=arguments.network,
        variations=arguments.variations,
        pen_share=arguments.pen_share,
        others_share=arguments.others_share,
        strength=arguments.strength,
        held_out=tuple(arguments.hold_out.split(",")) if arguments.hold_out else None,
        families=arguments.families,
        more_others=arguments.more_others,
        leaves_out_doubtful=arguments.without_doubtful,
        is_large=arguments.large,
        teacher_share=arguments.teacher_share,
        teacher_temperature=arguments.teacher_temperature,
        averaged=1.0 if arguments.average is None else arguments.average,
        reject_by=RULES[arguments.reject_by],
    )


def _config_of(arguments: argparse.Namespace) -> TrainConfig:
    return replace(
        SETTINGS,
        steps=_steps(arguments),
        batch=arguments.batch,
        rate=arguments.rate,
        cool=arguments.cool,
        seed=arguments.seed,
        device=find_device(arguments.device).type,
    )


def _kept(arguments: argparse.Namespace, snapshot: WeightSnapshot, plan: DigitPlan, config: TrainConfig) -> str:
    """Calibrate, measure and save what was trained; what to say of it."""
    command = command_of(arguments)
    key, folder = output_path(arguments.out)
    if plan.is_large:
        path = folder / f"{key}.safetensors"
        save_teacher(path, dict(snapshot.weights), command)
        return _("{path}: a teacher; name it with --teacher", path=path)
    return _saved(arguments, *publish_checkpoint(snapshot, config, plan, command, not arguments.brief))


def _saved(arguments: argparse.Namespace, packed: bytes, manifest: checkpoints.Manifest) -> str:
    path = checkpoints.save(packed, manifest, *output_path(arguments.out))
    return _(
        "{path}: {accuracy} of MNIST’s test images, {pen} of pen strokes on other tablets", **_summary(path, manifest)
    )


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
    parts += [f"--families {arguments.families}"] if arguments.families else []
    parts += [f"--{name}" for name in ("more-others", "without-doubtful", "large") if vars(arguments)[_word(name)]]
    if arguments.teacher:
        made, is_file = _teacher(arguments.teacher)[1], arguments.teacher.endswith(SUFFIX)
        parts = [f"{made} --out runs/teacher && {parts[0]}" if made else parts[0], *parts[1:]]
        named = f"runs/teacher{SUFFIX * is_file}" if made else arguments.teacher
        parts += [f"--teacher {named} --teacher-share {arguments.teacher_share}"]
        parts += [f"--teacher-temperature {arguments.teacher_temperature}"]
    if arguments.start:
        before = checkpoints.read_manifest(*checkpoint_path(arguments.start)).command
        parts = [f"{before} --out runs/before && {parts[0]}", *parts[1:], "--start runs/before"]
        parts += [f"--average {arguments.average}"] if arguments.average is not None else []
    parts += [f"--device {find_device(arguments.device).type}"]
    parts += [f"--threads {arguments.threads}"] if arguments.threads else []  # sums are rounded in another order
    return command_with_rule(" ".join(parts), arguments.reject_by)


def command_with_rule(command: str, rule: str) -> str:
    """`command`, its last part with `--reject-by` that rule; the usual one is not named.

    >>> from cnnviz.cli.train import command_with_rule
    >>> command_with_rule("python -m cnnviz train mnist", "divergence")
    'python -m cnnviz train mnist --reject-by divergence'
    """
    *before, last = command.split(" && ")
    last = re.sub(r" --reject-by \S+", "", last)
    named = "" if RULES[rule] is RejectBy.PROBABILITY else f" --reject-by {rule}"
    return " && ".join([*before, last + named])


def _word(option: str) -> str:
    """The name of an option in what was parsed."""
    return option.replace("-", "_")


def _summary(path: Path, manifest: checkpoints.Manifest) -> dict[str, object]:
    figures = manifest.figures
    accuracies = {name: f"{figures[key]['accuracy']:.2%}" for name, key in _SHOWN.items()}
    return {"path": path, **accuracies}


_SHOWN = {"accuracy": "mnist_test", "pen": "pen_held_out"}
