"""The functions behind the examples of forms of data. Their source is shown, so they need little but PyTorch."""

from __future__ import annotations

import torch
from torch.nn import functional

from cnnviz.data.image_sets import DataChoice, load_pool


def bytes_to_numbers(pixels: list[list[int]]) -> dict[str, object]:
    """An image of bytes, red, green and blue side by side, as a network takes it."""
    image = torch.tensor(pixels, dtype=torch.uint8).view(len(pixels), -1, 3)  # (rows, columns, 3), 0 to 255
    planes = image.permute(2, 0, 1)  # (3, rows, columns)
    batch = planes[None].float() / 255  # (1, 3, rows, columns), 0 to 1
    shapes = tuple(image.shape), tuple(planes.shape), tuple(batch.shape)
    return {
        "shapes": "(h, w, c) {} → (c, h, w) {} → (n, c, h, w) {}".format(*shapes),
        "planes": planes,
        "batch": batch[0],
        "back": torch.equal((batch[0].permute(1, 2, 0) * 255).round().to(torch.uint8), image),
    }  # fmt: skip


def view_as(numbers: list[list[float]], rows: int) -> dict[str, object]:
    """The same numbers in the same order, in another shape; and turned over the diagonal, which is another order."""
    x = torch.tensor(numbers)
    return {
        "view": x.view(rows, -1),
        "column": x.view(-1),
        "transposed": x.T,
        "memory": x.view(rows, -1).data_ptr() == x.data_ptr(),
    }


def one_hot_labels(labels: list[int], classes: int, seed: int) -> dict[str, object]:
    """Class numbers as rows of 0 and 1, back again, and the loss of the same scores for both."""
    numbers = torch.tensor(labels)
    one_hot = functional.one_hot(numbers, classes)
    torch.manual_seed(seed)
    scores = torch.randn(len(labels), classes)
    return {
        "one_hot": one_hot,
        "back": one_hot.argmax(dim=1),
        "scores": scores,
        "loss": functional.cross_entropy(scores, numbers),
        "loss_one_hot": functional.cross_entropy(scores, one_hot.float()),
    }


def one_picture(images: str, number: int) -> dict[str, object]:
    """One training picture of a set with its label."""
    pool = load_pool(DataChoice(images))
    pixels, labels = pool.training  # (n, channels, rows, columns), 0 to 255; (n,)
    picture = torch.tensor(pixels[number])
    return {
        "label": pool.classes[labels[number]],
        "count": len(labels),
        "shape": f"{tuple(picture.shape)}, {int(picture.min())} … {int(picture.max())}",
        "picture": picture[0] if len(picture) == 1 else picture,
    }
