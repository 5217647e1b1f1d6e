"""The first page waits for nothing that only a later question needs; that is loaded while the page is read."""

from __future__ import annotations

import subprocess
import sys

from cnnviz.ui.app.load_ahead import NEEDED

PROGRAM = """
import sys
import cnnviz.ui.draw.page
from cnnviz.ui.app.load_ahead import NEEDED, load_ahead
print([name for name in NEEDED if name in sys.modules])
load_ahead(later_s=0).join()
print([name for name in NEEDED if name not in sys.modules])
"""


def test_the_draw_page_needs_none_of_it_and_a_moment_later_all_is_there():
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-2:] == ["[]", "[]"]
    assert NEEDED
