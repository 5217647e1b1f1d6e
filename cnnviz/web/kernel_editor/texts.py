"""The words of the kernel editor, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.i18n import _


def editor_texts() -> dict[str, str]:
    """Every text of the editor but the titles of its owner's actions."""
    return {
        "title": _("Weights of the kernel"),
        "hint": _("Drag a weight up or down, or type: 0.5, −1, 1/9. Arrow keys move, Page Up and Page Down change it."),
        "hint_touch": _("Drag a weight up or down, or type: 0.5, −1, 1/9."),
        "weight": _("row {row}, column {col}"),
        "bias": _("bias"),
        "bias_of": _("bias of kernel {unit}"),
        "unit": _("kernel {index}"),
        "channel": _("channel {index}"),
        "presets": _("Ready-made"),
        "edits": _("Change it"),
    }
