"""A shifted picture and its map, answered: a picture, a kernel and a shift in, what PyTorch makes of it out.

No session: a pure function, for a run of the page and for the short way alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.checks import is_whole
from cnnviz.conv_lab.images import LabImage, LabImageError
from cnnviz.conv_lab.output_sizes import count_parameters
from cnnviz.conv_lab.settings import LabSetup, PaddingMode
from cnnviz.conv_lab.shifts import ShiftResult, change_after_pooling, count_dense_parameters, run_shifted
from cnnviz.conv_lab.to_json import image_from_json
from cnnviz.core.kernels import find_preset
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.ui.app.caches import configure_threads
from cnnviz.web.wire import Header, PacketWriter

FURTHEST = 8  # cells
POOLED = (1, 2, 4)
MAPS = 16  # of the layer whose parameters are counted


@dataclass(frozen=True, eq=False)
class Shift:
    """What is asked: a picture of one channel, the key of a ready-made kernel, how far, and what comes in.

    Raises: LabImageError for a picture with more channels, ValueError for a shift of more than 8 cells.
    """

    picture: LabImage
    kernel: str
    right: int = 3
    down: int = 2
    wraps: bool = False

    def __post_init__(self) -> None:
        if self.picture.channels != 1:
            raise LabImageError(
                _("picture must have one channel to be shifted, got {count}: take one in grey",
                  count=self.picture.channels)
            )  # fmt: skip
        if max(abs(self.right), abs(self.down)) > FURTHEST:
            raise ValueError(
                _("shift must be from {least} to {most} cells, got {right} and {down}: shift by less",
                  least=-FURTHEST, most=FURTHEST, right=self.right, down=self.down)
            )  # fmt: skip

    @property
    def setup(self) -> LabSetup:
        """The convolution that keeps the picture's size. Raises: KeyError for a kernel that there is not."""
        preset = find_preset(self.kernel)
        mode = PaddingMode.CIRCULAR if self.wraps else PaddingMode.ZEROS
        kernel = preset.fitted(*preset.natural)[None, None]
        return LabSetup(picture=self.picture, kernel=kernel, is_same=True, padding_mode=mode)


def parse_shift(record: Mapping[str, Any]) -> Shift:
    """The shift in a record. Raises: ValueError, one sentence, for what is none."""
    right, down = record.get("right"), record.get("down")
    if not all(is_whole(n) for n in (right, down)):
        raise ValueError(_("shift must be two whole numbers, got {got}: correct them", got=str([right, down])[:60]))
    kernel = record.get("kernel")
    shift = Shift(image_from_json(record.get("picture")), str(kernel), right, down, record.get("wraps") is True)  # type: ignore[arg-type]
    try:
        find_preset(shift.kernel)
    except KeyError as error:
        raise ValueError(str(error.args[0])) from error
    return shift


def answer_shift(question: Mapping[str, Any]) -> bytes:
    """The packet for a question with a "shift". Raises: ValueError, one sentence, for one that is none."""
    record = question.get("shift")
    if not isinstance(record, dict):
        raise ValueError(_("shift must be a record, got something else"))
    return shift_packet(parse_shift(record))


def shift_packet(shift: Shift, **rest: Any) -> bytes:
    """The packet: picture, first map, map of the shifted picture, where they differ, and what to say of it."""
    configure_threads()
    setup = shift.setup
    made = run_shifted(setup, shift.down, shift.right)
    cargo = PacketWriter()
    low, high = shift.picture.span
    header: Header = {
        "asked": {"picture": shift.picture.key, "kernel": shift.kernel, "right": shift.right, "down": shift.down,
                  "wraps": shift.wraps},
        "low": low, "high": high, "reach": float(np.abs(made.before).max()) or 1.0,
        "picture": cargo.put(shift.picture.values), "before": cargo.put(made.before), "after": cargo.put(made.after),
        "differs": cargo.put(made.differs.astype(np.uint8)),
        "is_same": not made.differs.any(), "verdict": shift_text(made), "pooled": pooled_change(made),
        "counts": counts(setup),
        **rest,
    }  # fmt: skip
    return cargo.sealed(header)


def shift_text(made: ShiftResult) -> str:
    """One sentence: the same, or where not."""
    count, inside = int(made.differs.sum()), int((made.differs & ~made.border).sum())
    if count == 0:
        return _("Both maps are the same: shift the image, and its feature map shifts with it. That is equivariance.")
    return _(
        "{count} of {total} cells differ, {inside} of them away from the border: there something came into "
        "the image or left it. Everywhere else the map has simply shifted with it.",
        count=count, total=made.differs.size, inside=inside,
    )  # fmt: skip


def pooled_change(made: ShiftResult) -> list[dict[str, Any]]:
    """How much of the map changed, without pooling and after it."""
    changes = [(side, change_after_pooling(made, side)) for side in POOLED]
    return [
        {"label": _("without pooling") if side == 1 else _("after max pooling {side}×{side}", side=side),
         "share": change, "text": format_percent(change)}
        for side, change in changes
    ]  # fmt: skip


def counts(setup: LabSetup) -> list[dict[str, str]]:
    """Parameters of a layer with 16 maps of this picture: as a convolution with a bias, and fully connected."""
    kernel = np.repeat(np.asarray(setup.kernel), MAPS, axis=0)
    layer = LabSetup(picture=setup.picture, kernel=kernel, bias=np.zeros(MAPS), is_same=True)
    (rows, cols), cells = setup.size, setup.picture.values.size
    return [
        {"label": _("{maps} maps by convolution", maps=MAPS), "text": f"{count_parameters(layer):,}",
         "formula": f"{MAPS} · ({rows}·{cols} + 1)"},
        {"label": _("the same maps fully connected"), "text": f"{count_dense_parameters(layer):,}",
         "formula": f"{MAPS * cells:,} · ({cells:,} + 1)"},
    ]  # fmt: skip
