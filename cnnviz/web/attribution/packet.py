"""Pictures of numbers under one cursor, as the component's packet: the numbers, their colours, and words.

Refuses to know: how bytes are laid out (`wire`), methods, what the checks found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cnnviz.attribution import Attribution
from cnnviz.core.colour_ranges import largest_finite
from cnnviz.figures.theme import PALETTES
from cnnviz.i18n import _
from cnnviz.web.wire import Header, PacketWriter


@dataclass(frozen=True, eq=False)
class NumberPicture:
    """One picture: `values` (rows, cols), a `name` for its place, a `label` above it, a `word` before its value.

    ends: what the lowest and the highest value mean, where 0 is the middle of its scale; without, it is shown in grey
    from its lowest to its highest value, or over `span`.

    >>> import numpy as np
    >>> from cnnviz.web.attribution import NumberPicture
    >>> NumberPicture("image", np.zeros((2, 2)), "a drawing", "image").ends is None
    True
    """

    name: str
    values: np.ndarray
    label: str
    word: str
    ends: tuple[str, str] | None = None
    span: tuple[float, float] | None = None


def pictures_packet(pictures: Sequence[NumberPicture], said: str = "", live: Mapping[str, Any] | None = None) -> bytes:
    """All that is shown: pictures of the same rows and columns, side by side.

    said: a sentence below them. live: where the browser asks for them anew while the drawing changes (`url`), what it
    says beside the drawing (`why`), whether it does so while the pen is down (`follows`), and which drawing this is of
    (`pad`).

    >>> import numpy as np
    >>> from cnnviz.web.attribution import NumberPicture, pictures_packet
    >>> b"a drawing" in pictures_packet([NumberPicture("image", np.ones((2, 2)), "a drawing", "image")])
    True
    """
    cargo = PacketWriter()
    return cargo.sealed(
        {
            "pictures": [_picture(each, cargo) for each in pictures],
            "said": said,
            "live": None if live is None else dict(live),
            "palettes": {name: asdict(palette) for name, palette in PALETTES.items()},
            "texts": {
                "help": _("Arrow keys move the cursor."),
                "nothing": _("Point at a pixel, or move with the arrow keys: its numbers stand here."),
                "behind": _("The table and the checks are of the image before; they follow when you rest."),
                "place": _("row {row}, column {col}: {values}"),
            },
        }
    )


def _picture(picture: NumberPicture, cargo: PacketWriter) -> Header:
    values = picture.values.astype(np.float32)
    if picture.ends:
        reach = largest_finite(values) or 1.0
        low, high = -reach, reach
    else:
        low, high = picture.span or (float(values.min()), float(max(values.max(), values.min() + 1e-6)))
    return {
        "name": picture.name, "label": picture.label, "word": picture.word, "ends": picture.ends,
        "scale": "activations" if picture.ends else "inputs", "field": cargo.put(values), "low": low, "high": high,
    }  # fmt: skip


def attribution_packet(
    image: np.ndarray, made: Attribution, said: str = "", live: Mapping[str, Any] | None = None
) -> bytes:
    """All that is shown of `made`, the attribution of `image` (channels, rows, cols); channels are added in the map.

    said, live: as in `pictures_packet`. The image is shown as the mean of its channels, from its lowest to its highest
    value.

    >>> import numpy as np
    >>> import torch
    >>> import cnnviz
    >>> from cnnviz.web.attribution import attribution_packet
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    >>> image = np.ones((1, 2, 2), np.float32)
    >>> b"speaks for" in attribution_packet(image, cnnviz.attribute(model, image, "gradient", checks=False))
    True
    """
    is_one = len(image) == 1
    shown = _("the image") if is_one else _("the image, the mean of its channels")
    attributed = _("the map") if is_one else _("the map, its channels added")
    return pictures_packet(
        [
            NumberPicture("image", image.mean(axis=0), shown, _("image")),
            NumberPicture("map", made.by_pixel, attributed, _("map"), (_("speaks against"), _("speaks for"))),
        ],
        said, live,
    )  # fmt: skip
