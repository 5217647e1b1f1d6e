"""`python -m cnnviz.training`: from the arguments to a network in a folder, one sentence where it cannot be done."""

import errno
import json
import os

import numpy as np
import pytest
from PIL import Image

from cnnviz.training import folder_run, unpack_network
from cnnviz.training.__main__ import main

BRIEF = [
    "--network",
    "digits_small",
    "--data",
    "digits",
    "--limit",
    "64",
    "--batch",
    "32",
    "--steps",
    "3",
    "--device",
    "cpu",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "one"
    assert main([*BRIEF, "--out", str(folder), "--optimiser", "momentum", "--augment", "drawings"]) == 0
    return folder


def test_a_run_leaves_its_network_its_job_and_what_it_was_judged(folder):
    network = unpack_network((folder / "network.safetensors").read_bytes())
    job = json.loads((folder / "job.json").read_text())
    *_before, evaluation = json.loads((folder / "evaluations.json").read_text())
    assert network.blueprint.to_record() == job["blueprint"]
    assert network.facts["config"]["optimiser"] == job["config"]["optimiser"] == "momentum"
    assert network.facts["evaluation"] == evaluation
    assert (network.facts["steps"], evaluation["step"]) == (3, 3)


def test_the_same_command_finds_it_finished_and_other_settings_are_refused(folder, capsys):
    before = (folder / "network.safetensors").read_bytes()
    same = [*BRIEF, "--out", str(folder), "--optimiser", "momentum", "--augment", "drawings"]
    assert main(same) == 0
    assert (folder / "network.safetensors").read_bytes() == before
    assert main([*same, "--rate", "0.5"]) == 2
    assert "choose another folder" in capsys.readouterr().err


def test_pictures_of_one_s_own_come_as_a_folder_and_the_same_command_finds_them_again(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CNNVIZ_CACHE", str(tmp_path / "cache"))
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for seed in range(4):
            levels = np.random.default_rng([seed, ord(name[0])]).integers(0, 256, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(levels).save(tmp_path / "pets" / name / f"{seed}.png")
    brief = ["--network", "birds_c1", "--steps", "2", "--device", "cpu", "--out", str(tmp_path / "run")]
    for _again in range(2):
        assert main([*brief, "--pictures", str(tmp_path / "pets")]) == 0
    assert json.loads((tmp_path / "run" / "job.json").read_text())["data"]["key"] == "own"
    assert unpack_network((tmp_path / "run" / "network.safetensors").read_bytes()).blueprint.classes == ("cat", "dog")
    capsys.readouterr()
    assert main([*brief, "--pictures", str(tmp_path / "nowhere.zip")]) == 2
    assert "nowhere.zip" in capsys.readouterr().err


def test_a_job_saved_as_json_is_run_as_it_is(folder, tmp_path):
    assert main(["--job", str(folder / "job.json"), "--out", str(tmp_path / "again")]) == 0
    one, other = (unpack_network((each / "network.safetensors").read_bytes()) for each in (folder, tmp_path / "again"))
    assert all((one.weights[name] == array).all() for name, array in other.weights.items())


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--rate", "20"], "rate must be"),
        (["--batch", "0"], "batch must be"),
        (["--job", "nowhere.json"], "nowhere.json"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(more, says, tmp_path, capsys):
    assert main([*BRIEF, "--out", str(tmp_path), *more]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_one_sentence_with_the_way_out(code, tmp_path, capsys, monkeypatch):
    def full(_path, _data):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("cnnviz.training.state_files.replace_file", full)
    assert main([*BRIEF, "--out", str(tmp_path)]) == 2
    assert f"no room left in {tmp_path}: make room" in (said := capsys.readouterr().err)
    assert "Traceback" not in said
    monkeypatch.undo()
    assert main([*BRIEF, "--out", str(tmp_path)]) == 0


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        assert main([*BRIEF, "--out", str(out)]) == 2
        assert f"{out} cannot be used (" in (said := capsys.readouterr().err.splitlines()[-1])
        assert said.endswith("choose another one.")


def test_ctrl_c_is_one_sentence_and_the_same_command_goes_on(tmp_path, capsys, monkeypatch):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert main([*BRIEF, "--out", str(whole)]) == 0

    def interrupted(*_what):
        raise KeyboardInterrupt

    monkeypatch.setattr(folder_run, "_show", interrupted)
    assert main([*BRIEF, "--out", str(stopped)]) == 130
    assert "stopped; run the same command again to resume" in capsys.readouterr().err
    monkeypatch.undo()
    assert main([*BRIEF, "--out", str(stopped)]) == 0
    assert (whole / "network.safetensors").read_bytes() == (stopped / "network.safetensors").read_bytes()


@pytest.mark.parametrize("threads", ["-5", "0", "1e9", "99999999999", "9" * 5000, "two", ""])
def test_a_number_of_threads_that_is_none_is_one_sentence(threads, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*BRIEF, "--out", str(tmp_path), f"--threads={threads}"])
    said = capsys.readouterr().err
    assert (ended.value.code, "Traceback" in said) == (2, False)
    assert "argument --threads: must be a whole number from 1 to 1024, got '" in said
    assert len(said.splitlines()[-1]) < 200


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"blueprint": ' * 5_000, "\ufffd", "null", "3", '{"blueprint": {}, "data": {}}']
)
def test_a_job_that_is_none_is_one_sentence(text, tmp_path, capsys):
    (tmp_path / "job.json").write_text(text, encoding="utf-8")
    assert main(["--job", str(tmp_path / "job.json"), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("cnnviz: ")
    assert (said.count("\n"), "Traceback" in said) == (1, False)
