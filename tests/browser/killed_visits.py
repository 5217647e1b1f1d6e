"""Visits that are broken off by SIGKILL: `PYTHONPATH=. .venv/bin/python tests/browser/killed_visits.py 200 [SEED]`.

A visitor draws, edits, teaches, trains, saves or uploads, hand movement by hand movement; at a chosen one their tab,
their browser or the server is killed, or the window is closed under their hands. So a moment has a number, and what
failed once is done again. Then they come back: what their browser said that it has kept is there, whole, and the page
goes on from it; nothing is half saved on their side or on the server's.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from driving import FLAGS, ROOT, free_port, started
from keeping import TWO_LINES, ink, kept, open_draw
from killed_deeds import save_network, save_run, train, trains_again, upload, uploads_again
from PIL import Image
from playwright.sync_api import CDPSession, Error, Page, Playwright, expect, sync_playwright
from under_surgery import edits_of, open_panel
from watching import eventually

from cnnviz.data.image_sets.store import cache_folder
from cnnviz.machine.whole_files import PART
from cnnviz.training import unpack_network
from cnnviz.ui.app.links import unpack_sketch
from start import system_chromium

KILLS = ("tab", "window", "browser", "server")
EDIT = "set.3."  # how an edit of map 3 begins, in what is kept and in the address
Moves = Iterator[None]
LONG, PATIENCE = 60_000, 60.0  # ms, s on a busy machine


class Wrong(AssertionError):
    """Something that was said to be kept is not there, or a page does not go on."""


def demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise Wrong(sentence)


class Chromium:
    """A browser of our own, with a profile on the disk, so that it can be killed and started again."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._playwright, self._folder = playwright, folder
        (folder / "files").mkdir()

    def start(self) -> None:
        profile = self._folder / "profile"
        (profile / "DevToolsActivePort").unlink(missing_ok=True)
        command = [system_chromium() or self._playwright.chromium.executable_path, *FLAGS, "--headless=new",
                   "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]  # fmt: skip
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
        self._browser = self._playwright.chromium.connect_over_cdp(self._address(profile / "DevToolsActivePort"))
        self._control: CDPSession = self._browser.new_browser_cdp_session()
        where = {"behavior": "allow", "downloadPath": str(self._folder / "files")}
        self._control.send("Browser.setDownloadBehavior", where)

    def _address(self, file: Path, patience: float = 60) -> str:
        deadline = time.monotonic() + patience
        while not (file.exists() and len(lines := file.read_text().splitlines()) == 2):
            demand(time.monotonic() < deadline and self._process.poll() is None, "Chromium does not start")
            time.sleep(0.02)
        return f"ws://127.0.0.1:{lines[0]}{lines[1]}"

    def new_page(self) -> Page:
        context = self._browser.contexts[0]
        context.set_default_timeout(LONG)
        try:
            page = context.new_page()
        except Error:  # in a process that was made ready for it and killed with the others
            page = context.new_page()
        page.set_viewport_size({"width": 1440, "height": 900})
        return page

    @property
    def files(self) -> list[Path]:
        """What was downloaded, and what is on its way."""
        return list((self._folder / "files").iterdir())

    def kill_tabs(self) -> None:
        """Every process that shows a page."""
        for each in self._control.send("SystemInfo.getProcessInfo")["processInfo"]:
            if each["type"] == "renderer":
                os.kill(each["id"], signal.SIGKILL)

    def kill(self) -> None:
        """All of it, at once."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@dataclass(frozen=True)
class Deed:
    """Something that a visitor does. name: under which their browser keeps it.

    do: the hand's movements, one by one. check: a page that was opened again, what was said to be kept, what is kept
    now; raises Wrong. go_on: what the visitor must be able to do then.
    """

    name: str
    path: str
    do: Callable[[Page, str], Moves]
    check: Callable[[Page, Any, Any], None]
    moves: int
    go_on: Callable[[Page], None] = lambda _page: None


def draw(page: Page, address: str) -> Moves:
    open_draw(page, address)
    page.locator(".sketchpad .pad").focus()
    page.keyboard.press("Delete")
    box = page.locator(".sketchpad .pad").bounding_box()
    assert box is not None
    for number, line in enumerate((*TWO_LINES, *TWO_LINES)):
        rest(page, lambda: kept(page, "table").count('"points"'), number - 1)
        places = [[box[k] + part * box["width"] for k, part in zip("xy", end, strict=True)] for end in line]
        page.mouse.move(*places[0])
        page.mouse.down()
        for part in range(1, 9):
            page.mouse.move(*(a + part * (b - a) / 8 for a, b in zip(*places, strict=True)))
            yield
        page.mouse.up()
        yield


def rest(page: Page, count: Callable[[], int], least: int) -> None:
    """A hand is slower than a program: the last but one is kept before the next one begins."""
    if least > 0:
        eventually(page, count, lambda found: found >= least, PATIENCE)


def check_drawing(page: Page, said: Any, now: Any) -> None:
    strokes = said["strokes"]
    demand(now["strokes"][: len(strokes)] == strokes, f"{len(strokes)} strokes were kept, {len(now['strokes'])} are")
    shown = lambda: len(unpack_sketch(text).strokes) if (text := ink(page)) not in ("", "0") else 0  # noqa: E731
    eventually(page, shown, lambda count: count == len(now["strokes"]))


def edit(page: Page, address: str) -> Moves:
    open_draw(page, f"{address}/?layer=conv1&map=3")
    yield
    open_panel(page)
    for column in range(5):
        rest(page, lambda: done(kept(page, "table")).count(EDIT), column - 1)
        field = page.get_by_role("textbox", name=f"row 0, column {column}").first
        field.fill(f"{column + 1}.5")
        yield
        field.press("Enter")
        yield
        page.keyboard.press("Tab")
        yield


def done(text: str) -> str:
    """The edits in what a browser keeps of a table."""
    return str(json.loads(text)["surgery"].get("done", "")) if text else ""


def check_edits(page: Page, said: Any, now: Any) -> None:
    before, after = said["surgery"]["done"], now["surgery"]["done"]
    demand(after.startswith(before), f"the edits {before} were kept, {after} are")
    eventually(page, lambda: edits_of(page).count(EDIT), lambda count: count == after.count(EDIT), PATIENCE)


def teach(page: Page, address: str) -> Moves:
    page.goto(f"{address}/train_xo")
    page.get_by_role("button", name="for me").click()
    yield
    expect(page.get_by_text("10 X and 10 O")).to_be_visible(timeout=LONG)
    yield
    page.get_by_role("button", name="Train", exact=True).click()
    yield
    saving = page.get_by_role("button", name="Save the network")
    said = lambda: (page.get_by_test_id("stProgress").all_inner_texts(), saving.is_enabled())  # noqa: E731
    before = said()
    while not saving.is_enabled():
        before = eventually(page, said, lambda now, before=before: now != before)
        yield
    saving.click()
    yield


def check_taught(page: Page, said: Any, now: Any) -> None:
    drawings = said["drawings"]
    demand(now["drawings"][: len(drawings)] == drawings, f"{len(drawings)} drawings were kept")
    expect(page.get_by_text(f"{len(now['drawings']) // 2} X and")).to_be_visible(timeout=LONG)
    if said["network"]:
        demand(now["network"] == said["network"], "a network was kept, another one or none is")
        expect(page.get_by_role("button", name="Save the network")).to_be_enabled(timeout=LONG)


def nothing(*_what: object) -> None:
    """Where the browser keeps nothing."""


def check_brought(page: Page, said: Any, now: Any) -> None:
    demand(now["network"] == said["network"], "a network was kept, another one or none is")
    if said["network"]:
        expect(page.get_by_role("button", name="Save the network")).to_be_enabled(timeout=LONG)


def save(page: Page, address: str) -> Moves:
    open_draw(page, f"{address}/?layer=conv1&map=3")
    page.locator(".save-button").click()
    yield
    for way in ("Map: numbers", "Map: picture", "Whole layer: numbers", "Whole layer: picture"):
        page.locator(".saving").get_by_role("button", name=way).click()
        yield


DEEDS = {
    "draw": Deed("table", "", draw, check_drawing, 36),
    "edit": Deed("table", "", edit, check_edits, 16),
    "teach": Deed("own_xo", "train_xo", teach, check_taught, 16),
    "save": Deed("table", "", save, nothing, 5),
    "train": Deed("", "train", train, nothing, 12, trains_again),
    "save a run": Deed("", "train", save_run, nothing, 10),
    "save a network": Deed("own_xo", "train_xo", save_network, check_brought, 6),
    "upload": Deed("", "train", upload, nothing, 10, uploads_again),
}  # fmt: skip


class Visits:
    """One visitor with a browser, and the server that they visit."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._folder, self._port, self._servers = folder, free_port(), 0
        self.browser = Chromium(playwright, folder)
        self.address = f"http://localhost:{self._port}"
        self._stack = ExitStack()
        self.kept, self.saved = 0, 0  # visits at whose end something was kept; files that were whole

    def __enter__(self) -> Visits:
        self._serve()
        self.browser.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.browser.kill()
        self._stack.close()

    def _serve(self) -> None:
        self._servers += 1
        log = self._folder / f"server {self._servers}.txt"
        self._server, address = self._stack.enter_context(started(ROOT / "app.py", log, self._port))
        demand(address == self.address, f"the server is at {address}")

    def one(self, deed: Deed, kill: str, at: int, between: Callable[[Page], None] = lambda _page: None) -> None:
        """A visit that ends after its `at`-th movement, and the next one. between: what happens to what is kept.

        Raises: Wrong.
        """
        page = self.browser.new_page()
        for _move in itertools.islice(deed.do(page, self.address), at):
            pass
        said = kept(page, deed.name) if deed.name else ""
        page = self._kill(kill, page)
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        between(page)  # an empty one
        page.goto(f"{self.address}/{deed.path}")
        app = page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=LONG)
        expect(page.locator(".cnnviz-footer")).to_be_visible(timeout=LONG)
        self.kept += bool(said)
        if said:
            now = eventually(page, lambda: kept(page, deed.name), bool, PATIENCE)
            deed.check(page, json.loads(said), json.loads(now))
        deed.go_on(page)
        demand(troubles == [], f"the page says {troubles}")
        self._check_files()
        if kill == "server":  # another one still unpacks for whom has gone
            left = [path.name for path in cache_folder().glob(f"*{PART}*")] if cache_folder().exists() else []
            demand(left == [], f"{left} was left")
        page.evaluate(FORGET)  # the next visitor begins with nothing
        page.close()

    def _check_files(self) -> None:
        for log in self._folder.glob("server *.txt"):
            demand("Traceback" not in (text := log.read_text(errors="replace")), f"a trace in the log:\n{text[-3000:]}")
        for path in self.browser.files:
            if path.suffix in FILES:
                try:
                    FILES[path.suffix](path.read_bytes())
                except Exception as error:
                    raise Wrong(f"half of {path.name} was saved: {error}") from error
                self.saved += 1
            path.unlink()

    def _kill(self, kill: str, page: Page) -> Page:
        """The page with which they come back."""
        if kill == "server":
            self._server.kill()
            self._server.wait()
            self._serve()
            return page
        if kill == "tab":
            with page.expect_event("crash"):
                self.browser.kill_tabs()
        elif kill == "window":
            page.close(run_before_unload=False)
        elif kill == "browser":
            self.browser.kill()
            self.browser.start()
        return self.browser.new_page()


