"""`cnnviz open package.module:make_model`: a real command, a real server, the network and its image on the page."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import ROOT, end, free_port
from keeping import STORED
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from torch import nn
from watching import eventually, settled

from cnnviz.data.uploads import fit_levels
from cnnviz.figures.theme import format_percent
from cnnviz.machine.resources import HAND_OFF

CLASS = "![c](http://pictures.example/c.png) <b>x</b>"
SOON = 60
NETS = """
import os
from pathlib import Path

import torch
from torch import nn

with Path(__file__).with_name("imported").open("a") as log:  # which processes have run this
    print(os.getpid(), file=log)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.conv1, self.conv2 = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(4, 3)

    def forward(self, images):
        maps = torch.relu(self.conv1(images))  # <img src=x onerror=alert(1)> ![a](http://pictures.example/a.png)
        return self.fc((maps + self.conv2(maps)).mean((2, 3)))

def make_model():
    return Net()
"""


def hears_ctrl_c() -> None:
    """As from a terminal: what a shell starts with `&` ignores it, and so does what that starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class Opened:
    """A command that runs, and the address that it has printed."""

    process: subprocess.Popen[bytes]
    address: str
    folder: Path

    @property
    def handed(self) -> list[Path]:
        """What it has handed over and not removed yet."""
        return sorted((self.folder / "private").glob(".cnnviz-open.*"))


def network_of(folder: Path) -> nn.Module:
    space: dict[str, object] = {"__file__": str(folder / "private" / "own_nets.py")}
    exec(NETS, space)
    made = space["make_model"]()  # type: ignore[operator]
    assert isinstance(made, nn.Module)
    return made.eval()


@contextmanager
def opened(folder: Path, *words: str) -> Iterator[Opened]:
    """The command with the reader's package, started in its folder; ended afterwards."""
    (folder / "own_nets.py").write_text(NETS)
    (folder / "names.txt").write_text(f"cat\ndog\n{CLASS}\n")
    (folder / "private").mkdir()
    rows, cols = np.mgrid[:40, :60]
    pixels = np.stack([rows * 6, cols * 4, (rows + cols) % 256], axis=-1).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "photo.png")
    command = [sys.executable, "-m", "cnnviz", "open", *words, "--no-browser", "--port", str(free_port())]
    settings = {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "private")}
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=log, env=os.environ | settings, preexec_fn=hears_ctrl_c
        )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        assert address.startswith("http://localhost:"), (folder / "log.txt").read_text()
        yield Opened(process, address, folder)
    finally:
        end(process)
        assert process.stdout is not None
        process.stdout.close()


WORDS = ("own_nets:make_model", "--input", "1,3,32,32", "--image", "photo.png", "--classes", "names.txt")


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened(tmp_path_factory.mktemp("opened"), *WORDS) as made:
        yield made


def explorer(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer")


def painted(page: Page) -> Page:
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=SOON * 1000)
    settled(page)
    return page


def test_the_page_shows_the_readers_network_image_and_classes(command: Opened, new_page: Callable[..., Page]):
    page = painted(new_page(command.address, width=1440))
    image = fit_levels((command.folder / "photo.png").read_bytes(), (3, 32, 32)).astype(np.float32) / 255
    with torch.no_grad():
        scores = network_of(command.folder)(torch.from_numpy(image)[None])[0]
    best = int(scores.argmax())
    name = ("cat", "dog", CLASS)[best]
    share = format_percent(float(scores.softmax(0)[best]))
    expect(page.locator(".verdict strong")).to_have_text(f"Prediction: {name} ({share})")
    expect(page.get_by_text("As uploaded. The centre of your image")).to_be_visible()
    expect(page.get_by_text("make_model.pt2: 3×32×32 → cat, dog, ")).to_be_visible()
    assert page.locator("img[src*=example], a[href*=example]").count() == 0
    eventually(page, lambda: page.url, lambda url: "network=own-" in url and "hand_off" not in url)


