"""What comes over the wire and is no request that can be understood in one way."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from serving.door.arriving import whole_body
from serving.door.limited_head import HEAD_LIMIT_BYTES
from serving.run import HTTP

MIB = 1024 * 1024


async def _length(scope: Any, receive: Any, send: Any) -> None:
    """Say how large the body is."""
    body = await whole_body(scope, receive, 8 * MIB)
    await PlainTextResponse(f"{len(body)} bytes")(scope, receive, send)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(_length, http=HTTP, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(30)


def answered(port: int, *pieces: bytes) -> bytes:
    """Send pieces, until nobody takes them any more; return what is answered, until the other end closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            return b"".join(iter(lambda: connection.recv(MIB), b""))
        except (ConnectionResetError, BrokenPipeError):
            return b""


@pytest.mark.parametrize(
    "request_text",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\na",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\na",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\na",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\na",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    ],
)
def test_a_request_that_two_readers_could_part_differently_is_refused(port: int, request_text: bytes) -> None:
    said = answered(port, request_text)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nX: ",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ],
)
def test_a_head_without_end_is_cut_off_before_it_fills_the_memory(port: int, begun: bytes) -> None:
    said = answered(port, begun, *[b"x" * MIB] * 64, b" HTTP/1.1\r\n\r\n")
    assert b"200 OK" not in said


def test_headers_of_many_lines_are_cut_off_alike(port: int) -> None:
    assert b"200 OK" not in answered(port, b"GET / HTTP/1.1\r\n", *[b"a: b\r\n" * 100_000] * 20, b"\r\n")


def test_what_comes_within_the_limit_is_answered_also_where_the_body_is_larger(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nConnection: close\r\nX: " + b"x" * (HEAD_LIMIT_BYTES - 200)
    plain = head + b"\r\nContent-Length: %d\r\n\r\n" % (4 * MIB)
    assert answered(port, plain, *[b"y" * MIB] * 4).endswith(b"\r\n\r\n4194304 bytes")
    chunks = [b"400\r\n" + b"y" * 1024 + b"\r\n"] * 4096
    chunked = head + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert answered(port, chunked, *chunks, b"0\r\n\r\n").endswith(b"\r\n\r\n4194304 bytes")


def test_many_small_requests_of_one_connection_are_each_answered(port: int) -> None:
    one = b"GET / HTTP/1.1\r\nX: " + b"x" * 1_000 + b"\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
    assert answered(port, *[one] * 199, last).count(b"HTTP/1.1 200 OK") == 200
