"""A wheel of this checkout, and an environment that holds it with what it declares and nothing else.

Nothing is downloaded: what pip would install beside the wheel (its requirements, theirs and so on) is linked from the
environment of the tests. Whatever cnnviz imports without declaring it is missing here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in `folder`, nothing of the checkout on Python's path."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CNNVIZ_"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def build_wheel(source: Path, folder: Path) -> Path:
    """The wheel of a source folder or archive, without any network: the build backend is the tests' own."""
    options = ("--quiet", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", folder)
    done = run(*PIP, "wheel", *options, source, folder=folder)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


class WheelEnvironment:
    """An empty environment, with a wheel in it and what the wheel requires."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder, with_pip=False)
        self.bin = folder / "bin"
        self.python = self.bin / "python"
        (self.site_packages,) = folder.glob("lib/python*/site-packages")
        options = ("--quiet", "--no-deps", "--no-index")
        done = run(*PIP, "--python", self.python, "install", *options, wheel, folder=folder)
        assert done.returncode == 0, done.stderr
        (info,) = self.site_packages.glob("cnnviz-*.dist-info")
        lines = (info / "METADATA").read_text(encoding="utf-8").splitlines()
        self._required = [line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ")]
        self._known: set[tuple[str, str]] = set()
        self.add_extra("")

    def add_extra(self, extra: str) -> None:
        """Put in what `pip install 'cnnviz[extra]'` would; "" is what it installs in any case."""
        for line in self._required:
            self._add(Requirement(line), extra)

    def _add(self, wanted: Requirement, extra: str) -> None:
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            return
        found = distribution(wanted.name)
        assert wanted.specifier.contains(found.version), f"{wanted} is declared, {found.version} is tested"
        for own_extra in ("", *wanted.extras):
            if (key := (canonicalize_name(wanted.name), own_extra)) not in self._known:
                self._known.add(key)
                self._link(wanted.name)
                for line in found.requires or ():
                    self._add(Requirement(line), own_extra)

    def _link(self, name: str) -> None:
        found = distribution(name)
        record = found.read_text("RECORD")
        assert record, f"{name} was not installed by pip"
        for top in {line.split(",")[0].split("/")[0] for line in record.splitlines()} - {"..", "__pycache__", ""}:
            place = self.site_packages / top
            if not place.exists():
                place.symlink_to(Path(str(found.locate_file(top))).resolve())
