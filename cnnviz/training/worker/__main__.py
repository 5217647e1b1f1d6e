"""The worker process: `python -m cnnviz.training.worker`, which `Worker` starts and speaks to by its input and output.

One thread reads commands, and answers the question what is new at once, also while a step or an evaluation goes on;
the main thread trains. The process ends when its input does (so it never outlives the server), or when nobody has
asked for long. Refuses to know: what a job is (the engine does).
"""

from __future__ import annotations

import os
import queue
from typing import Any, BinaryIO

import numpy as np
import torch

from cnnviz.checks import MOST_THREADS, whole_argument
from cnnviz.data.image_sets import ImageSet, ImageSplits
from cnnviz.i18n import _
from cnnviz.machine.arguments import ArgumentParser
from cnnviz.processes.watchdog import UNWATCHED, Watchdog, leave, make_room
from cnnviz.training.worker.engine import Command, Engine
from cnnviz.training.worker.frames import Arrays, FrameError, read_frame, write_frame
from cnnviz.training.worker.messages import pack_message
from cnnviz.training.worker.outbox import MessageQueue

STOP_AFTER = 3  # times the patience: paused for two of them, a run that nobody watches is over


class CommandListener(Watchdog):
    """Reads the pipe: questions are answered here, everything else goes to the engine."""

    told = (FrameError, OSError)

    def __init__(self, source: BinaryIO, sink: BinaryIO, inbox: queue.Queue[Command], outbox: MessageQueue) -> None:
        super().__init__()
        self._source, self._sink, self._inbox, self._outbox = source, sink, inbox, outbox

    def listen(self) -> None:
        """Frame by frame."""
        write_frame(self._sink, {"ready": True})
        while (frame := read_frame(self._source)) is not None:
            self._answer(*frame)

    def _answer(self, header: dict[str, Any], arrays: Arrays) -> None:
        self.heard()
        if header["word"] == "poll":
            number, messages = self._outbox.taken()
            head, own = pack_message(messages)
            write_frame(self._sink, {"number": number, **head}, own)
        else:
            self._inbox.put(command_of(header, arrays))


def command_of(header: dict[str, Any], arrays: Arrays) -> Command:
    """The command that a frame holds."""
    weights = {name.removeprefix("weights/"): array for name, array in arrays.items() if name.startswith("weights/")}
    return Command(
        header["word"],
        header.get("number", 0),
        header.get("value"),
        header.get("language", "en"),
        _sets_of(header["sets"], arrays) if header.get("sets") else None,
        weights or None,
        header.get("speed"),
    )


def _sets_of(record: dict[str, Any], arrays: Arrays) -> ImageSplits:
    def part(name: str) -> ImageSet:
        images, labels = (np.array(arrays[f"{name}/{kind}"]) for kind in ("images", "labels"))
        return ImageSet(record["key"], record["title"], images, labels, tuple(record["classes"]))

    test = part("test") if "test/images" in arrays else None
    return ImageSplits(part("training"), part("validation"), test, tuple(record["mean"]), tuple(record["std"]))


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Input and output for frames alone: what anything prints goes to the error stream instead."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return source, sink


def main() -> None:
    """Train until nobody is there any more."""
    parser = ArgumentParser("python -m cnnviz.training.worker")
    parser.add_argument("--threads", type=whole_argument(1, MOST_THREADS), default=1)
    parser.add_argument("--patience", type=float, default=20.0)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    make_room()
    inbox: queue.Queue[Command] = queue.Queue()
    outbox = MessageQueue()
    listener = CommandListener(*private_pipes(), inbox, outbox)
    listener.start()
    warm_up()
    serve(Engine(inbox, outbox), listener, chosen.patience)


def warm_up() -> None:
    """Load what the first step would wait for: parts of PyTorch come in only when they are used for the first time."""
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 1, 3), torch.nn.Flatten(), torch.nn.Linear(1, 1))
    optimiser = torch.optim.Adam(model.parameters())
    model(torch.zeros(1, 1, 3, 3)).sum().backward()
    optimiser.step()


def serve(engine: Engine, listener: CommandListener, patience_s: float) -> None:
    """Turn by turn; a run that nobody watches is paused, then over, and its process with it."""
    while True:
        engine.turn()
        silent = listener.silent_s
        if engine.is_working and silent > patience_s:
            engine.rest(_("Nobody was watching, so the training is paused: press the button to resume."))
        if engine.is_working and silent > patience_s * STOP_AFTER:
            leave(UNWATCHED)


if __name__ == "__main__":
    main()
