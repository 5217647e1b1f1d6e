"""`cnnviz <command>`, in a checkout `python -m cnnviz <command>`: start the app, train a network, measure it.

Refuses to know: what a command does; each lives in `cnnviz.cli`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from cnnviz import __version__
from cnnviz.i18n import _
from cnnviz.machine.arguments import ArgumentParser, shorten_words
from cnnviz.machine.extras import describe_missing
from cnnviz.machine.output import write_any_sign

USUAL = "app"  # without a command
NEEDS = {USUAL: "app", "open": "app", "attribute": "attribution"}  # extras of commands; of others "train"
OURS = ("-h", "--help", "--version")  # options before a command; others are the app's


def describe_commands() -> dict[str, str]:
    """What each command does, by its name; it is the module of that name in `cnnviz.cli`."""
    return {
        "app": _("start the app; so does no command at all"),
        "open": _("start the app with a network of yours in it, and an image"),
        "train": _("train a network and write its checkpoint"),
        "evaluate": _("measure a checkpoint"),
        "summary": _("the layers of a network: shapes, parameters, cost, receptive field"),
        "explain": _("one cell of a network in numbers, and what it sees of the image"),
        "attribute": _("why this answer: what each pixel speaks for, and whether to believe it"),
        "download": _("fetch a data set into the data folder"),
        "record": _("record the run that the page “Train live” opens with"),
    }


def build_parser(command: str | None = None, program: str = "python -m cnnviz") -> argparse.ArgumentParser:
    """The parser with all commands, and the arguments of `command`, whose module sets `run`.

    The modules of the others are not loaded: PyTorch takes seconds, and not every command needs it.
    """
    parser = ArgumentParser(program, description=_("See, train and measure convolutional networks."))
    parser.add_argument("--version", action="version", version=f"cnnviz {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar=_("command"))
    for name, what in describe_commands().items():
        own = subparsers.add_parser(name, help=what, description=what, allow_abbrev=name != USUAL)
        if name == command:
            import_module(f"cnnviz.cli.{name}").register(own)
    return parser


def with_command(words: Sequence[str]) -> list[str]:
    """`words`, the usual command put before them where they begin with none.

    >>> from cnnviz.__main__ import with_command
    >>> with_command([]), with_command(["--server.port=9000"]), with_command(["--version"])
    (['app'], ['app', '--server.port=9000'], ['--version'])
    """
    has_none = not words or (words[0].startswith("-") and words[0] not in OURS)
    return [USUAL, *words] if has_none else list(words)


def parse(words: Sequence[str], program: str = "python -m cnnviz") -> argparse.Namespace:
    """What was asked for; `rest` holds the options that are Streamlit's. Ends the program for unknown words."""
    parser = build_parser(words[0], program)
    chosen, rest = parser.parse_known_args(words)
    if rest and chosen.command != USUAL:
        parser.error(_("unrecognized arguments: {words}", words=" ".join(rest)))
    chosen.rest = rest
    return chosen


def main(arguments: Sequence[str] | None = None, program: str = "python -m cnnviz") -> int:
    """Run one command; its exit code, 2 with one sentence on the error stream where it cannot."""
    words = with_command(sys.argv[1:] if arguments is None else arguments)
    write_any_sign()
    try:
        chosen = parse(words, program)
        return chosen.run(chosen)
    except ModuleNotFoundError as error:
        extra = NEEDS.get(words[0], "train")
        sentence = describe_missing(error, extra, _("the app") if extra == "app" else words[0])
        print(_("cnnviz: {error}", error=shorten_words(str(sentence))), file=sys.stderr)
        return 2
    except (ValueError, OSError, LookupError) as error:
        said = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(_("cnnviz: {error}", error=shorten_words(str(said))), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_("cnnviz: stopped; nothing was changed."), file=sys.stderr)
        return 130


def run_command() -> int:
    """The command `cnnviz` of an installed package."""
    return main(program="cnnviz")


if __name__ == "__main__":
    sys.exit(main())
