"""The classes of a choice of data as rows: name, how many, some pictures. A pure function to HTML.

Refuses to know: widgets, where the pictures come from.
"""

from __future__ import annotations

from html import escape

from cnnviz.data.image_sets.preview import Preview
from cnnviz.figures.image_strips import image_strip, png_data_url
from cnnviz.i18n import _

_STYLE = """<style>
.cnnviz-classes { display: grid; grid-template-columns: minmax(3rem, max-content) minmax(6rem, 15rem) minmax(0, 1fr);
  gap: .3rem .8rem; align-items: center; font-size: .875rem; }
.cnnviz-classes .name { overflow-wrap: anywhere; font-weight: 600; max-width: 12rem; }
.cnnviz-classes .bar { display: flex; align-items: center; gap: .4rem; white-space: nowrap; }
.cnnviz-classes .bar i { display: block; height: .8rem; background: currentColor; opacity: .65; min-width: 1px; }
.cnnviz-classes .bar i + i { opacity: .25; margin-left: -.4rem; }
.cnnviz-classes .long { flex: 1; display: flex; }
.cnnviz-classes .long i + i { margin-left: 0; }
.cnnviz-classes img { height: 2.1rem; max-width: none; display: block; }
.cnnviz-classes .strip { overflow: hidden; }
.cnnviz-classes .head { font-size: .75rem; opacity: .75; }
@media (max-width: 700px) {
  .cnnviz-classes { grid-template-columns: minmax(1rem, max-content) 7rem minmax(0, 1fr); gap: .25rem .6rem; }
  .cnnviz-classes .name { max-width: 5rem; }
  .cnnviz-classes .bar { flex-direction: column-reverse; align-items: flex-start; gap: 0; line-height: 1.2; }
  .cnnviz-classes .long { width: 100%; flex: none; }
  .cnnviz-classes .bar i { height: .5rem; }
}
</style>"""


def class_rows(seen: Preview) -> str:
    """One row a class: its name, a bar (training, then validation, on one scale for all), some of its pictures."""
    most = max(a + b for a, b in zip(seen.training, seen.validation, strict=True))
    rows = [_head(), *(_row(seen, label, most) for label in range(len(seen.classes)))]
    return f'{_STYLE}<div class="cnnviz-classes">{"".join(rows)}</div>'


def _head() -> str:
    words = ("", _("training + validation"), _("some training images"))
    return "".join(f'<span class="head">{escape(word)}</span>' for word in words)


def _row(seen: Preview, label: int, most: int) -> str:
    name, training, validation = seen.classes[label], seen.training[label], seen.validation[label]
    said = _("{name}: {training} for training, {validation} for validation", name=name, training=f"{training:,}",
             validation=f"{validation:,}")  # fmt: skip
    bars = "".join(f'<i style="width:{100 * count / most:.2f}%"></i>' for count in (training, validation))
    return (
        f'<span class="name">{escape(name)}</span>'
        f'<span class="bar" role="img" aria-label="{escape(said)}" title="{escape(said)}">'
        f'<span class="long">{bars}</span>{training:,} + {validation:,}</span>'
        f'<span class="strip">{_pictures(seen, label)}</span>'
    )


def _pictures(seen: Preview, label: int) -> str:
    if not len(seen.samples[label]):
        return ""
    said = _("some images of {name}", name=seen.classes[label])
    return f'<img alt="{escape(said)}" src="{png_data_url(image_strip(seen.samples[label]))}">'


def in_short(seen: Preview) -> str:
    """How many pictures there are, and how large, in a sentence."""
    channels, rows, cols = seen.shape
    parts = [
        _("{training} training images, {validation} validation images",
          training=f"{sum(seen.training):,}", validation=f"{sum(seen.validation):,}"),
        *([_("{n} test images for the end", n=f"{seen.test:,}")] if seen.test else []),
        _("{rows}×{cols} pixels, {colours}", rows=rows, cols=cols,
          colours=_("in colour") if channels == 3 else _("grey")),
    ]  # fmt: skip
    return " · ".join(parts) + "."


def how_it_is_split(seen: Preview) -> str:
    """Where the validation pictures come from."""
    if seen.has_own_validation:
        return _("This set comes with validation images of its own; all of them are used.")
    if seen.has_groups:
        return _("Split by writer: nobody's drawings are in both parts.")
    if seen.report and seen.report.copies:
        return _("Split by the seed, with about the same fraction of every class; copies stay together.")
    return _("Split by the seed, with the same fraction of every class.")
