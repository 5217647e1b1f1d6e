"""`start.py check --audit`: what pip-audit knows fails the check, and no network, no result and no pip-audit do not."""

import json
import subprocess
from pathlib import Path

import pytest

import package_audit
from package_audit import audit


def audited(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """`audit`, with what pip-audit says."""
    monkeypatch.setattr(package_audit, "is_reachable", lambda _host: True)
    monkeypatch.setattr(package_audit.venv, "create", lambda *_folder, **_how: None)
    done = subprocess.CompletedProcess((), 1, said, "Connection refused")
    monkeypatch.setattr(package_audit.subprocess, "run", lambda *_command, **_how: done)
    audit(Path("python"), Path())


def test_offline_the_audit_is_skipped_and_nothing_is_run(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(package_audit, "is_reachable", lambda _host: False)
    monkeypatch.setattr(package_audit.subprocess, "run", lambda *_command, **_how: pytest.fail("it ran"))
    audit(Path("python"), Path())
    assert capsys.readouterr().out == "Audit of the packages skipped: pypi.org cannot be reached.\n"


@pytest.mark.parametrize("said", ["", "{", "[]", '{"error": 1}'])
def test_an_audit_without_a_result_fails_nothing(said: str, monkeypatch: pytest.MonkeyPatch, capsys):
    audited(monkeypatch, said)
    assert "skipped: pip-audit gave no result. Connection refused" in capsys.readouterr().out


def test_a_package_with_a_known_weakness_fails_the_check(monkeypatch: pytest.MonkeyPatch):
    weak = {"name": "a", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
    audited(monkeypatch, json.dumps({"dependencies": [{"name": "b", "version": "2", "vulns": []}]}))
    with pytest.raises(SystemExit, match=r"a 1\.0 has known weaknesses \(PYSEC-1\): take 1\.1"):
        audited(monkeypatch, json.dumps({"dependencies": [weak, {"name": "c", "skip_reason": "not on PyPI"}]}))


PASSED = {"name": "b", "version": "2", "vulns": []}
UNASKED = {"name": "torch", "skip_reason": "Dependency not found on PyPI and could not be audited: torch (2.14.1+cpu)"}


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([PASSED, PASSED], "Audit of the packages: 2 have no known weakness.\n"),
        ([PASSED, UNASKED], "1 have no known weakness. Not audited, for pypi.org does not tell of them: torch.\n"),
        ([UNASKED, UNASKED], "skipped: pypi.org told of none of 2 packages. Dependency not found on PyPI"),
        ([], "skipped: pypi.org told of none of 0 packages. there is none"),
    ],
    ids=["all asked", "one could not be asked", "a mirror that knows nothing", "no package"],
)  # fmt: skip
def test_what_was_asked_is_said_and_an_index_that_knows_nothing_is_no_pass(
    found: list[dict], says: str, monkeypatch: pytest.MonkeyPatch, capsys
):
    audited(monkeypatch, json.dumps({"dependencies": found}))
    assert says in capsys.readouterr().out


def test_a_server_that_is_not_there_is_not_reachable():
    assert not package_audit.is_reachable("localhost.invalid")
