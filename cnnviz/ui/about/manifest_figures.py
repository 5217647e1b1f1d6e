"""What the About page says, taken from a manifest: nothing is written down twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.models.checkpoints import Manifest
from cnnviz.ui.app.rejection_text import rule_text

SETS = ("mnist_test", "pen_held_out")


@dataclass(frozen=True)
class PublishedFigure:
    """One published number: a share of 1, its name, and what it was measured on."""

    name: str
    share: float
    note: str


@dataclass(frozen=True)
class Robustness:
    """Accuracy under one kind of hardship."""

    title: str
    rows: list[dict[str, str]]


def set_name(key: str) -> str:
    """The reader's name of a set of images."""
    return _("MNIST test images") if key == "mnist_test" else _("pen strokes of unseen writers")


def headline_figures(manifest: Manifest) -> tuple[PublishedFigure, PublishedFigure, PublishedFigure]:
    """MNIST, pen strokes of writers and tablets that were not trained on, and how many of these are accepted."""
    test, pen = manifest.figures["mnist_test"], manifest.figures["pen_held_out"]
    tablets = ", ".join(manifest.data["held_out_tablets"])
    return (
        PublishedFigure(
            _("Accuracy, MNIST test images"),
            test["accuracy"],
            _("All {n} images of the MNIST test set, none rejected.", n=test["n"]),
        ),
        PublishedFigure(
            _("Accuracy, unseen writers' strokes"),
            pen["accuracy"],
            _("{n} digits from tablets ({tablets}) and writers that training never saw.", n=pen["n"], tablets=tablets),
        ),
        PublishedFigure(
            _("Accepted, unseen writers' strokes"),
            1 - pen["share_rejected"],
            _("The answer to the rest is “Not recognised as a digit”."),
        ),
    )


def networks_beside(manifests: Mapping[str, Manifest]) -> list[dict[str, str]]:
    """The networks for one subject, a row each, by their names."""
    return [
        {
            _("network"): name,
            _("parameters"): f"{each.parameters:,}",
            _("MNIST test images"): format_percent(each.figures["mnist_test"]["accuracy"], 2),
            _("unseen writers' strokes"): format_percent(each.figures["pen_held_out"]["accuracy"], 2),
            _("ink that is not a digit, rejected"): format_percent(_mean(each.figures["no_digit_turned_away"])),
        }
        for name, each in manifests.items()
    ]


def _mean(shares: Mapping[str, float]) -> float:
    return sum(shares.values()) / len(shares)


def robustness(manifest: Manifest) -> tuple[Robustness, ...]:
    """Four small tables: shift, rotation, scale, pen width."""
    under = manifest.figures["accuracy_under"]
    titles = {
        "shift_pixels": (_("Shifted, in pixels"), _("shift")),
        "turn_degrees": (_("Rotated, in degrees"), _("angle")),
        "size_factor": (_("Scaled"), _("factor")),
        "pen_width": (_("Pen width, fraction of the pad"), _("width")),
    }
    return tuple(
        Robustness(title, [{column: key, _("accuracy"): format_percent(share)} for key, share in under[name].items()])
        for name, (title, column) in titles.items()
    )


def no_digit(manifests: Mapping[str, Manifest]) -> str:
    """The rule by which each network, by its name, says that it sees no digit."""
    rules = [
        _("**{name}:** {rule}", name=name, rule=rule_text(each.rule, len(each.figures["mnist_test"]["confusion"])))
        for name, each in manifests.items()
    ]
    rest = _("For the rest the page says “Not recognised as a digit”. The kinds below were not used in training.")
    return "\n\n".join([*rules, rest])


def rejected_text(manifest: Manifest) -> list[dict[str, str]]:
    """For each kind of ink that is no digit, how much of it is turned away."""
    return rejected_kinds(manifest.figures["no_digit_turned_away"])


def rejected_kinds(shares: Mapping[str, float]) -> list[dict[str, str]]:
    """For each kind of other ink, how much of it is turned away: `shares` by kind."""
    names = {
        "loops": _("loops"),
        "spirals": _("spirals"),
        "grids": _("grids"),
        "gratings": _("stripes"),
        "specks": _("specks"),
        "spots": _("filled shapes"),
        "printed": _("printed letters"),
    }
    return [{_("kind"): names.get(kind, kind), _("rejected"): format_percent(share)} for kind, share in shares.items()]


def closing_text() -> str:
    """Privacy, data, licence."""
    return "\n\n".join(
        (
            "## " + _("Nothing leaves this machine"),
            _(
                "The app works without any network: no font, script, picture or model is fetched, and no statistics "
                "are sent. Your drawing stays in this browser tab and in the memory of the app."
            ),
            "## " + _("Data and licence"),
            _(
                "MNIST: Y. LeCun, C. Cortes, C. Burges, CC BY-SA 3.0. Pen strokes: UNIPEN train_r01_v07, International "
                "Unipen Foundation, CC BY 4.0. The program itself is free under the MIT licence."
            ),
        )
    )
