"""One catalogue for every text: languages by context, complete extraction, English as the source."""

import re
import subprocess
import sys
import threading
from pathlib import Path

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


def test_no_page_writes_text_past_the_catalogue():
    """A string literal straight into a Streamlit call that shows text is a message that nobody can translate."""
    shown = re.compile(
        r"""st\.(?:markdown|write|caption|title|header|subheader|error|warning|info|success|button|toggle)\(\s*f?["'](?!["'])"""
    )
    found = [
        f"{path.name}: {line.strip()}"
        for path in [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "cnnviz" / "ui").rglob("*.py")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if shown.search(line) and "_(" not in line and "{" not in line
    ]
    assert found == []
    assert shown.search('st.caption("No idea?")')
