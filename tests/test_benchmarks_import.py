"""Benchmarks run seldom: that they can be imported at all is seen here."""

from importlib import import_module
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in ("__init__", "__main__"))


@pytest.mark.parametrize("module", MODULES)
def test_a_benchmark_can_be_imported(module: str):
    assert import_module(f"benchmarks.{module}").__doc__


def test_a_module_that_is_not_there_is_noticed():
    with pytest.raises(ModuleNotFoundError):
        import_module("benchmarks.of_nothing")
