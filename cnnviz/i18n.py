"""Every text that a reader sees, in the reader's language (standard gettext).

`_("Draw a digit")` returns the message in the language of the current context; where a
catalogue or an entry is missing, the English source text stands. A language is added as
`cnnviz/locale/<code>/LC_MESSAGES/cnnviz.po`, compiled with Babel, without touching a page.
Refuses to know: where the wish for a language comes from (`cnnviz.ui.app.language` does).
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

DOMAIN = "cnnviz"
LOCALE_DIR = Path(__file__).parent / "locale"

_current: ContextVar[str] = ContextVar("cnnviz_language", default="en")


@lru_cache(maxsize=32)
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE_DIR, languages=[language], fallback=True)


def use_language(language: str) -> None:
    """Speak `language` (a code such as "en") in this thread or task from here on."""
    _current.set(language)


def current_language() -> str:
    """The code of the language spoken in this thread or task."""
    return _current.get()


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Speak `language` inside the `with` block only."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def _(message: str, /, **values: object) -> str:
    """The translated `message`, its `{placeholders}` filled from `values`.

    >>> from cnnviz.i18n import _
    >>> _("kernel size {size}", size=3)
    'kernel size 3'
    """
    text = _catalogue(_current.get()).gettext(message)
    return text.format(**values) if values else text


def ngettext(singular: str, plural: str, count: int, **values: object) -> str:
    """The form that goes with `count`, which also fills `{count}`."""
    text = _catalogue(_current.get()).ngettext(singular, plural, count)
    return text.format(count=count, **values)
