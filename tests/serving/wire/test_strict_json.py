"""Reading JSON strictly."""

import json

import pytest

from serving.wire.problems import ProblemError
from serving.wire.strict_json import read_json


def test_a_name_that_is_sent_twice_is_named() -> None:
    with pytest.raises(ProblemError, match="400") as refused:
        read_json(b'{"lead": {"a": 1, "b": 2, "c": 3, "b": 4}}')
    assert refused.value.problem.status == 400
    assert refused.value.problem.faults[0].found == "'b' twice"


def test_the_last_of_very_many_names_is_found_twice_without_comparing_each_with_each() -> None:
    names = "".join(f'"{number}":0,' for number in range(200_000))
    body = f'{{{names}"x":0,"x":0}}'.encode()  # every name with every other: half an hour
    with pytest.raises(ProblemError, match="400") as refused:
        read_json(body)
    assert refused.value.problem.faults[0].found == "'x' twice"


def test_what_is_read_is_what_any_reader_of_json_reads() -> None:
    body = {"lead": {"lead_id": "ö", "values": ["a", None, 1.5, True]}, "": {}}
    assert read_json(json.dumps(body).encode()) == body
