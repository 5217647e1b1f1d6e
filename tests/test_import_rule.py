"""The import rule: the rooms of the project in one order, in Python and JavaScript; imports run down it, never up."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Each room may import from the lines above its own, and from itself; rooms of one line do not know each other.
ROOMS = (
    ("cnnviz.i18n",),
    ("cnnviz.checks",),
    ("cnnviz.machine",),
    ("cnnviz.processes",),
    ("cnnviz.data",),
    ("cnnviz.core",),
    ("cnnviz.models",),
    ("cnnviz.evaluation", "cnnviz.attribution"),
    ("cnnviz.training",),
    ("cnnviz.conv_lab", "cnnviz.lesson", "cnnviz.experiments", "cnnviz.small_examples", "cnnviz.release"),
    ("cnnviz.figures",),
    ("cnnviz.web",),
    ("cnnviz.ui", "cnnviz.cli"),
    ("cnnviz.__main__", "pages"),
    ("app",),
)
# Inside the core: the modules in their order.
IN_THE_CORE = ("cnnviz.core.geometry", "cnnviz.core.layers", "cnnviz.core.trace", "cnnviz.core.colour_ranges")
# Modules at the top of `cnnviz`; the rest lies in rooms.
LOOSE = {"__init__", "__main__", "i18n", "checks"}
# What the modules under each prefix must not reach, over any number of imports.
HEAVY = ("streamlit", "plotly", "torch", "torchvision")
FORBIDDEN = {
    "cnnviz.core.geometry": (*HEAVY, "numpy", "PIL"),
    "cnnviz.data.strokes": (*HEAVY, "numpy", "PIL"),
    "cnnviz.i18n": (*HEAVY, "numpy", "PIL"),
    "cnnviz.machine.resources": (*HEAVY, "numpy", "PIL"),
    "cnnviz.machine.extras": (*HEAVY, "numpy", "PIL"),
    "cnnviz.data.rasterize": HEAVY,
    "cnnviz.data.uploads": HEAVY,
    "cnnviz.models.decision": HEAVY,
    "cnnviz.data.sample_drawings": HEAVY,
    "cnnviz": ("streamlit", "plotly"),
    "cnnviz.figures": ("streamlit",),
    "cnnviz.web": ("streamlit",),
    "cnnviz.ui": (),
}
DIRECTLY = {"cnnviz.figures": ("torch", "torchvision"), "pages": ("torch", "torchvision", "plotly")}
# The folders of `cnnviz/web`, in the same way: what several components use first, then the components.
WEB = (
    ("shared",),
    ("kernel_editor", "network"),
    ("walk",),
    ("edits",),
    (
        "answers", "attribution", "browser_store", "conv_lab", "conv_nd", "copy_link", "document_language", "explorer",
        "footer", "image_grid", "kept_press", "lesson", "network_editor", "normalisation", "paste_image",
        "pixel_editor", "preprocessing", "sample_bar", "shift_demo", "sketchpad", "trainer", "training_step",
    ),
    ("comparison",),
)  # fmt: skip


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


def room_of(name: str, rooms: tuple[tuple[str, ...], ...]) -> tuple[int, str] | None:
    """The line of a module's room, and the room."""
    found = ((line, room) for line, row in enumerate(rooms) for room in row if is_under(name, room))
    return next(found, None)


