"""A run's state on disk after every step, whatever happens: two files, mapped into memory and written in turns.

Each file is an ordinary safetensors file that is mapped into memory; keeping a step copies the tensors there, then
their sum, by which a damaged file is known, and writes the step's number last. A process that is killed in the middle
leaves one file without a number and the other one whole, so that nothing is lost but the current step, and a copy of
some 100 KB costs no time worth mentioning. Every few seconds the files are flushed to the disk as well, for the case
that the machine itself goes down.
Refuses to know: what a state means (`TrainingRun.live_state` and `resume` do).
"""

from __future__ import annotations

import json
import mmap
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor

from cnnviz.i18n import _
from cnnviz.machine.whole_files import replace_file
from cnnviz.models.checkpoints import CheckpointError

NAMES = ("state-a.safetensors", "state-b.safetensors")
FLUSH_S = 10.0
SUM = "sum"  # the name of what tells a whole file from a damaged one
UNFINISHED = -1  # the step's number while a file is being written


class CheckpointWriter:
    """Keeps the states of one run in `folder`. Only one process may write there at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._slots: list[_Slot] = []
        self._turn = 0
        self._flushed = time.monotonic()

    def keep(self, state: Mapping[str, Tensor]) -> None:
        """Keep `state`, whose "step" is its number; the state kept before stays until this one is whole."""
        if not self._slots or not all(slot.fits(state) for slot in self._slots):
            self._lay_out(state)
        self._turn = 1 - self._turn
        self._slots[self._turn].write(state)
        if time.monotonic() - self._flushed > FLUSH_S:
            self._slots[self._turn].flush()
            self._flushed = time.monotonic()

    def _lay_out(self, state: Mapping[str, Tensor]) -> None:
        """Fresh files with room for states like this one, the older file first: at any time one is whole."""
        paths = [self._folder / name for name in NAMES]
        paths.sort(key=_step_in)
        for slot in self._slots:
            slot.close()
        self._slots = [_Slot(path, state) for path in paths]

    def close(self) -> None:
        """Flush and let go of the files."""
        for slot in self._slots:
            slot.flush()
            slot.close()
        self._slots = []


class _Slot:
    """One safetensors file, mapped: its tensors can be written in place."""

    def __init__(self, path: Path, like: Mapping[str, Tensor]) -> None:
        replace_file(path, _file_of(like))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self._tensors = _views(self._map)

    def fits(self, state: Mapping[str, Tensor]) -> bool:
        """Whether the state has the tensors that the file has room for."""
        own = {name: tensor.shape for name, tensor in self._tensors.items() if name != SUM}
        return own == {name: value.shape for name, value in state.items()}

    def write(self, state: Mapping[str, Tensor]) -> None:
        """Number away, tensors in, their sum, number back."""
        self._tensors["step"].fill_(UNFINISHED)
        for name, tensor in self._tensors.items():
            if name not in ("step", SUM):
                tensor.copy_(state[name])
        self._tensors[SUM].fill_(_tally(self._map, UNFINISHED, int(self._tensors[SUM])))
        self._tensors["step"].copy_(state["step"])

    def flush(self) -> None:
        """Everything on the disk."""
        self._map.flush()

    def close(self) -> None:
        """Let go of the memory."""
        self._tensors = {}
        self._map.close()


def _file_of(state: Mapping[str, Tensor]) -> bytes:
    """A whole file with this state."""
    packed = {name: value.detach().cpu().contiguous().clone() for name, value in state.items()}
    packed[SUM] = torch.tensor(0)
    total = _tally(safetensors.torch.save(packed), int(packed["step"]), 0)
    return safetensors.torch.save({**packed, SUM: torch.tensor(total)})


def _tally(file: bytes | mmap.mmap, step: int, total: int) -> int:
    """The sum of all words of the file's tensors, except its step and the sum that it holds itself: a signed 64 bits.

    A byte that was changed, or pages of another step, are noticed; quicker than a digest by far.
    """
    first = 8 + int.from_bytes(file[:8], "little")
    words = np.frombuffer(file, "<i8", (len(file) - first) // 8, first)
    rest = int.from_bytes(file[first + words.nbytes :], "little")
    found = (int(words.sum()) + rest - step - total) % 2**64
    return found - 2**64 if found >= 2**63 else found


_KINDS = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64, "U8": torch.uint8}


def _views(memory: mmap.mmap) -> dict[str, Tensor]:
    """The tensors of a safetensors file as they lie in memory (the format: 8 bytes size, JSON header, numbers)."""
    size = int.from_bytes(memory[:8], "little")
    header = json.loads(memory[8 : 8 + size])
    header.pop("__metadata__", None)
    found = {}
    for name, place in header.items():
        start, stop = (8 + size + offset for offset in place["data_offsets"])
        kind = _KINDS[place["dtype"]]
        if start == stop:
            found[name] = torch.empty(place["shape"], dtype=kind)
            continue
        count = int(np.prod(place["shape"], dtype=np.int64))
        found[name] = torch.frombuffer(memory, dtype=kind, count=count, offset=start).view(place["shape"])
    return found


def _step_in(path: Path) -> int:
    state = _read(path)
    return UNFINISHED if state is None else int(state["step"])


def _read(path: Path) -> dict[str, Tensor] | None:
    """The state in a file; None where it is missing, or was being written, or is no longer whole."""
    try:
        data = path.read_bytes()
        state = safetensors.torch.load(data)
    except (OSError, safetensors.SafetensorError):
        return None
    if "step" not in state or SUM not in state or int(state["step"]) < 0:
        return None
    total = int(state.pop(SUM))
    return state if _tally(data, int(state["step"]), total) == total else None


def last_state(folder: Path) -> dict[str, Tensor] | None:
    """The latest whole state in `folder`; None where nothing was ever kept.

    Raises: CheckpointError, one sentence, where there are files but none of them is whole.
    """
    found = [state for name in NAMES if (state := _read(folder / name)) is not None]
    if found:
        return max(found, key=lambda state: int(state["step"]))
    if any((folder / name).exists() for name in NAMES):
        raise CheckpointError(_("{folder} holds a run whose state is damaged: start in a new folder.", folder=folder))
    return None
