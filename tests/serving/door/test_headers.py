"""Whatever the headers of a request hold, the answer is one that the interface knows."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from service_here import Service

NAMES = (
    "Accept", "Accept-Encoding", "Authorization", "Baggage", "B3", "Connection", "Content-Encoding",
    "Content-Length", "Content-Type", "Cookie", "Expect", "Forwarded", "Host", "Idempotency-Key", "If-Match",
    "If-Modified-Since", "If-None-Match", "If-Range", "Origin", "Range", "Referer", "Sec-Fetch-Site",
    "Traceparent", "Tracestate", "Transfer-Encoding", "Uber-Trace-Id", "Upgrade", "User-Agent",
    "X-B3-TraceId", "X-BentoML-Name", "X-BentoML-Request-ID", "X-BentoML-Trace-ID", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Proto",
)  # fmt: skip
VALUES = st.binary(max_size=30) | st.sampled_from(
    [
        b"", b"\x00", b"[", b"http://[", b"http://a]:x", b"\xff", b"-1", b"9" * 400, b"1, 2", b"chunked",
        b"bytes=0-", b"bytes=9-1", b"bytes=" + b"0-1," * 500, b"leadlens_session=\xff", b'a="' + b'\\"' * 9,
        b"multipart/form-data; charset=undefined", b"multipart/form-data; boundary=" + b"x" * 10_000,
        b"Sat, 99 Foo 99999999999999999999 99:99:99 +99999999", b"Thu, 01 Jan 1970 00:00:00 GMT",
        b"00-" + b"f" * 32 + b"-" + b"f" * 16 + b"-01", b"00-zz-zz-zz", b"k=v;" * 5_000, b"Bearer " * 50,
        b"Bearer ll_%30_x", b"Bearer ll_\x00_x", b"a/b;q=" + b"9" * 5_000, b'W/"', b"x" * 100_000,
    ]
)  # fmt: skip
REQUESTS = (
    ("GET", "/static/leadlens.css"), ("GET", "/livez"), ("GET", "/sign-in"), ("POST", "/sign-in"),
    ("POST", "/sign-out"), ("GET", "/leads"), ("GET", "/"), ("POST", "/score"), ("POST", "/v1/events"),
    ("GET", "/v1/leads"), ("POST", "/v1/score-jobs"), ("PUT", "/v1/leads/headers"),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_no_header_makes_the_service_fail(
    service: Service, proof_size: Callable[[int, int], int], method: str, path: str
) -> None:
    @examples(max_examples=proof_size(60, 5_000), deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4), st.booleans())
    def holds(sent: list[tuple[str, bytes]], with_key: bool) -> None:
        service.client.cookies.clear()
        key = service.headers("admin")["Authorization"].encode()
        headers = [(name.encode(), value) for name, value in sent]
        headers += [(b"Authorization", key)] if with_key else []
        content = b"{}" if method in {"POST", "PUT"} else None
        answer = service.client.request(method, path, content=content, headers=headers)
        assert answer.status_code < 500, (sent, answer.text)
        assert answer.headers["server"] == "LeadLens"

    holds()


@pytest.mark.parametrize("name", ["theirs", "leadlens_session"])
@pytest.mark.parametrize("escaped", ['\\"', "\\"])
def test_a_cookie_of_many_escapes_is_not_even_parsed(service: Service, name: str, escaped: str) -> None:
    cookie = f'{name}="{escaped * 500_000}"'  # the parsers of some Pythons would take half an hour
    service.client.cookies.clear()
    assert service.client.get("/leads", headers={"Cookie": cookie}).status_code == 303


def test_a_session_goes_on_among_the_cookies_of_others(service: Service) -> None:
    service.client.cookies.clear()
    service.client.post("/sign-in", data={"key": service.keys["read"]})
    own = service.client.cookies["leadlens_session"]
    service.client.cookies.clear()
    for cookie in (
        f"leadlens_session={own}",
        f'a="x\\"y"; b; leadlens_session={own} ;=;c=leadlens_session=d',
    ):
        assert service.client.get("/leads", headers={"Cookie": cookie}).status_code == 200
