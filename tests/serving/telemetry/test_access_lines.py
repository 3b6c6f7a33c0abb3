"""Lines in bulk are those that Python's logging would write, one by one, with the formats of the service."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from pythonjsonlogger.json import JsonFormatter

from serving.logs import ACCESS, TEXT, _json
from serving.telemetry.access_lines import fields_of, json_lines, message_of, text_lines
from serving.telemetry.served import Served

ONE = Served("POST", "/score", 200, 1_795_253_400.25, 0.0123, "0123456789abcdef", "k1")
any_served = st.builds(
    Served,
    method=st.sampled_from(["GET", "POST"]) | st.text(),
    route=st.sampled_from(["/score", "/v1/leads/{id}", "-"]) | st.text(),
    status=st.none() | st.integers(100, 599),
    began=st.floats(0, 4e9),
    seconds=st.floats(0, 100),
    request_id=st.text(),
    key_id=st.text(),
)


def record_of(one: Served) -> logging.LogRecord:
    record = logging.LogRecord(ACCESS, logging.INFO, "", 0, message_of(one), (), None)
    record.created = one.began + one.seconds
    record.msecs = int((record.created - int(record.created)) * 1_000)
    record.__dict__.update(fields_of(one))
    return record


def by_logging(one: Served) -> str:
    return f"{logging.Formatter(TEXT['format']).format(record_of(one))}\n"


def by_the_library(one: Served) -> dict[str, Any]:
    settings = {name: value for name, value in _json("server 1").items() if name != "()"}
    document: dict[str, Any] = json.loads(JsonFormatter(**settings).format(record_of(one)))
    return document


def test_a_line_says_what_was_answered_and_when() -> None:
    [line] = json_lines("server 1")([ONE]).splitlines()
    assert json.loads(line) == {
        "time": "2026-11-21T09:30:00.262300+00:00",
        "level": "INFO",
        "logger": "leadlens.access",
        "message": "POST /score 200 12.3ms request=0123456789abcdef key=k1",
        "program": "server 1",
        "method": "POST",
        "route": "/score",
        "status": 200,
        "ms": 12.3,
        "request_id": "0123456789abcdef",
        "key_id": "k1",
    }


@given(seconds=st.floats(0, 100))
def test_milliseconds_are_told_to_the_microsecond(seconds: float) -> None:
    told = fields_of(replace(ONE, seconds=seconds))["ms"]
    assert told == round(told, 3) == pytest.approx(seconds * 1_000, abs=0.000_500_001)


@given(many=st.lists(any_served, max_size=4))
@example(many=[ONE, ONE])
def test_text_lines_are_those_that_logging_would_write(many: list[Served]) -> None:
    assert text_lines(many) == "".join(map(by_logging, many))


@given(many=st.lists(any_served, max_size=4))
def test_json_lines_are_those_of_the_formatter_but_for_the_last_microsecond(many: list[Served]) -> None:
    lines = json_lines("server 1")(many).split("\n")
    assert lines.pop() == ""
    for one, line in zip(many, lines, strict=True):
        ours, theirs = json.loads(line), by_the_library(one)
        times = [datetime.fromisoformat(document.pop("time")) for document in (ours, theirs)]
        assert abs(times[0] - times[1]) <= timedelta(microseconds=1)
        assert ours == theirs
        assert list(ours) == ["level", "logger", "message", "program", *fields_of(one)]
