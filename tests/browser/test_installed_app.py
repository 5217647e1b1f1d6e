"""The command `cnnviz` of an installed wheel serves the app as `streamlit run app.py` does in a checkout."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator

import pytest
from driving import ROOT, end, wait_until_healthy
from playwright.sync_api import Page, expect

from tests.installed.wheel_environment import WheelEnvironment, build_wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links the packages of the tests")
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
# Where it is started there is another app, with settings of its own: none of that may reach ours.
FOREIGN = {
    ".streamlit/config.toml": '[theme]\nbackgroundColor = "#00ff00"\nprimaryColor = "#00ff00"\n',
    "app.py": "raise SystemExit('another app')\n",
    "pages/laboratory.py": "raise SystemExit('a page of another app')\n",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `cnnviz` serves, started in the folder of another app."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for name, text in FOREIGN.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    environment = WheelEnvironment(
        tmp_path_factory.mktemp("with-app"), build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))
    )
    environment.add_extra("app")
    log = folder / "log.txt"
    command = [str(environment.bin / "cnnviz"), "--server.headless=true", "--server.port=0"]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, env=clean)
    try:
        yield wait_until_healthy(process, log)
    finally:
        end(process)


def rgb(colour: str) -> str:
    """ "#ffffff" as browsers write it."""
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


@pytest.mark.parametrize("dark", [False, True])
def test_the_first_page_predicts_and_has_our_theme(address: str, new_page: Callable[..., Page], dark: bool):
    page = new_page(address, dark=dark, width=1440)
    expect(page.get_by_role("heading", name="Draw a digit")).to_be_visible()
    expect(page.locator(".cnnviz-explorer")).to_contain_text("Prediction")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    background = page.get_by_test_id("stApp").evaluate("element => getComputedStyle(element).backgroundColor")
    assert background == rgb(THEME["dark" if dark else "light"]["backgroundColor"])


def test_a_page_opens_by_its_own_address(address: str, new_page: Callable[..., Page]):
    page = new_page(f"{address}/laboratory", width=1440)
    expect(page).to_have_title("Laboratory · cnnviz")
    expect(page.locator(".cnnviz-laboratory")).to_be_visible()
