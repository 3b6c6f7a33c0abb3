"""Takes the parts of a request off the wire: query, media type, body or file, each within its limits."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import parse_qsl

import anyio.to_thread
from starlette.datastructures import Headers

from features.errors import Fault
from serving.held_files import new_held_file
from serving.wire.problems import ProblemError, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from starlette.types import Receive, Scope

JSON = "application/json"
FILE_TYPES = {"text/csv": ".csv", "application/vnd.apache.parquet": ".parquet"}
"""Media types of files that may be sent, and the ending that each is kept under."""

_FILE_REMEDY = (
    "Say in Content-Type what the body is, text in UTF-8. Send a file as the body itself, not in a form: "
    "curl --data-binary @FILE."
)

MIB = 1024 * 1024
QUERY_LIMIT = 8 * 1024


def media_type_of(scope: Scope, *expected: str) -> str:
    """Return what the body is said to be, in small letters; `expected` is what may be sent.

    Raises ProblemError (415) for another charset than UTF-8.
    """
    said = Headers(scope=scope).get("content-type", "")
    kind, _, parameters = said.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if parameters.strip() and charset != "utf-8":
        raise unknown_media_type(scope, *expected)
    return kind.strip().lower()


def check_json(scope: Scope) -> None:
    """Raise ProblemError (415) where the body is not said to be JSON in UTF-8."""
    if media_type_of(scope, JSON) != JSON:
        raise unknown_media_type(scope, JSON)


def unknown_media_type(scope: Scope, *expected: str) -> ProblemError:
    """Return the refusal of a body of another type."""
    said = Headers(scope=scope).get("content-type", "")
    remedy = "Send JSON in UTF-8." if expected == (JSON,) else _FILE_REMEDY
    fault = Fault("Content-Type", ", ".join(expected), said[:80] or "none", remedy)
    return refuse(415, f"The body has to be {' or '.join(expected)}.", fault)


def query_of(scope: Scope, known: Iterable[str]) -> dict[str, str]:
    """Return the parameters of the query. Raises ProblemError (422) for an unknown one, or one sent twice."""
    sent = scope.get("query_string", b"")
    known = tuple(known)
    if len(sent) > QUERY_LIMIT:
        raise _bad_query("query", f"at most {QUERY_LIMIT} bytes", f"{len(sent)}", "Send less.")
    try:
        pairs = parse_qsl(sent.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise _bad_query("query", "text in UTF-8, percent-encoded", "something else", "Encode it.") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            expected = f"only {', '.join(known)}" if known else "no parameters"
            raise _bad_query(f"?{name}", expected, "an unknown parameter", "Remove it.")
        if name in found:
            raise _bad_query(f"?{name}", "one value", "several", "Send it once.")
        found[name] = value
    return found


async def whole_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the body.

    Raises ProblemError: 413 where it is larger than `limit` bytes, 400 where it breaks off.
    """
    _check_length(scope, limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        chunk, more = await _chunk(receive)
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not more:
            return b"".join(chunks)


async def body_into_file(
    scope: Scope, receive: Receive, limit: int, path: Path, more_time: Callable[[], None]
) -> tuple[BinaryIO, str]:
    """Write the body into a new file, and return it, still open, and its SHA-256.

    While it is open, nobody takes it for one that a killed process has left. Each MiB that has come buys
    time for the next.

    Raises ProblemError as `whole_body` does. No file is left where it does, or is cancelled.
    """
    _check_length(scope, limit)
    file = await anyio.to_thread.run_sync(new_held_file, path)
    try:
        digest = await _into(file, receive, limit, more_time)
        await anyio.to_thread.run_sync(file.flush)
    except BaseException:  # whatever ends it, a cancellation too: no half file is left
        file.close()
        _remove(path)
        raise
    return file, digest


def new_file_name(ending: str) -> str:
    """Return a name that no file has."""
    return secrets.token_hex(16) + ending


async def _into(file: BinaryIO, receive: Receive, limit: int, more_time: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    size = 0
    more = True
    while more:
        piece, more = await _mebibyte(receive)
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        await anyio.to_thread.run_sync(_written, file, digest.update, piece)
        if len(piece) >= MIB:
            more_time()
    if size == 0:
        fault = Fault("body", "a file", "an empty body", "Send the file as the body.")
        raise refuse(400, "The body is empty.", fault)
    return digest.hexdigest()


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _written(file: BinaryIO, digest: Callable[[bytes], None], piece: bytes) -> None:
    digest(piece)
    file.write(piece)


async def _mebibyte(receive: Receive) -> tuple[bytes, bool]:
    """Return about a MiB of the body, or what is left of it, and whether more comes."""
    pieces: list[bytes] = []
    size = 0
    more = True
    while more and size < MIB:
        chunk, more = await _chunk(receive)
        pieces.append(chunk)
        size += len(chunk)
    return b"".join(pieces), more


async def _chunk(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise refuse(400, "The body did not arrive whole.")
    return message.get("body", b""), message.get("more_body", False)


def _check_length(scope: Scope, limit: int) -> None:
    said = Headers(scope=scope).get("content-length", "0")
    if said.isdecimal() and len(said) < 20 and int(said) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> ProblemError:
    fault = Fault("body", f"at most {limit} bytes", "more", "Send less, or several requests.")
    return refuse(413, f"The body may hold at most {limit} bytes.", fault)


def _bad_query(where: str, expected: str, found: str, remedy: str) -> ProblemError:
    return refuse(422, "The query is not understood.", Fault(where[:80], expected, found, remedy))
