"""No page hears a press in one run only: what a button gives back is read nowhere, and pages are turned in one place.

`cnnviz/ui/app/buttons.py` says why.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRESSED = ("button", "form_submit_button")  # of Streamlit: they give back whether this run is that of a press
TURNING = "cnnviz/ui/app/turning_pages.py"


def called(node: ast.AST) -> str:
    """`button` for `st.button(…)` and for `column.button(…)`."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def in_the_body(name: str, source: str) -> Iterator[str]:
    """A sentence for each button whose press is read in the run that it begins, and for each page turned elsewhere."""
    tree = ast.parse(source)
    unread = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        has_words = isinstance(node, ast.Call) and bool(node.args or node.keywords)
        if called(node) in PRESSED and has_words and id(node) not in unread:
            yield f"{name}:{node.lineno} reads a press: use press_button or on_click"  # type: ignore[attr-defined]
        if called(node) == "switch_page" and name != TURNING:
            yield f"{name}:{node.lineno} turns the page: use turn_to"  # type: ignore[attr-defined]


def sources() -> dict[str, str]:
    files = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "cnnviz").rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}


def unheard(scripts: dict[str, str], mounts: dict[str, str]) -> list[str]:
    """What a component says once and no callback hears. scripts, mounts: by the names of their components."""
    return [
        f"{name} says {what} once: give on_{what}_change a callback that notes it"
        for name, script in sorted(scripts.items())
        for what in re.findall(r'setTriggerValue\(\s*"(\w+)"', script)
        if not re.search(rf"on_{what}_change=(?!keep_state)\w", mounts[name])
    ]


def test_no_button_is_read_in_the_body_of_a_page():
    assert [said for name, source in sources().items() for said in in_the_body(name, source)] == []


def test_what_a_component_says_once_is_heard_by_a_callback():
    web, mount = ROOT / "cnnviz" / "web", ROOT / "cnnviz" / "ui" / "mount"
    scripts = {path.parent.name: path.read_text(encoding="utf-8") for path in web.glob("*/index.js")}
    mounts = {path.stem: path.read_text(encoding="utf-8") for path in mount.glob("*.py")}
    assert sum("setTriggerValue(" in script for script in scripts.values()) > 3
    assert unheard(scripts, mounts) == []


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("if st.button('Go'): go()", True),
        ("wants = left.button('Go', key='go')", True),
        ("go() if is_open and not st.button('Go') else None", True),
        ("with form: return_it(st.form_submit_button('Go'))", True),
        ("st.switch_page('pages/train.py')", True),
        ("st.button('Go', on_click=go)", False),
        ("press_button('Go', go, key='go')", False),
        ("label = lesson.button()", False),
        ("turn_to('pages/train.py')", False),
    ],
)
def test_a_press_that_is_read_is_found(line: str, is_found: bool):
    assert bool(list(in_the_body("pages/page.py", line))) is is_found


@pytest.mark.parametrize(("heard", "is_found"), [("keep_state", True), ("pressed", False), ("on_forget", False)])
def test_what_nobody_hears_is_found(heard: str, is_found: bool):
    said = unheard({"bar": 'setTriggerValue("take", 1)'}, {"bar": f"_mount(on_take_change={heard})"})
    assert bool(said) is is_found
