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


SETS = {
    "mnist_test": "MNIST test images",
    "pen_held_out": "pen strokes of writers and tablets that training never saw",
}
NETWORKS = {"mnist": "the plain network", "digits_residual": "the residual one"}


def reading() -> str:
    """How accurate the shipped networks for digits are."""
    manifests = [read_manifest(key) for key in NETWORKS]
    heads = [f"{name}: {what}" for name in NETWORKS.values() for what in ("accuracy", "accepted as a digit")]
    turned = [manifest.figures["no_digit_turned_away"] for manifest in manifests]
    passed = [format_percent(1 - sum(each.values()) / len(each), 1) for each in turned]
    return "\n".join(
        [
            f"| test set | n | {' | '.join(heads)} |",
            f"|---|---|{'---|' * len(heads)}",
            *(_reading_of(name, [manifest.figures[key] for manifest in manifests]) for key, name in SETS.items()),
            f"| scribbles and noise of {len(turned[0])} kinds that training never saw | | | {' | | '.join(passed)} |",
        ]
    )


def _reading_of(name: str, found: list[dict[str, float]]) -> str:
    """A row: what each network makes of one test set."""
    shares = (f"{format_percent(one['accuracy'], 2)} | {format_percent(1 - one['share_rejected'], 1)}" for one in found)
    return f"| {name} | {found[0]['n']:,} | {' | '.join(shares)} |"


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
