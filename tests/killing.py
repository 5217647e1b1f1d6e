"""Processes that are killed (SIGKILL) at chosen moments while they write: `python -m tests.killing 200 [SEED]`.

A moment is a line of Python: the child counts the lines that it runs, in our modules and in those below, and kills
itself at the n-th one. So a moment has a number, and what failed once fails again. After each kill: what was said to be
saved is there and whole, what is left of the killed one is swept away, and the next process can go on.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import numpy as np
import safetensors.torch
import torch

from cnnviz.data import datasets
from cnnviz.data.image_sets import DataChoice, store, take_zip, zip_files
from cnnviz.data.image_sets.pools import ImagePool
from cnnviz.machine.whole_files import PART, replace_file, sweep
from cnnviz.models import checkpoints
from cnnviz.models.builder import preset
from cnnviz.training import Job
from cnnviz.training.run_lock import lock_run_folder
from cnnviz.training.state_files import CheckpointWriter, last_state

SAVES = 4  # in a child's life
Say = Callable[[int], None]


class Wrong(AssertionError):
    """Something that was said to be saved is not, or is half there."""


# Each kind: what a child does, calling say(number) when something is saved; and what must hold afterwards.


def write_files(folder: Path, say: Say) -> None:
    for number in range(1, SAVES + 1):
        replace_file(folder / "file", _content(number))
        say(number)


def check_files(folder: Path, said: int) -> None:
    path = folder / "file"
    found = path.read_bytes() if path.exists() else None
    number = found[0] if found else 0
    demand(found is None or found == _content(number), f"{number} is half written")
    demand(number >= said, f"{said} was saved, {number} is there")
    sweep(folder)
    demand({each.name for each in folder.iterdir()} <= {"file"}, "something was left")
    path.unlink(missing_ok=True)  # the next child's are its own


def write_images(folder: Path, say: Say) -> None:
    with patch.dict(os.environ, CNNVIZ_CACHE=str(folder)):
        for number in range(1, SAVES + 1):
            store.store_pool(store.content_token(bytes([number])), _pool(number))
            say(number)


def check_images(folder: Path, said: int) -> None:
    with patch.dict(os.environ, CNNVIZ_CACHE=str(folder)):
        store.sweep_store()
        for number in range(1, SAVES + 1):
            token = store.content_token(bytes([number]))
            demand(store.is_stored(token) or number > said, f"{number} was saved and is not there")
            if store.is_stored(token):
                demand(int(store.fetch_pool(token).training[0][0, 0, 0, 0]) == number, f"{number} is another one")
    demand(all(path.suffix == ".npz" for path in folder.iterdir()), "something was left")
    for path in folder.iterdir():  # the next child's are its own
        path.unlink()


def write_unpacked(folder: Path, say: Say) -> None:
    with patch.dict(os.environ, CNNVIZ_CACHE=str(folder)):
        for number in range(1, SAVES + 1):
            take_zip(_zip(number))
            say(number)


def check_unpacked(folder: Path, said: int) -> None:
    """Zips that were taken are there, also for who brings one again; the others are taken then."""
    with patch.dict(os.environ, CNNVIZ_CACHE=str(folder)):
        store.sweep_store()
        for number in range(1, SAVES + 1):
            is_there = store.is_stored(store.content_token(_zip(number)))
            demand(is_there or number > said, f"{number} was unpacked and is not there")
            token, pool = take_zip(_zip(number))
            kept = store.fetch_pool(token)
            demand(pool.classes == kept.classes == ("a", "b"), f"{number} has other classes")
            for one in (pool, kept):
                demand(int(one.training[0].max()) == number, f"{number} is another one")
    demand(all(path.suffix == ".npz" for path in folder.iterdir()), "something was left")
    for path in folder.iterdir():  # the next child's are its own
        path.unlink()


def write_checkpoints(folder: Path, say: Say) -> None:
    for number in range(1, SAVES + 1):
        packed = checkpoints.pack({"weights": torch.full((500,), float(number))})
        checkpoints.save(packed, replace(MANIFEST, sha256=checkpoints.digest(packed), seed=number), "net", folder)
        say(number)


def check_checkpoints(folder: Path, said: int) -> None:
    """The weights and what is known of them belong together, and are those of the last that was saved, or the next."""
    number = 0
    if (folder / "net.json").exists():
        packed, manifest = checkpoints._verified("net", folder)
        number = manifest.seed
        demand(float(safetensors.torch.load(packed)["weights"][0]) == number, f"{number} has other weights")
    demand(number >= said, f"{said} was saved, {number} is there")
    sweep(folder)
    write_checkpoints(folder, void)  # the next one goes on
    demand({each.name for each in folder.iterdir()} == {"net.json", "net.safetensors"}, "something was left")
    for path in folder.iterdir():  # the next child's are its own
        path.unlink()


def write_download(folder: Path, say: Say) -> None:
    with patch("torchvision.datasets.MNIST", _fetch), patch.object(datasets, "MNIST_SIZES", FETCHED):
        datasets._fetch_mnist(folder)
    say(1)


def check_download(folder: Path, said: int) -> None:
    with patch.dict(os.environ, CNNVIZ_DATA=str(folder)), patch.object(datasets, "MNIST_SIZES", FETCHED):
        demand(datasets.has_mnist("train", "test") or not said, "it was fetched and is not there")
        for path in datasets.mnist_files():
            demand(not path.exists() or path.read_bytes() == _content(7), f"{path.name} is half there")
    write_download(folder, void)  # the next one goes on
    demand([each.name for each in folder.iterdir()] == ["MNIST"], "something was left")
    shutil.rmtree(folder / "MNIST")


def _fetch(root: str, **_how: bool) -> None:
    """In the place of torchvision's download: it writes file by file, byte by byte."""
    raw = Path(root, "MNIST", "raw")
    raw.mkdir(parents=True)
    for name in FETCHED:
        with (raw / name).open("wb") as file:
            for part in range(0, len(_content(7)), 10_000):
                file.write(_content(7)[part : part + 10_000])


