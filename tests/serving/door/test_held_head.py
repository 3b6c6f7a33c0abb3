"""Head and body of an answer are written in one piece, and none waits for the other."""

import asyncio
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from serving.door.held_head import HEAD, TOGETHER_BYTES, HeldHead

HEADERS = HEAD + b"200 OK\r\n\r\n"


class Line:
    """A transport that keeps what was written, and whether it was closed."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


async def written(*pieces: bytes, turns: bool = False, closes: bool = False) -> list[bytes]:
    line = Line()
    held = HeldHead(cast("Any", line), asyncio.get_running_loop())
    for piece in pieces:
        held.write(piece)
        if turns:
            await asyncio.sleep(0)
    if closes:
        held.close()
        assert held.is_closing()
    return line.written


def test_head_and_body_are_written_in_one_piece() -> None:
    assert asyncio.run(written(HEADERS, b"{}")) == [HEADERS + b"{}"]
    assert asyncio.run(written(HEADERS, b"x" * TOGETHER_BYTES, b"y")) == [
        HEADERS + b"x" * TOGETHER_BYTES,
        b"y",
    ]
    large = b"x" * (TOGETHER_BYTES + 1)
    assert asyncio.run(written(HEADERS, large)) == [HEADERS, large]


def test_to_who_has_gone_nothing_is_written() -> None:
    async def gone() -> list[bytes]:
        line = Line()
        held = HeldHead(cast("Any", line), asyncio.get_running_loop())
        held.write(HEADERS)
        line.close()
        held.write(b"{}")
        await asyncio.sleep(0)
        return line.written

    assert asyncio.run(gone()) == []


def test_a_head_does_not_wait_for_a_body_that_comes_later_or_not_at_all() -> None:
    assert asyncio.run(written(HEADERS, b"{}", turns=True)) == [HEADERS, b"{}"]
    assert asyncio.run(written(HEADERS, closes=True)) == [HEADERS]


@given(st.lists(st.sampled_from([HEADERS, b"", b"{}", b"x" * (TOGETHER_BYTES + 1)])), st.booleans())
def test_all_that_is_written_comes_in_its_order(pieces: list[bytes], turns: bool) -> None:
    assert b"".join(asyncio.run(written(*pieces, turns=turns, closes=True))) == b"".join(pieces)
