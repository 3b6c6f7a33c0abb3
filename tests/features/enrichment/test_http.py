import socket
from collections.abc import Iterator
from typing import Any

import pytest
import stamina
from company_register import Register, register

from features.enrichment.http import ATTEMPTS, HttpProvider
from features.errors import InputError

SENT = "Bearer s3cret-of-this-test"


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Try again at once."""
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@pytest.fixture
def companies() -> Iterator[Register]:
    with register() as held:
        yield held


def provider(url: str, **more: Any) -> HttpProvider:
    return HttpProvider(
        url, **{"header": "Authorization", "secret": None, "timeout_s": 5.0, "most_bytes": 1_000} | more
    )


def test_what_is_known_comes_back_by_key_and_404_is_nothing_known(companies: Register) -> None:
    companies.knows(
        "acme.example", (200, {"employees": 42, "industry": "retail", "city": None, "tags": ["a", "b"]})
    )
    found = provider(companies.url).look_up(["acme.example", "nobody.example"])
    assert found == {"acme.example": {"employees": 42, "industry": "retail", "tags": ["a", "b"]}}


def test_the_secret_goes_into_its_header_and_the_key_into_the_path(companies: Register) -> None:
    companies.knows("a/b?c", (200, {"x": 1}))
    assert provider(companies.url, header="X-Key", secret=SENT).look_up(["a/b?c"]) == {"a/b?c": {"x": 1}}
    [(key, headers)] = companies.asked
    assert key == "a/b?c"
    assert headers["X-Key"] == SENT


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_provider_is_asked_again(companies: Register, status: int) -> None:
    companies.knows("acme.example", (status, {}), (status, {}), (200, {"employees": 1}))
    assert provider(companies.url).look_up(["acme.example"]) == {"acme.example": {"employees": 1}}
    assert len(companies.asked) == 3


def test_a_provider_that_stays_busy_is_named_after_four_times(companies: Register) -> None:
    companies.knows("acme.example", (503, {}))
    with pytest.raises(InputError, match=r"key 'acme\.example': .*found status 503, 4 times") as told:
        provider(companies.url, secret=SENT).look_up(["acme.example"])
    assert len(companies.asked) == ATTEMPTS
    assert "s3cret" not in repr(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ((401, {}), "status 401"),
        ((302, {}, {"Location": "http://127.0.0.1:1/elsewhere"}), "status 302"),
        ((200, b"<html>"), "no JSON"),
        ((200, b"[1]"), "JSON, but list"),
        ((200, {"address": {"city": "x"}}), "'address' with values inside values"),
        ((200, {"tags": [["x"]]}), "'tags' with values inside values"),
        ((200, b"no gzip", {"Content-Encoding": "gzip"}), "an answer that cannot be read"),
        ((200, b'{"industry": "\\ud800"}'), "text that is no Unicode"),
        ((200, b'{"x": "' + b"y" * 2_000 + b'"}'), "more than 1,000 bytes"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named_and_not_asked_for_again(
    companies: Register, reply: Any, found: str
) -> None:
    companies.knows("acme.example", reply)
    with pytest.raises(InputError, match=found):
        provider(companies.url).look_up(["acme.example"])
    assert len(companies.asked) == 1


def test_a_provider_that_is_not_there_is_said_without_its_path() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/s3cret/{{key}}"
    with pytest.raises(InputError, match="no connection") as told:
        provider(url).look_up(["acme.example"])
    assert "s3cret" not in str(told.value)


def test_a_provider_that_does_not_answer_in_time_is_said() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/{{key}}"
        with pytest.raises(InputError, match=r"no answer within 0\.2 seconds, 4 times"):
            provider(url, timeout_s=0.2).look_up(["acme.example"])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://register.example/{key}", "an https address"),
        ("ftp://127.0.0.1/{key}", "an https address"),
        ("file:///etc/{key}", "an https address"),
        ("https://register.example/", "with {key} in its path"),
        ("https://{key}.example/x", "with {key} in its path"),
        ("https://me:s3cret@register.example/{key}", "no user or password"),
    ],
)
def test_an_address_that_could_give_a_secret_away_is_refused(url: str, expected: str) -> None:
    with pytest.raises(InputError, match="enrichment, url") as told:
        provider(url)
    assert expected in str(told.value)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(
    "url", ["https://register.example/{key}", "http://localhost:1/{key}", "http://[::1]/?d={key}"]
)
def test_https_and_this_machine_are_allowed(url: str) -> None:
    assert provider(url)


def test_the_address_takes_variables_from_the_environment(
    companies: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    companies.knows("acme.example", (200, {"x": 1}))
    monkeypatch.setenv("REGISTER_URL", companies.url.removesuffix("/{key}"))
    assert provider("$REGISTER_URL/{key}").look_up(["acme.example"]) == {"acme.example": {"x": 1}}
