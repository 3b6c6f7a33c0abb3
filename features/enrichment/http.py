"""A provider on the web: one request a key, a flat JSON object as answer."""

from __future__ import annotations

import ipaddress
import json
import math
import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httpx
import stamina

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ATTEMPTS = 4
"""How often a key is asked for where the provider does not answer, is busy (429) or fails (5xx)."""

TIMES_OUT_AFTER = 3
"""An answer that drips in for so many time-outs is given up."""

_BUSY = frozenset({429, 500, 502, 503, 504})


class _TryAgainError(Exception):
    """The provider may answer if it is asked again."""


class HttpProvider:
    """Asks `url` with `{key}` in it for each key. 404 means that nothing is known.

    Only https, or http to this machine itself; redirects are not followed, so that a key and a secret go
    nowhere else. `secret` is sent as the header `header`, and never said. An answer may hold `most_bytes`.
    """

    def __init__(
        self, url: str, *, header: str, secret: str | None, timeout_s: float, most_bytes: int
    ) -> None:
        self._url = os.path.expandvars(url)
        self._said_of = _checked(self._url)
        self._headers = {"Accept": "application/json"} | ({} if secret is None else {header: secret})
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Ask for each key in turn. Raises InputError at the first that gets no usable answer."""
        found = {}
        with httpx.Client(
            headers=self._headers, timeout=self._timeout_s, follow_redirects=False, trust_env=False
        ) as client:
            for key in keys:
                known = self._patiently(client, key)
                if known is not None:
                    found[key] = known
        return found

    def _patiently(self, client: httpx.Client, key: str) -> dict[str, Any] | None:
        try:
            for attempt in stamina.retry_context(
                on=_TryAgainError, attempts=ATTEMPTS, timeout=None, wait_initial=0.2, wait_max=10.0
            ):
                with attempt:
                    return self._asked(client, key)
        except _TryAgainError as problem:
            raise self._error(key, f"{problem}, {ATTEMPTS} times") from None
        return None

    def _asked(self, client: httpx.Client, key: str) -> dict[str, Any] | None:
        try:
            with client.stream("GET", self._url.replace("{key}", quote(key, safe=""))) as answer:
                if answer.status_code in _BUSY:
                    raise _TryAgainError(f"status {answer.status_code}")
                if answer.status_code == httpx.codes.NOT_FOUND:
                    return None
                if answer.status_code != httpx.codes.OK:
                    raise self._error(key, f"status {answer.status_code}")
                return self._flat(key, self._body(key, answer))
        except httpx.TimeoutException:
            raise _TryAgainError(f"no answer within {self._timeout_s:g} seconds") from None
        except httpx.TransportError as problem:
            raise _TryAgainError(f"no connection ({type(problem).__name__})") from None
        except httpx.HTTPError as problem:
            raise self._error(key, f"an answer that cannot be read ({type(problem).__name__})") from None

    def _body(self, key: str, answer: httpx.Response) -> bytes:
        body = b""
        ends = time.monotonic() + TIMES_OUT_AFTER * self._timeout_s
        for piece in answer.iter_bytes():
            body += piece
            if time.monotonic() > ends:
                raise _TryAgainError("an answer that drips in too slowly")
            if len(body) > self._most_bytes:
                raise self._error(key, f"more than {self._most_bytes:,} bytes")
        return body

    def _flat(self, key: str, body: bytes) -> dict[str, Any]:
        try:
            content = json.loads(body, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            raise self._error(key, "no JSON") from None
        if not isinstance(content, dict):
            raise self._error(key, f"JSON, but {type(content).__name__}")
        if not _is_text(json.dumps(content, ensure_ascii=False)):
            raise self._error(key, "text that is no Unicode")
        for name, value in content.items():
            if not _is_flat(value):
                raise self._error(key, f"{name!r} with values inside values")
        return {name: value for name, value in content.items() if value is not None and value != []}

    def _error(self, key: str, found: str) -> InputError:
        remedy = "Check the provider's address and secret; what was found so far is kept."
        return InputError(
            Fault(f"{self._said_of}, key {key!r}", "a flat JSON object, or status 404", found, remedy)
        )


def _is_text(text: str) -> bool:
    """Return whether a text can be written: JSON may spell halves of characters."""
    return not any("\ud800" <= mark <= "\udfff" for mark in text)


def _is_flat(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(part, str | int | float) for part in value)
    return not isinstance(value, dict) and not (isinstance(value, float) and math.isinf(value))


def _checked(url: str) -> str:
    """Return the address as messages show it, without what may be secret. Raises InputError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown = f"{parts.scheme}://{host}"
    if "{key}" not in url or "{key}" in f"{parts.scheme}{parts.netloc}":
        remedy = "Put {key} where the company's key belongs."
        raise InputError(
            Fault("enrichment, url", "an address with {key} in its path or query", shown, remedy)
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(host)):
        remedy = "Use https; plain http is for this machine alone."
        raise InputError(Fault("enrichment, url", "an https address", shown, remedy))
    if parts.username or parts.password:
        remedy = "Leave it out, and name an environment variable in secret."
        raise InputError(Fault("enrichment, url", "no user or password in the address", shown, remedy))
    return shown


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
