"""`cnnviz open NETWORK --image FILE`: the app, on the page “Your network”, with a network and an image in it.

In Python the same is `cnnviz.open(model, image)`. Code of the reader's own runs in this process and nowhere else.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from cnnviz.checks import whole_argument
from cnnviz.cli.handing_over import Reading, hand_over, image_array, source_of
from cnnviz.cli.image_arguments import add_image_arguments, read_numbers, read_size
from cnnviz.cli.opening import RunningApp, check_app, serve_app, show_app, start_app
from cnnviz.i18n import _
from cnnviz.models.summary import PREFIX, Shape, read_shape


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    known = _("a .pt2 or .onnx file, weights with --architecture, {prefix}resnet50 and the like, or "
              "package.module:make_model, which is imported and called here", prefix=PREFIX)  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", help=known)
    parser.add_argument("--input", metavar="1,C,H,W", help=_("the shape of the image that a model takes"))
    size = _("resize the whole image; else the centre of one of another size is cut out")
    add_image_arguments(parser, is_needed=False, of_another_size=size)
    parser.add_argument("--classes", metavar="FILE", help=_("class names: one in each line, or JSON"))
    parser.add_argument("--architecture", default="", metavar="NAME", help=_("what weights belong to: resnet18 …"))
    parser.add_argument(
        "--port", type=whole_argument(1, 65_535), help=_("of the app; else the first that is free from 8501 on")
    )
    parser.add_argument("--no-browser", action="store_true", help=_("open no browser: say the address only"))
    parser.epilog = _(
        "A server that runs already is left alone: this one takes the next free port. Only the address that is printed "
        "leads to the network; it is open to this machine alone."
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open the network here, hand it over, serve it until Ctrl+C."""
    check_app()
    mean, std = read_numbers("mean", arguments.mean), read_numbers("std", arguments.std)
    shape = None if arguments.input is None else read_shape(arguments.input)
    reading = Reading(arguments.classes, mean, std, shape, arguments.architecture)
    made = hand_over(source_of(arguments.network, reading), arguments.image, read_size(arguments.resize))
    serve_app(start_app(made, arguments.port), in_browser=not arguments.no_browser)
    return 0


def open_network(
    model: nn.Module | str | Path,
    image: Any = None,
    *,
    classes: str | Path | Sequence[str] | None = None,
    input_shape: Shape | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    resize: tuple[int, int] | None = None,
    architecture: str = "",
    port: int | None = None,
    browser: bool = True,
    wait: bool = True,
) -> RunningApp:
    """Show a network in the app, as `cnnviz open` does: a model of your own, a file, or a name as the command takes it.

    image: a file's path, an image of Pillow, or an array or tensor (channels, rows, cols) of numbers from 0 to 1, or of
    bytes. input_shape: (channels, rows, cols) that the model takes; None for the shape of an array.
    classes: their names, or a text file. mean, std: with which training standardised the images.
    wait: until the app is ended (Ctrl+C); else `close()` of what is returned ends it, and so does the end of Python.
    The model is only read. Raises: ValueError or OSError, one sentence; ModuleNotFoundError without the app's packages.

    >>> from unittest.mock import patch
    >>> import cnnviz, torch
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2))
    >>> with patch("cnnviz.cli.open.start_app") as start, patch("cnnviz.cli.open.serve_app"):  # until Ctrl+C
    ...     app = cnnviz.open(model, torch.rand(3, 2, 2), classes=["cat", "dog"])
    >>> start.call_args.args[0].source.classes
    ('cat', 'dog')
    """
    check_app()
    if input_shape is None and isinstance(model, nn.Module) and hasattr(image, "shape"):
        channels, rows, cols = image_array(image).shape
        input_shape = (channels, rows, cols)
    made = hand_over(source_of(model, Reading(classes, mean, std, input_shape, architecture)), image, resize)
    app = start_app(made, port)
    (serve_app if wait else show_app)(app, in_browser=browser)
    return app
