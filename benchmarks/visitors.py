"""Visitors without a browser: they open pages over a real socket, by Streamlit's own protocol."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 60  # seconds


def session_at(address: str) -> websockets.connect:
    """A session of its own at a server, as a browser opens it: `async with` it."""
    stream = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    browser = websockets.Subprotocol("streamlit")
    return websockets.connect(stream, subprotocols=[browser], max_size=None, origin=websockets.Origin(address))


async def run_page(session: websockets.ClientConnection, query: str = "") -> None:
    """Open the page that `query` names, to its end. Raises: ValueError for a run that does not end well."""
    message, heard = BackMsg(), ForwardMsg()
    message.rerun_script.query_string = query
    await session.send(message.SerializeToString())
    while heard.WhichOneof("type") != "script_finished":
        data = await session.recv()
        heard.ParseFromString(data if isinstance(data, bytes) else data.encode())
    if heard.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
        raise ValueError(ForwardMsg.ScriptFinishedStatus.Name(heard.script_finished))


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
    async with session_at(address) as session:
        await run_page(session)
    return (time.perf_counter() - start) * 1e3
