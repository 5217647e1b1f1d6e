"""`python -m cnnviz.training`: any network of the app on any of its data, with a progress bar, and safe to kill.

    python -m cnnviz.training --network mnist_b1 --data mnist --epochs 3 --out runs/b1
    python -m cnnviz.training --network birds_c1 --pictures pets.zip --out runs/pets
    torchrun --nproc-per-node 2 -m cnnviz.training --network mnist_b1 --data mnist --out runs/b1

The same core as in the app. The folder holds the job, the state after the last step, the evaluations and at the end
the network; the same command again goes on where it was killed, with the result that it would have had. Under
`torchrun` every process takes its share of each batch, and the result is that of one process on the whole of it.
(`python -m cnnviz train` makes the checkpoints that ship with the app; this is for networks and data of one's own.)
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.distributed as dist

from cnnviz.checks import MOST_THREADS, whole_argument
from cnnviz.data.augment_images import DRAWINGS, PHOTOS
from cnnviz.data.image_sets import DataChoice, ImageSplits, SetKey, load_images, take_path
from cnnviz.i18n import _
from cnnviz.machine.arguments import ArgumentParser, shorten_words
from cnnviz.machine.extras import describe_missing
from cnnviz.machine.output import write_any_sign
from cnnviz.models.builder import adapt_to_data, preset, preset_keys
from cnnviz.training import Job, TrainConfig, find_device
from cnnviz.training.config import LossKind, OptimiserKind, ScalingKind, ScheduleKind
from cnnviz.training.folder_run import FolderRun
from cnnviz.training.process_group import ALONE, ProcessGroup, ProcessGroupBroken

AUGMENTATIONS = {"none": None, "drawings": DRAWINGS, "photos": PHOTOS}
USUAL = TrainConfig()


def build_parser() -> argparse.ArgumentParser:
    """All that can be told."""
    parser = ArgumentParser(
        "python -m cnnviz.training",
        description=_("Train a network; interrupt it at any time and run the same command again to resume."),
    )
    parser.add_argument("--network", default="digits_small", choices=preset_keys(), help=_("which network"))
    pictures = parser.add_mutually_exclusive_group()
    pictures.add_argument("--data", default="digits", choices=[each for each in SetKey if each != SetKey.OWN])
    pictures.add_argument(
        "--pictures", type=Path, metavar="PATH", help=_("your own: a zip or a folder, with a folder for each class")
    )
    parser.add_argument("--limit", type=int, help=_("at most so many training images"))
    parser.add_argument("--balanced", action="store_true", help=_("balance the classes: as many images of each"))
    parser.add_argument(
        "--augment", default="none", choices=list(AUGMENTATIONS), help=_("augmentation: vary the images each time")
    )
    parser.add_argument("--job", type=Path, metavar="FILE", help=_("a job saved as JSON, in place of all settings"))
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help=_("where the run is kept"))
    parser.add_argument(
        "--threads", type=whole_argument(1, MOST_THREADS), help=_("of the CPU, in each process (PyTorch's own choice)")
    )
    _add_settings(parser.add_argument_group(_("how it is trained")))
    return parser


def _add_settings(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--epochs", type=int, default=USUAL.epochs)
    group.add_argument("--steps", type=int, help=_("in place of epochs"))
    group.add_argument("--batch", type=int, default=USUAL.batch, help=_("images per step, of all processes together"))
    group.add_argument("--optimiser", default=USUAL.optimiser, choices=list(OptimiserKind))
    group.add_argument("--rate", type=float, default=USUAL.rate, help=_("highest learning rate"))
    group.add_argument("--schedule", default=USUAL.schedule, choices=list(ScheduleKind))
    group.add_argument("--warm", type=int, default=USUAL.warm, help=_("warm-up steps, in which the rate rises"))
    group.add_argument("--cool", type=int, default=USUAL.cool, help=_("cool-down steps, in which it falls to 0"))
    group.add_argument("--momentum", type=float, default=USUAL.momentum)
    group.add_argument("--decay", type=float, default=USUAL.decay, help=_("weight decay"))
    group.add_argument("--l2", type=float, default=USUAL.l2, help=_("λ of an explicit penalty λ · Σ p²"))
    group.add_argument("--loss", default=USUAL.loss, choices=list(LossKind))
    group.add_argument("--smoothing", type=float, default=USUAL.smoothing)
    group.add_argument("--averaging", type=float, default=USUAL.averaging)
    group.add_argument("--scaling", default=USUAL.scaling, choices=list(ScalingKind))
    group.add_argument("--seed", type=int, default=USUAL.seed)
    group.add_argument("--device", default=USUAL.device, choices=["auto", "cpu", "cuda"])


SETTINGS = (
    "epochs", "steps", "batch", "optimiser", "rate", "schedule", "warm", "cool", "momentum", "decay", "l2", "loss",
    "smoothing", "averaging", "scaling", "seed", "device",
)  # fmt: skip


def job_from_arguments(chosen: argparse.Namespace) -> tuple[Job, ImageSplits]:
    """The job that the arguments describe, and its pictures; the network is fitted to them.

    Raises: ValueError or OSError, one sentence each, for a job that is none or data that are not there.
    """
    if chosen.job is not None:
        job = Job.from_record(_read_json(chosen.job))
        return job, load_images(job.data)
    taken = {"limit": chosen.limit, "balanced": chosen.balanced, "seed": min(chosen.seed, 2**31 - 1)}
    if chosen.pictures is not None:
        data = DataChoice("own", upload=take_path(chosen.pictures)[0], **taken)
    else:
        data = DataChoice(chosen.data, **taken)
    sets = load_images(data)
    config = TrainConfig(**{name: getattr(chosen, name) for name in SETTINGS})
    blueprint = adapt_to_data(preset(chosen.network), sets.shape, sets.classes)
    return Job(blueprint, data, config, AUGMENTATIONS[chosen.augment]), sets


def _read_json(path: Path) -> object:
    """Raises: ValueError, one sentence, or OSError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(
            _("{path} must hold a job as JSON: save it from a run, or leave --job out", path=path)
        ) from error


