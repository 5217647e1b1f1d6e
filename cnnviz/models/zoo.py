"""The architectures, as a registry of recipes that read like a text book.

A recipe builds an untrained `nn.Sequential` whose parts carry the names that the pages show.
Refuses to know: weights (`checkpoints`), data (`datasets`), how a layer is drawn (`ui`).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from cnnviz.checks import check_one_of
from cnnviz.models.builder.build import build_module
from cnnviz.models.builder.presets import preset
from cnnviz.models.residual_blocks import BasicBlock, SeparableBlock
from cnnviz.models.standardise import STANDARDISE, standardising_layer
from cnnviz.models.subjects import BIRDS, DIGITS, LETTERS, Subject, find_picture_subject, find_subject

OWN_PREFIX = "own-"  # the key of a network that a visitor opened: this, and 32 digits of its file's digest
_OWN_KEY = re.compile(OWN_PREFIX + r"[0-9a-f]{32}")
DRAWN = (1, 28, 28)  # the shape of a drawing, as it is prepared


@dataclass(frozen=True)
class Recipe:
    """One architecture: how to build it, what goes in, what comes out. preset: the key of the one that it is, or ""."""

    key: str
    title: str
    input_shape: tuple[int, int, int]  # (channels, height, width)
    classes: tuple[str, ...]
    build: Callable[[], nn.Sequential]
    preset: str = ""

    @property
    def reads_drawings(self) -> bool:
        """Whether a drawing, prepared as MNIST was, has the shape of its input."""
        return self.input_shape == DRAWN

    @property
    def subject(self) -> Subject:
        """What it tells apart, with all that is particular to that."""
        return find_subject(self.classes) if self.reads_drawings else find_picture_subject(self.classes)


_REGISTRY: dict[str, Recipe] = {}


def register_recipe(
    key: str, title: str, input_shape: tuple[int, int, int], classes: tuple[str, ...], preset: str = ""
) -> Callable[[Callable[[], nn.Sequential]], Callable[[], nn.Sequential]]:
    """Register the decorated builder under `key`; a key stands for one recipe only."""

    def register(build: Callable[[], nn.Sequential]) -> Callable[[], nn.Sequential]:
        if key in _REGISTRY:
            raise ValueError(f"network key must be unique, got {key!r} twice: choose another key")
        _REGISTRY[key] = Recipe(key, title, input_shape, classes, build, preset)
        return build

    return register


def network_keys() -> tuple[str, ...]:
    """The keys of all recipes, in the order in which they are defined."""
    return tuple(_REGISTRY)


def own_key(digest: str) -> str:
    """The key of a network that a visitor opened, by the digest of its file.

    >>> from cnnviz.models.zoo import is_own_key, own_key
    >>> is_own_key(own_key(64 * "0"))
    True
    """
    return OWN_PREFIX + digest[:32]


def is_own_key(text: object) -> bool:
    """Whether `text` has the form of the key of a network that a visitor opened.

    >>> from cnnviz.models.zoo import is_own_key
    >>> is_own_key("own-" + 32 * "0"), is_own_key("mnist")
    (True, False)
    """
    return isinstance(text, str) and _OWN_KEY.fullmatch(text) is not None


def find_recipe(key: str) -> Recipe:
    """The recipe called `key`.

    Raises: KeyError, one sentence with the known keys, for a key that is not registered.
    """
    return _REGISTRY[check_one_of("network", key, _REGISTRY, KeyError)]


def build_sequential(**layers: nn.Module) -> nn.Sequential:
    """`nn.Sequential` with named parts: `build_sequential(conv1=nn.Conv2d(...), relu1=nn.ReLU())`."""
    return nn.Sequential(OrderedDict(layers))


@register_recipe(DIGITS.network, "MNIST digits", input_shape=DRAWN, classes=DIGITS.classes, preset="mnist_b1")
def mnist() -> nn.Sequential:
    """Two convolutions and one fully connected layer: 28,938 parameters, as the preset says that is trained live."""
    return build_module(preset("mnist_b1"))


@register_recipe(DIGITS.further[0], "MNIST digits, residual", input_shape=DRAWN, classes=DIGITS.classes)
def digits_residual() -> nn.Sequential:
    """A convolution, three residual blocks with batch normalisation, global average pooling: 82,938 parameters."""
    return build_sequential(
        conv1=nn.Conv2d(1, 16, kernel_size=5, padding=2, bias=False),  # (n, 16, 28, 28)
        norm1=nn.BatchNorm2d(16),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),  # (n, 16, 14, 14)
        block1=BasicBlock(16, 32),  # (n, 32, 14, 14)
        block2=BasicBlock(32, 64, stride=2),  # (n, 64, 7, 7)
        block3=SeparableBlock(64),  # (n, 64, 7, 7)
        average=nn.AdaptiveAvgPool2d(1),  # (n, 64, 1, 1)
        flatten=nn.Flatten(),  # (n, 64)
        fc=nn.Linear(64, len(DIGITS.classes)),  # (n, 10)
    )


@register_recipe(LETTERS.network, "X or O", input_shape=DRAWN, classes=LETTERS.classes)
def xo() -> nn.Sequential:
    """Two small convolutions and one fully connected layer: 4,994 parameters."""
    return build_sequential(
        conv1=nn.Conv2d(1, 8, kernel_size=5, stride=1, padding=2),  # (n, 8, 28, 28)
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),  # (n, 8, 14, 14)
        conv2=nn.Conv2d(8, 16, kernel_size=5, stride=1, padding=2),  # (n, 16, 14, 14)
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),  # (n, 16, 7, 7)
        flatten=nn.Flatten(),  # (n, 784)
        fc=nn.Linear(16 * 7 * 7, len(LETTERS.classes)),  # (n, 2)
    )


@register_recipe(BIRDS.network, "Birds and airplanes (trained)", input_shape=(3, 32, 32), classes=BIRDS.classes)
def birds() -> nn.Sequential:
    """The preset with batch normalisation, 38,482 parameters, behind the scaling that it was trained with.

    Mean and standard deviation stand in the file of its weights.
    """
    first = standardising_layer((0.0,) * 3, (1.0,) * 3)
    return build_sequential(**{STANDARDISE: first}, **dict(build_module(preset("birds_batch_norm")).named_children()))
