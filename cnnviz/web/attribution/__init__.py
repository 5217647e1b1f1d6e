"""An image and what each of its pixels speaks for, under one cursor."""

from __future__ import annotations

from cnnviz.web.attribution.packet import attribution_packet

__all__ = ["attribution_packet"]
