"""`python -m cnnviz summary NETWORK`: a table of its layers, as text or JSON, by a name or from a file."""

from __future__ import annotations

import argparse
import json

from torch import nn

from cnnviz.checks import sides
from cnnviz.cli.networks import SAVED, find_network
from cnnviz.core.receptive_field import FieldStatus
from cnnviz.i18n import _
from cnnviz.models.importers.network_files import is_network_file
from cnnviz.models.summary import PREFIX, Shape, Summary, SummaryRow, build_network, read_shape, summarise

WIDTH = 100
TYPE = 17  # characters at most


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    known = _("mnist, {prefix}resnet50 and the like, or a .pt2 or .onnx file", prefix=PREFIX)
    parser.add_argument("network", metavar="NETWORK", help=known)
    parser.add_argument("--input", metavar="CxHxW", help=_("another input shape than the network's own"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Build, summarise, print."""
    shape = read_shape(arguments.input) if arguments.input is not None else None
    model, usual, notes = _find_network(arguments.network)
    made = summarise(model, shape or usual, arguments.network)
    print(json.dumps(made.to_record()) if arguments.json else "\n".join([format_summary(made), *notes]))
    return 0


def _find_network(name: str) -> tuple[nn.Module, Shape, tuple[str, ...]]:
    """The network of a name, which needs no weights, or in a file; its input shape, and what is to be said of it."""
    is_file = is_network_file(name) or name.lower().endswith(SAVED)
    return find_network(name) if is_file else (*build_network(name), ())


def format_summary(made: Summary) -> str:
    """The summary as a table of at most 100 columns."""
    heads = (_("layer"), _("type"), _("output"), _("parameters"), _("multiply-adds"), _("field"), _("jump"))
    cells = [heads, *map(_cells, made.rows)]
    cells.append((_("total"), "", "", f"{made.parameters:,}", _macs(made.macs, made.is_counted), "", ""))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - 2 * (len(widths) - 1))
    lines = [_line((_shortened(row[0], widths[0]), *row[1:]), widths) for row in cells]
    rule = "─" * min(WIDTH, sum(widths) + 2 * (len(widths) - 1))
    shape = sides(made.input_shape)
    title = _("{network}, input {shape}", network=made.network, shape=shape)
    return "\n".join([title, rule, lines[0], rule, *lines[1:-1], rule, lines[-1], *_notes(made)])


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    left = (text.ljust(width) for text, width in zip(row[:3], widths[:3], strict=True))
    right = (text.rjust(width) for text, width in zip(row[3:], widths[3:], strict=True))
    return "  ".join([*left, *right]).rstrip()


def _cells(row: SummaryRow) -> tuple[str, ...]:
    return (
        row.name,
        row.type_name if len(row.type_name) <= TYPE else row.type_name[: TYPE - 1] + "…",
        sides(row.output_shape) or "–",
        f"{row.parameters:,}" if row.parameters else "",
        _macs(row.macs, row.is_counted) if row.macs or not row.is_counted else "",
        row.sight.text,
        _pair(row.sight.jump) if row.sight.jump and row.sight.status is not FieldStatus.WHOLE_IMAGE else "",
    )


def _macs(count: int, is_counted: bool) -> str:
    if is_counted:
        return f"{count:,}"
    return f"> {count:,}" if count else _("not counted")


def _shortened(text: str, length: int) -> str:
    """What is too long loses its middle."""
    keep = length - 1
    return text if len(text) <= length else f"{text[: keep // 3]}…{text[keep // 3 - keep :]}"


def _pair(sides: tuple[int, int]) -> str:
    return str(sides[0]) if sides[0] == sides[1] else f"{sides[0]}×{sides[1]}"


def _notes(made: Summary) -> list[str]:
    statuses = {row.sight.status for row in made.rows}
    notes = [_("Field: receptive field, pixels on each side, before the border cuts any off.")]
    if not made.is_counted:
        notes.append(_("Not counted: a product that no formula is known for; the total is of what is counted."))
    if FieldStatus.BOUND in statuses:
        notes.append(_("≤: at most; for some units it is smaller, or has gaps."))
    if FieldStatus.UNSUPPORTED in statuses:
        notes.append(_("Unsupported: an operation before it has no rule, so the receptive field is unknown."))
    if FieldStatus.APART in statuses:
        notes.append(_("Apart: a parameter by itself, or a module that evaluation leaves out."))
    return notes
