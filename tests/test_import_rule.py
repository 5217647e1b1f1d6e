"""The import rule: geometry ← layers ← trace … ← figures ← ui ← pages, app; one direction, transitively."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("streamlit", "plotly", "torch", "torchvision")
# What the modules under each prefix must not reach, over any number of imports.
FORBIDDEN = {
    "cnnviz.core.geometry": ("streamlit", "plotly", "torch", "torchvision", "numpy", "PIL"),
    "cnnviz.data.strokes": ("streamlit", "plotly", "torch", "torchvision", "numpy", "PIL"),
    "cnnviz.i18n": ("streamlit", "plotly", "torch", "torchvision", "numpy", "PIL"),
    "cnnviz.data.rasterize": ("streamlit", "plotly", "torch", "torchvision"),
    "cnnviz.data.uploads": ("streamlit", "plotly", "torch", "torchvision"),
    "cnnviz.models.decision": ("streamlit", "plotly", "torch", "torchvision"),
    "cnnviz.data.sample_drawings": ("streamlit", "plotly", "torch", "torchvision"),
    "cnnviz": ("cnnviz.ui", "cnnviz.figures", "streamlit", "plotly"),
    "cnnviz.figures": ("cnnviz.ui", "streamlit"),
    "cnnviz.ui": ("pages", "app"),
}
DIRECTLY = {"cnnviz.figures": ("torch", "torchvision"), "pages": ("torch", "torchvision", "plotly")}
ORDER = ("cnnviz.core.geometry", "cnnviz.core.layers", "cnnviz.core.trace", "cnnviz.core.colour_ranges")


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def graph(root: Path) -> dict[str, set[str]]:
    files = [root / "app.py", *sorted((root / "pages").rglob("*.py")), *sorted((root / "cnnviz").rglob("*.py"))]
    return {module_name(path, root): set(imports(path)) for path in files if path.exists()}


def reached(start: str, edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in edges.get(waiting.pop(), ()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def is_under(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def strictest(module: str, rules: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    fitting = [prefix for prefix in rules if is_under(module, prefix)]
    return rules[max(fitting, key=len)] if fitting else ()


def violations(edges: dict[str, set[str]]) -> list[str]:
    found = []
    for module in edges:
        for target in reached(module, edges):
            found += [f"{module} reaches {target}" for ban in strictest(module, FORBIDDEN) if is_under(target, ban)]
        for target in edges[module]:
            found += [f"{module} imports {target}" for ban in strictest(module, DIRECTLY) if is_under(target, ban)]
    for at, module in enumerate(ORDER):
        for later in ORDER[at + 1 :]:
            if later in reached(module, edges):
                found.append(f"{module} reaches {later}")
    return sorted(set(found))


def test_imports_run_in_one_direction():
    assert violations(graph(ROOT)) == []


@pytest.mark.parametrize(
    ("module", "imported", "says"),
    [
        ("cnnviz.core.geometry", "torch", "cnnviz.core.geometry reaches torch"),
        ("cnnviz.core.trace", "streamlit", "cnnviz.core.trace reaches streamlit"),
        ("cnnviz.core.layers", "cnnviz.ui.app.caches", "cnnviz.core.layers reaches cnnviz.ui.app.caches"),
        ("cnnviz.core.layers", "cnnviz.core.trace", "cnnviz.core.layers reaches cnnviz.core.trace"),
        ("cnnviz.figures.theme", "cnnviz.ui.app.links", "cnnviz.figures.theme reaches cnnviz.ui.app.links"),
        ("pages.draw", "torch", "pages.draw imports torch"),
    ],
)
def test_a_forbidden_import_is_caught(module: str, imported: str, says: str):
    edges = graph(ROOT)
    edges[module] = edges[module] | {imported}
    assert says in violations(edges)


def test_a_forbidden_import_is_caught_through_another_module():
    edges = graph(ROOT)
    edges["cnnviz.i18n"] = edges["cnnviz.i18n"] | {"streamlit"}
    assert "cnnviz.data.strokes reaches streamlit" in violations(edges)


def test_the_core_imports_where_streamlit_and_plotly_are_absent(tmp_path: Path):
    import subprocess
    import sys

    block = "import sys\nfor name in ('streamlit', 'plotly'): sys.modules[name] = None\n"
    core = "from cnnviz import geometry, layers, networks, trace, ranges, drawing, pictures, samples, checkpoints\n"
    done = subprocess.run([sys.executable, "-c", block + core], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    twin = subprocess.run(
        [sys.executable, "-c", block + "import cnnviz.ui.app.caches"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert twin.returncode != 0
