"""The words of the edits, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.i18n import _


def edits_texts() -> dict[str, str]:
    """Every text of the panel, the badge and the switch of views."""
    return {
        "open": _("Edit this kernel"),
        "open_network": _("Edit the network"),
        "open_hint": _("Change weights of this network and watch the effect; nobody else sees it"),
        "close": _("Close"),
        "title": _("Edits of this network"),
        "badge_one": _("Edited network: 1 edit"),
        "badge": _("Edited network: {count} edits"),
        "badge_hint": _("What you see is the network with your edits. Press for the list of them"),
        "view": _("Which network"),
        "view_before": _("before"),
        "view_after": _("after"),
        "view_difference": _("difference"),
        "view_difference_hint": _("after − before, in every layer, on the same colour scale"),
        "view_no_walk": _("A difference has no sum to step through: go back one level to see it"),
        "no_kernel": _("Open a map of a convolution to edit its kernels."),
        "map_before": _("before"),
        "map_after": _("after"),
        "map_difference": _("after − before"),
        "one_scale": _("One colour scale for all three"),
        "menu": _("Whole maps and layers"),
        "menu_choose": _("Choose an operation"),
        "menu_do": _("Apply"),
        "edits": _("Edits, in order"),
        "no_edits": _("None yet: this is the network as it came."),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "reset": _("Reset"),
        "accuracy": _("Accuracy with these edits"),
        "accuracy_stop": _("Stop"),
        "accuracy_failed": _("The images could not be loaded: try again."),
        "code": _("As PyTorch code"),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "before_mark": _("line in a bar: the probability before"),
    }


def texts_of_difference() -> dict[str, str]:
    """What the explorer says otherwise where its values are after − before."""
    return {
        "info_cell": _("{layer}, map {channel}, row {row}, column {col}: {value} (after − before)"),
        "info_entry": _("{layer}, entry {row}: {value} (after − before)"),
        "info_unit": _("{layer}, unit {channel}: {value} (after − before)"),
        "table_caption_vector": _("{map}: all values, after − before"),
        "table_caption": _("{map}, after − before: rows and columns counted from 0"),
    }
