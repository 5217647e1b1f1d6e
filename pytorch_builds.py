"""Which build of PyTorch is installed: on Linux the ordinary one brings CUDA along, gigabytes for an NVIDIA GPU only.

Where there is none, PyTorch's own index has builds for the CPU alone, of the same versions; torch and torchvision come
from there together, for a `+cpu` torch does not go with the ordinary torchvision. Where that index cannot be reached,
the ordinary builds do. Standard library only, for `start.py` runs on a bare machine.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PATIENCE_S = 5.0  # until the index has to answer; nobody who is offline waits longer
PACKAGES = ("torch", "torchvision")
CPU, CUDA = "cpu", "cuda"
WORDS = {"--cpu": CPU, "--cuda": CUDA}
SIGNS_OF_A_DRIVER = ("/proc/driver/nvidia/version", "/dev/nvidia0", "/usr/lib/wsl/lib/libcuda.so.1")


def take_choice(words: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """What somebody decided by hand ("cpu", "cuda" or None; the last one counts), and all other words."""
    chosen = [WORDS[word] for word in words if word in WORDS]
    return (chosen[-1] if chosen else None), tuple(word for word in words if word not in WORDS)


def has_driver() -> bool:
    """Whether this machine has a driver for an NVIDIA GPU."""
    return shutil.which("nvidia-smi") is not None or any(Path(sign).exists() for sign in SIGNS_OF_A_DRIVER)


def prepare(python: Path, requirements: Path, by_hand: str | None = None) -> None:
    """Install the CPU builds first, where they are wanted and can be had; what is missing comes with all the rest."""
    if not sys.platform.startswith("linux"):
        if by_hand == CUDA:
            print("Only on Linux do the ordinary builds of PyTorch bring CUDA; for others see pytorch.org.", flush=True)
        return
    if by_hand == CUDA or (by_hand is None and (has_driver() or installed_build(python))):
        return
    if installed_build(python) == CPU:
        return
    print("PyTorch for the CPU alone: no NVIDIA driver needed, gigabytes less (--cuda for the other one) …", flush=True)
    if not (answers(CPU_INDEX) and install_cpu(python, pins(requirements), CPU_INDEX)):
        print(f"{CPU_INDEX} does not give it: the ordinary builds are taken, which bring CUDA along.", flush=True)


def pins(requirements: Path) -> list[str]:
    """The lines of a requirements file that name torch and torchvision, as ["torch==2.14.1", "torchvision==0.29.1"]."""
    lines = (line.split("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if re.split(r"[=<>~! ]", line)[0] in PACKAGES]


def install_cpu(python: Path, wanted: list[str], index: str) -> bool:
    """Both packages from `index`, or none of them; what they need besides is left to the ordinary index."""
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--retries", "1"]
    done = subprocess.run([*pip, "--index-url", index, *wanted], capture_output=True, text=True, check=False)
    return done.returncode == 0


def answers(index: str, patience: float = PATIENCE_S) -> bool:
    """Whether a package index answers in time; a name server that keeps silent counts too, so it is asked beside."""
    heard: list[bool] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(f"{index}/torch/", timeout=patience) as answer:
                heard.append(answer.status == 200)
        except OSError:
            heard.append(False)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(patience)
    return heard == [True]


def installed_build(python: Path) -> str | None:
    """The build that an environment has: "cpu", "cuda" (the ordinary one), or None."""
    ask = "import importlib.metadata as m; print(m.version('torch'))"
    found = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=False)
    if found.returncode:
        return None
    return CPU if "+cpu" in found.stdout else CUDA


def remove_other(python: Path, by_hand: str | None) -> bool:
    """Take the other build, and what only it needs, out of an environment. Whether there was one."""
    if by_hand is None or not sys.platform.startswith("linux") or installed_build(python) in (None, by_hand):
        return False
    print("Removing the other build of PyTorch …", flush=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    listed = subprocess.run([*pip, "list", "--format=freeze"], capture_output=True, text=True, check=True).stdout
    names = [line.split("==")[0].replace("_", "-").lower() for line in listed.splitlines()]
    ours = [name for name in names if name in (*PACKAGES, "triton") or name.startswith(("nvidia-", "cuda-"))]
    subprocess.run([*pip, "uninstall", "--quiet", "--yes", *ours], check=True)
    return True
