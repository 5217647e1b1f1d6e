"""The words around batch normalisation and dropout, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.i18n import _, current_language


def normalisation_texts() -> dict[str, object]:
    """Every text of the component but those that come with an answer."""
    return {
        "language": current_language(),
        "example": _("Batch"),
        "examples": {
            "channels": _("one image, three channels of 5×5"),
            "two-images": _("two 8-bit images → convolution → layer → ReLU"),
        },
        "layer": _("Layer"),
        "layers": {"batch_norm": _("batch normalisation"), "dropout": _("dropout (2d)")},
        "mode": _("Mode"),
        "modes": {"train": _("training"), "eval": _("evaluation")},
        "batch": _("Batches so far"),
        "batch_hint": _("The first batch, then the same images twice and three times as bright, and so on"),
        "gamma": _("γ"),
        "beta": _("β"),
        "p": _("p"),
        "lead": _("Click a cell, or focus one and use the arrow keys: its arithmetic stands below."),
        "image": _("image {image}"),
        "channel": _("channel {channel}"),
        "both": _("image {image}, channel {channel}"),
        "cell": _("Image {image}, channel {channel}, row {row}, column {col}"),
        "cell_name": _("{stage}, row {row}, column {col}: {value}"),
        "running": _("Running estimates of channel {channel}"),
        "head": [_("batch"), _("its mean"), _("its unbiased variance"), _("running mean"), _("running variance")],
        "start": _("at first"),
        "running_mean": _("running mean: {sum}"),
        "running_variance": _("running variance: {sum}"),
        "nobody": _("The server gave no answer: change something again, or load the page anew."),
    }
