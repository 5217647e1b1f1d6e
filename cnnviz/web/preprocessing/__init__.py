"""The component preprocessing."""

from __future__ import annotations

from collections.abc import Collection

from cnnviz.data.rasterize import PreprocessingStage
from cnnviz.i18n import _
from cnnviz.web.wire import PacketWriter


def steps_packet(steps: tuple[PreprocessingStage, ...], switches: Collection[str]) -> bytes:
    """What the row shows: small pictures with name and note; those whose key is in `switches` have a switch."""
    cargo = PacketWriter()
    pictures = [
        {
            "key": step.key,
            "name": step.name,
            "note": step.note,
            "on": step.is_on,
            "switch": step.key in switches,
            "ink": cargo.put(step.picture),
        }
        for step in steps
    ]
    label = _("First your drawing is prepared. Switch a step off and watch:")
    if not any(step.key in switches for step in steps):  # a test image is an input already
        label = _("The image as the network gets it:")
    texts = {"label": label, "on": _("on"), "off": _("off")}
    return cargo.sealed({"steps": pictures, "texts": texts})
