"""The README's numbers, from the manifest and the benchmarks: `python3 start.py readme` fills them in.

A test fails when a number in the README is not the one that was measured.
"""

from __future__ import annotations

import sys

from benchmarks.rows import read, table
from cnnviz.figures.theme import format_percent
from cnnviz.models.checkpoints import read_manifest
from tests.browser.driving import ROOT

README = ROOT / "README.md"


def reading() -> str:
    """How accurate the shipped network is."""
    manifest = read_manifest("mnist")
    test, pen = manifest.figures["mnist_test"], manifest.figures["pen_held_out"]
    turned = manifest.figures["no_digit_turned_away"]
    return "\n".join(
        [
            "| test set | n | accuracy | accepted as a digit |",
            "|---|---|---|---|",
            *(
                f"| {name} | {one['n']:,} | {format_percent(one['accuracy'], 2)} "
                f"| {format_percent(1 - one['share_rejected'], 1)} |"
                for name, one in (
                    ("MNIST test images", test),
                    ("pen strokes of writers and tablets that training never saw", pen),
                )
            ),
            f"| scribbles and noise of {len(turned)} kinds that training never saw | | "
            f"| {format_percent(1 - sum(turned.values()) / len(turned), 1)} |",
        ]
    )


def speed() -> str:
    """The table of the benchmarks, with the machine."""
    rows = read()
    machines = "; ".join(dict.fromkeys(row.measured for row in rows))
    return f"{table(rows)}\n\nMeasured on {machines}: `python3 start.py bench`."


def filled(text: str) -> str:
    """`text` with every block between `<!-- name -->` and `<!-- /name -->` made anew."""
    for name, made in {"reading": reading(), "speed": speed()}.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, rest = text.split(start)
        text = f"{before}{start}{made}\n{end}{rest.split(end)[1]}"
    return text


def main() -> int:
    """Fill the README in."""
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
