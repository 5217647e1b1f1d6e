#!/usr/bin/env python3
"""Debian's WebKit as Playwright drives it: a relay from WebDriver BiDi, which Playwright speaks, to its own WebDriver.

Run in place of the browser. It knows what the tests of the pages' core ask for: pages, scripts, handles, pointer and
keys, the size of the window, pictures, what the console says. Each window is a WebKit of its own, on a screen of ours.
What a page says before it has loaded is not heard; colour scheme and motion are the system's.
"""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

VALUES = Path(__file__).with_name("webkit_values.js").read_text(encoding="utf-8")
SCREEN = "2000x1600x24"
BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
PROMISE_S = 0.005  # between two looks whether a promise of the page is there
HAS_NO_WINDOW = "default"
EMPTY = "about:blank"


def system_webkit() -> tuple[str, str, str] | None:
    """Driver, browser and X server of Debian's packages webkit2gtk-driver and xvfb; None where one is missing."""
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    browsers = sorted(Path("/").glob(BROWSERS.removeprefix("/")), reverse=True)
    return (driver, str(browsers[0]), screen) if driver and screen and browsers else None


class Refused(Exception):
    """The driver does not do what was asked; the message says why."""


class Window:
    """A WebKit with one window, by the older WebDriver."""

    def __init__(self, programs: tuple[str, str, str], display: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = {"DISPLAY": display, "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
        self.driver = subprocess.Popen([programs[0], f"--port={port}"], env=os.environ | settings)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.lock, self.is_new = asyncio.Lock(), True
        options = {"webkitgtk:browserOptions": {"binary": programs[1], "args": ["--automation"]}}
        self.path = ""
        self.path = f"/session/{self._begin({'capabilities': {'alwaysMatch': options}})['sessionId']}"

    def _begin(self, wanted: dict[str, Any]) -> Any:
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.ask("POST", "/session", wanted)
            except ConnectionRefusedError:
                self.connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the driver answers. Raises: Refused."""
        text = json.dumps(body if body is not None else {}) if method == "POST" else None
        self.connection.request(method, f"{self.path}{path}", text, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        value = json.loads(answer.read())["value"]
        if answer.status != 200:
            raise Refused(f"{value.get('error')}: {value.get('message')}")
        return value

    async def do(self, method: str, path: str, body: Any = None) -> Any:
        """The same beside all else; the driver does one thing at a time."""
        async with self.lock:
            return await asyncio.to_thread(self.ask, method, path, body)

    async def go(self, url: str) -> None:
        """Open an address: who asks next meets a new page, and knows that it did not go on by itself."""
        async with self.lock:
            await asyncio.to_thread(self.ask, "POST", "/url", {"url": url})
            while url == EMPTY and await asyncio.to_thread(self.ask, "GET", "/url") != EMPTY:
                await asyncio.sleep(PROMISE_S)  # the driver does not wait for an empty page
            self.is_new = True

    async def fit(self, width: int, height: int) -> None:
        """Make the page so large; the window has a bar above it."""
        for _once in range(2):  # the second time the bar is known
            outer = await self.do("GET", "/window/rect")
            inner = await self.do("POST", "/execute/sync", {"script": "return [innerWidth, innerHeight]", "args": []})
            more = {"width": outer["width"] + width - inner[0], "height": outer["height"] + height - inner[1]}
            await self.do("POST", "/window/rect", more)

    def close(self) -> None:
        with suppress(Refused, OSError, http.client.HTTPException):
            self.ask("DELETE", "")
        self.driver.terminate()
        self.driver.wait(timeout=10)


class Relay:
    """One Playwright, and the windows that it has opened."""

    def __init__(self, test: ServerConnection, programs: tuple[str, str, str], display: str) -> None:
        self.test, self.programs, self.display = test, programs, display
        self.windows: dict[str, Window] = {}
        self.sizes: dict[str, dict[str, int]] = {}
        self.numbers = itertools.count(1)
        self.realms: dict[str, str] = {}

    async def answer(self, command: dict[str, Any]) -> None:
        """Do a command and say how it went; what is not known here is about what no test of ours needs."""
        method = getattr(self, command["method"].replace(".", "_"), None)
        try:
            result = {} if method is None else await method(**command["params"])
            said = {"type": "success", "id": command["id"], "result": result or {}}
        except (Refused, OSError, KeyError, http.client.HTTPException) as error:
            message = f"{command['method']}: {error}"
            said = {"type": "error", "id": command["id"], "error": "unknown error", "message": message}
        await self.test.send(json.dumps(said))

    async def tell(self, method: str, /, **what: Any) -> None:
        await self.test.send(json.dumps({"type": "event", "method": method, "params": what}))

    async def session_new(self, **_wanted: Any) -> dict[str, Any]:
        found = {"browserName": "webkit", "browserVersion": "2", "platformName": "linux", "acceptInsecureCerts": False}
        return {"sessionId": "1", "capabilities": found | {"setWindowRect": True, "userAgent": ""}}

    async def browser_createUserContext(self, **_options: Any) -> dict[str, str]:
        return {"userContext": f"user{next(self.numbers)}"}

    async def browsingContext_setViewport(
        self, viewport: dict[str, int], userContexts: tuple[str, ...] = (), context: str | None = None, **_more: Any
    ) -> None:
        self.sizes |= dict.fromkeys(userContexts, viewport)
        if context is not None:
            await self.windows[context].fit(**viewport)

    async def browsingContext_create(self, userContext: str = HAS_NO_WINDOW, **_options: Any) -> dict[str, str]:
        name = f"window{next(self.numbers)}"
        self.windows[name] = await asyncio.to_thread(Window, self.programs, self.display)
        if userContext in self.sizes:
            await self.windows[name].fit(**self.sizes[userContext])
        common = {"children": None, "originalOpener": None, "url": "about:blank", "parent": None}
        await self.tell("browsingContext.contextCreated", context=name, userContext=userContext, **common)
        await self._new_realm(name)
        return {"context": name}

    async def _new_realm(self, context: str) -> None:
        if context in self.realms:
            for realm in (self.realms[context], f"{self.realms[context]}-own"):
                await self.tell("script.realmDestroyed", realm=realm)
        self.realms[context] = f"realm{next(self.numbers)}"
        self.windows[context].is_new = True
        await self.tell(
            "script.realmCreated", realm=self.realms[context], origin="null", context=context, type="window"
        )

    async def browsingContext_navigate(self, context: str, url: str, **_options: Any) -> dict[str, str]:
        number = f"way{next(self.numbers)}"
        where = {"context": context, "navigation": number, "timestamp": 0, "url": url}
        await self.tell("browsingContext.navigationStarted", **where)
        try:
            await self.windows[context].go(url)
        except Refused:
            await self.tell("browsingContext.navigationFailed", **where)
            raise
        await self._new_realm(context)
        await self._arrived(where)
        return {"navigation": number, "url": url}

    async def _arrived(self, where: dict[str, Any]) -> None:
        for event in ("navigationCommitted", "domContentLoaded", "load"):
            await self.tell(f"browsingContext.{event}", **where)

    async def script_evaluate(
        self, expression: str, target: dict[str, str], resultOwnership: str = "none", **_options: Any
    ) -> dict[str, Any]:
        return await self._run(target, f"() => ({one_expression(expression)}\n)", resultOwnership)

    async def script_callFunction(
        self,
        functionDeclaration: str,
        target: dict[str, str],
        arguments: tuple[dict[str, Any], ...] = (),
        resultOwnership: str = "none",
        **_options: Any,
    ) -> dict[str, Any]:
        call = f"() => ({functionDeclaration}\n)(...{json.dumps(arguments)}.map(relay.read))"
        return await self._run(target, call, resultOwnership)

    async def script_disown(self, target: dict[str, str], handles: list[str]) -> None:
        await self._ask_page(target["context"], f"relay.drop({json.dumps(handles)})")

    async def _run(self, target: dict[str, str], call: str, ownership: str) -> dict[str, Any]:
        context, realm = target["context"], self.realms[target["context"]]
        found = await self._ask_page(context, f"relay.run({call}, {json.dumps(ownership == 'root')})")
        while "done" not in found:
            if text := found.get("needs"):
                await self._ask_page(context, f"relay.know({json.dumps(text)}, () => ({one_expression(text)}\n))")
                return await self._run(target, call, ownership)
            await asyncio.sleep(PROMISE_S)
            found = await self._ask_page(context, f"relay.take({found['ticket']})")
        return {"realm": f"{realm}-own" if "sandbox" in target else realm, **found["done"]}

    async def _ask_page(self, context: str, question: str) -> dict[str, Any]:
        """What the page answers; what it has said meanwhile is handed on."""
        window = self.windows[context]
        script = f"const isNew = ({VALUES})(); const relay = window.__relay; const found = {question};"
        script += "return JSON.stringify({ ...found, isNew, said: relay.said(), url: location.href });"
        found: dict[str, Any] = json.loads(await window.do("POST", "/execute/sync", {"script": script, "args": []}))
        if found["isNew"] and not window.is_new:  # the page has gone on by itself
            await self._new_realm(context)
            where = {"context": context, "navigation": f"way{next(self.numbers)}", "timestamp": 0, "url": found["url"]}
            await self._arrived(where)
        window.is_new = False
        for entry in found["said"]:
            await self._hand_on(context, **entry)
        return found

    async def _hand_on(self, context: str, kind: str, text: str) -> None:
        entry = {"type": kind, "level": "error", "method": "error", "text": text, "timestamp": 0}
        entry["args"] = [{"type": "string", "value": text}]
        await self.tell("log.entryAdded", source={"realm": self.realms[context], "context": context}, **entry)

    async def input_performActions(self, context: str, actions: list[dict[str, Any]]) -> None:
        for source in actions:
            for action in source["actions"]:
                action |= {axis: round(action[axis]) for axis in ("x", "y") if axis in action}  # whole pixels there
        await self.windows[context].do("POST", "/actions", {"actions": actions})

    async def browsingContext_captureScreenshot(self, context: str, **_options: Any) -> dict[str, str]:
        return {"data": await self.windows[context].do("GET", "/screenshot")}

    async def browsingContext_close(self, context: str, **_options: Any) -> None:
        await asyncio.to_thread(self.windows.pop(context).close)
        common = {"children": None, "originalOpener": None, "url": "about:blank", "parent": None}
        await self.tell("browsingContext.contextDestroyed", context=context, userContext=HAS_NO_WINDOW, **common)

    async def browser_removeUserContext(self, userContext: str) -> None:
        for context in list(self.windows):
            await self.browsingContext_close(context)

    def close(self) -> None:
        for window in self.windows.values():
            window.close()
        self.windows.clear()


def one_expression(code: str) -> str:
    """Code that can stand in brackets: Playwright ends some with a semicolon."""
    return code.strip().rstrip(";")


def begin_screen(program: str) -> tuple[subprocess.Popen[bytes], str]:
    """An X server that nobody sees, and its name."""
    ours, theirs = os.pipe()
    command = [program, "-displayfd", str(theirs), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[theirs], stderr=subprocess.DEVNULL)
    os.close(theirs)
    with os.fdopen(ours) as said:
        return process, f":{said.readline().strip()}"


async def main() -> None:
    """Say where we listen, as Firefox does, and serve one Playwright until it closes the browser."""
    programs = system_webkit()
    if programs is None:
        raise SystemExit("No WebKit was found: apt-get install webkit2gtk-driver xvfb")
    screen, display = begin_screen(programs[2])
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)

    async def listen(test: ServerConnection) -> None:
        relay, under_way = Relay(test, programs, display), set()
        async for message in test:
            command = json.loads(message)
            if command["method"] == "browser.close":
                await test.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
                break
            task = asyncio.create_task(relay.answer(command))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        relay.close()
        ended.set()

    async with serve(listen, "127.0.0.1", 0, max_size=None, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr, flush=True)
        await ended.wait()
    screen.terminate()


if __name__ == "__main__":
    asyncio.run(main())
