"""What every test starts from: torch computes on one thread."""

import sys

import pytest


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    """Networks in tests are small: several threads only wait for each other where other programs run as well."""
    if torch := sys.modules.get("torch"):  # a test that does without torch does not load it
        torch.set_num_threads(1)
