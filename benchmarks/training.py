"""Training: the app's worker beside the same loop in bare PyTorch, the usual loop, and how long good results take.

What is compared runs in turns within one run, with as many threads, so that a busy moment hits both alike. The worker
trains as in the app (snapshots, gradient norms and evaluations go on) while it is asked four times a second over a
real socket. Needs MNIST and the birds in CNNVIZ_DATA.
"""

from __future__ import annotations

import http.client
import http.server
import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.nn.functional as F
from playwright.sync_api import Browser
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import MNIST

from benchmarks.in_browser import opened, sample_click
from benchmarks.rows import Row, milliseconds
from cnnviz.blueprints import build, preset
from cnnviz.datasets import data_folder, mnist
from cnnviz.imagesets import DataChoice, load
from cnnviz.training import Job, TrainConfig, begin
from cnnviz.worker import History, State, Worker
from tests.browser.driving import ROOT, running

BATCH = 50  # as in B2
TURNS, TURN_S = 6, 5.0
POLL_S = 0.25
SETTINGS = TrainConfig(epochs=100, batch=BATCH, device="cpu")
B1 = Job(preset("mnist_b1"), DataChoice("mnist"), SETTINGS)
QUICK = TrainConfig(epochs=8, batch=BATCH, rate=3e-3, schedule="cosine", averaging=0.99, device="cpu")
BIRDS = TrainConfig(epochs=100, batch=64, optimiser="sgd", rate=1e-2, scaling="data", device="cpu")

Step = Callable[[], object]


def at_least(what: str, measured: float, base: float, unit: str, budget: float) -> Row:
    """A row from two medians of the same run, of which the first must be the larger."""
    result = f"{measured / base:.2f} × ({measured:,.0f} against {base:,.0f} {unit})"
    return Row(what, result, f"≥ {budget:g} ×", measured / base >= budget)


def bare_loop() -> Step:
    """One step of B1 as a text book writes it, the pictures in memory; channels last, which is faster here."""
    images, labels = (torch.tensor(each) for each in (mnist("train").images, mnist("train").labels))
    model = build(preset("mnist_b1")).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step() -> None:
        at = torch.randint(len(images), (BATCH,))
        read = images[at][:, None].float().div_(255)
        loss = F.cross_entropy(model(read), labels[at])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return step


