"""Where the service listens: on the loopback, unless what it says to others is kept from third parties."""

from __future__ import annotations

import errno
import os
import socket
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from features.errors import Fault, InputError, RefusedError

if TYPE_CHECKING:
    from serving.settings import Settings

BACKLOG = 2_048


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens at the settings' host and port.

    Raises RefusedError where others than this machine would reach it and nobody speaks TLS, InputError where
    the address cannot be had.
    """
    family, address = _address(settings.host, settings.port)
    if not (is_loopback(address[0]) or settings.is_over_tls):
        raise RefusedError(_open_to_others(settings.host))
    try:
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as problem:
        place = f"{settings.host}:{settings.port}: {os.strerror(problem.errno or 0)}"
        raise InputError(
            Fault("host and port", "an address that is free", place, _remedy(problem.errno))
        ) from problem


def is_loopback(address: str) -> bool:
    """Whether an address in digits reaches this machine alone. 0.0.0.0 and :: do not: they are all of them.

    >>> [is_loopback(one) for one in ("127.0.0.9", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "fe80::1%lo")]
    [True, True, True, False, False, False]
    """
    read = ip_address(address)
    if isinstance(read, IPv6Address) and read.ipv4_mapped is not None:
        return read.ipv4_mapped.is_loopback
    return read.is_loopback


def _address(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Return the address that a host stands for: what is judged is what is listened on.

    Of a name with several, as localhost, it is that of IPv4, where clients look first.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as problem:
        remedy = "Give an address of this machine: 127.0.0.1, 0.0.0.0, ::1, or a name that it knows."
        raise InputError(Fault("host", "an address or a name", repr(host)[:80], remedy)) from problem
    found.sort(key=lambda one: one[0] != socket.AF_INET)
    family, _, _, _, address = found[0]
    return family, (str(address[0]), port)


def _remedy(number: int | None) -> str:
    if number == errno.EACCES:
        return (
            "Ports below 1024 are for root: choose another with --port and put a proxy in front, "
            "or give the unit AmbientCapabilities=CAP_NET_BIND_SERVICE."
        )
    if number == errno.EADDRNOTAVAIL:
        return "Give an address that this machine has with --host."
    return "Choose another with --port, or stop what listens there: another leadlens serve?"


def _open_to_others(host: str) -> str:
    return (
        f"Listening on {host} would show keys and leads to whoever hears the network: nothing encrypts it.\n"
        "Three ways out: listen on this machine alone (--host 127.0.0.1); speak TLS here (tls_certificate\n"
        "and tls_key in settings.toml, or LEADLENS_TLS_CERTIFICATE and LEADLENS_TLS_KEY); or say that a\n"
        "proxy in front speaks TLS (--behind-proxy)."
    )
