"""Texts that are not ours, shown letter by letter: names of files and classes, titles, errors that quote them.

Streamlit reads every text as Markdown, in which a name can be a picture that the browser fetches, or a link.
`show_error(error)` and its sisters take plain text; `escape_markdown(text)` is for captions, labels and titles.
"""

from __future__ import annotations

import re

import streamlit as st

JOINER = "\u2060"  # "word joiner": no width, no meaning; what is cut apart by it is no emoji, icon, arrow or address
_ACTIVE = re.compile(r"[\\`*\[\]<>~$&|{}]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BEGINS_A_BLOCK = re.compile(r"^(\d*)([#+\-=.)])")
_COLON = re.compile(r":(?=\S)")  # an emoji, an icon, a colour or an address begins here
_ARROW = re.compile(r"-(?=[->\\])")
_ADDRESS = re.compile(r"(www(?=\.)|@)", re.IGNORECASE)


def escape_markdown(text: object) -> str:
    """Markdown that shows `text` as it is, on one line.

    `![x](http://a.b)` shows these letters, and no picture.

    >>> from cnnviz.ui.app.plain_text import escape_markdown
    >>> print(escape_markdown("2 * 3"))
    2 \\* 3
    """
    line = " ".join(whole_letters(str(text)).split())
    line = _ACTIVE.sub(r"\\\g<0>", line)
    line = _BEGINS_A_BLOCK.sub(r"\1\\\2", line)
    for apart in (_COLON, _ARROW):
        line = apart.sub(lambda found: found[0] + JOINER, line)
    return _ADDRESS.sub(lambda found: found[0] + JOINER, line)


def whole_letters(text: str) -> str:
    r"""The text with a question mark for each half of a letter ("lone surrogate"), which nothing can send.

    >>> from cnnviz.ui.app.plain_text import whole_letters
    >>> whole_letters("a\ud800b é")
    'a?b é'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def show_error(text: object, icon: str = ":material/error:") -> None:
    """An error, or a sentence that may quote what somebody sent."""
    st.error(escape_markdown(text), icon=icon)


def show_warning(text: object, icon: str = ":material/warning:") -> None:
    """A warning that may quote what somebody sent."""
    st.warning(escape_markdown(text), icon=icon)


def show_info(text: object, icon: str = ":material/info:") -> None:
    """A remark that may quote what somebody sent."""
    st.info(escape_markdown(text), icon=icon)


def show_success(text: object, icon: str | None = None) -> None:
    """A good message that may quote what somebody sent."""
    st.success(escape_markdown(text), icon=icon)
