"""torchvision's networks, exported and opened by our own reader: how far outputs are apart, how long it takes.

`python -m benchmarks.imported_networks [NAME …] [--decomposed]`: for each network its nodes, the size of its file, the
seconds to read it, and the largest difference between its output and PyTorch's on the same image. Its weights go
through a safetensors file first. Exit code 1 where a difference is above 10⁻⁶ of the largest output.
"""

from __future__ import annotations

import argparse
import io
import time

import safetensors.torch
import torch
from torch import nn

from cnnviz.models.importers.architectures import Architecture, build_architecture, find_architecture
from cnnviz.models.importers.pt2 import read_pt2
from cnnviz.models.importers.records import ImportedNetworkError
from cnnviz.models.importers.state_dict import load_into, read_weights

NAMES = (
    "alexnet", "vgg11", "resnet18", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5",
    "mnasnet0_5", "regnet_y_400mf", "efficientnet_b0", "densenet121", "googlenet", "inception_v3", "convnext_tiny",
    "vit_b_16",
)  # fmt: skip
TOLERANCE = 1e-6


def lively_network(known: Architecture) -> nn.Module:
    """The network with weights that show every mistake: no zeros, running estimates that are not 0 and 1."""
    model, generator = build_architecture(known.name), torch.Generator().manual_seed(1)
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for tensor in weights.values():
        if tensor.is_floating_point() and not (tensor.dim() > 1 and tensor.any()):
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
    model = build_architecture(known.name, seed=2)
    load_into(model, read_weights(safetensors.torch.save(weights), f"{known.name}.safetensors"))
    return model


def compare(name: str, decomposed: bool) -> tuple[str, bool]:
    """One line, and whether the outputs are the same."""
    known = find_architecture(name)
    model, image = lively_network(known), torch.randn(1, *known.input_shape, generator=torch.Generator().manual_seed(0))
    program, file = torch.export.export(model, (image,)), io.BytesIO()
    torch.export.save(program.run_decompositions() if decomposed else program, file)
    start = time.perf_counter()
    try:
        network = read_pt2(file.getvalue())
    except ImportedNetworkError as error:
        return f"{name:20} refused: {error}", decomposed
    seconds = time.perf_counter() - start
    with torch.no_grad():
        wanted, found = model(image), network.module(image)
    apart, largest = float((found - wanted).abs().max()), float(wanted.abs().max())
    line = (f"{name:20} {len(network.module.graph.nodes):5} nodes {len(file.getvalue()) / 1e6:6.0f} MB "
            f"{seconds:6.2f} s   largest difference {apart:.1e} of {largest:.2g}")  # fmt: skip
    return line, largest > 0 and apart <= TOLERANCE * largest


def main() -> int:
    """Compare all networks, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imported_networks", description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME")
    parser.add_argument("--decomposed", action="store_true", help="export with run_decompositions()")
    chosen, are_same = parser.parse_args(), True
    torch.backends.mha.set_fastpath_enabled(False)  # attention in another order of sums, which no export can hold
    for name in chosen.names:
        line, is_same = compare(name, chosen.decomposed)
        are_same = are_same and is_same
        print(line, flush=True)
    return 0 if are_same else 1


if __name__ == "__main__":
    raise SystemExit(main())
