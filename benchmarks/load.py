"""Many visitors at once, without a browser: what each waits for, over real sockets, and whether answers get mixed up.

    .venv/bin/python -m benchmarks.load --visitors 20 --seconds 30

Each opens pages by links (Streamlit's protocol), draws (15 strokes a second through `/cnnviz/look`), clicks cells and
edits the network. Every answer to a drawing is held against what the server said when nobody else was there.
It is no part of the README's table: what it says is the machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import websockets

from benchmarks.rows import percentile
from benchmarks.visitors import run_page, session_at
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.ui.app import route_paths
from cnnviz.ui.app.links import LinkedView, snap_to_grid, view_to_link
from tests.browser.driving import ROOT, started

STROKES_A_SECOND, STROKES = 15, 30  # of a visitor, and how many before they do something else
PATIENCE = 60.0  # seconds for one answer
NEAR = 1e-6  # between two answers to one drawing
EDITS = ("negate.3.1.conv2", "off.3.conv1", "negate.0.0.conv1")


@dataclass
class Findings:
    """What all visitors found: milliseconds by kind, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    mixed_up: int = 0
    late: int = 0  # strokes that were not sent, because the one before was still on its way

    async def timed(self, kind: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """What `work` gives, its time noted; None where it failed, which is noted too."""
        start = time.perf_counter()
        try:
            found = await asyncio.wait_for(work(), PATIENCE)
        except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError, websockets.WebSocketException) as error:
            self.errors[f"{kind}: {type(error).__name__} {error}"[:120]] += 1
            return None
        self.times[kind].append((time.perf_counter() - start) * 1e3)
        return found


class Connection:
    """One connection of a browser to the short way; it stays open."""

    def __init__(self, address: str) -> None:
        self._place = urlsplit(address)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, question: dict[str, Any]) -> bytes:
        """The answer. Raises: ValueError for one that is not 200."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._place.hostname, self._place.port)
        reader, writer = self._streams
        body = json.dumps(question).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {self._place.netloc}\r\nOrigin: http://{self._place.netloc}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", answer)
        content = await reader.readexactly(int(length[1]) if length else 0)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise ValueError(answer.split(b"\r\n", 1)[0].decode())
        return content

    def close(self) -> None:
        """Leave."""
        if self._streams is not None:
            self._streams[1].close()


def probabilities(answer: bytes) -> np.ndarray:
    """Those of an answer to a drawing, read with a few independent lines."""
    packet = answer[4 : 4 + int.from_bytes(answer[:4], "little")]
    length = int.from_bytes(packet[:4], "little")
    header = json.loads(packet[4 : 4 + length])
    return np.frombuffer(packet, "<f4", 10, 4 + length + header["layers"][-1]["output"]["at"])


def drawings() -> list[Sketch]:
    """Ten drawings, and each of them just begun: what visitors are told apart by."""
    whole = [snap_to_grid(sample.sketch) for sample in DIGIT_SAMPLES]
    return [*whole, *(Sketch((_begun(sketch.strokes[0]),)) for sketch in whole)]


def _begun(stroke: Stroke) -> Stroke:
    return replace(stroke, points=stroke.points[: max(1, len(stroke.points) // 2)])


class Visitor:
    """Somebody with a session of their own and a connection for what changes under the hand."""

    def __init__(self, address: str, number: int, findings: Findings, expected: list[np.ndarray]) -> None:
        self._address, self._findings, self._expected = address, findings, expected
        self._dice, self._short_way = random.Random(number), Connection(address)

    async def stay(self, seconds: float) -> None:
        """Do what visitors do, for so long."""
        end = time.monotonic() + seconds
        try:
            async with session_at(self._address) as session:
                while time.monotonic() < end:
                    await self._open_page(session)
                    await self._draw(end)
                    await self._look_closer()
        except (OSError, websockets.WebSocketException) as error:
            self._findings.errors[f"visit: {type(error).__name__} {error}"[:120]] += 1
        finally:
            self._short_way.close()

    async def _open_page(self, session: websockets.ClientConnection) -> None:
        query = view_to_link(LinkedView(sketch=self._dice.choice(drawings()))).removeprefix("?")
        await self._findings.timed("page by a link", lambda: run_page(session, query))
        await self._findings.timed("page again", lambda: run_page(session, query))

    async def _draw(self, end: float) -> None:
        """Strokes as a hand makes them: at their times, and the next is left out while one is on its way."""
        known, begun = drawings(), time.monotonic()
        for number in range(STROKES):
            due = begun + number / STROKES_A_SECOND
            if time.monotonic() > end:
                return
            if time.monotonic() > due + 1 / STROKES_A_SECOND:
                self._findings.late += 1
                continue
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            at = self._dice.randrange(len(known))
            answer = await self._ask("stroke", route_paths.LOOK, {"strokes": known[at].to_record()["strokes"]})
            if answer is not None and np.abs(probabilities(answer) - self._expected[at]).max() > NEAR:
                self._findings.mixed_up += 1

    async def _look_closer(self) -> None:
        sketch = self._dice.choice(drawings())
        image = base64.b64encode(preprocess(sketch).image.tobytes()).decode()
        unit = {"layer": "conv2", "channel": self._dice.randrange(16), "row": 5, "col": 6}
        await self._ask("cell", route_paths.CELL, {"image": image, **unit})
        await self._ask("receptive field", route_paths.FIELD, {"image": image, **unit})
        surgery = {"done": self._dice.choice(EDITS)}
        await self._ask("edit", route_paths.LOOK, {"strokes": sketch.to_record()["strokes"], "surgery": surgery})

    async def _ask(self, kind: str, path: str, question: dict[str, Any]) -> bytes | None:
        answer: bytes | None = await self._findings.timed(kind, lambda: self._short_way.ask(path, question))
        if answer is None:  # what was left of it would be the next answer
            self._short_way.close()
            self._short_way = Connection(self._address)
        return answer


async def visit(address: str, visitors: int, seconds: float) -> Findings:
    """All at once, for so long."""
    alone, findings = Connection(address), Findings()
    asked = [{"strokes": sketch.to_record()["strokes"]} for sketch in drawings()]
    expected = [probabilities(await alone.ask(route_paths.LOOK, question)).copy() for question in asked]
    alone.close()
    assert len({one.tobytes() for one in expected}) == len(expected), "two drawings with one answer tell nothing"
    await asyncio.gather(*(Visitor(address, n, findings, expected).stay(seconds) for n in range(visitors)))
    return findings


def memory_of(pid: int) -> int | None:
    """Megabytes that a process takes; None where the system does not say it."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) // 1024 if found else None


