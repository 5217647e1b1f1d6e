"""What the commands that make a checkpoint share: where it lies, and how progress is shown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from cnnviz.training import StepReport


def checkpoint_path(name: str) -> tuple[str, Path | None]:
    """(key, folder) of a checkpoint given by its name, or by a path without suffix."""
    path = Path(name)
    return path.name, path.parent if path.parent != Path() else None


def report_progress(things: Iterable, what: str) -> Iterable:
    """`things`, with a progress bar called `what`."""
    return tqdm(things, desc=what)


def print_progress(bar: tqdm, reports: list[StepReport]) -> None:
    """Move `bar` on to the last step, its loss and share read rightly beside it."""
    bar.update(reports[-1].step - bar.n)
    bar.set_postfix(loss=f"{reports[-1].loss:.3f}", right=f"{reports[-1].accuracy:.1%}")
