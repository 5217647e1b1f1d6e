"""`python -m cnnviz evaluate`: how well a checkpoint reads strokes of its classes, MNIST's images, or pictures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from cnnviz.cli.progress import checkpoint_path
from cnnviz.data.datasets import DIGITS, DataBroken, LabelledImages, mnist, pen_drawings
from cnnviz.data.digit_pools import rasterise_all
from cnnviz.data.strokes import PEN_WIDTH
from cnnviz.evaluation.image_folders import FolderResult, evaluate_folders
from cnnviz.evaluation.metrics import EvaluationResult, evaluate
from cnnviz.i18n import _
from cnnviz.models import checkpoints
from cnnviz.models.zoo import Recipe, find_recipe


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--checkpoint", default="mnist", help=_("its name, or a path without suffix"))
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--strokes", type=Path, metavar="FILE.json.gz", help=_("a file of pen strokes"))
    what.add_argument("--mnist", choices=["test", "train"], help=_("images of MNIST"))
    what.add_argument(
        "--pictures", type=Path, metavar="PATH",
        help=_("a folder or a zip: images in folders named after the classes, prepared as uploads; in other folders "
               "images of no class"),
    )  # fmt: skip
    parser.add_argument("--sources", metavar="TABLET,TABLET", help=_("only these tablets of the file"))
    parser.add_argument("--pen", type=float, default=PEN_WIDTH, help=_("pen width, a fraction of the canvas"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Load, measure, print."""
    model, manifest = checkpoints.load(*checkpoint_path(arguments.checkpoint))
    recipe = find_recipe(manifest.network)
    classes = recipe.classes
    if arguments.pictures is not None:
        read = evaluate_folders(model, manifest.rule, recipe, arguments.pictures)
        print(json.dumps(read.to_record()) if arguments.json else format_image_folder(read))
        return 0
    result = evaluate(model, _shown(arguments, recipe), manifest.rule)
    print(json.dumps(result.to_record()) if arguments.json else format_evaluation(result, classes))
    return 0


def _shown(arguments: argparse.Namespace, recipe: Recipe) -> LabelledImages:
    classes = recipe.classes
    if not recipe.reads_drawings:
        raise DataBroken(_("{network} reads images in colour: give --pictures", network=recipe.key))
    if arguments.mnist and classes == DIGITS:
        return mnist(arguments.mnist)
    if arguments.mnist:
        raise DataBroken(
            _("images must be of {classes}, got MNIST’s digits: give a file of strokes instead", classes=_list(classes))
        )
    wanted = set(arguments.sources.split(",")) if arguments.sources else None
    drawings = [written for written in pen_drawings(arguments.strokes) if wanted is None or written.source in wanted]
    foreign = sorted({written.label for written in drawings} - set(classes))
    if foreign or not drawings:
        raise DataBroken(
            _(
                "{path} must hold {classes} of the tablets asked for, got {found}: choose another file or tablet.",
                path=arguments.strokes,
                classes=_list(classes),
                found=", ".join(foreign[:5]) or _("none"),
            )
        )
    return rasterise_all(drawings, arguments.pen, classes)


def _list(classes: tuple[str, ...]) -> str:
    return ", ".join(classes)


def format_image_folder(result: FolderResult) -> str:
    """A line for each folder, then the sums."""
    head = _("folder             n correct answered  > 90 %   blank several rejected")
    lines = [(printable_text(name)[-14:], counts) for name, counts in result.folders.items()]
    sums = [(_("of a class"), result.of_classes()), (_("of no class"), result.of_others())]
    rows = [
        f"{name:14}{c.n:6}{c.right:8}{c.answered:9}{c.sure:8}{c.blank:8}{c.several:8}{c.foreign:9}"
        for name, c in (*lines, *(each for each in sums if each[1].n))
    ]
    problems = [f"{printable_text(name)}: {why}" for name, why in list(result.unreadable.items())[:20]]
    return "\n".join([head, *rows, *problems])


def printable_text(name: str) -> str:
    """A file's name as it may stand in a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def format_evaluation(result: EvaluationResult, classes: tuple[str, ...]) -> str:
    """The result as a small table; rows are true classes, columns predicted ones."""
    lines = [
        _("images              {n}", n=result.n),
        _("accuracy            {share}", share=f"{result.accuracy:.2%}"),
        _("rejected            {share}", share=f"{result.share_rejected:.2%}"),
        _("accuracy, accepted  {share}", share=f"{result.accuracy_accepted:.2%}"),
        _("calibration error   {share}", share=f"{result.calibration_error:.2%}"),
        "",
        _("true \\ pred.") + "".join(f"{name:>6}" for name in classes),
    ]
    counted = zip(classes, result.confusion, strict=True)
    rows = [f"{name:>12}" + "".join(f"{count:>6}" for count in row) for name, row in counted]
    return "\n".join(lines + rows)
