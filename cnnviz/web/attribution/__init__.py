"""Pictures of numbers under one cursor: an image and what each of its pixels speaks for, or is changed by."""

from __future__ import annotations

from cnnviz.web.attribution.packet import NumberPicture, attribution_packet, pictures_packet

__all__ = ["NumberPicture", "attribution_packet", "pictures_packet"]
