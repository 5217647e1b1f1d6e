"""Images that lie on visitors' tables, by tokens that nobody can guess: a browser names one and need not send it.

Refuses to know: what a network makes of them.
"""

from __future__ import annotations

from hashlib import blake2b
from secrets import token_bytes

import numpy as np

from cnnviz.i18n import _
from cnnviz.machine.bounded_cache import BoundedCache

_SECRET = token_bytes(32)  # of this process: whoever has the same image does not have its token
_KEPT: BoundedCache[np.ndarray] = BoundedCache(most=256, most_bytes=200_000_000)


class ImageGone(ValueError):
    """The image of a question is not in memory here any more; its text is one sentence."""


def keep_image(image: np.ndarray) -> str:
    """The token of an image, (channels, rows, cols); the same image has the same one in this process."""
    token = blake2b(str(image.shape).encode() + image.tobytes(), key=_SECRET, digest_size=24).hexdigest()
    _KEPT.put(token, image, image.nbytes)
    return token


def find_image(token: object) -> np.ndarray:
    """The image that `token` names. Raises: ImageGone."""
    found = _KEPT.get(token) if isinstance(token, str) else None
    if found is None:
        raise ImageGone(_("This image is not here any more: choose it again"))
    return found
