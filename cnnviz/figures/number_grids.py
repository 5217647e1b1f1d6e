"""Numbers as small HTML tables: a grid in the colours of its kind of data, a table with heads, single values.

Refuses to know: what the numbers mean, widgets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from cnnviz.figures.map_images import map_colours
from cnnviz.figures.rounding import decimals_of
from cnnviz.figures.theme import Palette, format_number
from cnnviz.i18n import _
from cnnviz.small_examples.example import ResultForm, Results, SmallExample, ValueColours

DIGITS = 4
WIDE = 16  # columns from which on cells are small
MAY_SCROLL = {"grid": 8, "table": 2}  # columns from which on a phone scrolls: then the keyboard must get there
STYLE = """<style>
.number-results { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: flex-start; font-size: .875rem; }
.number-results > .whole { flex-basis: 100%; min-width: 0; overflow-x: auto; }
.number-results figure { margin: 0; max-width: 100%; overflow-x: auto; }
.number-results figcaption, .number-results caption { text-align: left; font-weight: 600; padding-bottom: .25rem; }
.number-results table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0; }
.number-grid td { border: 1px solid light-dark(#fff, #14171c); padding: .2rem .4rem; text-align: right;
  min-width: 2.2rem; }
.number-grid.wide td { font-size: .625rem; padding: .1rem .15rem; min-width: 1.35rem; text-align: center; }
.number-grid.plain td { border-color: color-mix(in srgb, currentColor 30%, transparent); }
.number-grid .maps { display: flex; flex-wrap: wrap; gap: .6rem; }
.number-grid .maps span { display: block; font-size: .75rem; }
.number-table :is(th, td) { border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent);
  padding: .2rem .9rem .2rem 0; text-align: right; font-weight: 400; }
.number-table :is(th, td):last-child { padding-right: 0; }
.number-table :is(th, td):first-child, .number-values :is(th, td) { text-align: left; }
.number-table thead th { font-size: .75rem; vertical-align: bottom; }
.number-values th { font-weight: 400; opacity: .8; }
.number-results pre { margin: 0; padding: 0; background: none; white-space: pre; font-size: .8rem; }
</style>"""


def results_html(example: SmallExample, results: Results, palette: Palette) -> str:
    """All results of an example, in the order of its forms."""
    parts: list[str] = []
    single: list[str] = []
    for name, form in example.forms.items():
        if name not in results:
            continue
        value = results[name]
        if isinstance(value, np.ndarray | list) or "\n" in str(value):
            parts += [_values(single)] * bool(single)
            single = []
            parts.append(_large(name, value, form, example, palette))
        else:
            single.append(_value(name, value, form))
    parts += [_values(single)] * bool(single)
    return f'{STYLE}<div class="number-results" data-example="{example.key}">{"".join(parts)}</div>'


def _large(name: str, value: object, form: ResultForm, example: SmallExample, palette: Palette) -> str:
    if isinstance(value, np.ndarray):
        return number_grid(value, form, palette, name)
    if isinstance(value, list):
        return number_table(value, form.describe(), {key: text() for key, text in example.columns.items()}, name)
    text = f"<figcaption>{escape(form.describe())}</figcaption><pre>{escape(str(value))}</pre>"
    return f'<figure data-result="{escape(name)}" tabindex="0">{text}</figure>'


def _values(rows: Sequence[str]) -> str:
    return f'<div class="whole"><table class="number-table number-values"><tbody>{"".join(rows)}</tbody></table></div>'


def _value(name: str, value: object, form: ResultForm) -> str:
    return (
        f'<tr data-result="{escape(name)}"><th scope="row">{escape(form.describe())}</th><td>{_text(value)}</td></tr>'
    )


def _text(value: object, digits: int | None = None) -> str:
    """One value as it is written: a number with true minus, a truth as a word, a text as it is."""
    if isinstance(value, bool | np.bool_):
        return escape(_("yes") if value else _("no"))
    if isinstance(value, int | float):
        if 0 < abs(value) < 10.0**-DIGITS:
            return f"{value:.0e}".replace("-", "−", 1) if value < 0 else f"{value:.0e}"
        return format_number(value, decimals_of([value], DIGITS) if digits is None else digits)
    return escape(str(value))


def number_table(rows: Sequence[Mapping[str, object]], title: str, heads: Mapping[str, str], name: str) -> str:
    """Rows of the same names as a table; a column's numbers have the same decimals."""
    names = list(rows[0])
    digits = {}
    for one in names:
        numbers = [float(row[one]) for row in rows if isinstance(row[one], int | float)]  # type: ignore[arg-type]
        digits[one] = decimals_of(numbers, DIGITS)
    head = "".join(f'<th scope="col">{escape(heads.get(one, one))}</th>' for one in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(row[one], digits[one])}</td>" for one in names) + "</tr>" for row in rows
    )
    return (
        f'<figure data-result="{escape(name)}"{_focus("table", len(names))}>'
        f'<table class="number-table"><caption>{escape(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></figure>"
    )


