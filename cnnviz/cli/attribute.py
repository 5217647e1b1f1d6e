"""`python -m cnnviz attribute NETWORK --image FILE --method ig --target 3`: why this answer, as text or JSON."""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from cnnviz.attribution import (
    Attribution,
    Contributions,
    Trust,
    attribute,
    contributions_of,
    describe_trust,
    method_names,
)
from cnnviz.cli.networks import add_network_and_image, read_network_and_image
from cnnviz.core.graph import build_graph
from cnnviz.i18n import _

MOST_LINES = 8  # of pixels in the text


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_network_and_image(parser)
    parser.add_argument("--method", default="ig", choices=method_names(), help=_("how; ig is integrated gradients"))
    parser.add_argument(
        "--target", type=int, metavar="CLASS", help=_("the class; without it that of the highest score")
    )
    parser.add_argument(
        "--against", type=int, metavar="CLASS", help=_("explain how far the target lies above this one")
    )
    parser.add_argument("--baseline", type=float, default=0.0, help=_("the value of a pixel that says nothing; 0"))
    parser.add_argument("--steps", type=int, help=_("of integrated gradients"))
    parser.add_argument("--window", type=int, help=_("of occlusion, in pixels"))
    parser.add_argument("--stride", type=int, help=_("of occlusion, in pixels"))
    parser.add_argument("--layer", metavar="NAME", help=_("of Grad-CAM; the last with maps without it"))
    parser.add_argument("--maps", metavar="LAYER", help=_("also say what each map of this layer gave to the score"))
    parser.add_argument("--no-checks", action="store_true", help=_("do not check whether the map can be believed"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open, attribute, print."""
    model, image, notes = read_network_and_image(arguments)
    made = attribute(
        model, image, arguments.method, arguments.target, arguments.against, baseline=arguments.baseline,
        steps=arguments.steps, window=arguments.window, stride=arguments.stride, layer=arguments.layer,
        checks=not arguments.no_checks,
    )  # fmt: skip
    maps = None
    if arguments.maps:
        shape = (image.shape[0], image.shape[1], image.shape[2])
        maps = contributions_of(build_graph(model, shape), image, arguments.maps, made.question)
    if arguments.json:
        print(json.dumps(record_of(made) | _contributions_record(maps)))
    else:
        print("\n".join([*format_attribution(made), *_format_contributions(maps), *notes]))
    return 0


def _contributions_record(made: Contributions | None) -> dict[str, Any]:
    if made is None:
        return {}
    return {
        "contributions": {
            "layer": made.layer, "by_map": made.by_map.tolist(), "rest": made.rest, "error": made.error,
            "is_weighted_sum": made.is_weighted_sum,
        }
    }  # fmt: skip


def _format_contributions(made: Contributions | None) -> list[str]:
    if made is None:
        return []
    by_map = made.by_map
    lines = [_("parts of the score from {layer}, the largest first (map: part):", layer=made.layer)]
    lines += [f"  {at}: {by_map[at]:+.6g}" for at in np.argsort(-np.abs(by_map))[:MOST_LINES]]
    lines.append(
        _("all maps {maps}, and {rest} without them; together off by {error}", maps=f"{by_map.sum():.6g}",
          rest=f"{made.rest:.6g}", error=f"{made.error:.3g}")
    )  # fmt: skip
    return lines


def record_of(made: Attribution) -> dict[str, Any]:
    """The attribution as plain numbers: `map` has the shape of the network's input."""
    return {
        "method": made.method,
        "settings": made.settings.given,
        "target": made.question.target,
        "against": made.question.against,
        "output": made.output,
        "baseline_output": made.baseline_output,
        "sum": made.total,
        "completeness_error": made.completeness_error,
        "promises_sum": made.promises_sum,
        "checks": None if made.trust is None else _checks_record(made.trust),
        "controls": {name: _checks_record(trust) for name, trust in made.controls.items()},
        "map": made.values.tolist(),
    }


def _checks_record(trust: Trust) -> dict[str, Any]:
    curves = trust.curves
    return {
        "doubts": [doubt.value for doubt in trust.doubts],
        "gain": curves.gain,
        "spread_of_chance": curves.spread,
        "fractions": curves.fractions.tolist(),
        "deletion": curves.deletion.tolist(),
        "insertion": curves.insertion.tolist(),
        "random_deletion": curves.random_deletion.mean(axis=0).tolist(),
        "random_insertion": curves.random_insertion.mean(axis=0).tolist(),
        "shuffled": [{"layers": one.layers, "similarity": one.similarity} for one in trust.shuffled],
    }


def format_attribution(made: Attribution) -> list[str]:
    """The same for people: the score, the sum, the strongest pixels, and what the checks found."""
    lines = [
        _("score {output}, of the baseline {baseline}: difference {difference}",
          output=f"{made.output:.6g}", baseline=f"{made.baseline_output:.6g}", difference=f"{made.difference:.6g}"),
        _("sum of the map {total}, off by {error}", total=f"{made.total:.6g}", error=f"{made.completeness_error:.3g}"),
        _("strongest pixels (row, column):"),
    ]  # fmt: skip
    by_pixel = made.by_pixel
    for entry in np.argsort(-np.abs(by_pixel), axis=None)[:MOST_LINES]:
        row, col = np.unravel_index(entry, by_pixel.shape)
        lines.append(f"  {row}, {col}: {by_pixel[row, col]:+.6g}")
    return lines + ([] if made.trust is None else describe_trust(made.trust))
