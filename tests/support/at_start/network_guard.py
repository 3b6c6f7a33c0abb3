"""Refuses every step of this process towards the network outside, and writes down that it was tried.

Loaded in the tests' own process and, through `sitecustomize.py` beside it, in each Python child. It sees what
goes through Python's `socket`; what a C library does by itself only a network namespace can stop.
"""

import errno
import ipaddress
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

RECORD_VARIABLE = "LEADLENS_TEST_NETWORK_RECORD"

# Event of the interpreter -> where its arguments hold the host or the address.
_WATCHED = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}

_record: Path | None = None
_installed = False


def is_near(host: object) -> bool:
    """Whether a host is this machine: no host at all, its own name, or a loopback or wildcard address."""
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in {"", "localhost", socket.gethostname()} or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _host_in(argument: Any) -> object:
    """The host of a socket address; a path (a Unix socket) or a family without hosts is no host."""
    return argument[0] if isinstance(argument, tuple) and argument and isinstance(argument[0], str) else None


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    position = _WATCHED.get(event)
    if position is None or _record is None or len(arguments) <= position:
        return
    is_lookup = position == 0
    host = arguments[0] if is_lookup else _host_in(arguments[position])
    if is_near(host):
        return
    target = str(arguments[position])
    attempt = {"event": event, "target": target, "pid": os.getpid(), "program": sys.argv[:3]}
    # One short append, so lines of many processes stay whole.
    with _record.open("a", encoding="utf-8") as file:
        file.write(json.dumps(attempt) + "\n")
    message = f"this test has closed the network: {event} to {target}"
    if is_lookup:
        raise socket.gaierror(socket.EAI_NONAME, message)
    raise OSError(errno.ENETUNREACH, message)


def close(record: Path) -> None:
    """Refuse from here on, and append each attempt to `record` as a line of JSON."""
    global _record, _installed  # noqa: PLW0603 -- an audit hook cannot be taken out, only be told to rest
    _record = record
    if not _installed:
        sys.addaudithook(_refuse)
        _installed = True


def reopen() -> None:
    """Let this process through again."""
    global _record  # noqa: PLW0603 -- as above
    _record = None
