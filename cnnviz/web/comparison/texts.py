"""The words of the comparison, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.i18n import _


def comparison_texts() -> dict[str, str]:
    """Every text that is not of one side alone."""
    return {
        "one": "A",
        "other": "B",
        "difference": _("B − A"),
        "prompt": _(
            "Hover a cell on either side: the same layer, map and cell light up on the other. "
            "Click a map to see both and their difference."
        ),
        "prompt_touch": _("Tap a map on either side to see both and their difference."),
        "prompt_open": _("Hover a cell to read both numbers and their difference. Press Esc to go back."),
        "prompt_open_touch": _("Tap a cell to read both numbers and their difference."),
        "pair": _("{place}: A {one} · B {other} · B − A = {difference}"),
        "pair_about": _("{place}: A {one} · B {other} · B − A ≈ {difference}"),
        "apart": _("{place}: A {one} · B {other}. {reason}"),
        "only": _("{place}: {side} {value}. {reason}"),
        "blocks": _(
            "{place}, the value furthest from 0 around this cell: A {one} · B {other}. Open the map to read each cell."
        ),
        "not_sent": _("{place}: open the map to read its values"),
        "scale_alike": _(
            "In each layer A and B share one colour scale: equal colours are equal values. "
            "The difference has a scale of its own."
        ),
        "scale_apart": _(
            "Layers of the same name share one colour scale in A and B: equal colours are equal values there. "
            "The difference has a scale of its own."
        ),
        "nothing_open": _("Click a map to see it here: A, B and the difference B − A."),
        "largest": _("Largest difference in each layer, B − A"),
        "largest_hint": _(
            "{place}: A {one}, B {other}. Click to see it. The bar: its part of the layer's colour range"
        ),
        "none": _("no difference"),
        "close": _("Close the map"),
        "save_hint": _("Save A, B and their difference as a picture or as numbers"),
        "file_compared": _("A and B"),
        "only_short": _("only in {side}"),
        "no_difference": _("not comparable"),
        "vector_cut": _("The {shown} entries of {count} that differ most"),
        "entry": _("entry"),
        "canvas": _(
            "Side {side}. Arrow keys move from map to map, Enter opens a map on both sides, arrow keys then move from "
            "cell to cell, Page Up and Page Down change the map, Escape goes back. The other side shows the same cell."
        ),
        "waiting": _("The numbers of this map are on their way"),
    }
