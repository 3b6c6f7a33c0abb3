import itertools
import logging
from typing import Any

import pytest
from service_here import NOW, Service

from serving.access.key import SCOPES, Scope
from serving.access.key_ring import KeyRing
from serving.api.handlers import HANDLERS
from serving.api.operations import OPERATIONS
from serving.door.route import Route
from serving.door.routes import ROUTES
from serving.wire.problems import KINDS

NAMED = {"{file}": "leadlens.css", "{id}": "L-1"}
GUARDED = [(method, route) for route in ROUTES if route.access != "open" for method in route.methods]


def said(value: object) -> str:
    return value.path if isinstance(value, Route) else str(value)


def ask(service: Service, method: str, route: Route, headers: dict[str, str]) -> Any:
    path = "/".join(NAMED.get(segment, segment) for segment in route.path.split("/"))
    content = b"{}" if method in {"POST", "PUT"} else None
    service.client.cookies.clear()
    return service.client.request(
        method, path, content=content, headers={"Content-Type": "application/json", **headers}
    )


@pytest.mark.parametrize(("method", "route"), GUARDED, ids=said)
def test_nothing_passes_without_a_key(service: Service, method: str, route: Route) -> None:
    answer = ask(service, method, route, {})
    if route.access == "session":
        assert (answer.status_code, answer.headers["location"][:14]) == (303, "/sign-in?next=")
    else:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "route"), GUARDED, ids=said)
@pytest.mark.parametrize(
    "said_key", ["Bearer ll_00000000_x", "Bearer", "Basic eDp5", "ll_x_y", "Bearer \xe9"]
)
def test_nothing_passes_with_what_is_no_key(
    service: Service, method: str, route: Route, said_key: str
) -> None:
    answer = ask(service, method, route, {"Authorization": said_key.encode("latin-1")})  # type: ignore[dict-item]  # bytes, as they come over the wire
    assert answer.status_code == (303 if route.access == "session" else 401)


@pytest.mark.parametrize(
    ("scope", "method", "route"),
    [
        (scope, *guarded)
        for scope, guarded in itertools.product(SCOPES, GUARDED)
        if guarded[1].access == "key"
    ],
    ids=said,
)
def test_a_key_opens_the_routes_of_its_scope_alone(
    service: Service, scope: Scope, method: str, route: Route
) -> None:
    answer = ask(service, method, route, service.headers(scope))
    if scope in (route.scope, "admin"):
        assert answer.status_code not in (401, 403)
    else:
        assert answer.status_code == 403
        assert method == "HEAD" or str(route.scope) in answer.json()["detail"]


@pytest.mark.parametrize(("method", "route"), GUARDED, ids=said)
def test_nothing_passes_with_a_key_that_has_ended(service: Service, method: str, route: Route) -> None:
    revoked, text = service.ring.create("revoked", SCOPES)
    service.ring.revoke(revoked.id)
    old = KeyRing(service.parts.store, lambda: NOW - 1_000_000)
    _, expired = old.create("expired", SCOPES, expires_at=NOW - 1)
    for ended in (text, expired):
        answer = ask(service, method, route, {"Authorization": f"Bearer {ended}"})
        assert answer.status_code == (303 if route.access == "session" else 401)


def test_every_refusal_has_the_one_shape(service: Service) -> None:
    refused = 0
    for method, route in GUARDED:
        for headers in ({}, service.headers("metrics"), service.headers("admin")):
            answer = ask(service, method, route, headers)
            if answer.status_code >= 400 and method != "HEAD" and route.access == "key":
                refused += 1
                assert answer.headers["content-type"] == "application/problem+json"
                said = answer.json()
                assert list(said)[:5] == ["type", "title", "status", "detail", "errors"]
                assert said["status"] == answer.status_code
                assert said["type"].removeprefix("urn:leadlens:problem:") in KINDS
    assert refused > 2 * len({route.path for _, route in GUARDED})


