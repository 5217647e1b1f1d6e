"""What the page of the network for X and O publishes, taken from its manifest: nothing is written down twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.data.datasets import VARIABLE, XO_FILE
from cnnviz.figures.image_strips import image_strip, png_data_url
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _, ngettext
from cnnviz.models.checkpoints import Manifest
from cnnviz.release.xo.published import HardCase
from cnnviz.ui.about import manifest_figures
from cnnviz.ui.app import hard_drawings, known_images
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.mount.image_grid import GridImage


@dataclass(frozen=True)
class XoFigure:
    """One published number as text, its name, and what it was measured on."""

    name: str
    text: str
    note: str


def xo_manifest() -> Manifest:
    """What the network for X and O publishes."""
    return trained_network("xo").manifest


def xo_headline() -> tuple[XoFigure, ...]:
    """What was read right, what was turned away although it is an X or an O, and what was turned away rightly."""
    figures = xo_manifest().figures
    pen, other = figures["pen_held_out"], figures["other_ink_turned_away"]
    tablets = ", ".join(xo_manifest().data["held_out_tablets"])
    return (
        XoFigure(
            _("Accuracy, unseen writers’ X’s and O’s"),
            format_percent(pen["accuracy"], 2),
            _("The correct letter has the larger score: of {n} drawings from tablets ({tablets}) and writers that "
              "training never saw.", n=pen["n"], tablets=tablets),
        ),
        XoFigure(
            _("Of these, rejected as neither"),
            format_percent(pen["share_rejected"], 2),
            _("Their highest probability is below {threshold}.", threshold=format_percent(xo_manifest().threshold, 0)),
        ),
        XoFigure(
            _("Other ink rejected as neither"),
            format_percent(sum(other.values()) / len(other), 1),
            _("The mean over {count} kinds that training never saw; they are listed below.", count=len(other)),
        ),
    )  # fmt: skip


def about_buttons() -> str:
    """What the buttons beside the drawing do; of the hard drawings only where they are on this machine."""
    edit = _("**Edit the network** lets you change its weights and see what breaks. Only you see it; undo is free.")
    if not known_images.count_known_images("xo"):
        return edit
    hard = _("**A hard one** is a drawing by somebody else that this network finds hard to classify.")
    return f"{hard} {edit}"


def about_hardest() -> str:
    """Which drawings these are, and how many of them are mistakes."""
    found = hard_drawings.hardest_cases()
    misread, away = sum(case.is_misread for case in found), sum(case.is_turned_away for case in found)
    return _(
        "Of {n}, {misread}, {away}; then come those with the lowest probability. Drawings: UNIPEN, CC BY 4.0.",
        n=xo_manifest().figures["pen_held_out"]["n"],
        misread=ngettext("{count} is misclassified", "{count} are misclassified", misread),
        away=ngettext("{count} is rejected as neither", "{count} are rejected as neither", away),
    )


def about_pictures() -> str:
    """How the drawings are shown; where they cannot be, what to do about it."""
    place = hard_drawings.place_of_case()
    if place is hard_drawings.KnownImagePlace.THERE:
        return _("They are shown as the network gets them. Press one to see what the network makes of it.")
    if place is hard_drawings.KnownImagePlace.MISSING:
        return _(
            "These drawings are not part of the project, so here they are in words. To see them as images, set "
            "{variable} to a folder that has {file}, and start the app again.",
            variable=VARIABLE,
            file=XO_FILE.as_posix(),
        )
    return _(
        "The file {file} is not the one that this network was measured on, so here they are in words. To see them as "
        "images, set {variable} to a folder that has that one, and start the app again.",
        variable=VARIABLE,
        file=XO_FILE.as_posix(),
    )


def hardest_strips() -> tuple[GridImage, ...]:
    """The mistakes, then the least sure of the others, as the network gets them; none where they are not here."""
    pictures = hard_drawings.hard_pictures()
    cases = hard_drawings.hardest_cases() if pictures else ()
    return tuple(
        GridImage(str(number), png_data_url(image_strip(picture[np.newaxis, np.newaxis])), _words(case))
        for number, (case, picture) in enumerate(zip(cases, pictures, strict=True))
    )


def describe_hardest() -> list[dict[str, str]]:
    """The same drawings without their pictures: what was meant, what was read, how sure, on which tablet."""
    return [
        {
            _("true class"): case.drawn,
            _("predicted"): case.read,
            _("probability"): format_percent(case.share, 1),
            _("result"): _outcome(case),
            _("tablet"): case.tablet,
        }
        for case in hard_drawings.hardest_cases()
    ]


def _words(case: HardCase) -> str:
    share = format_percent(case.share, 0)
    if case.is_turned_away:
        return _("{drawn}: neither ({read}, {share})", drawn=case.drawn, read=case.read, share=share)
    if case.is_misread:
        return _("{drawn}: predicted {read}, {share}", drawn=case.drawn, read=case.read, share=share)
    return _("{drawn}: correct, {share}", drawn=case.drawn, share=share)


def _outcome(case: HardCase) -> str:
    if case.is_turned_away:
        return _("rejected")
    return _("misclassified") if case.is_misread else _("correct")


def about_other_ink() -> str:
    """The rule, what it does to digits, and why a zero is an O."""
    figures = xo_manifest().figures
    return _(
        "Below {threshold} the page says “Neither an X nor an O”. It rejects {digits} of the digits 1 to 9 of "
        "unseen writers. A zero looks like an O: {zeros} of them get the larger score for O, but {away} are rejected "
        "as neither. Squares and diamonds were not in the training data, because some writers’ O’s look like them.",
        threshold=format_percent(xo_manifest().threshold, 0),
        digits=format_percent(figures["digits_turned_away"], 1),
        zeros=format_percent(figures["zeros"]["read_as_o"], 1),
        away=format_percent(figures["zeros"]["turned_away"], 1),
    )


def rejected_other_ink() -> list[dict[str, str]]:
    """For each kind of ink that was never trained on, how much of it is called neither."""
    return manifest_figures.rejected_kinds(xo_manifest().figures["other_ink_turned_away"])
