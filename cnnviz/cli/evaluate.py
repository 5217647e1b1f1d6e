"""`python -m cnnviz evaluate`: how well a checkpoint reads strokes of its classes, MNIST's images, or pictures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from cnnviz.cli.progress import checkpoint_path
from cnnviz.data.datasets import DIGITS, DataBroken, LabelledImages, PenDrawing, mnist, pen_drawings
from cnnviz.data.digit_pools import TabletSplit, rasterise_all
from cnnviz.data.strokes import PEN_WIDTH
from cnnviz.evaluation.by_group import Grouping, Misread, evaluate_groups, misread_drawings
from cnnviz.evaluation.image_folders import FolderResult, evaluate_folders
from cnnviz.evaluation.metrics import EvaluationResult, evaluate
from cnnviz.evaluation.pairs import SeveralResult, measure_several
from cnnviz.evaluation.rejection import RejectionResult
from cnnviz.i18n import _
from cnnviz.models import checkpoints
from cnnviz.models.checkpoints import Manifest
from cnnviz.models.zoo import Recipe, find_recipe
from cnnviz.release.digits import DigitPlan
from cnnviz.release.rejection_rules import compare_rules


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
    what.add_argument(
        "--others",
        action="store_true",
        help=_("what is no digit, of kinds never trained on: rules of rejection compared"),
    )
    parser.add_argument("--sources", metavar="TABLET,TABLET", help=_("only these tablets of the file"))
    parser.add_argument("--by", choices=[*Grouping], help=_("strokes: also for each tablet, or in each family's form"))
    parser.add_argument("--misread", action="store_true", help=_("strokes: also which drawings are misclassified"))
    parser.add_argument(
        "--pairs", action="store_true",
        help=_("strokes: also how many count as more than one drawing, alone and in pairs"),
    )  # fmt: skip
    parser.add_argument("--pen", type=float, default=PEN_WIDTH, help=_("pen width, a fraction of the canvas"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Load, measure, print."""
    model, manifest = checkpoints.load(*checkpoint_path(arguments.checkpoint))
    recipe = find_recipe(manifest.network)
    if arguments.pictures is not None:
        read = evaluate_folders(model, manifest.rule, recipe, arguments.pictures)
        record, text = read.to_record(), format_image_folder(read)
    elif arguments.others:
        rules = compare_rules(model, _split_of(manifest, recipe))
        record, text = {name: asdict(rule) for name, rule in rules.items()}, format_rules(rules)
    else:
        record, text = _evaluated(arguments, model, manifest, recipe)
    print(json.dumps(record) if arguments.json else text)
    return 0


def _split_of(manifest: Manifest, recipe: Recipe) -> TabletSplit:
    """The drawings by their use in its training."""
    if recipe.classes != DIGITS:
        raise DataBroken(_("the rules are compared on a network of digits, got one of {classes}: choose another",
                           classes=_list(recipe.classes)))  # fmt: skip
    plan = DigitPlan(
        held_out=tuple(manifest.data["held_out_tablets"]),
        leaves_out_doubtful=manifest.config["plan"].get("leaves_out_doubtful", False),  # older ones left nothing out
    )
    return plan.split()


def _evaluated(
    arguments: argparse.Namespace, model: nn.Module, manifest: Manifest, recipe: Recipe
) -> tuple[dict[str, Any], str]:
    """Drawings or MNIST's images, and what else was asked for: a record, and a text."""
    if not recipe.reads_drawings:
        raise DataBroken(_("{network} reads images in colour: give --pictures", network=recipe.key))
    classes, by = recipe.classes, arguments.by and Grouping(arguments.by)
    if arguments.mnist and (by or arguments.misread or arguments.pairs):
        raise DataBroken(_("--by, --misread and --pairs are for drawings, got MNIST’s digits: give --strokes FILE"))
    numbered = {} if arguments.mnist else _drawings(arguments, classes)
    drawings = tuple(numbered.values())
    shown = rasterise_all(drawings, arguments.pen, classes) if drawings else _scanned(arguments, classes)
    result = evaluate(model, shown, manifest.rule)
    groups = evaluate_groups(model, manifest.rule, drawings, by, arguments.pen, classes) if by else {}
    misread = misread_drawings(model, numbered, arguments.pen, classes) if arguments.misread else []
    several = measure_several(drawings, arguments.pen) if arguments.pairs else None
    lines = [format_evaluation(result, classes), *_format_groups(groups), *_format_misread(misread)]
    lines += _format_several(several)
    return _record(arguments, result, groups, misread) | _record_of(several), "\n".join(lines)


