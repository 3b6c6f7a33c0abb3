"""Cursors that somebody has made himself: their check is no secret."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from recorded import T0, Desk

from features.errors import InputError
from serving.history.listing import LeadQuery, asked_of, list_leads
from serving.history.timeline import history, timeline
from serving.jobs.job_store import list_jobs
from serving.store.database import Store
from serving.store.paging import _check, read_cursor, write_cursor

Look = Callable[[Any, int, str], object]
LISTS: dict[str, tuple[Callable[[int], list[Any]], Look]] = {
    "history": (lambda number: ["history", number], history),
    "timeline": (lambda number: ["timeline", number], timeline),
    "score jobs": (
        lambda _: ["score jobs", None],
        lambda connection, _, cursor: list_jobs(connection, 1, cursor=cursor),
    ),
    **{
        order: (
            lambda _, order=order: asked_of(LeadQuery(order=order)),
            lambda connection, _, cursor, order=order: list_leads(
                connection, LeadQuery(order=order, cursor=cursor)
            ),
        )
        for order in ("created", "updated", "score")
    },
}
FORGED: list[Any] = [
    None, 1, "x", {}, {"a": 1}, [], [1], [1, 2, 3, 4], [1, "x"], ["x", 1], [True, 1], [1, True], [1.5, 1],
    [1, None], [2**63, 1], [1, -(2**63) - 1], [[1], 1], [{}, 1], [1, 0, None], [1, 0, 5], [1, 1, "x"],
    [1, 9, 1], [1, -1, 1], [1, "0", 1], [None, 0, "x"], [1, 0, "a\0b"], [1, 0, "\ud800"], [1, 0, True],
    [1e400, 1],
]  # fmt: skip


@pytest.fixture
def number(store: Store, tmp_path_factory: pytest.TempPathFactory) -> int:
    return Desk(store, tmp_path_factory.mktemp("home")).lead("L-1", T0, employees="420")


@pytest.mark.parametrize("name", LISTS)
def test_a_forged_cursor_of_other_types_is_refused(store: Store, number: int, name: str) -> None:
    asked, look = LISTS[name]
    for position in FORGED:
        if name == "score jobs" and position == [1, "x"]:
            continue
        cursor = write_cursor(asked(number), position)
        with store.reading() as connection, pytest.raises(InputError, match="the `next` of the page before"):
            look(connection, number, cursor)


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_of_the_right_types_begins_where_it_says(store: Store, number: int, name: str) -> None:
    asked, look = LISTS[name]
    last: list[Any] = [2**63 - 1, 2**63 - 1]
    position = {"timeline": [2**63 - 1, 4, 2**63 - 1], "score jobs": [1, "f"]}.get(name, last)
    with store.reading() as connection:
        assert look(connection, number, write_cursor(asked(number), position))


def test_what_is_no_json_is_no_cursor() -> None:
    for said in (b"", b"[", b"\xff", json.dumps([1, 2]).encode() + b"]"):
        with pytest.raises(InputError, match="the `next` of the page before"):
            read_cursor(_forged(said), ["asked"], (int, int))


def _forged(said: bytes) -> str:
    return base64.urlsafe_b64encode(_check(["asked"], said) + said).decode().rstrip("=")
