"""What docs/deploy.md and the Dockerfile say is what the code does; the image itself is built elsewhere."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from benchmarks.visitors import arrive_together
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


def instruction(name: str) -> str:
    """What stands behind an instruction in the last stage of the Dockerfile, lines that go on joined."""
    last = DOCKERFILE.replace("\\\n", " ").rsplit("\nFROM ", 1)[-1]
    return re.findall(rf"^{name} +(.+)$", last, re.MULTILINE)[-1].strip()


def environment() -> dict[str, str]:
    return dict(word.split("=", 1) for word in instruction("ENV").split())


class Container:
    """The files of the image, read-only; a temporary folder; the user of the image where we may become another."""

    def __init__(self, folder: Path) -> None:
        self.app, self.temporary, self.log = folder / "app", folder / "tmp", folder / "log.txt"
        folder.chmod(0o755)
        self.app.mkdir()
        for name in copied(DOCKERFILE):
            source, target = ROOT / name, self.app / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        for path in (self.app, *self.app.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        self.temporary.mkdir()
        self.temporary.chmod(0o1777)
        user, group = map(int, instruction("USER").split(":"))
        self.who: dict[str, Any] = {"user": user, "group": group, "extra_groups": []} if os.geteuid() == 0 else {}
        kept = {name: value.replace("/tmp", str(self.temporary)) for name, value in environment().items()}
        self.environment = kept | {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "TMPDIR": str(self.temporary),
        }

    def run(self, command: list[str], **more: Any) -> subprocess.Popen[bytes]:
        words = [sys.executable if command[0] == "python" else command[0], *command[1:]]
        return subprocess.Popen(words, cwd=self.app, env=self.environment, **self.who, **more)


@pytest.fixture
def container() -> Iterator[Container]:
    with tempfile.TemporaryDirectory() as folder:  # not below the tests' own, where nobody else may look
        made = Container(Path(folder))
        if made.run(["python", "-c", "import streamlit, torch"], stderr=subprocess.DEVNULL).wait(120) != 0:
            pytest.skip("another user cannot run this Python")
        yield made
        for path in (made.app, *made.app.rglob("*")):
            path.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="the image is for Linux")
def test_the_image_starts_as_its_user_and_writes_only_below_its_temporary_folder(container: Container):
    port = free_port()
    command = [*json.loads(instruction("ENTRYPOINT")), f"--server.port={port}"]
    with container.log.open("wb") as log, container.run(command, stdout=log, stderr=log) as server:
        try:
            wait_for_health(f"http://127.0.0.1:{port}", server, container.log)
            assert len(arrive_together(f"http://127.0.0.1:{port}", 1)) == 1  # a page runs to its end
            check = json.loads(instruction("HEALTHCHECK").partition("CMD ")[2])
            assert container.run([word.replace(":8501", f":{port}") for word in check]).wait(60) == 0
            assert container.run([word.replace(":8501", f":{free_port()}") for word in check]).wait(60) != 0
        finally:
            server.terminate()
            server.wait(30)
    said = container.log.read_text()
    assert "Traceback" not in said
    assert "Permission denied" not in said
    assert server.returncode in (0, -signal.SIGTERM)  # it heard what `docker stop` says


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_health(address: str, server: subprocess.Popen[bytes], log: Path, patience: float = 120) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            urllib.request.urlopen(f"{address}{HEALTH}", timeout=10).close()
            return
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
        with pytest.raises(subprocess.TimeoutExpired):
            server.wait(0.05)


def test_the_port_is_one_and_the_same_wherever_the_image_names_it():
    ports = {re.search(r"--server\.port=(\d+)", instruction("ENTRYPOINT"))[1], instruction("EXPOSE"),
             re.search(r"127\.0\.0\.1:(\d+)", instruction("HEALTHCHECK"))[1]}  # fmt: skip
    assert ports == {"8501"}
    assert re.search(r"-p 127\.0\.0\.1:\d+:(\d+)", SAID)[1] in ports
    assert "--tmpfs /tmp" in SAID
    assert {environment()["HOME"], *environment()["CNNVIZ_CACHE"].split("/cnnviz")[:1]} == {"/tmp"}


def test_the_health_is_at_the_same_place_below_a_base_path():
    """Or the image would be ill with `server.baseUrlPath` set, which its check does not know."""
    assert f"cnnviz{HEALTH}" in SAID
    assert {route.path for route in health_routes()} == {HEALTH, f"/{{base:path}}{HEALTH}"}


def test_every_file_that_the_dockerfile_takes_is_there():
    taken = [
        name for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]
    ]
    assert set(taken) >= {"requirements.txt", "app.py", "cnnviz"}
    assert [name for name in taken if not (ROOT / name).exists()] == []
    stages = re.findall(r"^COPY --from=(\w+)", DOCKERFILE, re.MULTILINE)
    assert set(stages) <= set(re.findall(r"^FROM .+ AS (\w+)$", DOCKERFILE, re.MULTILINE))
    compiled = re.search(r"compileall .*?-j 0 ([\w. ]+)", DOCKERFILE)[1].split()
    assert set(compiled) <= set(copied(DOCKERFILE))
