"""What docs/deploy.md and the Dockerfile say is what the code does; the image itself is built elsewhere."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from streamlit import config

from cnnviz.data import datasets
from cnnviz.data.image_sets import store
from cnnviz.machine.limits import EXPERIMENTS, IMAGES_MB, LIMITS, TRAININGS, UPLOADS_MB
from cnnviz.processes import places
from cnnviz.ui.app import request_guard
from cnnviz.ui.app.health import describe_health, health_routes
from cnnviz.ui.app.route_paths import HEALTH

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SAID = (DOCS / "deploy.md").read_text(encoding="utf-8")
PROXIES = "".join((DOCS / "deploy" / name).read_text(encoding="utf-8") for name in ("nginx.conf", "Caddyfile"))
SETTINGS = {datasets.VARIABLE, store.VARIABLE, places.FOLDER, *(limit.variable for limit in LIMITS)}


def copied(dockerfile: str) -> list[str]:
    """What a Dockerfile takes from the folder, in its last stage."""
    last = dockerfile.rsplit("\nFROM ", 1)[-1]
    lines = re.findall(r"^COPY (?!--from)(.+)$", last, re.MULTILINE)
    return [name for line in lines for name in line.split()[:-1]]


def is_left_out(name: str, rules: list[str]) -> bool:
    """Whether `.dockerignore` keeps a file at the top from the builder: its last rule that fits decides."""
    decided = [not rule.startswith("!") for rule in rules if fnmatch(name, rule.removeprefix("!"))]
    return bool(decided) and decided[-1]


def test_the_app_finds_all_it_needs_among_the_files_that_the_image_has(tmp_path: Path):
    for name in copied(DOCKERFILE):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    script = "from streamlit.testing.v1 import AppTest\ntest = AppTest.from_file('app.py', default_timeout=120).run()\n"
    script += "assert not test.exception, test.exception\nfrom cnnviz.machine.resources import CHECKPOINTS, PAGES\n"
    script += "assert CHECKPOINTS.is_dir() and PAGES.is_dir()\nprint(CHECKPOINTS.parent)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(tmp_path)


def test_the_builder_gets_what_the_image_copies_and_nothing_heavy_or_private():
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert not [name for name in [*copied(DOCKERFILE), "requirements.txt"] if is_left_out(name, rules)]
    assert all(is_left_out(name, rules) for name in (".git", ".venv", "data", "runs", "tests", "artifacts"))


def test_the_image_runs_as_nobody_in_particular_and_asks_the_health_that_there_is():
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", last, re.MULTILINE)
    assert last.index("\nRUN ") < last.index("\nUSER ") < last.index("\nENTRYPOINT ")
    assert f"127.0.0.1:8501{HEALTH}" in last
    assert HEALTH in [route.path for route in health_routes()]
    assert json.loads(re.findall(r"^ENTRYPOINT (.+)$", last, re.MULTILINE)[-1])[:5] == [
        "python", "-m", "streamlit", "run", "app.py"
    ]  # fmt: skip


def test_the_image_has_a_python_that_the_project_runs_on():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    versions = re.findall(r"^FROM python:(\d+\.\d+)-slim", DOCKERFILE, re.MULTILINE)
    assert versions
    assert {f">={version}" for version in versions} == {wanted}


def test_the_pins_that_the_image_greps_are_those_of_pytorch():
    pattern = re.search(r"grep -E '([^']+)' requirements\.txt", DOCKERFILE).group(1)
    found = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if re.match(pattern, line)]
    assert [line.split("==")[0] for line in found] == ["torch", "torchvision"]


def test_every_setting_stands_in_the_table_and_no_other():
    assert set(re.findall(r"^\| `(CNNVIZ_\w+)`", SAID, re.MULTILINE)) == SETTINGS


@pytest.mark.parametrize("limit", [IMAGES_MB, UPLOADS_MB], ids=lambda limit: limit.variable)
def test_the_usual_value_is_the_one_in_the_table(limit):
    assert re.search(rf"^\| `{limit.variable}` \| {limit.usual} \|", SAID, re.MULTILINE)


def test_the_health_that_the_page_shows_has_the_form_of_the_real_one():
    shown = json.loads(re.search(r'^\{"status".+\}$', SAID, re.MULTILINE).group())
    found = describe_health()
    assert {key: type(value) for key, value in shown.items()} == {key: type(value) for key, value in found.items()}
    assert shown["trainings"].keys() == found["trainings"].keys()
    assert found["trainings"]["most"] == TRAININGS.value
    assert found["experiments"]["most"] == EXPERIMENTS.value


def test_the_proxies_let_files_through_that_the_server_takes():
    most = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]["maxUploadSize"]
    sizes = [int(size) for size in re.findall(r"(?:client_max_body_size|max_size) (\d+)", PROXIES)]
    assert len(sizes) == 2
    assert min(sizes) > most


def test_every_option_is_one_of_streamlits():
    named = set(re.findall(r"--([a-z]+\.[A-Za-z]+)", SAID + DOCKERFILE))
    assert {"server.allowedHosts", "server.address", "server.baseUrlPath"} <= named
    assert named <= set(config.get_config_options())


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "cnnviz.example.org"])
def test_the_health_check_and_the_name_are_answered(host: str, monkeypatch: pytest.MonkeyPatch):
    told = {"server.allowedHosts": ["cnnviz.example.org"]}
    monkeypatch.setattr(config, "get_option", told.get)
    assert request_guard.is_own_host(host)
    assert not request_guard.is_own_host("evil.example")


def test_every_file_that_the_page_names_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", SAID)
    assert links
    assert [link for link in links if "://" not in link and not (DOCS / link).exists()] == []
    tests = re.findall(r"`(tests/[\w/]+\.py)`", SAID)
    assert tests
    assert [name for name in tests if not (ROOT / name).exists()] == []