def number_grid(values: np.ndarray, form: ResultForm, palette: Palette, name: str) -> str:
    """An array of one, two or three axes, its numbers in the colours of its kind; the first of three side by side."""
    maps = values.reshape(-1, *values.shape[-2:]) if values.ndim > 1 else values.reshape(1, 1, -1)
    digits = 0 if values.dtype == bool else decimals_of(values.ravel().tolist())
    colours = _colours(maps, form.colours, palette)
    axis = form.axis() if form.axis is not None and values.ndim > 2 else ""
    tables = "".join(
        f"<div>{f'<span>{escape(axis)} {number}</span>' if axis else ''}"
        f"{_table(one, None if colours is None else colours[number], digits, _label(form, axis, number))}</div>"
        for number, one in enumerate(maps)
    )
    kinds = " wide" * (maps.shape[2] > WIDE) + " plain" * (colours is None)
    return (
        f'<figure class="number-grid{kinds}" data-result="{escape(name)}"{_focus("grid", maps.shape[2])}>'
        f'<figcaption>{escape(form.describe())}</figcaption><div class="maps">{tables}</div></figure>'
    )


def _focus(kind: str, columns: int) -> str:
    return ' tabindex="0"' if columns > MAY_SCROLL[kind] else ""


def _label(form: ResultForm, axis: str, number: int) -> str:
    return f"{form.describe()} {axis} {number}" if axis else form.describe()


def _colours(maps: np.ndarray, kind: ValueColours, palette: Palette) -> np.ndarray | None:
    """(maps, rows, cols, 3); None where the cells have no colour of their own. 0 is neutral on a diverging scale."""
    if maps.dtype == bool:
        return map_colours(maps.astype(float) * 0.6, palette.scores, 0, 1)
    if kind is ValueColours.PLAIN:
        return None
    maps = np.nan_to_num(maps.astype(np.float64), posinf=np.inf, neginf=-np.inf)
    finite = np.abs(maps[np.isfinite(maps)])
    reach = float(finite.max(initial=0.0)) or 1.0
    maps = maps.clip(-reach, reach)  # what has left every bound stands at the end of the scale
    if kind is ValueColours.INPUTS:
        return map_colours(maps, palette.inputs, min(0.0, float(maps.min())), reach)
    return map_colours(maps, palette.weights if kind is ValueColours.WEIGHTS else palette.activations, -reach, reach)


def _table(values: np.ndarray, colours: np.ndarray | None, digits: int, label: str) -> str:
    rows = []
    for at, row in enumerate(values.tolist()):
        cells = []
        for col, value in enumerate(row):
            text = ("T" if value else "F") if isinstance(value, bool) else format_number(value, digits)
            cells.append(f"<td{_style(None if colours is None else colours[at, col])}>{text}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table aria-label="{escape(label.strip())}"><tbody>{"".join(rows)}</tbody></table>'


def _style(colour: np.ndarray | None) -> str:
    """A cell's ground, with black or white on it, whichever is read better."""
    if colour is None:
        return ""
    light = [(c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4) for c in map(int, colour)]
    is_light = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.179
    red, green, blue = map(int, colour)
    return f' style="background:rgb({red},{green},{blue});color:{"#000" if is_light else "#fff"}"'
