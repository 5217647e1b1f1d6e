"""The peers of the training core: the loops that one finds in text books, a step at a time, on B1 and MNIST.

`UsualLoop` is the one of B2 (`DataLoader`, `ToTensor`); `bare_loop` has the pictures in memory and no page around it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import MNIST

from cnnviz.data.datasets import data_folder, mnist
from cnnviz.data.image_sets import DataChoice
from cnnviz.models.builder import build_module, preset
from cnnviz.training import Job, TrainConfig, start_session
from cnnviz.training.image_pool import DeviceImages

BATCH, STEPS, JUDGED = 50, 50, 2000  # as in B2: test accuracy on the first 2,000 every 50 steps
B1 = Job(preset("mnist_b1"), DataChoice("mnist"), TrainConfig(epochs=100, batch=BATCH, device="cpu"))

Step = Callable[[], object]


def bare_loop() -> Step:
    """One step of B1 as a text book writes it, the pictures in memory; channels last, which is faster here."""
    images, labels = (torch.tensor(each) for each in (mnist("train").images, mnist("train").labels))
    model = build_module(B1.blueprint).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step() -> None:
        at = torch.randint(len(images), (BATCH,))
        read = images[at][:, None].float().div_(255)
        loss = F.cross_entropy(model(read), labels[at])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return step


class UsualLoop:
    """One step of B1 with `DataLoader` and `ToTensor`, as B2 has it."""

    def __init__(self) -> None:
        self._data = MNIST(str(data_folder()), train=True, transform=transforms.ToTensor())
        self.model = build_module(B1.blueprint)
        self._optimiser, self._objective = torch.optim.Adam(self.model.parameters(), lr=1e-3), nn.CrossEntropyLoss()
        self._stream = self._batches()

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            yield from DataLoader(self._data, batch_size=BATCH, shuffle=True)

    def __call__(self) -> None:
        """One step."""
        images, labels = next(self._stream)
        loss = self._objective(self.model(images), labels)
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()


def pace(step: Step, seconds: float) -> float:
    """Samples a second of a loop, for about so long."""
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        step()
        steps += 1
    return steps * BATCH / (time.perf_counter() - start)


class UsualB2:
    """B2 as text books write it: 50 steps of the usual loop, then the accuracy on the first 2,000 test images."""

    def __init__(self) -> None:
        self._loop = UsualLoop()
        test = MNIST(str(data_folder()), train=False)
        self._images, self._labels = test.data[:JUDGED][:, None].float().div_(255), test.targets[:JUDGED]

    def __call__(self) -> float:
        """One round; the accuracy."""
        for _ in range(STEPS):
            self._loop()
        with torch.no_grad():
            guesses = self._loop.model(self._images).argmax(dim=1)
        return float((guesses == self._labels).float().mean())


class OwnB2:
    """The same by the training core and its exam."""

    def __init__(self) -> None:
        self._course = start_session(B1)
        test = self._course.sets.test
        assert test is not None
        first = replace(test, images=test.images[:JUDGED], labels=test.labels[:JUDGED])
        self._judged = DeviceImages(first, self._course.scaling, self._course.run.device)

    def __call__(self) -> float:
        """One round; the accuracy."""
        self._course.run.advance(float("inf"), most=STEPS)
        return self._course.exam.score(self._course.run.moment(), self._judged).accuracy
