"""`python -m cnnviz evaluate`: how well a checkpoint reads a stroke file or MNIST's test images."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from cnnviz import checkpoints
from cnnviz.datasets import DataBroken, Labelled, mnist, strokes
from cnnviz.evaluation import Result, evaluate
from cnnviz.messages import _
from cnnviz.strokes import PEN_WIDTH
from cnnviz.training_data import draw_all


def register(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("evaluate", help=_("measure a checkpoint"))
    parser.add_argument("--checkpoint", default="mnist", help=_("its name, or a path without suffix"))
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--strokes", type=Path, metavar="FILE.json.gz", help=_("a file of pen strokes"))
    what.add_argument("--mnist", choices=["test", "train"], help=_("images of MNIST"))
    parser.add_argument("--sources", metavar="TABLET,TABLET", help=_("only these tablets of the file"))
    parser.add_argument("--pen", type=float, default=PEN_WIDTH, help=_("pen width, a share of the canvas"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Load, measure, print."""
    out = Path(arguments.checkpoint)
    model, manifest = checkpoints.load(out.name, out.parent if out.parent != Path() else None)
    result = evaluate(model, _digits(arguments), manifest.rule)
    print(json.dumps(result.to_record()) if arguments.json else as_text(result))
    return 0


def _digits(arguments: argparse.Namespace) -> Labelled:
    if arguments.mnist:
        return mnist(arguments.mnist)
    wanted = set(arguments.sources.split(",")) if arguments.sources else None
    drawings = [written for written in strokes(arguments.strokes) if wanted is None or written.source in wanted]
    foreign = sorted({written.label for written in drawings} - set("0123456789"))
    if foreign or not drawings:
        raise DataBroken(
            _(
                "{path} must hold digits of the tablets asked for, got {found}: choose another file or tablet.",
                path=arguments.strokes,
                found=", ".join(foreign[:5]) or _("none"),
            )
        )
    return draw_all(drawings, arguments.pen)


def as_text(result: Result) -> str:
    """The result as a small table; rows are what was drawn, columns what was read."""
    lines = [
        _("images           {n}", n=result.n),
        _("read rightly     {share}", share=f"{result.accuracy:.2%}"),
        _("turned away      {share}", share=f"{result.share_rejected:.2%}"),
        _("right, accepted  {share}", share=f"{result.accuracy_accepted:.2%}"),
        _("calibration off  {share}", share=f"{result.calibration_error:.2%}"),
        "",
        _("drawn \\ read") + "".join(f"{digit:>6}" for digit in range(10)),
    ]
    rows = [f"{digit:>12}" + "".join(f"{count:>6}" for count in row) for digit, row in enumerate(result.confusion)]
    return "\n".join(lines + rows)
