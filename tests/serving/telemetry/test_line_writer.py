"""Lines reach their stream in order, whatever it does with them."""

import io
import threading

import pytest
from waiting import until

from serving.telemetry.line_writer import LineWriter


class Gate(io.StringIO):
    """A stream that takes nothing while it is shut, and fails where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()
        self.fails = False
        self.has_failed = threading.Event()

    def write(self, text: str) -> int:
        self.open.wait(30)
        if self.fails:
            self.has_failed.set()
            raise BrokenPipeError
        return super().write(text)


def test_what_finds_no_room_is_left_out_until_there_is_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.telemetry.line_writer.MOST_CHARACTERS", 10)
    stream = Gate()
    writer = LineWriter(stream)
    assert [writer.take(block) for block in ("12345", "6789\n", "x", "")] == [True, True, False, True]
    stream.open.set()
    until(lambda: writer.take("0123456\n"), "room")
    writer.stop()
    assert stream.getvalue() == "123456789\n0123456\n"


def test_a_stream_that_fails_takes_what_comes_after_it_is_mended() -> None:
    stream = Gate()
    stream.fails = True
    stream.open.set()
    writer = LineWriter(stream)
    assert writer.take("lost\n")
    assert stream.has_failed.wait(30)
    stream.fails = False
    assert writer.take("kept\n")
    writer.stop()
    assert stream.getvalue() == "kept\n"
