"""The file of a process's figures: whole whenever it is read, whatever happens to its writer."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.telemetry.kept_tally import KeptTally, newest


@pytest.fixture
def descriptor(tmp_path: Path) -> int:
    return os.open(tmp_path / "figures", os.O_RDWR | os.O_CREAT)


@given(contents=st.lists(st.binary(max_size=200_000), min_size=1, max_size=6))
def test_what_was_written_last_is_read_whatever_its_size(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("kept") / "figures"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    for content in contents:
        KeptTally(descriptor).write(content)  # each time by another, who goes on where the one before ended
        assert newest(descriptor) == content
    os.close(descriptor)


@given(at=st.integers(min_value=0, max_value=600))
def test_a_write_that_is_broken_off_leaves_what_was_there_before(
    tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    path = tmp_path_factory.mktemp("kept") / "figures"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    kept = KeptTally(descriptor)
    older, newer, half = b"o" * 500, b"n" * 500, 32 * 1024
    kept.write(older)
    before = path.read_bytes()
    kept.write(newer)
    written = path.read_bytes()
    [start] = [begin for begin in (0, half) if before[begin : begin + half] != written[begin : begin + half]]
    cut = start + at  # up to here the bytes of the newer one got onto the disk
    os.pwrite(descriptor, written[:cut] + before[cut:], 0)
    assert newest(descriptor) == (newer if before[cut:] == written[cut:] else older)
    os.close(descriptor)


def test_a_file_that_holds_none_or_something_else_has_no_figures(descriptor: int) -> None:
    assert newest(descriptor) == b""
    os.pwrite(descriptor, os.urandom(10_000), 0)
    assert newest(descriptor) == b""


def test_room_is_taken_when_the_file_is_made(descriptor: int) -> None:
    KeptTally(descriptor).write(b"few")
    status = os.fstat(descriptor)
    assert status.st_blocks * 512 >= status.st_size >= 64 * 1024