def test_what_runs_in_every_route_is_in_the_table(service: Service) -> None:
    told = {route.operation for route in ROUTES if route.operation}
    elsewhere = {"scoreBatch", "isLive", "isReady"}
    assert told - elsewhere == set(HANDLERS)
    assert told == set(OPERATIONS)


def test_a_revoked_key_opens_nothing(service: Service) -> None:
    key, text = service.ring.create("short-lived", ["score"])
    assert service.client.post("/score", headers={"Authorization": f"Bearer {text}"}).status_code == 415
    service.ring.revoke(key.id)
    assert service.client.post("/score", headers={"Authorization": f"Bearer {text}"}).status_code == 401


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/sign-in", "/static/leadlens.css"])
def test_few_addresses_are_open(service: Service, path: str) -> None:
    assert service.client.get(path).status_code in (200, 303)
    assert [route.path for route in ROUTES if route.access == "open" and route.methods[0] == "GET"] == [
        "/livez", "/readyz", "/", "/sign-in", "/static/{file}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "/schema.json",
        "/healthz",
        "/static_content/x",
        "/nothing",
        "/score/",
        "/score/submit",
        "/leads/",
        "/%00",
    ],
)
def test_what_the_table_does_not_name_is_not_there(service: Service, path: str) -> None:
    for key in ({}, service.headers("admin")):
        answer = service.client.get(path, headers=key)
        assert answer.status_code == 404, path
        assert answer.json()["type"] == "urn:leadlens:problem:not-found"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_another_method_is_told_which_are_offered(service: Service, method: str) -> None:
    answer = service.client.request(method, "/score", headers=service.headers())
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["status"] == 405


def test_the_probes_say_one_word(service: Service) -> None:
    assert [service.client.get(path).text for path in ("/livez", "/readyz")] == ["live", "ready"]


def test_every_answer_has_safe_headers_and_an_id_of_its_own(service: Service) -> None:
    ids = set()
    for path in ("/livez", "/nothing", "/sign-in", "/static/leadlens.css", "/docs.json", "/leads"):
        headers = service.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["server"] == "LeadLens"
        assert not any("bentoml" in f"{name}{value}".lower() for name, value in headers.items())
        ids.add(headers["x-request-id"])
    assert len(ids) == 6


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "",
        "application/vnd.bentoml+pickle",
        "multipart/form-data",
        "application/json; charset=latin-1",
        "application/x-www-form-urlencoded",
    ],
)
def test_only_json_is_understood(service: Service, kind: str) -> None:
    answer = service.client.post("/score", content=b"{}", headers={**service.headers(), "Content-Type": kind})
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["expected"] == "application/json"


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON", 'application/json; charset="UTF-8"']
)
def test_json_in_utf_8_is_understood_however_it_is_written(service: Service, kind: str) -> None:
    answer = service.client.post("/score", content=b"{}", headers={**service.headers(), "Content-Type": kind})
    assert answer.status_code == 422


def test_a_body_that_is_too_large_is_refused_by_its_length_or_while_it_comes(service: Service) -> None:
    body = b" " * (64 * 1024 + 1)
    headers = {**service.headers(), "Content-Type": "application/json"}
    announced = service.client.post("/score", content=body, headers=headers)
    streamed = service.client.post("/score", content=iter([body[:40_000], body[40_000:]]), headers=headers)
    assert [announced.status_code, streamed.status_code] == [413, 413]
    assert announced.json()["errors"][0]["expected"] == "at most 65536 bytes"
    assert service.client.post("/score", content=body[:-1], headers=headers).status_code == 400


def test_the_log_names_routes_and_keys_but_no_addresses(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        service.client.get("/leads/jane.doe@example.org?secret=1")
        service.client.post("/score?who=jane", content=b"{}", headers=service.headers())
    lines = [record.getMessage() for record in caplog.records if record.name == "leadlens.access"]
    assert lines[0].startswith("GET /leads/{id} 303 ")
    assert lines[1].startswith("POST /score 415 ")
    key = service.ring.verify(service.keys["score"])
    assert key is not None
    assert lines[1].endswith(f"key={key.id}")
    ours = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    assert not [line for line in ours if "jane" in line or "secret" in line]