def strictest(module: str, rules: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    fitting = [prefix for prefix in rules if is_under(module, prefix)]
    return rules[max(fitting, key=len)] if fitting else ()


def against_the_order(edges: dict[str, set[str]], rooms: tuple[tuple[str, ...], ...]) -> list[str]:
    """A sentence for each import that does not run down, and for each module without a room."""
    found = []
    for module, targets in edges.items():
        own = room_of(module, rooms)
        if own is None:
            found += [] if module == "cnnviz" else [f"{module} lies in no room"]
            continue
        for target in targets:
            other = room_of(target, rooms)
            if other is not None and other[1] != own[1] and other[0] >= own[0]:
                found.append(f"{module} imports {target}")
    return found


def violations(edges: dict[str, set[str]]) -> list[str]:
    found = against_the_order(edges, ROOMS)
    for module in edges:
        for target in reached(module, edges):
            found += [f"{module} reaches {target}" for ban in strictest(module, FORBIDDEN) if is_under(target, ban)]
        for target in edges[module]:
            found += [f"{module} imports {target}" for ban in strictest(module, DIRECTLY) if is_under(target, ban)]
    for at, module in enumerate(IN_THE_CORE):
        found += [f"{module} reaches {later}" for later in IN_THE_CORE[at + 1 :] if later in reached(module, edges)]
    return sorted(set(found))


def web_graph(folder: Path) -> dict[str, set[str]]:
    """Each JavaScript module of the components, as `explorer/index`, with those that it imports."""
    return {
        path.relative_to(folder).with_suffix("").as_posix(): {
            (path.parent / name).resolve().relative_to(folder.resolve()).with_suffix("").as_posix()
            for name in re.findall(
                r'^(?:import|export)\b[^;]*?from\s*"(\.[^"]+)"', path.read_text("utf-8"), re.MULTILINE
            )
        }
        for path in sorted(folder.rglob("*.js"))
    }


def web_violations(edges: dict[str, set[str]]) -> list[str]:
    as_modules = {name.replace("/", "."): {each.replace("/", ".") for each in found} for name, found in edges.items()}
    return sorted(against_the_order(as_modules, WEB))


def test_imports_run_in_one_direction():
    assert violations(graph(ROOT)) == []


def test_imports_of_javascript_run_in_one_direction():
    assert web_violations(web_graph(ROOT / "cnnviz" / "web")) == []


def test_every_folder_of_the_web_is_in_the_order():
    folders = {path.parent.name for path in (ROOT / "cnnviz" / "web").rglob("*.js")}
    assert folders == {name for row in WEB for name in row}


def test_few_modules_lie_loose_at_the_top():
    assert {path.stem for path in (ROOT / "cnnviz").glob("*.py")} <= LOOSE


@pytest.mark.parametrize(
    ("module", "imported", "says"),
    [
        ("cnnviz.core.geometry", "torch", "cnnviz.core.geometry reaches torch"),
        ("cnnviz.core.trace", "streamlit", "cnnviz.core.trace reaches streamlit"),
        ("cnnviz.core.layers", "cnnviz.ui.app.caches", "cnnviz.core.layers imports cnnviz.ui.app.caches"),
        ("cnnviz.core.layers", "cnnviz.core.trace", "cnnviz.core.layers reaches cnnviz.core.trace"),
        ("cnnviz.data.strokes", "cnnviz.core.units", "cnnviz.data.strokes imports cnnviz.core.units"),
        ("cnnviz.lesson.run", "cnnviz.conv_lab.run", "cnnviz.lesson.run imports cnnviz.conv_lab.run"),
        ("cnnviz.figures.theme", "cnnviz.ui.app.links", "cnnviz.figures.theme imports cnnviz.ui.app.links"),
        ("cnnviz.web.assets", "streamlit", "cnnviz.web.assets reaches streamlit"),
        ("cnnviz.ui.app.links", "pages.draw", "cnnviz.ui.app.links imports pages.draw"),
        ("cnnviz.cli.train", "cnnviz.ui.app.links", "cnnviz.cli.train imports cnnviz.ui.app.links"),
        ("pages.draw", "torch", "pages.draw imports torch"),
        ("cnnviz.new_module", "json", "cnnviz.new_module lies in no room"),
    ],
)
def test_a_forbidden_import_is_caught(module: str, imported: str, says: str):
    edges = graph(ROOT)
    edges[module] = edges.get(module, set()) | {imported}
    assert says in violations(edges)


def test_a_forbidden_import_is_caught_through_another_module():
    edges = graph(ROOT)
    edges["cnnviz.i18n"] = edges["cnnviz.i18n"] | {"streamlit"}
    assert "cnnviz.data.strokes reaches streamlit" in violations(edges)


@pytest.mark.parametrize(
    ("module", "line", "says"),
    [
        ("shared/dom.js", 'import { a } from "../network/words.js";', "shared.dom imports network.words"),
        ("walk/view.js", 'import {\n  a,\n  b,\n} from "../explorer/index.js";', "walk.view imports explorer.index"),
        ("trainer/index.js", 'import { a } from "../explorer/lens.js";', "trainer.index imports explorer.lens"),
        ("nowhere/index.js", "", "nowhere.index lies in no room"),
        ("walk/view.js", 'import { a } from "./model.js";', ""),
        ("explorer/index.js", 'import { a } from "../walk/view.js";', ""),
    ],
)
def test_a_forbidden_import_of_javascript_is_caught(tmp_path: Path, module: str, line: str, says: str):
    (tmp_path / module).parent.mkdir()
    (tmp_path / module).write_text(f"// A module.\n\n{line}\n")
    assert web_violations(web_graph(tmp_path)) == ([says] if says else [])


def test_the_core_imports_where_streamlit_and_plotly_are_absent():
    block = "import sys\nfor name in ('streamlit', 'plotly'): sys.modules[name] = None\n"
    core = (
        "from cnnviz.core import colour_ranges, geometry, layers, trace\n"
        "from cnnviz.data import rasterize, sample_drawings, uploads\n"
        "from cnnviz.models import checkpoints, zoo\n"
    )
    command = [sys.executable, "-c"]
    done = subprocess.run([*command, block + core], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    twin = subprocess.run(
        [*command, block + "import cnnviz.ui.app.caches"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert twin.returncode != 0
