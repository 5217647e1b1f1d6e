"""The wheel, and cnnviz as it runs from it: elsewhere, with what it declares and nothing else, nothing downloaded."""

import json
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import cnnviz
from cnnviz.__main__ import main
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from tests.installed.wheel_environment import ROOT, WheelEnvironment, build_wheel, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links the packages of the tests")
SHIPPED = ("app.py", "pages", "checkpoints", ".streamlit/config.toml")  # from the top of the checkout
NEED_EXTRAS = ("cnnviz.ui", "cnnviz.figures", "cnnviz.cli.train", "cnnviz.cli.train_xo",
               "cnnviz.cli.train_birds", "cnnviz.attribution",
               "cnnviz.cli.attribute", "cnnviz.web.attribution")  # fmt: skip
IMPORT_ALL = f"""
import importlib, pkgutil, cnnviz
need_extras = {NEED_EXTRAS!r}
names = [each.name for each in pkgutil.walk_packages(cnnviz.__path__, "cnnviz.", onerror=lambda name: None)]
light = [name for name in names if not any(f"{{name}}.".startswith(f"{{each}}.") for each in need_extras)]
for name in light: importlib.import_module(name)
print(len(light))
"""
EVERY_PAGE = """
import json
from streamlit.testing.v1 import AppTest
from cnnviz.machine.resources import APP, PAGES
app, found = AppTest.from_file(str(APP), default_timeout=60).run(), {}
for page in sorted(PAGES.glob("*.py")):
    app.switch_page(f"pages/{page.name}").run()
    found[page.name] = [each.value for each in (*app.exception, *app.error)]
print(json.dumps(found))
"""
TRAIN = """
import time
from dataclasses import replace
from cnnviz.release.example_run import recorded_job
from cnnviz.training import TrainConfig
from cnnviz.training.worker import History, Worker
with Worker(threads=1) as worker:
    worker.start(replace(recorded_job(), config=TrainConfig(steps=20)))
    history = History()
    while not history.status.state.is_over:
        history.add(worker.poll())
        time.sleep(0.02)
print(history.status.state)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> WheelEnvironment:
    """`pip install cnnviz`."""
    return WheelEnvironment(tmp_path_factory.mktemp("bare"), wheel)


@pytest.fixture(scope="module")
def with_app(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> WheelEnvironment:
    """`pip install 'cnnviz[app]'`."""
    environment = WheelEnvironment(tmp_path_factory.mktemp("with-app"), wheel)
    environment.add_extra("app")
    return environment


@pytest.fixture(scope="module")
def with_train(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> WheelEnvironment:
    """`pip install 'cnnviz[train]'`."""
    environment = WheelEnvironment(tmp_path_factory.mktemp("with-train"), wheel)
    environment.add_extra("train")
    return environment


def python(environment: WheelEnvironment, code: str, folder: Path, **variables: str) -> str:
    """What a program prints that runs in an environment and in `folder`."""
    done = run(environment.python, "-c", code, folder=folder, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def files_below(path: Path) -> set[str]:
    """The files of a folder of sources, or the one file, named from the top of the checkout."""
    found = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return {each.relative_to(ROOT).as_posix() for each in found if "__pycache__" not in each.parts}


def test_the_wheel_holds_the_package_the_app_and_the_weights_and_nothing_else(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (licence,) = [name for name in archive.namelist() if name.endswith(".dist-info/licenses/LICENSE")]
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()
    shipped = {f"cnnviz/shipped/{name}" for part in SHIPPED for name in files_below(ROOT / part)}
    assert names == files_below(ROOT / "cnnviz") | shipped
    for name in ("app.py", "pages/draw.py", ".streamlit/config.toml"):
        assert f"cnnviz/shipped/{name}" in names
    for name in ("mnist", "xo", "birds"):
        assert {f"cnnviz/shipped/checkpoints/{name}.{ending}" for ending in ("safetensors", "json")} <= names
    for name in ("locale/cnnviz.pot", "web/explorer/index.js", "web/explorer/style.css", "ui/app/style.css"):
        assert f"cnnviz/{name}" in names


def test_the_source_archive_makes_the_same_wheel(wheel: Path, tmp_path: Path):
    for name in ("source", "again"):
        (tmp_path / name).mkdir()
    done = run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path / "source", folder=ROOT)
    assert done.returncode == 0, done.stderr
    (source,) = (tmp_path / "source").iterdir()
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(build_wheel(source, tmp_path / "again")) as again:
        assert again.namelist() == ours.namelist()
        assert all(again.read(name) == ours.read(name) for name in ours.namelist())


def test_the_version_is_said_once_and_everywhere_the_same(wheel: Path, bare: WheelEnvironment, tmp_path: Path):
    assert wheel.name.startswith(f"cnnviz-{cnnviz.__version__}-")
    for command in ([bare.bin / "cnnviz"], [bare.python, "-m", "cnnviz"]):
        assert run(*command, "--version", folder=tmp_path).stdout == f"cnnviz {cnnviz.__version__}\n"


@pytest.mark.parametrize("absent", ["streamlit", "plotly", "sklearn", "scipy", "tqdm", "pytest"])
def test_the_environment_holds_nothing_that_is_not_declared(bare: WheelEnvironment, tmp_path: Path, absent: str):
    done = run(bare.python, "-c", f"import {absent}", folder=tmp_path)
    assert f"No module named '{absent}'" in done.stderr


def test_the_library_imports_with_the_core_requirements_alone(bare: WheelEnvironment, tmp_path: Path):
    assert int(python(bare, IMPORT_ALL, tmp_path)) > 150
    assert str(bare.site_packages) in python(bare, "import cnnviz; print(cnnviz.__file__)", tmp_path)


def test_the_public_names_work_on_a_shipped_network(bare: WheelEnvironment, tmp_path: Path):
    code = "import cnnviz\nfrom cnnviz.models import checkpoints\nmodel, manifest = checkpoints.load('mnist')\n"
    asked = "print(cnnviz.summary(model, (1, 28, 28)).parameters == manifest.parameters)"
    assert python(bare, code + asked, tmp_path) == "True"


def test_summary_prints_what_it_prints_in_a_checkout(
    bare: WheelEnvironment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["summary", "mnist"]) == 0
    here = capsys.readouterr().out
    done = run(bare.bin / "cnnviz", "summary", "mnist", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, here, "")


def test_a_shipped_network_classifies_drawings(bare: WheelEnvironment, tmp_path: Path):
    drawn = [
        {"label": sample.label, "source": "ours", "writer": "us",
         "strokes": [[list(point) for point in stroke.points] for stroke in sample.sketch.strokes]}
        for sample in DIGIT_SAMPLES
    ]  # fmt: skip
    (tmp_path / "ours.json").write_text(json.dumps(drawn))
    done = run(bare.bin / "cnnviz", "evaluate", "--strokes", "ours.json", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["n"], result["accuracy"]) == (len(DIGIT_SAMPLES), 1.0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "cnnviz: the app needs Streamlit: pip install 'cnnviz[app]'\n"),
        (["--server.port=9000"], "cnnviz: the app needs Streamlit: pip install 'cnnviz[app]'\n"),
        (["train", "mnist"], "cnnviz: train needs tqdm: pip install 'cnnviz[train]'\n"),
        (["record"], "cnnviz: record needs scikit-learn: pip install 'cnnviz[train]'\n"),
        (["download", "birds"], "cnnviz: download needs tqdm: pip install 'cnnviz[train]'\n"),
        (["evaluate", "--pictures", "."], "cnnviz: evaluate needs SciPy: pip install 'cnnviz[train]'\n"),
    ],
)
def test_a_command_says_which_extra_it_needs(bare: WheelEnvironment, tmp_path: Path, words: list[str], sentence: str):
    (tmp_path / "3").mkdir()
    Image.new("L", (28, 28)).save(tmp_path / "3" / "an image.png")
    done = run(bare.bin / "cnnviz", *words, folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)


def test_training_by_a_job_says_which_extra_it_needs(bare: WheelEnvironment, tmp_path: Path):
    done = run(bare.python, "-m", "cnnviz.training", "--out", "run", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "cnnviz: training needs scikit-learn: pip install 'cnnviz[train]'\n"


def test_nothing_is_written_into_the_installed_package(bare: WheelEnvironment, tmp_path: Path):
    code = (
        "from cnnviz.cli.progress import output_path\nfrom cnnviz.data.datasets import data_folder\n"
        "print(output_path('mnist')[1], data_folder(), sep='\\n')"
    )
    weights, data = python(bare, code, tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache")).splitlines()
    assert (Path(weights), Path(data)) == (tmp_path, tmp_path / "cache" / "cnnviz" / "data")


def test_the_training_commands_run_with_their_extra(with_train: WheelEnvironment, tmp_path: Path):
    done = run(with_train.bin / "cnnviz", "train", "mnist", "--help", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    command = ("-m", "cnnviz.training", "--network", "digits_small", "--steps", "2", "--out", "run")
    done = run(with_train.python, *command, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "network.safetensors").is_file()


def test_every_page_runs_from_the_installed_package(with_app: WheelEnvironment, tmp_path: Path):
    found = json.loads(python(with_app, EVERY_PAGE, tmp_path).splitlines()[-1])
    assert found == {path.name: [] for path in sorted((ROOT / "pages").glob("*.py"))}


def test_a_worker_of_the_installed_app_trains(with_app: WheelEnvironment, tmp_path: Path):
    assert python(with_app, TRAIN, tmp_path) == "done"
