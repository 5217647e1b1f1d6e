"""The words around the picture that is dragged, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.i18n import _, current_language


def shifting_texts() -> dict[str, str]:
    """Every text of the component but those that come with an answer."""
    return {
        "language": current_language(),
        "drag": _("Drag the image, or focus it and use the arrow keys: its feature map follows."),
        "drag_touch": _("Drag the image: its feature map follows."),
        "picture": _("Image"),
        "kernel": _("Kernel"),
        "right": _("Shift to the right"),
        "down": _("Shift down"),
        "wraps": _("Circular border: it wraps around"),
        "back": _("Back to the middle"),
        "moving": _("the image: drag it"),
        "after": _("its map, recomputed"),
        "moved": _("the first map, shifted (dots: they differ)"),
        "pooled": _("What pooling makes of a shift"),
        "pooled_more": _(
            "How much of the map changes with this shift: 0 % is nothing, at 100 % the two have nothing in "
            "common. A window that takes only its largest value gives the same wherever in the window that value "
            "is."
        ),
        "counts": _("How many parameters?"),
        "counts_more": _(
            "A convolution covers a small window only, with the same weights at every position. A fully "
            "connected layer has a separate weight from every cell to every cell, and must learn each position "
            "anew."
        ),
        "nobody": _("The server gave no answer: change something again, or load the page anew."),
    }