def make_process_group(environment: os._Environ | dict[str, str], device: torch.device) -> ProcessGroup:
    """This process's place among those that `torchrun` started; alone where it did not."""
    if int(environment.get("WORLD_SIZE", "1")) == 1:
        return ALONE
    if device.type == "cuda":
        torch.cuda.set_device(int(environment["LOCAL_RANK"]))
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return ProcessGroup(dist.get_rank(), dist.get_world_size())


def train(chosen: argparse.Namespace) -> None:
    """Everything, from the arguments to the network in the folder."""
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    job, sets = job_from_arguments(chosen)
    team = make_process_group(os.environ, find_device(job.config.device))
    try:
        FolderRun(job, sets, chosen.out, team).finish()
    finally:
        if not team.is_alone:
            dist.destroy_process_group()


def describe_os_error(error: OSError, folder: Path) -> str:
    """What the system says, and the way out."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _(
            "there is no room left in {folder}: make room, then run the same command again to resume.", folder=folder
        )
    if error.filename is not None:
        reason = (error.strerror or "").lower()
        return _("{path} cannot be used ({reason}): choose another one.", path=error.filename, reason=reason)
    return str(error)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code; 2 with one sentence on the error stream where it cannot be done."""
    write_any_sign()
    chosen = build_parser().parse_args(arguments)
    try:
        train(chosen)
    except ModuleNotFoundError as error:
        print(_("cnnviz: {error}", error=describe_missing(error, "train", _("training"))), file=sys.stderr)
        return 2
    except (ValueError, OSError, ProcessGroupBroken) as error:
        said = describe_os_error(error, chosen.out) if isinstance(error, OSError) else error
        print(_("cnnviz: {error}", error=shorten_words(str(said))), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_("cnnviz: stopped; run the same command again to resume."), file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
