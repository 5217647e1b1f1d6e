"""The training core and the app's worker beside the same training in bare PyTorch and in the usual loop.

What is compared runs in turns within one run, with as many threads, so that a busy moment hits both alike. The worker
trains as in the app (snapshots, gradient norms and evaluations go on) while it is asked four times a second over a
real socket. Needs MNIST in CNNVIZ_DATA.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.loops import B1, BATCH, STEPS, OwnB2, Step, UsualB2, UsualLoop, bare_loop, pace
from benchmarks.rows import Row, ratio
from benchmarks.watched import served, until, watched_pace
from cnnviz.data.image_sets import load_images
from cnnviz.training import start_session
from cnnviz.training.worker import History, RunState, Worker

TURNS, TURN_S = 6, 5.0
TEST_EVERY, TESTED_STEPS, TESTED_TURNS = 50, 400, 2
# 50 steps of 50 images go forward and back (three forward passes), 2,000 test images forward: 1 + 2000 / 7500.
MOST_WITH_TESTS = 1.27


def at_least(what: str, measured: float, base: float, unit: str, budget: float | None) -> Row:
    """A row from two medians of the same run, of which the first must be the larger."""
    result = f"{measured / base:.2f} × ({measured:,.0f} against {base:,.0f} {unit})"
    if budget is None:
        return Row(what, result, "", True)
    return Row(what, result, f"≥ {budget:g} ×", measured / base >= budget)


def live_against_bare(turns: int = TURNS, seconds: float = TURN_S) -> list[Row]:
    """The worker, watched, beside the bare loop; and what a session takes in memory."""
    step, history = bare_loop(), History()
    with Worker(threads=1, patience_s=600) as worker, served(worker, history) as ask:
        worker.start(B1)
        until(ask, lambda found: found["state"] == RunState.RUNNING and found["step"] > 50)
        worker.pause()
        until(ask, lambda found: found["state"] == RunState.PAUSED)
        pairs = [(pace(step, seconds), watched_pace(worker, ask, seconds)) for _turn in range(turns)]
        used = peak_memory(worker.pid)
    bare, watched = (statistics.median(side) for side in zip(*pairs, strict=True))
    said = f"{used:.0f} MB in its own process (MNIST loaded), ≤ {History()._most_bytes / 1e6:.0f} MB in the server"
    return [
        at_least("live training, watched over a socket, against the bare loop (B1)", watched, bare, "samples/s", 0.95),
        Row("memory of a visitor's training", said, "", True),
    ]


def peak_memory(pid: int) -> float:
    """The most that a process ever held, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))


def with_tests(turns: int = TESTED_TURNS) -> Row:
    """CPU time of a step of the worker, watched, with the test images in between against without, in turns.

    The time of its process and not that of the clock: other work on the machine changes it little.
    """
    spent: dict[int, list[float]] = {TEST_EVERY: [], 0: []}
    for _turn in range(turns):
        for every, found in spent.items():
            found.append(cpu_of_a_step(every))
    tested, alone = (1e3 * statistics.median(found) for found in spent.values())
    what = f"live training with 2,000 test images every {TEST_EVERY} steps, against none: CPU time of a step (B2)"
    return ratio(what, tested, alone, "ms", MOST_WITH_TESTS)


def cpu_of_a_step(test_every: int) -> float:
    """Seconds that the worker's process computes for a step, tests, snapshots and evaluations included."""
    history = History()
    config = replace(B1.config, test_every=test_every, epochs=20)
    with Worker(threads=1, patience_s=600) as worker, served(worker, history) as ask:
        worker.start(replace(B1, config=config))
        first = until(ask, lambda found: found["state"] == RunState.RUNNING and found["step"] > 50)["step"]
        before = cpu_seconds(worker.pid)
        last = until(ask, lambda found: found["step"] >= first + TESTED_STEPS)["step"]
        return (cpu_seconds(worker.pid) - before) / (last - first)


def cpu_seconds(pid: int) -> float:
    """What a process has computed so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # in user mode, and in the kernel for it


@contextmanager
def all_cores() -> Iterator[None]:
    """As many threads as PyTorch takes by itself."""
    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def against_usual(turns: int = TURNS, seconds: float = TURN_S) -> Iterator[Row]:
    """The training core beside the usual loop, as many threads for both: B2 as it is written, and its steps alone."""
    own, usual = OwnB2(), UsualB2()
    own(), usual()  # the first steps are slower
    with all_cores():
        yield _compared("B2, with 2,000 test images every 50 steps: the core against `DataLoader`", own, usual, turns)
        run, loop = start_session(B1).run, UsualLoop()
        pairs = [(pace(loop, seconds), pace(lambda: run.advance(0, most=1), seconds)) for _turn in range(turns)]
    base, measured = (statistics.median(side) for side in zip(*pairs, strict=True))
    yield at_least("the same without the test images, steps alone", measured, base, "samples/s", None)


def _compared(what: str, own: Step, other: Step, turns: int) -> Row:
    pairs = [(timed(other), timed(own)) for _turn in range(turns)]
    base, measured = (STEPS * BATCH / statistics.median(side) for side in zip(*pairs, strict=True))
    return at_least(what, measured, base, "samples/s", 2)


def timed(work: Step) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rows() -> Iterator[Row]:
    """All rows of this file."""
    torch.set_num_threads(1)
    load_images(B1.data)
    yield from live_against_bare()
    yield with_tests()
    yield from against_usual()