def report(findings: Findings, seconds: float) -> list[str]:
    """The lines of the result."""
    lines = [f"{'ms':18}{'p50':>9}{'p95':>9}{'p99':>9}{'n':>8}{'a second':>10}"]
    for kind, times in findings.times.items():
        parts = "".join(f"{percentile(times, share):9.1f}" for share in (0.5, 0.95, 0.99))
        lines.append(f"{kind:18}{parts}{len(times):8}{len(times) / seconds:10.1f}")
    errors = "; ".join(f"{count} × {what}" for what, count in findings.errors.items())
    return [
        *lines,
        f"strokes left out, because one was still on its way: {findings.late}",
        f"answers of somebody else: {findings.mixed_up}",
        f"errors: {errors or 'none'}",
    ]


def main() -> int:
    """0 where nothing failed and no answer was somebody else's."""
    parser = argparse.ArgumentParser("python -m benchmarks.load", description=__doc__)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--address", help="of a server that runs, http://localhost:8501 say; else one is started")
    chosen = parser.parse_args()
    if chosen.address:
        findings = asyncio.run(visit(chosen.address, chosen.visitors, chosen.seconds))
    else:
        with TemporaryDirectory() as folder, started(ROOT / "app.py", Path(folder, "log.txt")) as (process, address):
            asyncio.run(visit(address, 1, 1))  # the first visit imports
            before = memory_of(process.pid)
            findings = asyncio.run(visit(address, chosen.visitors, chosen.seconds))
            print(f"memory of the server: {before} MB before, {memory_of(process.pid)} MB after")
            traces = Path(folder, "log.txt").read_text(errors="replace").count("Traceback")
            findings.errors.update({"a trace in the server's log": traces} if traces else {})
    print("\n".join(report(findings, chosen.seconds)))
    return int(bool(findings.errors) or findings.mixed_up > 0)


if __name__ == "__main__":
    sys.exit(main())