def _record_of(several: SeveralResult | None) -> dict[str, Any]:
    return {"several": asdict(several)} if several else {}


def _record(
    arguments: argparse.Namespace,
    result: EvaluationResult,
    groups: Mapping[str, EvaluationResult],
    misread: list[Misread],
) -> dict[str, Any]:
    """The result, and what else was asked for."""
    record = result.to_record()
    if arguments.by:
        record["by"] = {name: group.to_record() for name, group in groups.items()}
    if arguments.misread:
        record["misread"] = [asdict(each) for each in misread]
    return record


def _format_groups(groups: Mapping[str, EvaluationResult]) -> list[str]:
    """A line for each group."""
    if not groups:
        return []
    head = "\n" + _("group               n  accuracy  rejected  accuracy, accepted")
    return [
        head,
        *(
            f"{printable_text(name)[:14]:14}{group.n:7}{group.accuracy:10.2%}{group.share_rejected:10.2%}"
            f"{group.accuracy_accepted:20.2%}"
            for name, group in groups.items()
        ),
    ]


def _format_several(several: SeveralResult | None) -> list[str]:
    """A line for single drawings, and one for each gap between the two of a pair."""
    if several is None:
        return []
    rows = [(_format_gap(gap), share) for gap, share in several.pairs.items()]
    head = "\n" + _("more than one drawing (gaps as fractions of the pad)")
    return [head, *(f"{name:32}{share:8.2%}" for name, share in [(_("single drawings"), several.singles), *rows])]


def _format_gap(gap: float) -> str:
    if gap < 0:
        return _("pairs, boxes overlap by {gap}", gap=f"{-gap:.2f}")
    return _("pairs, {gap} apart", gap=f"{gap:.2f}")


def _format_misread(misread: list[Misread]) -> list[str]:
    """A line for each drawing that was misclassified, the least probable label first."""
    if not misread:
        return []
    head = "\n" + _("place  label  predicted  probability  of the label")
    lines = [
        f"{each.place:5}  {each.label:>5}  {each.predicted:>9}  {each.probability:11.2%}"
        f"  {each.probability_of_label:12.2%}"
        for each in misread
    ]
    return [head, *lines]


def format_rules(rules: Mapping[str, RejectionResult]) -> str:
    """A column for each rule: the digits accepted, then what is rejected of each kind, the mean and the worst."""
    first = next(iter(rules.values()))
    rows = [
        (_("accepted: {name}", name=name), [rule.accepted[name] for rule in rules.values()]) for name in first.accepted
    ]
    rows += [
        (_("rejected: {name}", name=name), [rule.rejected[name] for rule in rules.values()]) for name in first.rejected
    ]
    rows += [(_("rejected: mean"), [rule.mean for rule in rules.values()])]
    rows += [(_("rejected: worst"), [rule.worst for rule in rules.values()])]
    head = " " * 32 + "".join(f"{name:>26}" for name in rules)
    return "\n".join([head, *(f"{name:32}" + "".join(f"{share:26.1%}" for share in shares) for name, shares in rows)])


def _scanned(arguments: argparse.Namespace, classes: tuple[str, ...]) -> LabelledImages:
    if classes == DIGITS:
        return mnist(arguments.mnist)
    raise DataBroken(
        _("images must be of {classes}, got MNIST’s digits: give a file of strokes instead", classes=_list(classes))
    )


def _drawings(arguments: argparse.Namespace, classes: tuple[str, ...]) -> dict[int, PenDrawing]:
    """The drawings asked for, by their places in the file."""
    wanted = set(arguments.sources.split(",")) if arguments.sources else None
    found = pen_drawings(arguments.strokes)
    drawings = {place: written for place, written in enumerate(found) if wanted is None or written.source in wanted}
    foreign = sorted({written.label for written in drawings.values()} - set(classes))
    if foreign or not drawings:
        raise DataBroken(
            _(
                "{path} must hold {classes} of the tablets asked for, got {found}: choose another file or tablet.",
                path=arguments.strokes,
                classes=_list(classes),
                found=", ".join(foreign[:5]) or _("none"),
            )
        )
    return drawings


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
