"""One catalogue for every text: languages by context, complete extraction, English as the source."""

import ast
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from cnnviz import i18n
from cnnviz.i18n import _, current_language, in_language, ngettext, use_language

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "cnnviz" / "locale" / "cnnviz.pot"


def test_english_is_the_source_text():
    assert _("kernel size {size}", size=3) == "kernel size 3"


def test_a_message_may_have_a_value_called_message():
    assert _("{message}!", message="ink") == "ink!"


def test_the_plural_goes_with_the_count():
    assert [ngettext("{count} parameter", "{count} parameters", n) for n in (1, 2)] == ["1 parameter", "2 parameters"]


def test_a_language_without_a_catalogue_falls_back_to_english():
    with in_language("xx"):
        assert _("Glossary") == "Glossary"


def test_a_language_holds_inside_its_block_only():
    with in_language("de"):
        assert current_language() == "de"
    assert current_language() == "en"


def test_a_language_of_one_thread_does_not_reach_another():
    heard = []
    use_language("de")
    thread = threading.Thread(target=lambda: heard.append(current_language()))
    thread.start()
    thread.join()
    use_language("en")
    assert heard == ["en"]


def test_a_catalogue_is_spoken(tmp_path, monkeypatch):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "cnnviz.po").write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
                                      'msgid "Glossary"\nmsgstr "Wörter"\n', encoding="utf-8")  # fmt: skip
    compile_ = [sys.executable, "-m", "babel.messages.frontend", "compile", "-D", "cnnviz", "-d", str(tmp_path)]
    subprocess.run(compile_, check=True, capture_output=True)
    monkeypatch.setattr(i18n, "LOCALE_DIR", tmp_path)
    i18n._catalogue.cache_clear()
    with in_language("de"):
        assert _("Glossary") == "Wörter"
    i18n._catalogue.cache_clear()


def extracted(tmp_path: Path) -> set:
    target = tmp_path / "now.pot"
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "extract", "-F", "babel.cfg", "--no-location", "-o", target,
         "app.py", "pages", "cnnviz"], cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return ids(target)


def ids(path: Path) -> set:
    with path.open("rb") as file:
        return {message.id for message in read_po(file) if message.id}


def test_the_template_holds_every_message(tmp_path):
    assert ids(TEMPLATE) == extracted(tmp_path), "run: python3 start.py messages"


# Calls that put their first value, or one of these named ones, before a reader.
SHOWS = {
    "button", "caption", "checkbox", "download_button", "error", "expander", "file_uploader", "header", "headline",
    "info", "link_button", "markdown", "metric", "multiselect", "number_input", "page_link", "pills", "popover",
    "radio", "segmented_control", "select_slider", "selectbox", "slider", "spinner", "status", "subheader", "success",
    "text", "text_area", "text_input", "title", "toast", "toggle", "warning", "write",
}  # fmt: skip
NAMED = {"body", "help", "label", "placeholder"}
DIRECTIVE = re.compile(r":[a-z-]+(/\w+:|\[)")  # Streamlit's icons and colours


def past_the_catalogue(code: str) -> list[str]:
    """What nobody can translate: words straight in a call that shows text, and a message that is no plain literal."""
    found = []
    for call in ast.walk(ast.parse(code)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in ("_", "ngettext") and not (call.args and isinstance(call.args[0], ast.Constant)):
            found.append(ast.unparse(call))
        if name in SHOWS and not ast.unparse(call.func).startswith("_LOG."):
            first = [] if name == "page_link" else call.args[:1]  # its first is a page
            shown = [*first, *(keyword.value for keyword in call.keywords if keyword.arg in NAMED)]
            found += [ast.unparse(call) for value in shown if has_words(value)]
    return found


def has_words(value: ast.expr) -> bool:
    """Whether a literal, or one with values in it, has letters of its own."""
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(letter.isalpha() for text in texts for letter in DIRECTIVE.sub("", text))


def test_no_page_writes_text_past_the_catalogue():
    files = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "cnnviz").rglob("*.py")]
    texts = {str(path): path.read_text(encoding="utf-8") for path in files if path.name != "i18n.py"}
    assert {path: found for path, code in texts.items() if (found := past_the_catalogue(code))} == {}


@pytest.mark.parametrize(
    "code",
    [
        'st.caption("No idea?")',
        'st.caption(\n    "No idea?"\n)',
        'st.text("No idea?")',
        'st.caption(f"No idea of {part}?")',
        'st.toggle(_("Code"), help="No idea?")',
        'box.button(label="No idea?")',
        '_(f"No idea of {part}?")',
    ],
)
def test_a_text_past_the_catalogue_is_noticed(code: str):
    assert len(past_the_catalogue(code)) == 1


@pytest.mark.parametrize("code", ['st.caption(_("An idea"))', 'st.markdown(f":material/arrow_forward: **{words}**")'])
def test_a_text_of_the_catalogue_is_left_alone(code: str):
    assert past_the_catalogue(code) == []
