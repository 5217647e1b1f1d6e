"""The words around a convolution along one axis or three, in the reader's language; the browser fills `{names}` in."""

from __future__ import annotations

from cnnviz.conv_lab.conv_nd import LINE, VOLUME, axis_names
from cnnviz.i18n import _, current_language


def conv_nd_texts() -> dict[str, object]:
    """Every text of the component but those that come with an answer."""
    return {
        "language": current_language(),
        "examples": _("Examples"),
        "size": _("Kernel size"),
        "stride": _("Stride"),
        "padding": _("Padding"),
        "dilation": _("Dilation"),
        "bias": _("Bias"),
        "axes": {str(axes): list(axis_names(axes)) for axes in (LINE, VOLUME)},
        "of_axis": _("{name}: {axis}"),
        "lead": _(
            "Click a cell of the result, or focus one and use the arrow keys (Page Up and Page Down: another slice). "
            "Every number of input and kernel can be typed over."
        ),
        "input": _("Input"),
        "kernel": _("Kernel"),
        "output": _("Result"),
        "padding_here": _("padding"),
        "channel": _("channel {channel}"),
        "slice": _("slice {slice}"),
        "both": _("channel {channel}, slice {slice}"),
        "cell_1": _("Cell {col}"),
        "cell_3": _("Slice {slice}, row {row}, column {col}"),
        "name_1": _("{grid}, channel {row}, cell {col}"),
        "name_3": _("{grid}, {map}, row {row}, column {col}"),
        "value": _("{name}: {value}"),
        "window": _("Window"),
        "products": _("Products"),
        "sum": _("sum"),
        "sum_of_channels": _("Sums of the channels + bias"),
        "sum_of_slices": _("Sums of the slices + bias"),
        "weight": _("Shape of the weight"),
        "shapes": _("Shapes, input → result"),
        "parameters": _("Parameters"),
        "size_of": _("Output size, {axis}"),
        "code": _("As PyTorch code"),
        "nobody": _("The server gave no answer: change something again, or load the page anew."),
    }
