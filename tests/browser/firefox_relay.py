#!/usr/bin/env python3
"""Debian's Firefox as Playwright drives it, by WebDriver BiDi: a relay for what that Firefox does not know yet.

Run in place of the browser. Every message goes through as it is, but for commands that are unknown there and that no
test of ours needs (colour scheme and motion are the system's): these are answered with "done".
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

UNKNOWN = ("emulation.setMediaFeaturesOverride",)  # to Firefox 153 ESR
SAYS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def system_firefox() -> str | None:
    """The Firefox to drive: `CNNVIZ_FIREFOX`, else Debian's, else one of that name; None where there is none."""
    return os.environ.get("CNNVIZ_FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")


async def main() -> None:
    """Start Firefox with the same arguments, and say our address where it says its own."""
    firefox = system_firefox()
    if firefox is None:
        raise SystemExit("No Firefox was found.")
    process = await asyncio.create_subprocess_exec(firefox, *sys.argv[1:], stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    theirs: list[str] = []

    async def relay(test: ServerConnection) -> None:
        assert test.request is not None
        async with connect(theirs[0] + test.request.path, max_size=None, compression=None) as browser:
            await first_end(hand_on(test, browser), hand_back(browser, test))

    async with serve(relay, "127.0.0.1", 0, max_size=None, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async for line in process.stderr:
            said = line.decode(errors="replace")
            if found := SAYS.match(said):
                theirs.append(found[1])
                said = f"WebDriver BiDi listening on ws://127.0.0.1:{port}\n"
            sys.stderr.write(said)
            sys.stderr.flush()
        await process.wait()


async def first_end(*ways) -> None:
    """Run both ways until one ends."""
    tasks = [asyncio.create_task(way) for way in ways]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


async def hand_on(test: ServerConnection, browser: ClientConnection) -> None:
    async for message in test:
        command = json.loads(message)
        if command.get("method") in UNKNOWN:
            await test.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
        else:
            await browser.send(message)


async def hand_back(browser: ClientConnection, test: ServerConnection) -> None:
    async for message in browser:
        await test.send(message)


if __name__ == "__main__":
    asyncio.run(main())
