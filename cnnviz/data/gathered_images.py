"""Files that somebody brings, a zip, a folder or some images → images as a network takes them, without any classes.

Refuses to know: networks, sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.fitted_images import NUMPY, Shape, array_from_file
from cnnviz.data.image_sets.archive import ZipArchive, is_litter, printable_name
from cnnviz.data.uploads import ImageFileError, fit_values, preprocess_upload
from cnnviz.i18n import _

MOST, MOST_NUMBERS = 500, 50_000_000  # images, and all their pixels in all channels: 200 MB
ZIP = b"PK"
NAMED = 5


@dataclass(frozen=True, eq=False)
class GatheredImages:
    """`images` (n, channels, rows, cols) in 0..1, and the names of files that are none, `left_out`.

    is_cut: whether there were more than are taken.
    """

    images: NDArray[np.float32]
    left_out: tuple[str, ...] = ()
    is_cut: bool = False

    @property
    def remark(self) -> str:
        """What is to be said of the files, in a sentence or two; nothing where all were taken."""
        said = []
        if self.left_out:
            names = ", ".join(self.left_out[:NAMED]) + (" …" if len(self.left_out) > NAMED else "")
            said.append(_("Left out, for they cannot be read as images of this network: {names}", names=names))
        if self.is_cut:
            said.append(_("The first {most} images are taken.", most=len(self.images)))
        return " ".join(said)


def gather_images(
    files: Iterable[tuple[str, Callable[[], bytes]]], shape: Shape, *, is_drawing: bool
) -> GatheredImages:
    """The images in `files` (name, what reads it), zips unpacked, for a network that takes images of `shape`.

    is_drawing: ink is looked for and prepared as a drawing is; else the middle of a picture is resized.
    Raises: ImageSetError, one sentence, for a zip that is damaged or hostile.

    >>> import numpy as np
    >>> from cnnviz.data.gathered_images import gather_images
    >>> from cnnviz.data.uploads import to_png
    >>> picture = to_png(np.zeros((1, 40, 60), np.uint8))
    >>> found = gather_images([("a.png", lambda: picture), ("b.txt", lambda: b"no")], (3, 32, 32), is_drawing=False)
    >>> found.images.shape, found.left_out
    ((1, 3, 32, 32), ('b.txt',))
    """
    images: list[NDArray[np.float32]] = []
    left_out: list[str] = []
    most = max(1, min(MOST, MOST_NUMBERS // prod(shape)))
    for name, read in _unpacked(files):
        if len(images) == most:
            return GatheredImages(np.stack(images), tuple(left_out), is_cut=True)
        try:
            images.append(_image(read(), shape, is_drawing))
        except ImageFileError:
            left_out.append(printable_name(name))
    made = np.stack(images) if images else np.zeros((0, *shape), np.float32)
    return GatheredImages(made, tuple(left_out))


def _unpacked(files: Iterable[tuple[str, Callable[[], bytes]]]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for name, read in files:
        data = read()
        if data.startswith(ZIP):
            with ZipArchive(data) as archive:
                for inner in archive.names:
                    yield inner, lambda inner=inner, archive=archive: archive.read(inner)  # type: ignore[misc]
        elif not is_litter(name):
            yield name, lambda data=data: data  # type: ignore[misc]


def _image(data: bytes, shape: Shape, is_drawing: bool) -> NDArray[np.float32]:
    if data.startswith(NUMPY):
        return array_from_file(data, shape)
    if not is_drawing:
        if shape[0] not in (1, 3):
            raise ImageFileError(_("This network takes {count} channels: choose a NumPy file (.npy)", count=shape[0]))
        return fit_values(data, shape)
    prepared = preprocess_upload(data)
    if not prepared.has_ink:
        raise ImageFileError(_("No ink was found in this image: choose one with dark ink on light paper"))
    return prepared.image
