"""A larger network for digits, from whose probabilities the shipped one can learn (distillation); it is never shipped.

It sees each batch as the smaller one does, changes included, and says what else an image looks like: more than a label.
Refuses to know: data, figures (`digits`), arguments (`cli.train`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from cnnviz.i18n import _
from cnnviz.machine.whole_files import replace_file
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import BatchSource

COMMAND = "command"  # the key under which a teacher's file says how it was made


def build_teacher() -> nn.Sequential:
    """Four convolutions with batch normalisation: about 150,000 parameters, five times the shipped network's."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),  # (n, 32, 14, 14)
        nn.Conv2d(32, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.Conv2d(64, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),  # (n, 64, 7, 7)
        nn.Conv2d(64, 96, 3, padding=1, bias=False), nn.BatchNorm2d(96), nn.ReLU(),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(96 * 7 * 7, 10),
    )  # fmt: skip


def save_teacher(path: Path, weights: dict[str, Tensor], command: str) -> None:
    """Write the weights, and the command that makes them again."""
    kept = {name: weight.detach().cpu().contiguous() for name, weight in weights.items()}
    replace_file(path, safetensors.torch.save(kept, metadata={COMMAND: command}))


def load_teacher(path: Path) -> tuple[nn.Sequential, str]:
    """The network in evaluation mode, and the command that made it. Raises: CheckpointError, one sentence."""
    model = build_teacher()
    try:
        model.load_state_dict(safetensors.torch.load_file(path))
        with safetensors.safe_open(path, "pt") as file:
            command = (file.metadata() or {}).get(COMMAND, "")
    except (OSError, RuntimeError, safetensors.SafetensorError) as error:
        raise CheckpointError(_("{path} is no teacher: make one with --large.", path=path)) from error
    return model.eval(), command


class DistilledBatches:
    """The batches of `source`, their targets in part what the `teachers` say of the images.

    share: of the teachers in a target, 0..1. temperature: what their scores are divided by; above 1 more of what
    they nearly said is heard.
    """

    def __init__(
        self, source: BatchSource, teachers: Sequence[nn.Module], share: float, temperature: float = 1.0
    ) -> None:
        self._source, self._teachers = source, tuple(teachers)
        self._share, self._temperature = share, temperature

    def __len__(self) -> int:
        """Images of one pass over the data."""
        return len(self._source)

    @torch.no_grad()
    def batch(self, step: int, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Images (size, 1, 28, 28) in 0..1 and targets (size, classes), each row a distribution."""
        images, targets = self._source.batch(step, size, generator)
        laid = images.contiguous(memory_format=torch.channels_last)
        said = [(teacher(laid) / self._temperature).softmax(dim=1) for teacher in self._teachers]
        return images, targets.lerp(torch.stack(said).mean(dim=0), self._share)
