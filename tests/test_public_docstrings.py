"""What a package offers in `__all__` says what it is and shows it: each function and class has an example that runs.

That an example runs, and is true, is another promise (`test_examples.py`). What a docstring says is raised exists, and
what a module's docstring points to is called as it is today.
"""

import ast
import builtins
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ERROR = re.compile(r"\b[A-Z]\w*(?:Error|Missing|Broken|Cancelled|Diverged)\b")
MOVED = re.compile(r"^\| `([\w.]+)` \| `([\w.]+)` \|$", re.MULTILINE)  # in docs/renamed.md: a module before, and now
POINTED_TO = re.compile(r"`([a-z_][\w.]*)`")
RAISES = re.compile(r"Raises: (.*?)(?=\n\s*\n|\n\s*>>>|\Z)", re.DOTALL)


def public_names(text: str) -> list[str]:
    """What a module lists in `__all__`."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "__all__" for target in node.targets):
            return list(ast.literal_eval(node.value))
    return []


def packages() -> Iterator[tuple[str, list[str]]]:
    """The modules of cnnviz that have an `__all__`, with what they list."""
    for path in sorted((ROOT / "cnnviz").rglob("*.py")):
        if names := public_names(path.read_text(encoding="utf-8")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), names


def without_example(things: Mapping[str, object]) -> list[str]:
    """The functions and classes among `things` whose own docstring has no example; values and types are none."""
    found = {name: inspect.unwrap(thing) for name, thing in things.items() if callable(thing)}
    return [
        name
        for name, thing in found.items()
        if (inspect.isclass(thing) or inspect.isroutine(thing)) and ">>> " not in (thing.__doc__ or "")
    ]


def errors_raised(text: str) -> set[str]:
    """The errors that the docstrings of a module say are raised."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    documented = (node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))
    told = (part for node in documented for part in RAISES.findall(ast.get_docstring(node) or ""))
    return {name for part in told for name in ERROR.findall(part)}


def classes_of(text: str) -> set[str]:
    """The classes that a module defines."""
    return {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)}


@cache
def names_today() -> frozenset[str]:
    """What modules and packages of cnnviz are called."""
    paths = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "cnnviz").rglob("*.py"))
    return frozenset(part for path in paths for part in path.parts)


def old_names(text: str, moved: str) -> list[str]:
    """The modules that a module's docstring points to by the name that they had before, as `docs/renamed.md` lists."""
    pairs = MOVED.findall(moved)
    gone = {before.split(".")[-1] for before, _now in pairs} - names_today()
    rooms = {before.split(".")[0] for before, _now in pairs} - names_today()
    names = POINTED_TO.findall(ast.get_docstring(ast.parse(text)) or "")
    return [name for name in names if name.split(".")[-1] in gone or name.split(".")[0] in rooms]


def test_every_public_function_and_class_has_an_example():
    found = {}
    for package, names in packages():
        module = importlib.import_module(package)
        found[package] = without_example({name: getattr(module, name) for name in names})
    assert len(found) > 10
    assert {package: names for package, names in found.items() if names} == {}


def test_a_public_name_without_an_example_is_found():
    def told():
        """Two. Call it."""

    def shown():
        """Two.

        >>> 1 + 1
        2
        """

    class Heir(dict):
        pass

    things = {"told": told, "shown": shown, "Heir": Heir, "VALUE": 2, "Shape": tuple[int, int]}
    assert without_example(things) == ["told", "Heir"]


def test_names_in_all_are_read():
    assert public_names('__all__ = ["one", "two"]\n') == ["one", "two"]
    assert public_names("one = 1\n") == []


def test_every_error_that_a_docstring_names_exists():
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "cnnviz").rglob("*.py"))}
    known = set(vars(builtins)).union(*map(classes_of, texts.values()))
    missing = {path.name: sorted(unknown) for path, text in texts.items() if (unknown := errors_raised(text) - known)}
    assert missing == {}


def test_an_error_that_is_gone_is_found():
    text = 'def two():\n    """Two. Raises: TwoError, one sentence;\n    ValueError for 3\n\n    OtherError.\n    """\n'
    assert errors_raised(text) == {"TwoError", "ValueError"}


def test_every_docstring_of_a_module_points_to_the_modules_of_today():
    moved = (ROOT / "docs" / "renamed.md").read_text(encoding="utf-8")
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "cnnviz").rglob("*.py"))}
    assert {str(path.relative_to(ROOT)): old for path, text in texts.items() if (old := old_names(text, moved))} == {}


def test_a_module_that_has_moved_is_found():
    moved = "| `graphs.tracing` | `core.graph.build` |\n"
    assert old_names('"""How it was drawn (`tracing`, `graphs.build`)."""\n', moved) == ["tracing", "graphs.build"]
    assert old_names('"""How it is built (`build`)."""\n', moved) == []
