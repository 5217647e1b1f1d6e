"""A proxy with the very configuration that docs/deploy.md names, its ports, name and folders changed to ours."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

from driving import ROOT, end

DOCS = ROOT / "docs" / "deploy"
NAME = "cnnviz.localhost"  # a browser asks this machine for it; the server knows it by its settings alone
PATIENCE_S = 60
NGINX = """daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{}}
http {{
    log_format upstreams '$upstream_addr $cookie_cnnviz_visitor $status $request';
    access_log {folder}/access.log upstreams;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{server}
}}
"""


def find_program(name: str) -> str | None:
    """Where a proxy is installed; Debian keeps nginx where only root looks."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def with_ports(text: str, ports: list[int]) -> str:
    """The ports of the servers in place of those in the file, each of which must be there."""
    for number, port in zip((8501, 8502), ports, strict=True):
        assert f"127.0.0.1:{number}" in text
        text = text.replace(f"127.0.0.1:{number}", f"127.0.0.1:{port}")
    return text


def nginx_command(folder: Path, port: int, ports: list[int]) -> list[str]:
    """Writes the configuration; what starts nginx with it."""
    text = with_ports((DOCS / "nginx.conf").read_text(encoding="utf-8"), ports)
    assert "listen 80;" in text
    text = text.replace("listen 80;", f"listen {port};").replace("cnnviz.example.org", NAME)
    as_root = "user root;" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""  # the folders here are ours alone
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, server=text, user=as_root), encoding="utf-8")
    return [str(find_program("nginx")), "-c", str(folder / "nginx.conf"), "-p", str(folder)]


def caddy_command(folder: Path, port: int, ports: list[int]) -> list[str]:
    """Writes the configuration; what starts Caddy with it."""
    text = with_ports((DOCS / "Caddyfile").read_text(encoding="utf-8"), ports)
    text, changed = re.subn(r"^cnnviz\.example\.org \{", f"http://{NAME}:{port} {{", text, flags=re.MULTILINE)
    assert changed == 1
    ours = "{\n\tadmin off\n\tauto_https off\n}\n"
    (folder / "Caddyfile").write_text(ours + text, encoding="utf-8")
    return [str(find_program("caddy")), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


COMMANDS = {"nginx": nginx_command, "caddy": caddy_command}


@contextmanager
def proxied(kind: str, folder: Path, port: int, ports: list[int]) -> Iterator[str]:
    """A proxy of a kind before servers on `ports`; its address. Ends with the block."""
    environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "out.txt").open("wb") as out:
        command = COMMANDS[kind](folder, port, ports)
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, env=environment)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while ask(port) is None:
            assert process.poll() is None, (folder / "out.txt").read_text()
            assert time.monotonic() < deadline, f"{kind} does not answer"
        yield f"http://{NAME}:{port}"
    finally:
        end(process)


def ask(port: int, path: str = "/cnnviz/health", host: str | None = None) -> tuple[int, dict[str, str], bytes] | None:
    """Status, headers and body of an answer; None where nobody answers."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host or f"{NAME}:{port}"})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, lowered(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, lowered(error.headers), error.read()
    except OSError:
        return None


def lowered(headers: Message) -> dict[str, str]:
    """Headers by their names in small letters."""
    return {name.lower(): text for name, text in headers.items()}