def whole_table(data: bytes) -> None:
    """Numbers of a map or a layer: each row that the head of the file names."""
    rows = list(csv.reader(io.StringIO(data.decode())))
    if rows[0] == ["what", "of", "step", "value"]:  # of a run
        demand({len(row) for row in rows} == {4} and data.endswith(b"\n"), f"{rows[-1]} is the last row")
        return
    head = {row[0]: row[1] for row in rows[:6] if len(row) == 2}
    first, _to, last = head["map"].partition("-")
    demand(len(rows) == 7 + (int(last or first) - int(first) + 1) * int(head["rows"]), f"{len(rows)} rows")


FILES: dict[str, Callable[[bytes], Any]] = {
    ".csv": whole_table, ".png": lambda data: Image.open(io.BytesIO(data)).load(), ".safetensors": unpack_network,
}  # fmt: skip
FORGET = "() => new Promise((done) => { indexedDB.deleteDatabase('cnnviz').onsuccess = () => done(true); })"


def moments(count: int, seed: int) -> Iterator[tuple[str, str, int]]:
    """(what is done, what is killed, after how many movements), each pair of the first two as often as any other."""
    pairs = list(itertools.product(DEEDS, KILLS))
    for number in range(count):
        dice = random.Random(f"{seed} {number}")
        name, kill = pairs[number % len(pairs)]
        yield name, kill, dice.randint(1, DEEDS[name].moves)


def visit_at_moments(visits: Visits, chosen: Iterable[tuple[str, str, int]]) -> int:
    """How many visits were broken off; each of them came back to what was kept. Raises: Wrong, with its moment."""
    count = 0
    for name, kill, at in chosen:
        try:
            visits.one(DEEDS[name], kill, at)
        except AssertionError as error:
            raise Wrong(f"{name}, the {kill} killed after movement {at}: {error}") from error
        count += 1
    return count


def main() -> None:
    """As many visits as the first word says, from the seed that the second says."""
    words = [int(word) for word in sys.argv[1:]]
    count, seed = words[0] if words else 200, words[1] if len(words) > 1 else 0
    expect.set_options(timeout=LONG)
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, CNNVIZ_CACHE=str(Path(folder, "images"))),
        Visits(playwright, Path(folder)) as visits,
    ):
        for number, moment in enumerate(moments(count, seed), start=1):
            visit_at_moments(visits, [moment])
            print(f"{number}: {', '.join(map(str, moment))}", flush=True)
    print(f"{count} visits were broken off, all came back; {visits.kept} had something kept, it was there")
    print(f"{visits.saved} files had been saved, and were whole")


if __name__ == "__main__":
    main()