def test_an_open_layer_shows_its_line_of_code_letter_by_letter(command: Opened, new_page: Callable[..., Page]):
    page = painted(new_page(command.address, width=1440))
    expect(page.locator(".source-line")).to_be_hidden()
    eventually(page, lambda: page.url, lambda url: "network=own-" in url)
    page.goto(f"{page.url}&layer=conv1&map=1")
    painted(page)
    (code,) = (line.strip() for line in NETS.splitlines() if "self.conv1(images)" in line)
    number = next(at for at, line in enumerate(NETS.splitlines(), 1) if "self.conv1(images)" in line)
    expect(page.locator(".source-line")).to_have_text(f"own_nets.py, line {number}: {code}")
    assert page.locator(".cnnviz-explorer img").count() == 0
    page.get_by_role("button", name="Whole network").click()
    expect(page.locator(".source-line")).to_be_hidden()
    head = page.locator(".cnnviz-explorer .label").filter(has_text="conv1")
    assert (head.get_attribute("title") or "").endswith(f"own_nets.py, line {number}: {code}")


def keeps_a_picture(kept: list[list[str]]) -> bool:
    """Whether one of the texts that a browser keeps holds an uploaded picture."""
    return any(re.search(r'"upload":\s*(?!null)\S', text) for _name, text in kept)


def test_it_is_there_again_after_a_reload_and_for_whoever_gets_the_link_but_not_the_image(
    command: Opened, new_page: Callable[..., Page]
):
    page = painted(new_page(command.address, width=1440))
    eventually(page, lambda: page.url, lambda url: "network=own-" in url)
    eventually(page, lambda: page.evaluate(STORED), keeps_a_picture)
    page.reload()
    painted(page)
    expect(page.get_by_text("As uploaded. The centre of your image")).to_be_visible()
    other = painted(new_page(page.url, width=1440))  # a browser of its own
    expect(other.get_by_text("make_model.pt2: 3×32×32")).to_be_visible()
    expect(other.get_by_text("As uploaded")).to_have_count(0)


@pytest.mark.parametrize("query", ["", "?hand_off=", f"?hand_off={'0' * 48}"])
def test_a_visitor_without_the_address_sees_nothing_of_it(command: Opened, new_page: Callable[..., Page], query: str):
    page = new_page(command.address.split("?")[0] + query, width=1440)
    expect(page.get_by_text("No network of yours is open yet")).to_be_visible(timeout=SOON * 1000)
    settled(page)
    expect(explorer(page)).to_have_count(0)
    expect(page.get_by_text("make_model")).to_have_count(0)


def test_the_server_never_runs_the_readers_code(command: Opened, new_page: Callable[..., Page]):
    painted(new_page(command.address, width=1440))
    ran = (command.folder / "imported").read_text().split()
    assert ran == [str(command.process.pid)]


def test_the_server_and_the_folder_go_with_the_command(tmp_path: Path):
    with opened(tmp_path, *WORDS) as made:
        (folder,) = made.handed
        server = server_of(folder)
        made.process.kill()  # it cannot tidy up: the server does
        assert has_ended(server)
    assert not folder.exists()


def test_ctrl_c_ends_it_without_a_word_of_python(tmp_path: Path):
    with opened(tmp_path, *WORDS) as made:
        (folder,) = made.handed
        server = server_of(folder)
        made.process.send_signal(signal.SIGINT)
        assert made.process.wait(SOON) == 0
        assert has_ended(server)
    assert not folder.exists()
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


def server_of(folder: Path) -> int:
    """A descriptor of the process that was told of a folder."""
    if not hasattr(os, "pidfd_open") or not Path("/proc").is_dir():
        pytest.skip("needs pidfd_open and /proc (Linux)")
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"{HAND_OFF}={folder}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                return os.pidfd_open(int(entry.name))
    raise AssertionError(f"no process was told of {folder}")


def has_ended(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], SOON)[0])
