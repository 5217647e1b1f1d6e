"""The README keeps its word: its numbers are the measured ones, its files are there, its packages have a reason."""

import re
from pathlib import Path

import pytest

import start
from benchmarks.readme import filled
from benchmarks.rows import Row, keep, milliseconds, percentile, ratio, read, table

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_number_is_the_one_that_was_measured():
    assert filled(README) == README, "run: python3 start.py readme"


def test_a_number_written_by_hand_would_be_seen():
    wrong = README.replace("one: accuracy |", "one: correct |")
    assert wrong != README
    assert filled(wrong) == README


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_and_has_its_reason(name: str):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and line[0] not in "#-"]
    for line in lines:
        package, pin = re.fullmatch(r"([\w-]+)==([\d.]+)", line).groups()
        assert pin
        assert re.search(rf"^\| [^|]*\b{package}\b", README, re.MULTILINE), package


def test_what_the_readme_names_is_there():
    table_ = README.split("## Where things are")[1].split("##")[0]
    folder = ""
    for name in re.findall(r"`([\w/.]+)`", table_):
        folder = name.rsplit("/", 1)[0] + "/" if "/" in name.rstrip("/") else folder
        assert (ROOT / name).exists() or (ROOT / folder / name).exists(), name
    for link in re.findall(r"\]\(((?!http)[^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_the_examples_print_what_they_say(capsys: pytest.CaptureFixture[str]):
    """One after another, as in a notebook: a later one uses the names of those before."""
    examples, names = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL), {}
    assert len(examples) >= 2
    for example in examples:
        exec(example, names)
        said = re.findall(r"^print\(.*  # (.+)$", example, re.MULTILINE)
        assert said
        assert capsys.readouterr().out.splitlines() == said


GUIDES = ["README.md", "CONTRIBUTING.md", "docs/design.md", "docs/deploy.md", "docs/attacks.md"]
NAME = re.compile(r"(?<![\w./-])[\w.-]+(?:/[\w.-]+)+/?|\b[\w-]+\.(?:py|js|md|json|css|txt|pot)\b")


def missing_paths(text: str) -> list[str]:
    """What a text names between backticks as a file or folder that is not there: by its path or the end of it."""
    known = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("*")} | {"cnnviz/shipped"}  # of a wheel
    for folder in ("benchmarks", "checkpoints", "cnnviz", "docs", "pages", "tests", ".ci", ".streamlit"):
        known |= {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*")}
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    names = [name.rstrip("/") for span in spans if " " not in span for name in NAME.findall(span)]
    return [name for name in names if not any(f"/{path}".endswith(f"/{name}") for path in known)]


def missing_names(recipes: str) -> list[str]:
    """What a step of a recipe looks for in vain: a name between backticks that none of the files of this step has."""
    found = []
    for step in re.split(r"\n(?=\d\. |\n)", recipes):
        spans = re.findall(r"`([^`\n]+)`", step)
        files = [ROOT / span for span in spans if (ROOT / span).is_file()]
        code = "\n".join(file.read_text(encoding="utf-8") for file in files)
        names = [span for span in spans if span.isidentifier()] if files else []
        found += [name for name in names if not re.search(rf"\b{name}\b", code)]
    return found


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_that_a_guide_names_is_there(guide: str):
    assert missing_paths((ROOT / guide).read_text(encoding="utf-8")) == []


def test_what_a_recipe_looks_for_in_a_file_is_there():
    recipes = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Recipes")[1]
    assert missing_names(recipes) == []


def test_the_commands_that_the_guides_name_are_there():
    text = "\n".join((ROOT / guide).read_text(encoding="utf-8") for guide in GUIDES)
    words = set(re.findall(r"start\.py ([a-z]+)\b", text))
    assert {"test", "check", "bench", "readme", "messages"} <= words
    assert [word for word in words if not callable(getattr(start, word, None))] == []


def test_a_file_or_a_name_that_is_not_there_is_noticed():
    assert missing_paths("see `cnnviz/core/nothing.py`, `kernels.py` and `cnnviz/core/`") == ["cnnviz/core/nothing.py"]
    assert missing_names("1. `cnnviz/core/kernels.py`: `PRESETS`\n2. `benchmarks/rows.py`: `ratio`") == []
    assert missing_names("1. `cnnviz/core/kernels.py`: `PRESETS`\n2. `benchmarks/rows.py`: `PRESETS`") == ["PRESETS"]


def test_a_median_that_misses_its_budget_says_so():
    assert milliseconds("x", [10, 20, 30], 20).is_met
    assert not milliseconds("x", [10, 21, 30], 20).is_met
    assert not milliseconds("x", [10, 20, 200], 20, 100).is_met
    assert not ratio("x", 1.3, 1.0, "ms", 1.2).is_met
    assert "missed" in table([Row("x", "1", "0", False)])


def test_the_95th_percentile_of_twenty_is_the_nineteenth():
    assert percentile(list(range(1, 21)), 0.95) == 19


def test_a_row_that_is_measured_again_takes_the_place_of_the_old_one(tmp_path: Path):
    file = tmp_path / "results.json"
    for row in (Row("a", "1", "", True), Row("b", "2", "", True), Row("a", "3", "", True, "a machine")):
        keep(row, file=file)
    assert read(file) == [Row("a", "3", "", True, "a machine"), Row("b", "2", "", True)]


def test_a_new_row_stands_after_the_one_that_was_measured_before_it(tmp_path: Path):
    file = tmp_path / "results.json"
    a, b, c, d = (Row(what, "1", "", True) for what in "abcd")
    for row, before in ((a, None), (b, a), (c, a), (d, None)):
        keep(row, before, file)
    assert [row.what for row in read(file)] == ["a", "c", "b", "d"]


def test_the_95th_percentile_is_not_written_below_the_median():
    assert milliseconds("x", [0.12, 0.13, 0.14], None).result == "0.1 ms (p95 0.1, n 3)"
    assert milliseconds("x", [24.4, 24.5, 67.6], 30).result == "24.5 ms (p95 68, n 3)"
