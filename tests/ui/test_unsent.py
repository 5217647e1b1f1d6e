"""Messages that wait to be sent when the next run begins: what a finished run has made is not lost."""

from __future__ import annotations

import subprocess
import sys

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from cnnviz.ui.app import unsent

FRAGMENT = "the fragment"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> ForwardMsgQueue:
    monkeypatch.setattr(ForwardMsgQueue, "clear", unsent._clear)  # put back after the test
    unsent.keep_unsent()
    return ForwardMsgQueue()


def element(text: str, fragment: str = FRAGMENT, at: int = 0) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend([0, at])
    message.delta.new_element.markdown.body = text
    message.delta.fragment_id = fragment
    return message


def end(status: int) -> ForwardMsg:
    message = ForwardMsg()
    message.script_finished = status
    return message


def told(queue: ForwardMsgQueue) -> list[str]:
    """What is sent, in its order."""
    return [
        message.delta.new_element.markdown.body
        or ForwardMsg.ScriptFinishedStatus.Name(message.script_finished).removeprefix("FINISHED_")
        for message in queue.flush()
    ]


def begin_fragment(queue: ForwardMsgQueue) -> None:
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=[FRAGMENT])


def test_a_finished_page_is_sent_whole_though_a_fragment_begins(queue: ForwardMsgQueue):
    queue.enqueue(element("explorer"))
    queue.enqueue(end(ForwardMsg.FINISHED_SUCCESSFULLY))
    begin_fragment(queue)
    assert told(queue) == ["explorer", "SUCCESSFULLY"]


def test_streamlit_itself_sends_the_end_without_the_element(queue: ForwardMsgQueue, monkeypatch: pytest.MonkeyPatch):
    """The negative twin, and the reason for all this: once it fails, Streamlit no longer needs the mend."""
    monkeypatch.setattr(ForwardMsgQueue, "clear", unsent._clear)
    queue.enqueue(element("explorer"))
    queue.enqueue(end(ForwardMsg.FINISHED_SUCCESSFULLY))
    begin_fragment(queue)
    assert told(queue) == ["SUCCESSFULLY"]


def test_what_the_new_run_makes_comes_after_the_end_of_the_one_before(queue: ForwardMsgQueue):
    """Put in the place of an old message it would belong to the old run, and be taken off with its leftovers."""
    queue.enqueue(element("old"))
    queue.enqueue(end(ForwardMsg.FINISHED_SUCCESSFULLY))
    begin_fragment(queue)
    queue.enqueue(element("new"))
    assert told(queue) == ["old", "SUCCESSFULLY", "new"]


def test_an_interrupted_fragment_is_still_dropped(queue: ForwardMsgQueue):
    queue.enqueue(element("page"))
    queue.enqueue(end(ForwardMsg.FINISHED_SUCCESSFULLY))
    queue.enqueue(element("half", at=1))
    queue.enqueue(element("of another fragment", "another", at=2))
    queue.enqueue(end(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY))
    begin_fragment(queue)
    assert told(queue) == ["page", "SUCCESSFULLY", "of another fragment", "EARLY_FOR_RERUN"]


def test_a_run_of_the_whole_page_drops_what_was_before(queue: ForwardMsgQueue):
    queue.enqueue(element("old"))
    queue.enqueue(end(ForwardMsg.FINISHED_SUCCESSFULLY))
    queue.clear(retain_lifecycle_msgs=True)
    assert told(queue) == ["EARLY_FOR_RERUN"]
    queue.enqueue(element("older"))
    queue.clear()
    assert told(queue) == []


def test_the_server_of_the_app_keeps_what_is_unsent():
    says = "import app; from streamlit.runtime.forward_msg_queue import ForwardMsgQueue as Q; print(Q.clear.__module__)"
    found = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["cnnviz.ui.app.unsent"]
