"""A worker of the app behind a small server, asked over a real socket four times a second, as a page would."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.loops import BATCH
from cnnviz.training.worker import History, RunState, Worker

POLL_S = 0.25


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
    first = until(ask, lambda found: found["state"] == RunState.RUNNING)
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        time.sleep(POLL_S)
        last = ask()
    took = time.perf_counter() - start
    worker.pause()
    until(ask, lambda found: found["state"] == RunState.PAUSED)
    return (last["step"] - first["step"]) * BATCH / took
