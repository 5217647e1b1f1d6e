"""An attribution as the component's packet: the image and the map as numbers, their colours, and words.

Refuses to know: how bytes are laid out (`wire`), methods, what the checks found.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from cnnviz.attribution import Attribution
from cnnviz.core.colour_ranges import largest_finite
from cnnviz.figures.theme import PALETTES
from cnnviz.i18n import _
from cnnviz.web.wire import PacketWriter


def attribution_packet(image: np.ndarray, made: Attribution) -> bytes:
    """All that is shown of `made`, the attribution of `image` (channels, rows, cols); channels are added in the map.

    The image is shown as the mean of its channels, from its lowest to its highest value.

    >>> import numpy as np
    >>> import torch
    >>> import cnnviz
    >>> from cnnviz.web.attribution import attribution_packet
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    >>> image = np.ones((1, 2, 2), np.float32)
    >>> b"speaks for" in attribution_packet(image, cnnviz.attribute(model, image, "gradient", checks=False))
    True
    """
    cargo = PacketWriter()
    grey, by_pixel = image.mean(axis=0), made.by_pixel
    reach = largest_finite(by_pixel) or 1.0
    return cargo.sealed(
        {
            "image": cargo.put(grey) | {"low": float(grey.min()), "high": float(max(grey.max(), grey.min() + 1e-6))},
            "map": cargo.put(by_pixel.astype(np.float32)) | {"low": -reach, "high": reach},
            "palettes": {name: asdict(palette) for name, palette in PALETTES.items()},
            "texts": {
                "image": _("the image") if len(image) == 1 else _("the image, the mean of its channels"),
                "map": _("the map") if len(image) == 1 else _("the map, its channels added"),
                "help": _("Arrow keys move the cursor."),
                "nothing": _("Point at a pixel, or move with the arrow keys: its numbers stand here."),
                "cell": _("row {row}, column {col}: image {image}, map {map}"),
                "against": _("speaks against"),
                "for": _("speaks for"),
            },
        }
    )
