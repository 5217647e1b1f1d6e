"""Where the files lie that come with cnnviz, in a checkout and in an installed package alike.

`app.py`, `pages/`, `checkpoints/` and `.streamlit/` lie beside the package in a checkout. A wheel holds them within the
package, in `cnnviz/shipped/` (see `pyproject.toml`), since nothing else may be put beside an installed package. What
lies in the package anyway (locale, browser modules, style sheets) is read beside the module that needs it.
"""

from __future__ import annotations

import os
import sys
from importlib.resources import files
from pathlib import Path

PACKAGE = Path(str(files("cnnviz"))).resolve()
IMPORT_FOLDER = PACKAGE.parent  # what must be on Python's path for `import cnnviz`
_SHIPPED = PACKAGE / "shipped"
IS_INSTALLED = _SHIPPED.is_dir()  # from a wheel; an editable installation is a checkout
TOP = _SHIPPED if IS_INSTALLED else IMPORT_FOLDER
APP = TOP / "app.py"
PAGES = TOP / "pages"
CHECKPOINTS = TOP / "checkpoints"
HAND_OFF = "CNNVIZ_HAND_OFF"  # names, in the environment of a server, the folder of what a command hands to it


def user_cache() -> Path:
    """The folder of cnnviz in the user's own cache; it need not exist."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "cnnviz"


def default_data_folder() -> Path:
    """Where data sets lie unless somebody names another folder: the project's `data/`; installed, the user's cache."""
    return user_cache() / "data" if IS_INSTALLED else TOP / "data"


def output_folder() -> Path:
    """Where a command writes a checkpoint that was given by its name alone.

    In a checkout that is where the shipped ones lie, to be made again; an installed package stays as it is.
    """
    return Path.cwd() if IS_INSTALLED else CHECKPOINTS