def usual_loop() -> Step:
    """One step of B1 with `DataLoader` and `ToTensor`, as B2 has it."""
    data = MNIST(str(data_folder()), train=True, transform=transforms.ToTensor())
    model = build(preset("mnist_b1"))
    optimiser, objective = torch.optim.Adam(model.parameters(), lr=1e-3), nn.CrossEntropyLoss()

    def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while True:
            yield from DataLoader(data, batch_size=BATCH, shuffle=True)

    stream = batches()

    def step() -> None:
        images, labels = next(stream)
        loss = objective(model(images), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return step


def pace(step: Step, seconds: float) -> float:
    """Samples a second of a loop, for about so long."""
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        step()
        steps += 1
    return steps * BATCH / (time.perf_counter() - start)


@contextmanager
def served(worker: Worker, history: History) -> Iterator[Callable[[], dict]]:
    """A small server on a real socket before the worker; the function that asks it, as a page would."""

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            history.add(worker.poll())
            curve, moments = history.curve(asked["since"]), history.moments
            weights = history.weights_at(moments[-1]) if moments else {}
            head = {
                "state": history.status.state,
                "step": history.status.step,
                "last": int(max(curve.steps, default=0)),
            }
            body = json.dumps(head).encode().ljust(256)
            body += b"".join(array.tobytes() for array in (curve.losses, curve.accuracies, *weights.values()))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_what: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seen = {"last": 0}

    def ask() -> dict:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
        connection.request("POST", "/", json.dumps({"since": seen["last"]}))
        found = json.loads(connection.getresponse().read()[:256])
        seen["last"] = max(seen["last"], found["last"])
        connection.close()
        return found

    try:
        yield ask
    finally:
        server.shutdown()
        server.server_close()


def until(ask: Callable[[], dict], holds: Callable[[dict], bool]) -> dict:
    """Ask four times a second until an answer `holds`."""
    while not holds(found := ask()):
        time.sleep(POLL_S)
    return found


def watched_pace(worker: Worker, ask: Callable[[], dict], seconds: float) -> float:
    """Samples a second of the worker while it is asked four times a second."""
    worker.resume()
    first = until(ask, lambda found: found["state"] == State.RUNNING)
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        time.sleep(POLL_S)
        last = ask()
    took = time.perf_counter() - start
    worker.pause()
    until(ask, lambda found: found["state"] == State.PAUSED)
    return (last["step"] - first["step"]) * BATCH / took


def live_against_bare(turns: int = TURNS, seconds: float = TURN_S) -> list[Row]:
    """The worker, watched, beside the bare loop; and what a session takes in memory."""
    step, history = bare_loop(), History()
    with Worker(threads=1, patience_s=600) as worker, served(worker, history) as ask:
        worker.start(B1)
        until(ask, lambda found: found["state"] == State.RUNNING and found["step"] > 50)
        worker.pause()
        until(ask, lambda found: found["state"] == State.PAUSED)
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


def against_usual(turns: int = TURNS, seconds: float = TURN_S) -> Row:
    """The training core beside the usual loop, both with as many threads as PyTorch takes by itself."""
    torch.set_num_threads(os.cpu_count() or 1)
    run, usual = begin(B1).run, usual_loop()
    pairs = [(pace(usual, seconds), pace(lambda: run.advance(0, most=1), seconds)) for _turn in range(turns)]
    base, own = (statistics.median(side) for side in zip(*pairs, strict=True))
    torch.set_num_threads(1)
    return at_least("the training core against `DataLoader` + `ToTensor` (B1)", own, base, "samples/s", 2)


def on_test(weights: dict, images: torch.Tensor, labels: torch.Tensor) -> float:
    """The share of MNIST's test images that a network with these weights reads rightly."""
    model = build(preset("mnist_b1")).eval()
    model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    with torch.no_grad():
        return float(torch.cat([model(part).argmax(1) for part in images.split(500)]).eq(labels).float().mean())


def test_images() -> tuple[torch.Tensor, torch.Tensor]:
    digits = mnist("test")
    return torch.tensor(digits.images)[:, None].float().div_(255), torch.tensor(digits.labels)


def time_to(goal: float, budget: float | None, config: TrainConfig) -> Row:
    """Seconds from the press of the button, in a warm worker that is watched, to the first weights this good."""
    history, came = History(), {}
    with Worker(threads=1, patience_s=600) as worker, served(worker, history) as ask:
        while not worker.is_ready:
            time.sleep(POLL_S)
        start = time.perf_counter()
        worker.start(Job(B1.blueprint, B1.data, config))
        images, labels = test_images()
        found: dict = {}
        while found.get("state") not in (State.DONE, State.FAILED):
            found = ask()
            for step in history.moments:
                came.setdefault(step, time.perf_counter() - start)
            good = history.evaluation_at(found["step"])
            if good is not None and good.validation.accuracy >= goal and _reached(history, goal, images, labels):
                break
            time.sleep(POLL_S)
    reached = _reached(history, goal, images, labels)
    what = f"B1 to {goal:.1%} of all MNIST test images, from the press of the button"
    limit = f"≤ {budget:g} s" if budget else ""
    if reached is None:
        return Row(what, "not reached", limit, False)
    return Row(what, f"{came[reached]:.1f} s ({reached:,} steps)", limit, budget is None or came[reached] <= budget)


def _reached(history: History, goal: float, images: torch.Tensor, labels: torch.Tensor) -> int | None:
    """The earliest remembered moment that is this good, looked for from the middle (accuracy mostly rises)."""
    moments = history.moments
    low, high = 0, len(moments)
    while low < high:
        middle = (low + high) // 2
        good = on_test(dict(history.weights_at(moments[middle])), images, labels) >= goal
        low, high = (low, middle) if good else (middle + 1, high)
    return moments[low] if low < len(moments) else None


def birds(config: TrainConfig = BIRDS) -> Row:
    """C1 as the book trains it, on birds and airplanes: accuracy on the validation pictures at the end."""
    course = begin(Job(preset("birds_c1"), DataChoice("birds"), config))
    start = time.perf_counter()
    course.run.advance(float("inf"))
    took, found = time.perf_counter() - start, course.evaluated().validation
    said = f"{found.accuracy:.3f} of {found.n:,} ({config.epochs} epochs, {took:.0f} s)"
    return Row("C1, birds and airplanes: validation accuracy", said, "≥ 0.88", found.accuracy >= 0.88)


def others_clicks(browser: Browser, folder: Path) -> Row:
    """A second visitor clicks on the shelf of drawings while one trains on the same machine."""
    with Worker(threads=1, patience_s=600) as worker, running(ROOT / "app.py", folder / "log.txt") as address:
        worker.start(B1)
        while not (said := worker.poll()) or said[-1].state is not State.RUNNING:  # type: ignore[union-attr]
            time.sleep(POLL_S)
        page = opened(browser, address)
        times = sample_click(page)
        page.close()
    what = "a second visitor's click while one trains → painted"
    row = milliseconds(what, times, 500, 500)
    return Row(what, row.result, "p95 ≤ 500 ms", row.is_met)


def rows(browser: Browser, folder: Path) -> list[Row]:
    """All rows of this file; some minutes."""
    torch.set_num_threads(1)
    load(B1.data)
    return [
        *live_against_bare(),
        against_usual(),
        time_to(0.97, 30, SETTINGS),
        time_to(0.989, None, QUICK),
        birds(),
        others_clicks(browser, folder),
    ]
