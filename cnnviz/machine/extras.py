"""Packages that only a part of cnnviz needs, and how to get them: `pip install 'cnnviz[app]'`.

What the extras hold says `pyproject.toml`, with versions; here are the modules to look for.
"""

from __future__ import annotations

from importlib.util import find_spec

from cnnviz.i18n import _
from cnnviz.machine.resources import IS_INSTALLED

# For each extra the modules in it, by the name under which they are imported.
EXTRAS = {
    "app": ("streamlit", "plotly", "sklearn", "scipy", "threadpoolctl", "onnx", "captum"),
    "train": ("tqdm", "sklearn", "scipy", "threadpoolctl"),
    "onnx": ("onnx",),
    "attribution": ("captum", "scipy"),
}
PACKAGES = {
    "streamlit": "Streamlit",
    "plotly": "Plotly",
    "sklearn": "scikit-learn",
    "scipy": "SciPy",
    "captum": "Captum",
}


def missing_modules(extra: str) -> list[str]:
    """The modules of an extra that are not installed; none of them is imported.

    >>> from cnnviz.machine.extras import missing_modules
    >>> missing_modules("app")
    []
    """
    return [module for module in EXTRAS[extra] if find_spec(module) is None]


def describe_missing(error: ModuleNotFoundError, extra: str, what: str) -> str:
    """One sentence: what needs the package that is missing, and the way to get it.

    Raises: the error itself where its module is not of this extra: that is a fault, and no choice of the reader's.

    >>> from cnnviz.machine.extras import describe_missing
    >>> describe_missing(ModuleNotFoundError(name="sklearn.manifold"), "train", "train").split(":")[0]
    'train needs scikit-learn'
    """
    module = (error.name or "").split(".")[0]
    if module not in EXTRAS[extra]:
        raise error
    return describe_need(module, extra, what)


def describe_need(module: str, extra: str, what: str) -> str:
    """One sentence: `what` needs a module of an extra, and the way to get it.

    >>> from cnnviz.machine.extras import describe_need
    >>> describe_need("plotly", "app", "the app").split(":")[0]
    'the app needs Plotly'
    """
    way = f"pip install 'cnnviz[{extra}]'" if IS_INSTALLED else "pip install -r requirements.txt"
    return _("{what} needs {package}: {way}", what=what, package=PACKAGES.get(module, module), way=way)
