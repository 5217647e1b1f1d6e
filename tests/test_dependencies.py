"""What the package requires (`pyproject.toml`) and what the app is run with (`requirements.txt`) stay one list."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cnnviz.machine.extras import EXTRAS

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
NARROW = {"streamlit", "captum"}  # the next minor version may be another one to us; `pyproject.toml` says why


def pins(text: str) -> dict[str, str]:
    """name → version of every line `name==version` of a file of requirements."""
    return dict(re.findall(r"^([\w-]+)==([\d.]+)$", text, re.MULTILINE))


PINS = pins((ROOT / "requirements.txt").read_text(encoding="utf-8"))


def out_of_step(declared: dict[str, list[str]], pinned: dict[str, str]) -> list[str]:
    """A sentence for each package whose range is not the one of its pin, or that only one of the lists has."""
    ranges = {line for lines in declared.values() for line in lines}
    names = {Requirement(line).name for line in ranges}
    found = [f"{name} is declared and not pinned" for name in names - set(pinned)]
    found += [f"{name} is pinned and not declared" for name in set(pinned) - names]
    for line in ranges:
        name, version = Requirement(line).name, pinned.get(Requirement(line).name)
        if version is None:
            continue
        minor = ".".join(version.split(".")[:2])
        wanted = f"{name}~={minor}.0" if name in NARROW else f"{name}~={minor}"
        found += [f"{line} is declared, {wanted} goes with the pin"] * (line != wanted)
    return sorted(found)


def test_every_range_is_that_of_the_pin():
    assert PINS
    assert out_of_step(DECLARED, PINS) == []


def test_every_pin_lies_in_its_range():
    for line in {line for lines in DECLARED.values() for line in lines}:
        assert Requirement(line).specifier.contains(PINS[Requirement(line).name]), line


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (["torch~=2.13"], ["torch~=2.13 is declared, torch~=2.14 goes with the pin"]),
        (["torch~=2.14", "pandas~=3.0"], ["pandas is declared and not pinned"]),
        ([], ["torch is pinned and not declared"]),
        (["torch~=2.14"], []),
    ],
)
def test_lists_out_of_step_are_found(declared: list[str], says: list[str]):
    assert out_of_step({"": declared}, {"torch": "2.14.1"}) == says


def test_the_extras_that_a_sentence_names_hold_the_modules_in_question():
    homes = packages_distributions()
    for extra, lines in PROJECT["optional-dependencies"].items():
        packages = {canonicalize_name(Requirement(line).name) for line in lines}
        assert {canonicalize_name(homes[module][0]) for module in EXTRAS[extra]} == packages
    assert set(EXTRAS) == set(PROJECT["optional-dependencies"])


def test_the_version_stands_in_one_place():
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]
    for name in ("pyproject.toml", "start.py"):
        assert not re.search(r'\bversion\s*=\s*"?\d', (ROOT / name).read_text(encoding="utf-8")), name
