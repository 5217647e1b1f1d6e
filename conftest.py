"""What every test and every example starts from: one thread for PyTorch, a cache of its own, a share of the cores.

`python3 start.py test` runs the files of tests in several processes at once. Each has its own servers, browser and
folders, so no test sees another's.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before NumPy or PyTorch is loaded, here and in every process that a test starts: as many threads as there are
# processes of tests would wait for each other. Whoever needs more asks for them (`torch.set_num_threads`, `--threads`).
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("cnnviz", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("cnnviz")

MOST_PROCESSES = 8  # each has a browser and some servers: about 3 GB
BROWSER = Path(__file__).parent / "tests" / "browser"

# Looking for examples pytest imports every module, and an app that is imported makes its server ready: it would change
# Streamlit for all tests of this process (what is uploaded, pressed, sent). Only a server of its own runs an app.
collect_ignore = ["app.py", "tests/browser/apps"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """How many processes `-n auto` means: one for each core; on a single core none beside this one."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # pytest-xdist reads it
    return processes(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def processes(cores: int) -> int:
    """The processes that tests are shared among on so many cores; 0: all in the one that was started."""
    return 0 if cores < 2 else min(cores, MOST_PROCESSES)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, those that drive a browser: at the end short ones fill what is left of the cores."""
    items.sort(key=lambda item: BROWSER not in item.path.parents)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a test unpacks goes to the user's own cache, or to another process of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    """Networks in tests are small: several threads only wait for each other where other programs run as well."""
    if torch := sys.modules.get("torch"):  # a test that does without torch does not load it
        torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _as_typed(request: pytest.FixtureRequest) -> None:
    """An example in a docstring runs as a reader types it: it brings all its imports along."""
    if (example := getattr(request.node, "dtest", None)) is not None:
        example.globs.clear()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes by their number: a file made for a test may hold the time of day, and every process must call it alike."""
    return f"{len(val)} bytes" if isinstance(val, bytes | bytearray) else None
