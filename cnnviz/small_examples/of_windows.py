"""The functions behind the examples of windows and sizes. Their source is shown, so they need nothing but PyTorch."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


def slide_along_a_sequence(
    sequence: list[list[float]], kernel: list[list[float]], stride: int, padding: int, place: int
) -> dict[str, object]:
    """One kernel along one axis; rows are channels, `place` is the cell that is shown in numbers."""
    x = torch.tensor(sequence, dtype=torch.float32)[None]  # (1, channels, length)
    layer = nn.Conv1d(len(kernel), 1, len(kernel[0]), stride=stride, padding=padding)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(kernel, dtype=torch.float32)[None])  # (1, channels, size)
        layer.bias.zero_()  # type: ignore[union-attr]
        y = layer(x)
    begin = place * stride
    window = functional.pad(x, (padding, padding))[0, :, begin : begin + len(kernel[0])]
    products = window * layer.weight.detach()[0]
    return {
        "shapes": f"{tuple(x.shape)} → {tuple(y.shape)}",
        "weight": f"{tuple(layer.weight.shape)}",
        "parameters": sum(one.numel() for one in layer.parameters()),
        "output": y[0],
        "window": window,
        "products": products,
        "cell": products.sum(),
    }


def slide_through_a_volume(
    volume: list[list[float]], kernel: list[list[float]], padding: int, place: list[int]
) -> dict[str, object]:
    """One kernel along three axes; slices stand one below the other, each as high as it is wide."""
    side, size = len(volume[0]), len(kernel[0])
    x = torch.tensor(volume, dtype=torch.float32).view(1, 1, -1, side, side)  # (1, 1, depth, rows, columns)
    w = torch.tensor(kernel, dtype=torch.float32).view(1, 1, -1, size, size)
    layer = nn.Conv3d(1, 1, (w.shape[2], size, size), padding=padding)
    with torch.no_grad():
        layer.weight.copy_(w)
        layer.bias.zero_()  # type: ignore[union-attr]
        y = layer(x)
    d, r, c = place
    padded = functional.pad(x, (padding,) * 6)[0, 0]
    window = padded[d : d + w.shape[2], r : r + size, c : c + size]
    products = window * w[0, 0]
    return {
        "shapes": f"{tuple(x.shape)} → {tuple(y.shape)}",
        "weight": f"{tuple(layer.weight.shape)}",
        "parameters": sum(one.numel() for one in layer.parameters()),
        "output": y[0, 0],
        "window": window,
        "products": products,
        "cell": products.sum(),
    }


def stride_beside_pooling(image: list[list[float]], kernel: list[list[float]], channels: int) -> dict[str, object]:
    """Three ways to halve a map, and which cells of the image each result depends on."""
    size = len(kernel), len(kernel[0])
    weight = torch.tensor(kernel, dtype=torch.float32)[None, None]
    ways = {
        "convolution": lambda x: functional.conv2d(x, weight, stride=2),
        "max pooling": lambda x: functional.max_pool2d(x, size, stride=2),
        "average pooling": lambda x: functional.avg_pool2d(x, size, stride=2),
    }
    results: dict[str, object] = {}
    table = []
    for name, way in ways.items():
        x = torch.tensor(image, dtype=torch.float32)[None, None].requires_grad_()
        y = way(x)
        (gradient,) = torch.autograd.grad(y.sum(), x)
        learned = nn.Conv2d(channels, channels, size) if name == "convolution" else nn.Identity()
        results[name] = y.detach()[0, 0]
        results[f"{name}: counts"] = gradient[0, 0] != 0
        table.append({
            "way": name,
            "size": f"{tuple(x.shape[2:])} → {tuple(y.shape[2:])}",
            "parameters": sum(one.numel() for one in learned.parameters()),
            "counted": int((gradient != 0).sum()),
            "cells": x.numel(),
        })  # fmt: skip
    return {"table": table, **results}


def pad_on_both_sides(sequence: list[float], size: int) -> dict[str, object]:
    """What "same" pads for a kernel of `size` ones, and what the same padding on both sides gives."""
    x = torch.tensor([[sequence]], dtype=torch.float32)
    ones = torch.ones(1, 1, size)
    left = (size - 1) // 2
    right = size - 1 - left
    same = functional.conv1d(x, ones, padding="same")
    by_hand = functional.conv1d(functional.pad(x, (left, right)), ones)
    even = functional.conv1d(x, ones, padding=size // 2)
    return {
        "left": left,
        "right": right,
        "same": same[0, 0],
        "equal": torch.equal(same, by_hand),
        "even": even[0, 0],
        "lengths": f"{len(sequence)} → {same.shape[2]}, {even.shape[2]}",
    }


def more_channels(side: int, channels: int, kernels: int, size: int, seed: int) -> dict[str, object]:
    """How many numbers there are before and after a first convolution, and at one place of it."""
    torch.manual_seed(seed)
    x = torch.rand(1, channels, side, side)
    layer = nn.Conv2d(channels, kernels, size, padding=size // 2)
    with torch.no_grad():
        y = layer(x)
        pooled = functional.max_pool2d(y, 2)
        place = side // 2
        begin = place - size // 2
        window = x[0, :, begin : begin + size, begin : begin + size]
    stages = {"image": x, "convolution": y, "max pooling": pooled}
    return {
        "table": [{"stage": name, "shape": f"{tuple(maps.shape[1:])}", "numbers": maps.numel()}
                  for name, maps in stages.items()],
        "parameters": sum(one.numel() for one in layer.parameters()),
        "window": window,
        "read": window.numel(),
        "answers": y[0, :, place, place],
    }  # fmt: skip


def why_padding(image: list[list[float]], kernel: list[list[float]], padding: int) -> dict[str, object]:
    """The size after a convolution, and whether image and result can be added, as a shortcut does."""
    x = torch.tensor(image, dtype=torch.float32)[None, None]
    y = functional.conv2d(x, torch.tensor(kernel, dtype=torch.float32)[None, None], padding=padding)
    results: dict[str, object] = {"shapes": f"{tuple(x.shape)} → {tuple(y.shape)}", "output": y[0, 0]}
    try:
        results["sum"] = (x + y)[0, 0]
    except RuntimeError as error:
        results["error"] = str(error)
    return results


def pool_again_and_again(ink: str, way: str, times: int) -> dict[str, object]:
    """An X and an O of 9×9 cells, pooled 2×2 so many times; how many cells of the two differ then."""
    x_rows = ["", "1 7", "2 6", "3 5", "4", "3 5", "2 6", "1 7", ""]
    o_rows = ["", "3 4 5", "2 6", "1 7", "1 7", "1 7", "2 6", "3 4 5", ""]
    drawn = torch.full((2, 1, 9, 9), -1.0)
    for letter, rows in enumerate([x_rows, o_rows]):
        for row, columns in enumerate(rows):
            for column in columns.split():
                drawn[letter, 0, row, int(column)] = 1.0
    maps = drawn if ink == "bright" else -drawn
    pool = functional.max_pool2d if way == "max" else functional.avg_pool2d
    table = []
    for time in range(times + 1):
        if time > 0:
            maps = pool(maps, 2, ceil_mode=True)
        table.append({"times": time, "size": f"{tuple(maps.shape[2:])}", "differ": int((maps[0] != maps[1]).sum())})
    return {"x": maps[0, 0], "o": maps[1, 0], "equal": torch.equal(maps[0], maps[1]), "table": table}
