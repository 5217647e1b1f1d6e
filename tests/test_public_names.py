"""`import cnnviz`: the public names are there, and nothing is loaded before one of them is used."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import cnnviz
from cnnviz.core.trace import trace
from cnnviz.models.summary import summarise

ROOT = Path(__file__).resolve().parent.parent
LOADED_BY = "import json, sys\nbefore = set(sys.modules)\n{code}\nprint(json.dumps(sorted(set(sys.modules) - before)))"


def loaded_by(code: str) -> set[str]:
    """The modules outside the standard library that some code loads in a fresh Python."""
    command = [sys.executable, "-c", LOADED_BY.format(code=code)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in json.loads(done.stdout) if name.split(".")[0] not in sys.stdlib_module_names}


def test_the_import_loads_one_module():
    """So it takes some milliseconds: PyTorch, which takes seconds, comes with the first name that is used."""
    assert loaded_by("import cnnviz; cnnviz.__version__; dir(cnnviz)") == {"cnnviz"}
    assert "torch" in loaded_by("import cnnviz; cnnviz.trace")


def test_a_name_is_the_function_of_its_module():
    assert cnnviz.trace is trace
    assert cnnviz.summary is summarise


def test_every_public_name_is_found_and_offered():
    assert cnnviz.__all__ == sorted(cnnviz._HOMES)
    assert set(cnnviz.__all__) <= set(dir(cnnviz))
    for name in cnnviz.__all__:
        assert callable(getattr(cnnviz, name))


def test_type_checkers_see_the_same_names():
    tree = ast.parse((ROOT / "cnnviz" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {each.asname or each.name: f"{node.module}:{each.name}" for node in block.body for each in node.names}
    assert seen == cnnviz._HOMES


def test_another_name_is_refused_as_by_any_module():
    with pytest.raises(AttributeError, match="module 'cnnviz' has no attribute 'tarce'"):
        _ = cnnviz.tarce
