"""Names that are not ours, in a chart: letter by letter.

Plotly reads texts as a little HTML (a name can be a link) and fills in what a hover text says in `%{…}`.
"""

from __future__ import annotations

from html import escape

JOINER = "\u2060"  # "word joiner": no width, no meaning


def chart_text(name: str) -> str:
    """A text of a chart that shows `name` as it is, wherever it stands.

    >>> from cnnviz.figures.plain_names import chart_text
    >>> chart_text('<a href="http://a.b">cat</a>')
    '&lt;a href="http://a.b"&gt;cat&lt;/a&gt;'
    """
    return escape(name, quote=False).replace("%{", f"%{JOINER}{{")
