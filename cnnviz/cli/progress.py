"""What the commands that make a checkpoint share: where it lies, and how progress is shown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz.machine.resources import output_folder
from cnnviz.training import StepReport

if TYPE_CHECKING:
    from tqdm import tqdm


def checkpoint_path(name: str) -> tuple[str, Path | None]:
    """(key, folder) of a checkpoint given by its name, or by a path without suffix."""
    path = Path(name)
    return path.name, path.parent if path.parent != Path() else None


def output_path(name: str) -> tuple[str, Path]:
    """(key, folder) of a checkpoint that is to be written."""
    key, folder = checkpoint_path(name)
    return key, folder or output_folder()


def report_progress(things: Iterable, what: str) -> Iterable:
    """`things`, with a progress bar called `what`."""
    from tqdm import tqdm  # measuring a checkpoint does without

    return tqdm(things, desc=what)


def print_progress(bar: tqdm, reports: list[StepReport]) -> None:
    """Move `bar` on to the last step, its loss and share read rightly beside it."""
    bar.update(reports[-1].step - bar.n)
    bar.set_postfix(loss=f"{reports[-1].loss:.3f}", right=f"{reports[-1].accuracy:.1%}")
