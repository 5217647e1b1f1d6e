"""Known weaknesses of the packages that are installed, asked by `start.py check --audit`. Standard library only."""

from __future__ import annotations

import json
import socket
import subprocess
import venv
from pathlib import Path

INDEX, AUDITOR = "pypi.org", "pip-audit~=2.9"
SITE = "import sysconfig; print(sysconfig.get_path('purelib'))"


def audit(python: Path, environment: Path) -> None:
    """Ask pip-audit about the packages of `python`; what was asked is said, and where it is skipped: offline, say.

    pip-audit has an environment of its own below `environment`: what it needs changes nothing in ours.
    """
    if not is_reachable(INDEX):
        print(f"Audit of the packages skipped: {INDEX} cannot be reached.", flush=True)
        return
    auditor = environment / "audit" / python.relative_to(environment)
    if _run(auditor, "-m", "pip_audit", "--version").returncode:
        venv.create(environment / "audit", with_pip=True)
        _run(auditor, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", AUDITOR)
    paths = _run(python, "-c", SITE).stdout.strip()
    done = _run(auditor, "-m", "pip_audit", "--format=json", "--progress-spinner=off", "--path", paths)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):  # the network went, or pip-audit could not be installed
        print(f"Audit of the packages skipped: pip-audit gave no result. {done.stderr.strip()[-300:]}", flush=True)
        return
    if weak := weaknesses(found):
        raise SystemExit("\n".join(weak))
    print(describe_audit(found), flush=True)


def describe_audit(packages: list[dict]) -> str:
    """How many packages were asked about, and which could not be: an index that knows nothing finds nothing.

    A mirror of PyPI hands packages on and often not what is known of them.
    """
    unasked = [package for package in packages if "vulns" not in package]
    asked = len(packages) - len(unasked)
    if not asked:
        why = unasked[0].get("skip_reason", "no reason given") if unasked else "there is none"
        return f"Audit of the packages skipped: {INDEX} told of none of {len(packages)} packages. {why}"
    said = f"Audit of the packages: {asked} have no known weakness."
    names = ", ".join(str(package.get("name")) for package in unasked)
    return f"{said} Not audited, for {INDEX} does not tell of them: {names}." if unasked else said


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it says; one that is not there has failed."""
    words = [str(part) for part in command]
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(words, 127, "", str(error))


def weaknesses(packages: list[dict]) -> list[str]:
    """A sentence for each package that pip-audit knows a weakness of."""
    said = []
    for package in packages:
        if known := package.get("vulns"):
            names = ", ".join(one["id"] for one in known)
            fixes = ", ".join(sorted({fix for one in known for fix in one["fix_versions"]})) or "another one"
            said.append(f"{package['name']} {package['version']} has known weaknesses ({names}): take {fixes}")
    return said


def is_reachable(host: str) -> bool:
    """Whether a connection to a server can be opened; it is told nothing."""
    try:
        with socket.create_connection((host, 443), timeout=3):
            return True
    except OSError:
        return False
