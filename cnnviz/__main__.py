"""`python -m cnnviz <command>`: train a network, measure it.

Refuses to know: what a command does; each lives in `cnnviz.cli`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cnnviz import __version__
from cnnviz.cli import download, evaluate, record, summary, train
from cnnviz.i18n import _

COMMANDS = (train, evaluate, summary, download, record)


def build_parser() -> argparse.ArgumentParser:
    """The parser with all commands; each sets `run` to the function that does it."""
    parser = argparse.ArgumentParser("python -m cnnviz", description=_("Train and measure the networks of cnnviz."))
    parser.add_argument("--version", action="version", version=f"cnnviz {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar=_("command"))
    for command in COMMANDS:
        command.register(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code, 2 with one sentence on the error stream where it cannot."""
    chosen = build_parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except (ValueError, OSError, KeyError) as error:
        sentence = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(_("cnnviz: {error}", error=sentence), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_("cnnviz: stopped; nothing was changed."), file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
