"""The command line: results on the output, one sentence and code 2 where something is wrong."""

import json
import os
import subprocess
import sys

import pytest
import torch

from cnnviz.__main__ import main
from cnnviz.cli.train import command_of
from cnnviz.data.datasets import LabelledImages, has_mnist
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.stroke_families import FAMILIES
from cnnviz.evaluation import pairs
from cnnviz.models import checkpoints
from cnnviz.release.teacher import build_teacher, save_teacher
from cnnviz.training.__main__ import main as train_in_a_folder


@pytest.fixture
def stroke_file(tmp_path):
    """Our own drawings as a stroke file."""
    records = [
        {
            "label": sample.label,
            "source": "ours",
            "writer": "us",
            "strokes": [[list(point) for point in stroke.points] for stroke in sample.sketch.strokes],
        }
        for sample in DIGIT_SAMPLES
    ]
    path = tmp_path / "ours.json"
    path.write_text(json.dumps(records))
    return path


def test_evaluate_prints_one_json_object(stroke_file, capsys):
    assert main(["evaluate", "--checkpoint", "mnist", "--strokes", str(stroke_file), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["n"] == 10
    assert 0 <= result["share_rejected"] <= 1
    right = sum(result["confusion"][digit][digit] for digit in range(10))
    assert result["accuracy"] == right / 10


def test_evaluate_prints_a_table_for_people(stroke_file, capsys):
    assert main(["evaluate", "--strokes", str(stroke_file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["images", "10"]
    assert len(lines[-1].split()) == 1 + 10  # a row of the confusion matrix


def test_evaluate_tells_each_tablet(stroke_file, capsys):
    records = json.loads(stroke_file.read_text())
    mixed = [record | {"source": "ours" if number < 4 else "theirs"} for number, record in enumerate(records)]
    stroke_file.write_text(json.dumps(mixed))
    assert main(["evaluate", "--strokes", str(stroke_file), "--by", "source", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {name: group["n"] for name, group in result["by"].items()} == {"ours": 4, "theirs": 6}
    rights = sum(round(group["accuracy"] * group["n"]) for group in result["by"].values())
    assert rights == round(result["accuracy"] * 10)
    assert main(["evaluate", "--strokes", str(stroke_file), "--sources", "ours", "--by", "source"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:2] == ["ours", "4"]


def test_evaluate_tells_each_family(stroke_file, capsys):
    assert main(["evaluate", "--strokes", str(stroke_file), "--by", "family", "--json"]) == 0
    groups = json.loads(capsys.readouterr().out)["by"]
    assert set(groups) == set(FAMILIES)
    for name, group in groups.items():
        digit = int(FAMILIES[name].label)
        assert group["n"] == sum(group["confusion"][digit]) == 1


def test_evaluate_tells_what_counts_as_more_than_one_drawing(stroke_file, capsys, monkeypatch):
    monkeypatch.setattr(pairs, "PAIRS", 4)
    command = ["evaluate", "--strokes", str(stroke_file), "--pairs"]
    assert main([*command, "--json"]) == 0
    several = json.loads(capsys.readouterr().out)["several"]
    assert several["singles"] == 0
    assert {gap: share for gap, share in several["pairs"].items() if float(gap) > 0} == dict.fromkeys(
        ("0.02", "0.1", "0.2", "0.3"), 1.0
    )
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].split() == ["pairs,", "0.30", "apart", "100.00%"]
    assert "single drawings" in lines[-6]


def test_evaluate_names_what_was_misread_by_its_place_in_the_file(stroke_file, capsys):
    records = json.loads(stroke_file.read_text())
    records[3]["label"], records[3]["source"] = "7", "theirs"  # ours is a three
    stroke_file.write_text(json.dumps(records))
    command = ["evaluate", "--strokes", str(stroke_file), "--misread"]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["misread"]
    assert [(each["place"], each["label"], each["predicted"]) for each in found] == [(3, "7", "3")]
    assert found[0]["probability_of_label"] < 0.5 < found[0]["probability"]
    assert main([*command, "--sources", "theirs"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:3] == ["3", "7", "3"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "--checkpoint", "nothing", "--mnist", "test"],
        ["evaluate", "--strokes", "nowhere.json.gz"],
        ["train", "mnist", "--steps", "0"],
        ["train", "mnist", "--rate", "-1"],
        ["train", "mnist", "--families", "2"],
        ["train", "mnist", "--teacher-share=-0.1"],
        ["train", "mnist", "--teacher-temperature", "nan"],
        ["train", "mnist", "--teacher", "nowhere.safetensors"],
        ["evaluate", "--checkpoint", "xo", "--others"],
    ],
)
def test_what_is_wrong_is_one_sentence_and_code_2(arguments, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("cnnviz: ")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("option", [["--by", "source"], ["--misread"], ["--pairs"]])
def test_what_is_asked_of_drawings_is_refused_for_scans(option, capsys):
    """They were left out without a word."""
    assert main(["evaluate", "--mnist", "test", *option]) == 2
    assert "give --strokes FILE" in capsys.readouterr().err


def test_letters_are_not_digits(stroke_file, capsys):
    records = json.loads(stroke_file.read_text())
    stroke_file.write_text(json.dumps([records[0] | {"label": "X"}]))
    assert main(["evaluate", "--strokes", str(stroke_file)]) == 2
    assert "got X" in capsys.readouterr().err


def test_a_tablet_that_does_not_occur_is_one_sentence(stroke_file, capsys):
    assert main(["evaluate", "--strokes", str(stroke_file), "--sources", "theirs"]) == 2
    assert "got none" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["dance"], ["summary", "mnist", "--fast"], ["evaluate"], ["train", "mnist", "--device", "tpu"]]
)
def test_unknown_words_show_the_usage_and_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m cnnviz" in capsys.readouterr().err


def test_the_module_runs_as_a_program(stroke_file):
    command = [sys.executable, "-m", "cnnviz", "evaluate", "--strokes", str(stroke_file), "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONWARNINGS": "error"}
    )
    assert json.loads(done.stdout)["n"] == 10
    assert done.stderr == ""


@pytest.mark.data
@pytest.mark.skipif(not has_mnist(), reason="training needs MNIST and the strokes in CNNVIZ_DATA")
def test_training_ends_with_a_checkpoint_that_can_be_loaded(stroke_file, tmp_path, monkeypatch, capsys):
    from cnnviz.release import digits

    some = digits.pen_drawings()[::40]
    few = digits.selection_images()
    measured = {"mnist_test": {"accuracy": 0.1}, "pen_held_out": {"accuracy": 0.1}}
    monkeypatch.setattr(
        digits, "published_figures", lambda *_: measured
    )  # they take minutes, they are tested elsewhere
    monkeypatch.setattr(digits, "pen_drawings", lambda: some)
    monkeypatch.setattr(digits, "selection_images", lambda: LabelledImages(few.images[:200], few.labels[:200]))
    monkeypatch.setattr(digits.DigitPlan, "__init__", _few_outliers(digits.DigitPlan.__init__))
    out = tmp_path / "net"
    arguments = ["train", "mnist", "--steps", "2", "--cool", "1", "--variations", "1", "--device", "cpu"]
    assert main([*arguments, "--out", str(out)]) == 0
    assert "net.safetensors" in capsys.readouterr().out
    record = json.loads(out.with_suffix(".json").read_text())
    assert record["command"].startswith("python -m cnnviz train mnist --steps 2 --cool 1")
    assert str(tmp_path) not in record["command"]
    assert main(["evaluate", "--checkpoint", str(out), "--strokes", str(stroke_file), "--json"]) == 0


def _few_outliers(construct):
    def constructed(self, **settings):
        construct(self, **{**settings, "others": 90})

    return constructed


def test_the_command_in_the_manifest_is_complete():
    from cnnviz.__main__ import build_parser

    arguments = build_parser("train").parse_args(
        ["train", "mnist", "--seed", "3", "--hold-out", "a,b", "--device", "cpu",
         "--families", "0.3", "--more-others", "--without-doubtful"]
    )  # fmt: skip
    again = build_parser("train").parse_args(command_of(arguments).split()[3:])
    same = ("steps", "cool", "batch", "rate", "seed", "variations", "pen_share", "others_share", "hold_out", "families")
    same += ("more_others", "without_doubtful", "large")
    assert all(getattr(arguments, name) == getattr(again, name) for name in same)


def test_the_command_of_a_second_run_names_the_first_one_too():
    from cnnviz.__main__ import build_parser

    command = command_of(build_parser("train").parse_args(["train", "mnist", "--start", "mnist", "--device", "cpu"]))
    first, second = command.rsplit(" && ", 1)
    assert first.startswith("python -m cnnviz train mnist")
    assert first.endswith("--out runs/before")
    assert "--start runs/before" in second


def test_a_shipped_teacher_is_named_and_one_of_one_s_own_is_made_first(tmp_path):
    from cnnviz.__main__ import build_parser

    def command(teacher: str) -> str:
        asked = ["train", "mnist", "--device", "cpu", "--teacher", teacher]
        return command_of(build_parser("train").parse_args(asked))

    assert "--teacher digits_residual " in command("digits_residual")
    assert " && " not in command("digits_residual")
    for end in ("json", "safetensors"):
        (tmp_path / f"digits_residual.{end}").write_bytes((checkpoints.FOLDER / f"digits_residual.{end}").read_bytes())
    made = checkpoints.read_manifest("digits_residual").command
    own = command(str(tmp_path / "digits_residual"))
    assert own.startswith(f"{made} --out runs/teacher && ")
    assert "--teacher runs/teacher " in own


def test_the_command_of_a_taught_network_names_its_teacher_too(tmp_path):
    from cnnviz.__main__ import build_parser

    parse = build_parser("train").parse_args
    made = command_of(parse(["train", "mnist", "--large", "--steps", "7", "--device", "cpu"]))
    save_teacher(tmp_path / "t.safetensors", build_teacher().state_dict(), made)
    teacher = ["--teacher", str(tmp_path / "t.safetensors"), "--teacher-share", "0.4"]
    first, second = command_of(parse(["train", "mnist", *teacher, "--device", "cpu"])).rsplit(" && ", 1)
    assert parse(first.split()[3:]).large
    assert parse(first.split()[3:]).steps == 7
    again = parse(second.split()[3:])
    assert (again.teacher_share, again.large) == (0.4, False)
    assert f"{parse(first.split()[3:]).out}.safetensors" == str(again.teacher)


@pytest.mark.parametrize("ending", ["pt2", "onnx"])
def test_summary_tells_of_a_network_in_a_file(ending, capsys, tmp_path):
    """A file that is none is refused in a sentence; what readers make of good ones is tested with them."""
    path = tmp_path / f"net.{ending}"
    path.write_bytes(b"hello")
    assert main(["summary", str(path)]) == 2
    assert "not a whole" in capsys.readouterr().err


def test_summary_of_an_exported_network_is_a_table(capsys, tmp_path):
    path = tmp_path / "net.pt2"
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.Dropout()).train()
    torch.export.save(torch.export.export(model, (torch.zeros(1, 1, 5, 5),)), path)
    assert main(["summary", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[4].split()[:3] == ["0", "Conv2d", "2×3×3"]
    assert lines[-1].startswith("The file was exported in training mode")


@pytest.mark.parametrize(
    "words",
    [
        ["train", "mnist", "--threads=-5"], ["train", "xo", "--threads=0"],
        ["open", "torchvision:vgg16", "--port=99999999"], ["open", "torchvision:vgg16", "--port=-1"],
    ],
)  # fmt: skip
def test_a_number_out_of_its_bounds_is_one_sentence(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "must be a whole number from 1 to" in said
    assert "Traceback" not in said


LONG = "9" * 100_000


@pytest.mark.parametrize(
    "words",
    [
        ["summary", LONG], ["summary", "mnist", "--input", LONG],
        ["evaluate", "--checkpoint", "x" * 200, "--mnist", "test"],
        ["explain", "mnist", "--image", "x.png", "--node", "conv1", "--unit", LONG],
        ["explain", "mnist", "--image", "x.png", "--node", "c", "--unit", "1", "--resize", LONG],
        ["explain", "mnist", "--image", "x.png", "--node", "c", "--unit", "1", "--mean", LONG + "x"],
    ],
    ids=lambda words: " ".join(word[:12] for word in words),
)  # fmt: skip
def test_an_odd_value_is_not_echoed_whole(words, capsys):
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("cnnviz: ")
    assert (len(said) < 700, "Traceback" in said) == (True, False)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (train_in_a_folder, ["--network", LONG, "--out", "o"]), (train_in_a_folder, ["--out", "o", "--data", LONG]),
        (train_in_a_folder, ["--out", "o", *["x"] * 10_000]), (train_in_a_folder, ["--out", "o", "--pictures", LONG]),
        (train_in_a_folder, ["--out", "o", "--job", LONG]), (main, ["evaluate", "--mnist", LONG]),
        (main, ["summary", "mnist", LONG]), (main, [LONG]),
        (main, ["explain", "mnist", "--image", LONG, "--node", "c"]),
    ],
    ids=lambda value: " ".join(word[:9] for word in value[-2:]) if isinstance(value, list) else "",
)  # fmt: skip
def test_nor_is_one_that_the_reader_of_arguments_or_the_system_refuses(run, words, capsys, tmp_path, monkeypatch):
    """Python's own reader, and the system's "file name too long", repeat it in full."""
    monkeypatch.chdir(tmp_path)
    try:
        code = run(words)
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr().err
    assert code == 2
    assert (len(said) < 5000, "Traceback" in said) == (True, False), said[-200:]
