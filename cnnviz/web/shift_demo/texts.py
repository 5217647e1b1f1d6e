"""The words around the picture that is dragged, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.i18n import _, current_language


def shifting_texts() -> dict[str, str]:
    """Every text of the component but those that come with an answer."""
    return {
        "language": current_language(),
        "drag": _("Drag the picture, or focus it and use the arrow keys: its map follows."),
        "drag_touch": _("Drag the picture: its map follows."),
        "picture": _("Picture"),
        "kernel": _("Kernel"),
        "right": _("Shift to the right"),
        "down": _("Shift down"),
        "wraps": _("The border joins the other side"),
        "back": _("Back to the middle"),
        "moving": _("the picture: drag it"),
        "after": _("its map, computed anew"),
        "moved": _("the first map, moved along (dots: it differs)"),
        "pooled": _("What pooling forgives"),
        "pooled_more": _(
            "How much of the map changes with this shift: 0 % is nothing, at 100 % the two have nothing in common. "
            "A window that asks only for its largest value does not care where in it that stands."
        ),
        "counts": _("How many parameters?"),
        "counts_more": _(
            "A convolution looks at a small window only, with the same weights everywhere. A fully connected layer has "
            "a weight of its own from every cell to every cell, and must learn every place anew."
        ),
        "nobody": _("The server gave no answer: change something again, or load the page anew."),
    }
