"""The modules of the project: none grows too long, and what has one place in the browser's code stays there."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = {".js": 400, ".py": 330}
LONGER: dict[str, int] = {}  # modules that may be longer for now: divide them, then take them out
# What in `cnnviz/web` only one module does; the others import it.
ONE_PLACE = {
    "fetch(": "shared/post.js",
    "devicePixelRatio": "shared/canvas.js",
    "setTransform(": "shared/canvas.js",
    "history.replaceState": "shared/address.js",
    "btoa(": "shared/wire.js",
}


def sources(root: Path) -> list[Path]:
    """Our modules below a root, tests and benchmarks aside."""
    found = [*root.glob("*.py"), *(root / "pages").rglob("*.py")]
    return sorted([*found, *(each for kind in MOST_LINES for each in (root / "cnnviz").rglob(f"*{kind}"))])


def too_long(root: Path) -> list[str]:
    found = []
    for path in sources(root):
        name = path.relative_to(root).as_posix()
        count = len(path.read_text(encoding="utf-8").splitlines())
        most = LONGER.get(name, MOST_LINES[path.suffix])
        found += [f"{name} has {count} lines, at most {most}"] * (count > most)
    return found


def out_of_place(web: Path) -> list[str]:
    """A sentence for each module that does by itself what another one does for all."""
    return [
        f"{path.relative_to(web).as_posix()} says {words}: that is {place}'s"
        for path in sorted(web.rglob("*.js"))
        for words, place in ONE_PLACE.items()
        if words in path.read_text(encoding="utf-8") and path.relative_to(web).as_posix() != place
    ]


def test_no_module_is_too_long():
    assert too_long(ROOT) == []


def test_every_exception_is_needed():
    lines = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in LONGER}
    assert {name for name, count in lines.items() if count <= MOST_LINES[Path(name).suffix]} == set()


def test_what_has_one_place_in_the_browser_is_done_there():
    web = ROOT / "cnnviz" / "web"
    assert out_of_place(web) == []
    for words, place in ONE_PLACE.items():
        assert words in (web / place).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "lines", "says"),
    [
        ("cnnviz/web/one/index.js", 401, ["cnnviz/web/one/index.js has 401 lines, at most 400"]),
        ("cnnviz/web/one/index.js", 400, []),
        ("cnnviz/core/layers.py", 331, ["cnnviz/core/layers.py has 331 lines, at most 330"]),
        ("pages/draw.py", 331, ["pages/draw.py has 331 lines, at most 330"]),
        ("start.py", 330, []),
    ],
)
def test_a_module_that_is_too_long_is_found(tmp_path: Path, name: str, lines: int, says: list[str]):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("x\n" * lines)
    assert too_long(tmp_path) == says


@pytest.mark.parametrize("words", ONE_PLACE)
def test_what_is_done_beside_its_place_is_found(tmp_path: Path, words: str):
    (tmp_path / "walk").mkdir()
    (tmp_path / "walk" / "view.js").write_text(f"const a = {words};\n")
    assert out_of_place(tmp_path) == [f"walk/view.js says {words}: that is {ONE_PLACE[words]}'s"]
