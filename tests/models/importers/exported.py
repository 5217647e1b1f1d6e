"""Files of torch.export for the tests: made by PyTorch itself, and changed afterwards."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

MODEL = "archive/models/model.json"
WEIGHTS = "archive/data/weights/model_weights_config.json"


def seeded_image(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def lively(model: nn.Module) -> nn.Module:
    """`model` with weights that show every mistake: no zeros, running estimates that differ from 0 and 1."""
    generator = torch.Generator().manual_seed(1)
    for tensor in (*model.parameters(), *model.buffers()):
        if tensor.is_floating_point() and (tensor.dim() == 1 or not tensor.any()):
            tensor.data.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
    return model


def pt2_bytes(model: nn.Module, image: torch.Tensor, decompose: bool = False, dynamic: Any = None) -> bytes:
    program = torch.export.export(model, (image,), dynamic_shapes=dynamic)
    file = io.BytesIO()
    torch.export.save(program.run_decompositions() if decompose else program, file)
    return file.getvalue()


def unzip(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zip_up(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def with_json(content: bytes, change: Callable[[Any], None], name: str = MODEL) -> bytes:
    """The file after `change` has been done to one of its JSON records, in place."""
    files = unzip(content)
    record = json.loads(files[name])
    change(record)
    return zip_up(files | {name: json.dumps(record).encode()})


def graph_of(record: Any) -> Any:
    return record["graph_module"]["graph"]


class Small(nn.Module):
    """A convolution, a normalisation, an activation in place, a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        self.classifier = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(torch.flatten(self.features(x), 1))


def small_file() -> bytes:
    torch.manual_seed(0)
    return pt2_bytes(lively(Small()).eval(), seeded_image(1, 1, 6, 6))
