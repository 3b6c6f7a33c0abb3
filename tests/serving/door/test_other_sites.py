"""Pages of other sites may ask nothing, and every answer of every route has safe headers."""

import re

import pytest
from service_here import Service

from serving.door.route import Route
from serving.door.routes import ROUTES
from serving.door.watch import SAFE_HEADERS

ELSEWHERE = {"Origin": "https://elsewhere.example"}
PREFLIGHT = {
    **ELSEWHERE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type",
}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.methods[0]} {route.path}")
def test_no_route_answers_a_page_of_another_site_with_leave_to_read_it(
    service: Service, route: Route
) -> None:
    path = re.sub(r"\{[^}]+\}", "x", route.path)
    service.client.cookies.clear()
    asked = [service.client.request(method, path, headers=ELSEWHERE) for method in route.methods]
    with_key = {**ELSEWHERE, **service.headers("admin")}
    asked += [service.client.request(method, path, headers=with_key) for method in route.methods]
    preflight = service.client.options(path, headers=PREFLIGHT)
    assert preflight.status_code == 405
    for answer in (*asked, preflight):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        told = {name: answer.headers.get(name) for name in SAFE_HEADERS}
        assert told == SAFE_HEADERS
        assert answer.status_code < 500 or answer.status_code == 503


def test_an_address_that_is_not_there_answers_no_page_of_another_site_either(service: Service) -> None:
    for method in ("GET", "OPTIONS"):
        answer = service.client.request(method, "/nothing", headers=PREFLIGHT)
        assert answer.status_code == 404
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
