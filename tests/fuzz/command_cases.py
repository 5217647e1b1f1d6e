"""Commands with changed arguments: their result, or one sentence and code 2; nothing is trained, served or fetched."""

from __future__ import annotations

import contextlib
import io
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

import cnnviz.training.__main__ as training
from cnnviz.__main__ import main
from cnnviz.cli import open as opening
from cnnviz.data.image_sets import DataChoice
from cnnviz.models.builder import build_module, preset
from cnnviz.training import Job, SavedNetwork, Scaling, TrainConfig, pack_network
from tests.fuzz.hostile import TEXTS, mutate, mutate_text, to_bytes

COMMANDS = (
    ("summary", "mnist", "--json"), ("summary", "torchvision:resnet18", "--input", "3x64x64"), ("summary", "{saved}"),
    ("explain", "mnist", "--image", "{image}", "--node", "conv2", "--unit", "3,5,6", "--json"),
    ("explain", "mnist", "--image", "{image}", "--node", "conv1", "--unit", "1", "--mean", "0.1", "--std", "0.3"),
    ("attribute", "mnist", "--image", "{image}", "--method", "gradient", "--target", "7", "--no-checks"),
    ("attribute", "xo", "--image", "{image}", "--method", "occlusion", "--window", "9", "--stride", "9", "--no-checks"),
    ("open", "mnist", "--image", "{image}", "--port", "8600", "--no-browser"),
    ("open", "torchvision:squeezenet1_1", "--input", "1,3,64,64", "--classes", "{classes}", "--resize", "64x64"),
    ("training", "--network", "digits_small", "--data", "digits", "--limit", "64", "--batch", "32", "--steps", "3",
     "--rate", "0.01", "--seed", "3", "--threads", "1", "--out", "{out}", "--optimiser", "adam"),
    ("training", "--job", "{job}", "--out", "{out}"),
    ("training", "--job", "{image}", "--out", "{out}"), ("training", "--pictures", "{image}", "--out", "{out}"),
)  # fmt: skip


def changed_words(seed: int, folder: Path) -> list[str]:
    """The words of case `seed`; files lie in `folder`."""
    dice = random.Random(f"command {seed}")
    words = _filled(dice.choice(COMMANDS), folder)
    for _ in range(dice.choice((1, 1, 2, 3))):
        at = dice.randrange(1, len(words))
        act = dice.randrange(4)
        if act == 0:
            del words[at]
        elif act == 1:
            words[at:at] = [dice.choice((*TEXTS, "--json", "--help", "-5", "--", "nan"))]
        else:
            words[at] = mutate_text(words[at], dice)
        if len(words) < 2:
            break
    return [word.replace("\0", "0") for word in words]  # as no system hands them on


@contextlib.contextmanager
def nothing_begins() -> Iterator[None]:
    """A training ends before its first step, an app before it is served."""

    class Ended:
        def __init__(self, *_what: Any) -> None:
            pass

        def finish(self) -> None:
            pass

    kept = training.FolderRun, opening.serve_app, opening.start_app
    training.FolderRun, opening.serve_app, opening.start_app = Ended, lambda *_, **__: None, lambda *_: None  # type: ignore
    try:
        yield
    finally:
        training.FolderRun, opening.serve_app, opening.start_app = kept  # type: ignore[misc]


def fault_of_command(seed: int, folder: Path) -> str | None:
    """What is wrong with how a changed command ends, in words; None for one that ends as it must."""
    return _fault(changed_words(seed, folder), folder, (0, 2), seed)


def real_faults() -> list[str]:
    """Real commands that do not end well: nothing could be learned from changing them.

    Two name a picture where another file belongs: they are refused.
    """
    folder = Path.cwd()
    spec = preset("xo_small")
    weights = {name: weight.numpy() for name, weight in build_module(spec).state_dict().items()}
    (folder / "a.safetensors").write_bytes(pack_network(SavedNetwork(spec, Scaling((0.0,), (1.0,)), weights, {})))
    is_odd = lambda words: {"--job", "--pictures"} & set(words) and "{image}" in words  # noqa: E731
    cases = [(words, (2,) if is_odd(words) else (0,)) for words in COMMANDS]
    return [fault for words, codes in cases if (fault := _fault(_filled(words, folder), folder, codes))]


def _filled(words: Sequence[str], folder: Path) -> list[str]:
    names = {
        "classes": "classes.txt", "image": "image.png", "job": "job.json", "saved": "a.safetensors", "out": "out",
    }  # fmt: skip
    return [word.format(**{name: folder / file for name, file in names.items()}) for word in words]


def _job_file(seed: int | None) -> bytes:
    """A job as a run keeps it; from a number on, one with something odd in it."""
    job = Job(preset("digits_small"), DataChoice("digits"), TrainConfig(steps=3)).to_record()
    if seed is None or seed % 3 == 0:
        return json.dumps(job).encode()
    dice = random.Random(f"job {seed}")
    return to_bytes(mutate(job, dice), dice)


def _fault(words: list[str], folder: Path, codes: tuple[int, ...], seed: int | None = None) -> str | None:
    (folder / "job.json").write_bytes(_job_file(seed))
    Image.new("L", (28, 28), 255).save(folder / "image.png")
    (folder / "classes.txt").write_text("\n".join(map(str, range(1_000))), encoding="utf-8")
    said, shown = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(shown), nothing_begins():
            code = training.main(words[1:]) if words[0] == "training" else main(words)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except Exception as error:
        return f"{words}: {type(error).__name__}: {str(error)[:300]}"[:900]
    if code not in codes or "Traceback" in said.getvalue():
        return f"{words}: code {code}: {said.getvalue()[-300:]}"[:900]
    return None
