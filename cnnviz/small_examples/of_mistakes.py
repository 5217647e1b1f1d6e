"""The functions behind the mistakes found in print. Their source is shown, so they need nothing but PyTorch."""

from __future__ import annotations

import time

import torch
from torch import nn
from torch.nn import functional


def size_of_output(side: int, channels: int, kernels: int, size: int, padding: int) -> dict[str, object]:
    """The shape that a convolution gives: as many channels as there are kernels."""
    layer = nn.Conv2d(channels, kernels, size, padding=padding)
    y = layer(torch.zeros(1, channels, side, side))
    return {
        "side": f"{side} + 2·{padding} − {size} + 1 = {side + 2 * padding - size + 1}",
        "output": f"{y.shape[2]}×{y.shape[3]}×{y.shape[1]}",
        "shape": f"{tuple(y.shape)}",
        "parameters": sum(one.numel() for one in layer.parameters()),
    }


def sum_of_window(window: list[list[float]], kernel: list[list[float]], more: list[float]) -> dict[str, object]:
    """The products of a window and a kernel: as many as the window has cells, and no more."""
    products = (torch.tensor(window) * torch.tensor(kernel)).flatten()
    return {
        "terms": " + ".join(f"{one:g}" for one in products.tolist()),
        "count": len(products),
        "sum": products.sum(),
        "longer_count": len(products) + len(more),
        "longer_sum": products.sum() + sum(more),
    }


def split_once_or_fold(images: int, folds: int) -> dict[str, object]:
    """Which images are for validation (true) in Keras' validation_split=0.1, and in each turn of a cross-validation."""
    places = torch.arange(images)
    once = places >= int(images * 0.9)  # the last tenth, and the same in every epoch
    turns = torch.stack([places % folds == turn for turn in range(folds)])
    return {
        "once": once,
        "turns": turns,
        "table": [
            {"name": "validation_split=0.1", "trainings": 1, "validated": int(once.sum())},
            {"name": "cross-validation", "trainings": folds, "validated": int(turns.any(dim=0).sum())},
        ],
    }


def matrix_or_fourier(side: int, channels: int, repeats: int, sizes: list[int]) -> dict[str, object]:
    """One layer, as many channels out as in: milliseconds as one matrix product and by Fourier transform."""
    torch.manual_seed(0)
    x = torch.randn(1, channels, side, side)
    table = []
    for size in sizes:
        kernels = torch.randn(channels, channels, size, size)  # (out, in, rows, columns)
        out = side - size + 1

        def by_matrix(kernels=kernels, size=size, out=out):
            return (kernels.flatten(1) @ functional.unfold(x, size)).view(1, channels, out, out)

        def by_fourier(kernels=kernels, out=out):
            image, spectra = torch.fft.rfft2(x), torch.fft.rfft2(kernels, s=(side, side)).conj()
            product = torch.einsum("nirc,oirc->norc", image, spectra)
            return torch.fft.irfft2(product, s=(side, side))[:, :, :out, :out]

        times = []
        for way in (by_matrix, by_fourier):
            way()
            taken = []
            for _repeat in range(repeats):
                begin = time.perf_counter()
                way()
                taken.append(1000 * (time.perf_counter() - begin))
            times.append(min(taken))
        table.append({
            "size": f"{size}×{size}", "matrix": times[0], "fourier": times[1],
            "faster": "matrix product" if times[0] < times[1] else "Fourier transform",
            "apart": (by_matrix() - by_fourier()).abs().max().item(),
        })  # fmt: skip
    return {"table": table}


def bias_after_all(image: list[list[float]], kernel: list[list[float]], bias: float) -> dict[str, object]:
    """A convolution made with bias=False: what happens when a bias is set afterwards, in two ways."""
    x = torch.tensor(image, dtype=torch.float32)[None, None]
    layer = nn.Conv2d(1, 1, (len(kernel), len(kernel[0])), bias=False)
    layer.weight.data = torch.tensor(kernel, dtype=torch.float32)[None, None]
    results: dict[str, object] = {"bias": str(layer.bias), "without": layer(x).detach()[0, 0]}
    try:
        layer.bias.data = torch.tensor([bias])  # type: ignore[union-attr]
    except AttributeError as error:
        results["error"] = str(error)
    layer.bias = nn.Parameter(torch.tensor([float(bias)]))
    return results | {"with": layer(x).detach()[0, 0], "printed": str(layer)}


def last_batch_as_epoch(epochs: int, batch: int, seed: int) -> dict[str, object]:
    """A small network on noisy points: the mean loss of each epoch's batches, and the loss of the last batch alone."""
    torch.manual_seed(seed)
    x = torch.randn(105, 2)
    y = (x.sum(dim=1) + 0.8 * torch.randn(105) > 0).long()
    network = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    table = []
    for epoch in range(1, epochs + 1):
        losses, counts = [], []
        for places in torch.randperm(105).split(batch):
            loss = functional.cross_entropy(network(x[places]), y[places])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            counts.append(len(places))
        mean = sum(one * count for one, count in zip(losses, counts, strict=True)) / 105
        table.append({"epoch": epoch, "mean": mean, "last": losses[-1], "images": counts[-1]})
    return {"table": table}
