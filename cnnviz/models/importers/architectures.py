"""torchvision's classification networks by a fixed list, with random weights, and how their images are prepared.

Names choose from the list and nothing else. All facts are torchvision's own, and nothing is downloaded.
Refuses to know: files.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from torch import nn

from cnnviz.checks import check_one_of
from cnnviz.i18n import _
from cnnviz.models.importers.records import ImportedNetworkError, Shape, import_refusal

FAMILIES = (
    "alexnet", "convnext", "densenet", "efficientnet", "googlenet", "inception", "mnasnet", "mobilenet", "regnet",
    "resnet", "resnext", "shufflenet", "squeezenet", "swin", "vgg", "vit", "wide_resnet",
)  # fmt: skip
MOST_PARAMETERS = 150_000_000
# As the published weights have them: with the second classifiers of training, which evaluation does not run, and
# with the images' scale changed inside. `init_weights` would draw numbers for minutes.
SETTINGS: dict[str, dict[str, bool]] = {
    name: {"init_weights": False, "aux_logits": True, "transform_input": True} for name in ("googlenet", "inception_v3")
}


@dataclass(frozen=True)
class Architecture:
    """A network that weights can be loaded into. mean and std are of images in 0..1, a channel each.

    resize: the shorter side before the middle of `input_shape` is cut out.
    """

    name: str
    input_shape: Shape
    resize: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    categories: tuple[str, ...]
    parameters: int


def _torchvision() -> Any:
    """Its models, imported when somebody first asks for one: that takes a second, and no first page needs it."""
    return import_module("torchvision.models")


def architecture_names() -> tuple[str, ...]:
    """The networks that there are, alphabetically; not those with more than 150 million parameters.

    >>> from cnnviz.models.importers.architectures import architecture_names
    >>> "resnet18" in architecture_names()
    True
    """
    known = [name for name in _torchvision().list_models(module=_torchvision()) if name.startswith(FAMILIES)]
    return tuple(name for name in known if _published(name).meta["num_params"] <= MOST_PARAMETERS)


def _published(name: str) -> Any:
    weights = _torchvision().get_model_weights(name)
    return next(iter(weights))  # the first ones: of the size that the network was designed for


def find_architecture(name: str) -> Architecture:
    """What is known about a network. Raises: ImportedNetworkError for a name that is not in the list.

    >>> from cnnviz.models.importers.architectures import find_architecture
    >>> find_architecture("resnet18").input_shape
    (3, 224, 224)
    """
    check_one_of("architecture", name, architecture_names(), ImportedNetworkError)
    weights = _published(name)
    prepared = weights.transforms()
    side = int(prepared.crop_size[0])
    red, green, blue = prepared.mean
    spreads = tuple(prepared.std)
    return Architecture(
        name, (3, side, side), int(prepared.resize_size[0]), (red, green, blue),
        (spreads[0], spreads[1], spreads[2]), tuple(weights.meta["categories"]), int(weights.meta["num_params"]),
    )  # fmt: skip


def build_architecture(name: str, classes: int = 1_000, seed: int = 0) -> nn.Module:
    """The network with random weights of a seed, in evaluation mode. The program's own random numbers go on as before.

    Raises: ImportedNetworkError for a name that is not in the list, or a number of classes that is not.
    """
    check_one_of("architecture", name, architecture_names(), ImportedNetworkError)
    if not 2 <= classes <= 100_000:
        raise import_refusal(_("number of classes"), _("from {least} to {most}", least=2, most=100_000), classes,
                             _("count those that the weights were trained for"))  # fmt: skip
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        model = _torchvision().get_model(name, weights=None, num_classes=classes, **SETTINGS.get(name, {}))
    return model.eval().requires_grad_(False)
