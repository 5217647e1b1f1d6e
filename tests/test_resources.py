"""Files that come with cnnviz are found in one place, which knows a checkout and an installed package."""

import re
from pathlib import Path

import pytest

from cnnviz.machine import resources

ROOT = Path(__file__).resolve().parent.parent
CLIMBS = re.compile(r"__file__[^\n]*(?:\.parents\[[1-9]|(?:\.parent\b[^\n]*){2}|\.\.)")


def climbers(package: Path) -> set[str]:
    """The modules of a package that look for files by climbing up from their own: in a wheel nothing is there."""
    found = [each for each in package.rglob("*.py") if CLIMBS.search(each.read_text(encoding="utf-8"))]
    return {each.relative_to(package).as_posix() for each in found}


def test_no_module_climbs_out_of_the_package_to_find_a_file():
    assert climbers(ROOT / "cnnviz") == set()


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ('FILE = Path(__file__).resolve().parents[2] / "checkpoints"', True),
        ("ROOT = Path(__file__).parent.parent", True),
        ('FILE = os.path.join(os.path.dirname(__file__), "..", "data")', True),
        ('CSS = Path(__file__).parent / "style.css"', False),
        ('LOCALE_DIR = Path(__file__).parent / "locale"', False),
    ],
)
def test_a_module_that_climbs_is_found(tmp_path: Path, line: str, is_found: bool):
    (tmp_path / "module.py").write_text(line + "\n")
    assert climbers(tmp_path) == ({"module.py"} if is_found else set())


def test_a_checkout_has_its_files_at_the_top():
    assert not resources.IS_INSTALLED
    assert resources.TOP == ROOT
    assert resources.APP.is_file()
    assert {path.name for path in resources.PAGES.glob("*.py")} > {"draw.py", "about.py"}
    assert (resources.CHECKPOINTS / "mnist.safetensors").is_file()
    assert resources.default_data_folder() == ROOT / "data"
    assert resources.output_folder() == ROOT / "checkpoints"
