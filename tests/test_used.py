"""Nothing stands in the code for the tests alone: whatever is public, the app, a command or a benchmark uses."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PLAIN = ("dataclass", "lru_cache", "cache", "contextmanager", "singledispatch", "property", "cached_property",
         "classmethod", "staticmethod", "no_grad", "inference_mode", "override", "overload")  # fmt: skip
# What is there for readers of the package or called by a library, and why.
EXCEPTIONS = {
    "explain_dropout": "for notebooks: dropout in training, under a given mask",
    "run_node": "torch.fx calls it for each step of a graph",
    "weight_sum": "the browser walks over the same sum: what it shows is compared with this",
    "bias_sum": "the same for a bias",
    "input_gradient": "the same for a cell's gradient",
    "cell_gradient": "for notebooks: a cell's gradient of any operation as a sum, which no page shows yet",
    "parameter_sum": "the same for any weight or bias",
    "branch_sum": "the same for a cell that several layers read",
    "run_command": "the command `cnnviz` of an installed package: `pyproject.toml` names it",
}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def last_name(node: ast.expr) -> str:
    """`f` for `f`, `a.f` and `a.f(…)`."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_registered(node: Definition) -> bool:
    """Whether a decorator takes it over: somebody calls it by another way than its name."""
    return any(last_name(each) not in PLAIN for each in node.decorator_list)


def definitions(tree: ast.Module) -> Iterator[Definition]:
    """Public functions and classes of a module, and what its classes offer."""
    for node in tree.body:
        if isinstance(node, Definition):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (each for each in node.body if isinstance(each, Definition))


def names_in(tree: ast.AST, but: ast.AST | None = None) -> Iterator[str]:
    """Every name that is read, also as an attribute; nothing from within `but`."""
    if tree is but:
        return
    if isinstance(tree, ast.Name | ast.Attribute):
        yield last_name(tree)
    for child in ast.iter_child_nodes(tree):
        yield from names_in(child, but)


def words_in(tree: ast.AST) -> Iterator[str]:
    """Texts that name something: "name", or "module:name"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            word = node.value.split(":")[-1]
            if word.isidentifier():
                yield word if word == node.value else f":{word}"


def imports_in(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(module, name) of everything that is imported by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", each.name) for each in node.names)


class File:
    """What one file of source defines, and what it uses."""

    def __init__(self, path: str, text: str) -> None:
        self.tree = ast.parse(text)
        self.module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.names, self.words = set(names_in(self.tree)), set(words_in(self.tree))
        self.attributes = {node.attr for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}
        self.imports = set() if path.endswith("__init__.py") else set(imports_in(self.tree))
        if path.endswith("__init__.py"):  # what a package hands on is not used by that
            self.imports = {(module, name) for module, name in imports_in(self.tree) if name in self.names}

    def imports_it(self, module: str, name: str) -> bool:
        """Whether `name` of `module` is imported from there, or from a package that hands it on."""
        return any(name == one and f"{module}.".startswith(f"{where}.") for where, one in self.imports)


def unused(files: dict[str, str]) -> list[str]:
    """`module:name` of every public definition below cnnviz that nothing uses.

    A function or a class is used where it is imported and by `module.name`; what a class offers by its name.
    """
    read = {path: File(path, text) for path, text in files.items()}
    found = []
    for path, home in read.items():
        others = [file for file in read.values() if file is not home]
        for node in definitions(home.tree) if path.startswith("cnnviz/") else ():
            name, is_outer = node.name, node in home.tree.body
            if name.startswith("_") or is_registered(node) or name in set(names_in(home.tree, but=node)):
                continue
            by_name = any(name in file.names or name in file.words for file in others)
            by_import = any(file.imports_it(home.module, name) or f":{name}" in file.words for file in others)
            by_attribute = any(name in file.attributes for file in others)
            if not (by_import or by_attribute if is_outer else by_name):
                found.append(f"{path}:{name}")
    return found


def sources() -> dict[str, str]:
    """The text of everything that is no test."""
    folders = [ROOT / name for name in ("cnnviz", "pages", "benchmarks")]
    paths = [ROOT / "app.py", ROOT / "start.py", *(path for folder in folders for path in folder.rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}


def test_everything_public_is_used_outside_the_tests():
    assert sorted(name for name in unused(sources()) if name.split(":")[1] not in EXCEPTIONS) == []


def test_no_exception_outlives_its_reason():
    assert set(EXCEPTIONS) <= {name.split(":")[1] for name in unused(sources())}


@pytest.mark.parametrize(
    ("user", "is_found"),
    [
        ("", True),
        ("from cnnviz.made import two", False),
        ("import cnnviz.made\ncnnviz.made.two()", False),
        ("def three(): return 'two and three'", True),
    ],
)
def test_what_nobody_uses_is_found(user: str, is_found: bool):
    files = {"cnnviz/made.py": "def two(): return two()", "cnnviz/__init__.py": "from cnnviz.made import two"}
    assert unused(files | {"pages/page.py": user}) == ["cnnviz/made.py:two"] * is_found


def test_a_method_and_a_property_that_nobody_uses_are_found():
    made = "class Made:\n    @property\n    def one(self): ...\n    def two(self): return self.one\nMade()"
    assert unused({"cnnviz/made.py": made}) == ["cnnviz/made.py:two"]
