"""Places of a machine: bounded over several servers, free again when who holds one is killed."""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from cnnviz.machine.limits import LIMITS, TRAININGS, check_limits
from cnnviz.processes import MachinePlaces, start_process
from cnnviz.processes.places import places_folder

HOLDS = "import sys\nfrom cnnviz.processes import MachinePlaces\nfrom pathlib import Path\n"
HOLDS += "place = MachinePlaces('training', 2, Path(sys.argv[1])).take()\nprint(place is not None, flush=True)\n"
HOLDS += "sys.stdin.read()"


def holder(folder: Path) -> subprocess.Popen[bytes]:
    """Another server, which holds a place if there is one."""
    return start_process([sys.executable, "-c", HOLDS, str(folder)])


def test_two_servers_share_the_places_of_their_machine(tmp_path: Path):
    here = MachinePlaces("training", 2, tmp_path)
    mine = here.take()
    with holder(tmp_path) as there, holder(tmp_path) as late:
        assert sorted(each.stdout.readline() for each in (there, late)) == [b"False\n", b"True\n"]
        assert here.take() is None
        assert here.taken == 2
        for each in (there, late):
            each.stdin.close()
    mine.release()


def test_a_killed_server_leaves_its_place_free(tmp_path: Path):
    here = MachinePlaces("training", 2, tmp_path)
    with holder(tmp_path) as there:
        assert there.stdout.readline() == b"True\n"
        assert here.taken == 1
        there.kill()  # SIGKILL: nothing of its own runs any more
        there.wait()
        assert here.taken == 0


def test_places_of_two_kinds_do_not_count_together(tmp_path: Path):
    trainings, experiments = (MachinePlaces(kind, 1, tmp_path) for kind in ("training", "experiment"))
    held = [trainings.take(), experiments.take()]
    assert None not in held
    assert trainings.take() is None
    for place in held:
        place.release()


def test_a_place_is_free_after_what_it_waits_for(tmp_path: Path):
    here, ending = MachinePlaces("training", 1, tmp_path), threading.Event()
    place = here.take()
    place.release_after(ending.wait)
    assert here.take() is None
    ending.set()
    for thread in threading.enumerate():
        if thread.name == "place":
            thread.join(30)
    assert here.taken == 0


def test_where_nothing_can_be_written_a_server_bounds_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "a file").write_bytes(b"")
    here = MachinePlaces("training", 1, tmp_path / "a file" / "below")
    held = [here.take(), here.take()]
    assert None not in held
    assert here.taken == 0
    assert "bounds itself" in caplog.text


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="the temporary folder is the user's own")
@pytest.mark.parametrize("how", ["link", "open to all"])
def test_a_folder_that_somebody_else_may_have_made_is_not_used(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CNNVIZ_PLACES", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    if how == "link":
        places_folder().symlink_to(theirs)
    else:
        places_folder().mkdir()
        places_folder().chmod(0o777)
    here = MachinePlaces("training", 1)
    assert here.take() is not None  # it bounds itself
    assert list(tmp_path.rglob("training-*")) == []
    places_folder().unlink() if how == "link" else places_folder().rmdir()
    place = here.take()
    assert (places_folder() / "training-0").exists()
    assert here.take() is None
    place.release()


def test_the_folder_of_places_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CNNVIZ_PLACES", str(tmp_path))
    assert places_folder() == tmp_path


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.variable)
@pytest.mark.parametrize("text", ["many", "-1", "0", "1.5", "²", "9" * 40, "1e3"])
def test_a_limit_that_is_none_is_refused_with_the_way_out(limit, text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(limit.variable, text)
    with pytest.raises(ValueError, match=f"{limit.variable} must be a whole number from .* leave it out for"):
        check_limits()


def test_a_limit_is_what_is_set_or_the_usual(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(TRAININGS.variable, " 7 ")
    assert TRAININGS.value == 7
    monkeypatch.setenv(TRAININGS.variable, "")
    assert TRAININGS.value == TRAININGS.usual