def write_run(folder: Path, say: Say) -> None:
    with lock_run_folder(folder, JOB):
        writer, known = CheckpointWriter(folder), last_state(folder)
        first = 1 if known is None else int(known["step"]) + 1
        for step in range(first, first + SAVES):
            writer.keep({"step": torch.tensor(step), "weights": torch.full((500,), float(step))})
            say(step)
        writer.close()


def check_run(folder: Path, said: int) -> None:
    state = last_state(folder) if folder.exists() else None
    step = 0 if state is None else int(state["step"])
    demand(step >= said, f"step {said} was kept, {step} is there")
    demand(state is None or bool((state["weights"] == step).all()), f"step {step} is half written")
    with lock_run_folder(folder, JOB):  # nobody holds it any more
        demand(not list(folder.glob(f".*{PART}")), "something was left")


MANIFEST = checkpoints.Manifest("mnist", "", 500, 0, "none", "2026-01-01", 0.6)
FETCHED = dict.fromkeys(datasets.MNIST_SIZES, 50_000)
JOB = Job(preset("digits_small"), DataChoice("digits"))
KINDS: dict[str, tuple[Callable[[Path, Say], None], Callable[[Path, int], None]]] = {
    "files": (write_files, check_files), "images": (write_images, check_images), "run": (write_run, check_run),
    "zip": (write_unpacked, check_unpacked),
    "checkpoint": (write_checkpoints, check_checkpoints), "download": (write_download, check_download),
}  # fmt: skip


def demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise Wrong(sentence)


def _content(number: int) -> bytes:
    return bytes([number]) * 50_000


def _zip(number: int) -> bytes:
    ink = bytes([0, number, number, number])
    names = (f"{name}/{at}.pgm" for name in "ab" for at in range(4))
    return zip_files((name, b"P5 2 2 255 " + ink + bytes([0] * at)) for at, name in enumerate(names))


def _pool(number: int) -> ImagePool:
    images = np.full((6, 1, 8, 8), number, np.uint8)
    return ImagePool(("a", "b"), (images, np.arange(6, dtype=np.int64) % 2), None, None, report=None, copies=None)


def live(kind: str, folder: Path, at: int | None) -> tuple[int, int, bool]:
    """One child's life, killed at its `at`-th line. Returns: what it said last, its lines, whether it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            with counting(at) as lines:
                KINDS[kind][0](folder, lambda number: void(os.write(writing, b"%d\n" % number)))
            os.write(writing, b"lines %d\n" % lines[0])
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        words = pipe.read().splitlines()
    status = os.waitpid(child, 0)[1]
    was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    demand(was_killed or os.waitstatus_to_exitcode(status) == 0, f"{kind}: the child failed by itself")
    said = [int(word) for word in words if word.isdecimal()]
    return max(said, default=0), int(words[-1].split()[1]) if not was_killed else 0, was_killed


def void(_value: object) -> None:
    return None


@contextmanager
def counting(at: int | None) -> Iterator[list[int]]:
    """Counts the lines that run in the block, and kills this process at the `at`-th."""
    lines = [0]

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            lines[0] += 1
            if lines[0] == at:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(None)


def kill_at_moments(kind: str, moments: int, seed: int) -> int:
    """So many children of a kind, each killed at a moment of its own, in one folder; how many lines one runs.

    Raises: Wrong, with what it takes to see it again.
    """
    chance = random.Random(f"{kind} {seed}")
    with tempfile.TemporaryDirectory() as place:
        _said, lines, _killed = live(kind, Path(place), None)
    with tempfile.TemporaryDirectory() as place:
        said = 0
        for number in range(moments):
            at = chance.randint(1, lines)
            try:
                now, _lines, _was_killed = live(kind, Path(place), at)
                said = max(said, now) if kind == "run" else now
                KINDS[kind][1](Path(place), said)
            except Wrong as error:
                raise Wrong(f"{kind}, seed {seed}, moment {number} (line {at} of {lines}): {error}") from error
    return lines


def main() -> None:
    """As many moments of each kind as the first word says, from the seed that the second says."""
    words = [int(word) for word in sys.argv[1:]]
    moments, seed = words[0] if words else 200, words[1] if len(words) > 1 else 0
    for kind in KINDS:
        lines = kill_at_moments(kind, moments, seed)
        print(f"{kind}: killed {moments} times, in {lines} lines; all that was saved is there", flush=True)


if __name__ == "__main__":
    main()
