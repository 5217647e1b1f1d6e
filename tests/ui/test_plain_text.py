"""Texts that are not ours are never read as Markdown: what a name in a file says is shown, not done."""

import ast
from pathlib import Path

import pytest

from cnnviz.ui.app.plain_text import JOINER, escape_markdown

ROOT = Path(__file__).resolve().parent.parent.parent
ALERTS = {"error", "warning", "info", "success", "exception"}
MARKDOWN = {
    "caption", "markdown", "write", "toast", "header", "subheader", "title", "button", "download_button",
    "link_button", "metric", "expander", "popover", "spinner", "toggle", "checkbox", "radio", "segmented_control",
    "pills", "selectbox", "file_uploader", "table", "dialog", "badge", "status", "progress", "image", "camera_input",
    "slider", "select_slider", "number_input", "text_input", "tabs", "page_link",
}  # fmt: skip
WORDS_AT = {"progress": 2}  # how many of the arguments without a name may be Markdown, where it is not the first alone
TEXTS = ("label", "help", "body", "text", "caption", "captions", "placeholder")  # arguments that may be Markdown
FOREIGN = {  # what holds a text that somebody else may have written
    "title", "titles", "name", "names", "filename", "classes", "problem", "sentence", "trouble", "said", "note", "text",
}  # fmt: skip
OURS = {  # the same words for texts that are written in our sources
    ("cnnviz/ui/experiments/links.py", "title"), ("cnnviz/ui/experiments/xor.py", "title"),
    ("cnnviz/ui/lab/algorithms.py", "said"), ("cnnviz/ui/teach/results.py", "name"),
    ("cnnviz/ui/teach/results.py", "title"), ("pages/about.py", "figure.name"), ("pages/about.py", "figure.note"),
    ("pages/about.py", "table.title"), ("pages/draw_xo.py", "figure.name"), ("pages/draw_xo.py", "figure.note"),
    ("pages/draw_xo.py", "made.sentence"), ("pages/network.py", "shown.title"),
    ("pages/network.py", "shown.field.sentence"),
    ("cnnviz/ui/app/whole_numbers.py", "title"), ("cnnviz/ui/train/settings.py", "title"),
    ("cnnviz/ui/train/parts.py", "blueprint.names"), ("cnnviz/ui/train/parts.py", "own.names"),  # conv1, relu1
}  # fmt: skip


def word_of(node: ast.AST) -> str:
    """What a value is called: the name, the attribute, the key."""
    if isinstance(node, ast.Subscript):
        return str(node.slice.value) if isinstance(node.slice, ast.Constant) else word_of(node.value)
    return getattr(node, "id", None) or getattr(node, "attr", "")


def foreign(node: ast.AST, errors: set[str]) -> list[str]:
    """The texts in an expression that may be somebody else's and do not go through `escape_markdown`."""
    if isinstance(node, ast.Call) and word_of(node.func) in ("escape_markdown", "len"):
        return []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        inner = [*node.args, *(keyword.value for keyword in node.keywords)]
        return [found for each in inner for found in foreign(each, errors)]
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return [ast.unparse(node)] if word_of(node) in FOREIGN | errors else []
    return [found for child in ast.iter_child_nodes(node) for found in foreign(child, errors)]


def handed_on(node: ast.AST) -> ast.Attribute | None:
    """The widget that `choices.choose(st.selectbox, label, …)` calls with the rest."""
    is_choice = isinstance(node, ast.Call) and word_of(node.func) == "choose" and node.args
    first = node.args[0] if is_choice else None
    return first if isinstance(first, ast.Attribute) and word_of(first.value) == "st" else None


def faults(source: str, path: str) -> list[str]:
    """Where a page shows as Markdown what may come from outside, one sentence each."""
    tree, found = ast.parse(source), []
    errors = {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name}
    called = {id(handed_on(node) or node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and word_of(node.value) == "st" and node.attr in ALERTS | MARKDOWN:
            found += (
                [] if id(node) in called else [f"{path}:{node.lineno} hides st.{node.attr} from this test: call it"]
            )
        is_heading = isinstance(node, ast.Call) and word_of(node.func) in ("headline", "section")
        if not isinstance(node, ast.Call) or not (isinstance(node.func, ast.Attribute) or is_heading):
            continue
        widget = handed_on(node) or node.func
        words = node.args[1:2] if widget is not node.func else node.args[: WORDS_AT.get(word_of(widget), 1)]
        shown = [*words, *(k.value for k in node.keywords if k.arg in TEXTS)]
        if word_of(node.func) in ALERTS and word_of(node.func.value) != "_LOG":
            is_ours = all(isinstance(each, ast.Call) and word_of(each.func) == "_" and not each.keywords
                          for each in shown)  # fmt: skip
            found += [] if is_ours else [f"{path}:{node.lineno} use show_{word_of(node.func)}"]
        elif is_heading or word_of(widget) in MARKDOWN:
            texts = [text for each in shown for text in foreign(each, errors) if (path, text) not in OURS]
            found += [f"{path}:{node.lineno} shows {text}: escape_markdown({text})" for text in texts]
    return found


def test_no_page_shows_as_markdown_what_may_come_from_a_file():
    paths = [*sorted((ROOT / "cnnviz" / "ui").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py")), ROOT / "app.py"]
    names = [(path, path.relative_to(ROOT).as_posix()) for path in paths if path.name != "plain_text.py"]
    assert [fault for path, name in names for fault in faults(path.read_text(encoding="utf-8"), name)] == []


@pytest.mark.parametrize(
    "line",
    [
        "st.error(str(error))", "st.warning(sentence)", 'notes.warning(kept["said"])', "st.button(run.title)",
        'st.error(_("no {what}", what=x))', 'st.caption(_("of {name}", name=file.name))', 'st.caption(f"{error}")',
        "st.markdown(str(error))", 'st.metric(", ".join(classes), 3)', "st.selectbox(label=network.title)",
        "section(run.title)", "(st.warning if doubts else st.success)(sentence)", "shows = st.caption",
        "st.image(picture, caption=file.name)", "bar.progress(0.5, sentence)",
        "choices.choose(st.selectbox, network.title, layers)", "choices.choose(widget, st.selectbox)",
    ],
)  # fmt: skip
def test_a_text_that_may_be_foreign_is_found(line: str):
    assert faults(f"try:\n    pass\nexcept ValueError as error:\n    {line}\n", "a.py") != []


@pytest.mark.parametrize(
    "line", ['st.error(_("Reload"))', "show_error(error)", "st.caption(escape_markdown(error))", 'st.button(_("Go"))']
)
def test_a_text_of_ours_is_left_alone(line: str):
    assert faults(f"try:\n    pass\nexcept ValueError as error:\n    {line}\n", "a.py") == []


def test_plain_words_stay_as_they_are():
    said = "The zip must be at most 100 MB, got 101 MB: leave images out (or make them smaller)."
    assert escape_markdown(said) == said


def test_half_a_letter_is_a_question_mark():
    """A file can hold half of a surrogate pair, which no message to a browser can."""
    assert escape_markdown("cat \ud800") == "cat ?"


def test_what_is_active_in_markdown_is_escaped():
    assert escape_markdown("![x](http://a.b)").replace(JOINER, "") == "!\\[x\\](http://a.b)"
    assert escape_markdown("# 1") == "\\# 1"
    assert escape_markdown("1. one\n- two") == "1\\. one - two"
