"""What a command hands to the app: the network of a name, a file or a model of the reader's own, and an image for it.

All of it is opened here once, so that what cannot be shown is said in the terminal, before anything starts.
Refuses to know: arguments of commands, servers.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from cnnviz.checks import refusal, refusal_in_words, require, sides
from cnnviz.cli.networks import SAVED, find_network
from cnnviz.cli.own_models import make_model, names_model
from cnnviz.data.fitted_images import Fit, fit_to_network
from cnnviz.i18n import _
from cnnviz.models.builder import preset_keys
from cnnviz.models.exporting import export_network, export_part
from cnnviz.models.hand_off import HandOff
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.models.importers.network_files import is_network_file
from cnnviz.models.importers.source_settings import check_scaling, clean_classes, read_classes
from cnnviz.models.importers.sources import NetworkSource, open_source, usual_source, with_settings
from cnnviz.models.importers.state_dict import ENDINGS
from cnnviz.models.summary import PREFIX, Shape
from cnnviz.models.zoo import DRAWN, find_recipe, network_keys
from cnnviz.training import unpack_network

FILE = ".pt2"  # what torch.export writes


@dataclass(frozen=True)
class Reading:
    """What no file says: classes, a text file of them or their names; mean and std; None for the usual ones.

    shape: (channels, rows, cols) of the image that a model takes. architecture: that weights belong to.
    """

    classes: str | Path | Sequence[str] | None = None
    mean: Sequence[float] | None = None
    std: Sequence[float] | None = None
    shape: Shape | None = None
    architecture: str = ""


def source_of(network: nn.Module | str | Path, reading: Reading) -> NetworkSource:
    """A model, what a name stands for, or a file. Raises: ValueError, OSError, LookupError; one sentence."""
    if isinstance(network, nn.Module):
        found = _of_model(network, type(network).__name__, reading)
    else:
        found = _of_name(str(network), reading)
    changes: dict[str, Any] = {}
    if reading.classes is not None:
        changes["classes"] = _class_names(reading.classes)
    for name in ("mean", "std"):
        if (numbers := getattr(reading, name)) is not None:
            changes[name] = check_scaling(name, tuple(numbers))
    return with_settings(found, **changes)


def _of_model(model: nn.Module, name: str, reading: Reading) -> NetworkSource:
    if reading.shape is None:
        way_out = _("write the shape of its image, as in 1,3,224,224")
        raise refusal_in_words("input", _("given for a model"), _("none"), way_out, ValueError)
    try:
        return NetworkSource(name + FILE, export_network(model, reading.shape))
    except ImportedNetworkError:
        part = export_part(model, reading.shape)
        if part is None:
            raise
        return NetworkSource(name + FILE, part[0], stopped=part[1])


def _of_name(name: str, reading: Reading) -> NetworkSource:
    ending = Path(name).suffix.lower()
    if ending in ENDINGS and reading.architecture:
        weights = NetworkSource(Path(name).name, Path(name).read_bytes(), reading.architecture)
        usual = usual_source(reading.architecture)
        return with_settings(weights, mean=usual.mean, std=usual.std, side=_side(reading.shape))
    if ending == SAVED:
        return _saved(Path(name))
    if is_network_file(name) or ending in ENDINGS:
        return NetworkSource(Path(name).name, Path(name).read_bytes())
    if names_model(name):
        return _of_model(make_model(name), name.split(":")[1], reading)
    plain = name.removeprefix(PREFIX)
    if plain != name or plain in preset_keys():
        return with_settings(usual_source(plain), side=_side(reading.shape))
    if name in network_keys():
        model, shape, _notes = find_network(name)
        return NetworkSource(name + FILE, export_network(model, shape), classes=find_recipe(name).classes)
    raise refusal(
        _("network"), _("a file (.pt2, .onnx, or weights), {prefix}resnet18 and the like, or package.module:make_model",
                        prefix=PREFIX), name, _("see cnnviz open --help"),
    )  # fmt: skip


def _side(shape: Shape | None) -> int | None:
    """Of the square images that an architecture takes; None for the usual size."""
    if shape is None:
        return None
    require(shape[0] == 3 and shape[1] == shape[2], "input", _("3 channels of a square"), sides(shape),
            _("write 3x224x224"))  # fmt: skip
    return shape[1]


def _saved(path: Path) -> NetworkSource:
    """A network that the app has saved, with its classes and the scaling of its training."""
    saved = unpack_network(path.read_bytes())
    content = export_network(saved.build(), saved.blueprint.input_shape)
    made = NetworkSource(path.stem + FILE, content, classes=tuple(saved.blueprint.classes))
    return made if saved.scaling.is_nothing else with_settings(made, mean=saved.scaling.mean, std=saved.scaling.std)


def _class_names(classes: str | Path | Sequence[str]) -> tuple[str, ...]:
    if isinstance(classes, str | Path):
        return read_classes(Path(classes).read_bytes())
    return clean_classes(list(classes))


def hand_over(source: NetworkSource, image: Any = None, size: tuple[int, int] | None = None) -> HandOff:
    """A network and an image for it: a file's path, its bytes, an image of Pillow, or an array (channels, rows, cols).

    size: to which the whole image is resized; without it the centre of another size is cut out.
    Raises: ImportedNetworkError, GraphError, ImageFileError, OSError; one sentence, where something cannot be shown.
    """
    shape = open_source(source).input_shape  # which also says what cannot be shown
    if size is not None and size != shape[1:]:
        rule = _("the input size of the network, {size}", size=sides(shape[1:]))
        raise refusal_in_words("resize", rule, sides(size), _("leave it out, and the centre is cut out"), ValueError)
    fit = Fit.CENTRE if size is None else Fit.WHOLE
    data = image_file(image)
    return HandOff(source, fit_to_network(data, shape, fit, is_drawing=shape == DRAWN) if data else b"", fit)


def image_file(image: Any) -> bytes:
    """An image of any kind as the bytes of a file; none for None.

    >>> import numpy as np
    >>> from cnnviz.cli.handing_over import image_file
    >>> image_file(np.zeros((3, 4, 4)))[:6], image_file(None)
    (b'\\x93NUMPY', b'')
    """
    if image is None or isinstance(image, bytes):
        return image or b""
    if isinstance(image, str | Path):
        return Path(image).read_bytes()
    file = io.BytesIO()
    if isinstance(image, Image.Image):
        image.convert("L" if image.mode in ("1", "L") else "RGB").save(file, "PNG")
    else:
        np.save(file, image_array(image))
    return file.getvalue()


def image_array(image: Any) -> np.ndarray:
    """An array or a tensor (channels, rows, cols), or a batch of one of these, as floats; bytes become 0 to 1."""
    values = image.detach().cpu().numpy() if isinstance(image, torch.Tensor) else np.asarray(image)
    if values.ndim == 4 and len(values) == 1:
        values = values[0]
    is_right = values.ndim == 3 and values.dtype.kind in "fiu"
    require(is_right, _("image"), _("numbers (channels, rows, columns)"), values.shape, _("turn the axes"))
    return values / np.float32(255) if values.dtype == np.uint8 else values.astype(np.float32)
