"""Every operation of the document, tried with what it allows and with what it does not.

The data are made by schemathesis from the document itself, so a field, a status or a media type that is
answered but not told, or told but not so, fails here.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection
from schemathesis.transport.serialization import Binary
from service_here import Service

from serving.api.openapi import openapi_document
from serving.door.arriving import FILE_TYPES

BASE = "http://127.0.0.1:3000"
LIKELY = "2026-11-20T10:00:00Z"
KNOWN = "known/ö %"
CREATED = "2026-11-02T08:00:00Z"
CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"exclude-header-characters": "\n\r", "with-security-parameters": False},
        "checks": {
            "positive_data_acceptance": {
                # A time may lie in the future, a file hold no leads: no schema can say so.
                "expected-statuses": ["2xx", "404", "409", "422", "503"],
            },
            "negative_data_rejection": {
                # What is wrong for its length may be too large for the limit of bodies first.
                "expected-statuses": ["400", "404", "409", "413", "415", "422"],
            },
            "ignored_auth": {"enabled": False},
            "unsupported_method": {"enabled": False},  # tests of the gate do this for every route
        },
    }
)
SCHEMA = schemathesis.openapi.from_dict(openapi_document(), config=CONFIG)
OPERATIONS = {
    result.ok().definition.raw["operationId"]: result.ok() for result in SCHEMA.get_all_operations()
}


LISTS = ("putLeads", "postEvents", "postOutcomes", "scoreBatch")
"""What is wrong with one item of these is said in its place; the others are kept, and the status is 200."""

TIMES = frozenset({"as_of", "created_at", "occurred_at", "known_at"})


def takes_anything(operation: Any) -> bool:
    return bool(operation.body or operation.query or operation.path_parameters or operation.headers)


def cases_of(operation: Any, mode: GenerationMode) -> st.SearchStrategy[Any]:
    """What may be sent to an operation; half of it to a lead that is there."""
    free = operation.as_strategy(mode)
    if "{id}" not in operation.path or "score-jobs" in operation.path:
        return free
    return free | operation.as_strategy(mode, path_parameters={"id": KNOWN})


def made_likely(value: Any) -> Any:
    """The same with times and ids of an ordinary week, so that more than refusals is reached."""
    if isinstance(value, list):
        return [made_likely(item) for item in value]
    if not isinstance(value, dict):
        return value
    likely = {name: made_likely(item) for name, item in value.items() if name not in TIMES}
    likely |= {name: LIKELY for name in value if name in TIMES}
    return {**likely, "lead_id": KNOWN, "created_at": CREATED} if "lead_id" in value else likely


def answered(service: Service, case: Any) -> Any:
    """Send a case through the client of the test, which keeps its own connection to the service."""
    known = ("method", "url", "headers", "data", "json", "params", "cookies")
    sent = case.as_transport_kwargs(base_url=BASE)
    request = requests.Request(**{name: sent[name] for name in known if name in sent}).prepare()
    headers = {**request.headers, **service.headers("admin")}
    body = request.body
    if case.media_type in FILE_TYPES and isinstance(case.body, Binary):
        body = case.body.data  # schemathesis would write rows as CSV: a file is its bytes
        headers.pop("Content-Length", None)
    return service.client.request(request.method, request.url, content=body, headers=headers)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        pytest.param(name, mode, id=f"{name}-{mode.value}")
        for name, operation in OPERATIONS.items()
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or takes_anything(operation)
    ],
)
@pytest.mark.proof(part="schemathesis")
def test_every_operation_answers_as_the_document_says(
    service: Service,
    proof_size: Callable[[int, int], int],
    record_property: Callable[[str, object], None],
    name: str,
    mode: GenerationMode,
) -> None:
    statuses: Counter[int] = Counter()
    put = {"lead": {"created_at": CREATED, "employees": "420"}}
    unfit = [negative_data_rejection] if name in LISTS else []

    @examples(max_examples=max(5, proof_size(500, 25_000) // (2 * len(OPERATIONS))), deadline=None)
    @given(cases_of(OPERATIONS[name], mode), st.booleans())
    def holds(case: Any, is_likely: bool) -> None:
        service.client.put(f"/v1/leads/{quote(KNOWN, safe='')}", json=put, headers=service.headers("admin"))
        if is_likely and mode is GenerationMode.POSITIVE and not isinstance(case.body, Binary):
            case.body = made_likely(case.body)
            case.query = {
                key: LIKELY if key in TIMES else value
                for key, value in (case.query or {}).items()
                if key != "cursor"
            }
        answer = answered(service, case)
        statuses[answer.status_code] += 1
        case.validate_response(answer, excluded_checks=unfit)

    holds()
    record_property(f"{name} {mode.value}", sum(statuses.values()))
