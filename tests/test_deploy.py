"""What `docs/deploy.md` and the Dockerfile say is so: options, files, sizes, and the health check behind a name."""

import re
import tomllib
from pathlib import Path

import pytest
from streamlit import config

from cnnviz.ui.app import request_guard

ROOT = Path(__file__).resolve().parent.parent
GUIDE, IMAGE = ((ROOT / name).read_text(encoding="utf-8") for name in ("docs/deploy.md", "Dockerfile"))


def copied(text: str) -> list[str]:
    """What a Dockerfile takes along from the checkout."""
    return [name for words in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for name in words.split()[:-1]]


def test_every_option_is_one_of_streamlits():
    named = set(re.findall(r"--([a-z]+\.[A-Za-z]+)", GUIDE + IMAGE))
    assert {"server.allowedHosts", "server.address", "server.corsAllowedOrigins", "server.baseUrlPath"} <= named
    assert named <= set(config.get_config_options())


def test_the_image_takes_along_what_there_is_and_what_the_app_needs():
    assert {"app.py", "pages", "cnnviz", "checkpoints", ".streamlit", "requirements.txt"} <= set(copied(IMAGE))
    assert [name for name in copied(IMAGE) if not (ROOT / name).exists()] == []
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"}
    assert kept == set(copied(IMAGE))


def test_the_proxies_let_the_largest_network_through():
    largest = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"][
        "maxUploadSize"
    ]
    sizes = [int(size) for size in re.findall(r"(?:client_max_body_size|max_size) (\d+)", GUIDE)]
    assert len(sizes) == 2
    assert min(sizes) > largest


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "cnn.example.org"])
def test_the_health_check_and_the_name_are_answered(host: str, monkeypatch: pytest.MonkeyPatch):
    told = {"server.allowedHosts": ["cnn.example.org"]}
    monkeypatch.setattr(config, "get_option", told.get)
    assert request_guard.is_own_host(host)
    assert not request_guard.is_own_host("evil.example")
