"""Visitors without a browser: they open a page over a real socket, by Streamlit's own protocol."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 60  # seconds


def arrive_together(address: str, count: int) -> list[float]:
    """Open the first page `count` times at once; milliseconds until each has all of it.

    In a thread of its own: where Playwright drives a browser, the caller's has an event loop already.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _first_pages(address, count)).result()


async def _first_pages(address: str, count: int) -> list[float]:
    async with asyncio.timeout(PATIENCE):
        return list(await asyncio.gather(*(first_page(address) for _ in range(count))))


async def first_page(address: str) -> float:
    """Open the first page; milliseconds from the connection to the end of the page's run."""
    start = time.perf_counter()
    stream = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    async with websockets.connect(stream, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None) as socket:
        await socket.send(_run_the_page())
        while not _is_end(await socket.recv()):
            pass
    return (time.perf_counter() - start) * 1e3


def _run_the_page() -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = ""
    data: bytes = message.SerializeToString()
    return data


def _is_end(data: str | bytes) -> bool:
    message = ForwardMsg()
    message.ParseFromString(data if isinstance(data, bytes) else data.encode())
    return message.WhichOneof("type") == "script_finished"
