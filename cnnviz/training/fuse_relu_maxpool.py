"""A quicker order of the same computation: max pooling before ReLU instead of after it.

Both only ever pick or pass on numbers that are there: max(relu(x)) = relu(max(x)), and the gradient goes to the same
cell (where the largest is not above 0 there is none in either order). So the result is the same to the last bit, and
ReLU has a quarter of the work. Refuses to know: anything that is not a plain row of layers.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn


def fuse_relu_maxpool(model: nn.Module) -> Callable[[Tensor], Tensor]:
    """`model`, or its layers in the quicker order where it is a row with a ReLU right before a max pooling."""
    layers = list(model) if type(model) is nn.Sequential else []
    pairs = [at for at in range(len(layers) - 1) if _can_swap(layers[at], layers[at + 1])]
    if not pairs or any(each._forward_hooks or each._forward_pre_hooks for each in (model, *layers)):
        return model
    for at in pairs:
        layers[at], layers[at + 1] = layers[at + 1], layers[at]

    def forward(images: Tensor) -> Tensor:
        for layer in layers:
            images = layer(images)
        return images

    return forward


def _can_swap(first: nn.Module, second: nn.Module) -> bool:
    return type(first) is nn.ReLU and type(second) is nn.MaxPool2d and not second.return_indices
