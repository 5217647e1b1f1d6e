"""Two traces side by side in the browser: linked cursors, shared colours, the difference of an open map."""

from __future__ import annotations

from cnnviz.web.comparison.packet import ComparedSide, comparison_packet

__all__ = ["ComparedSide", "comparison_packet"]
