"""When the certificate that the service speaks TLS with expires."""

from __future__ import annotations

import ssl
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_WHATEVER_THE_TIME = ssl.VerifyFlags(0x200000)
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL: one that has expired is to be told of too."""


def expires_at(certificate: Path, key: Path) -> float | None:
    """Return when a certificate expires, seconds UTC since 1970; None where its files cannot be used.

    Python tells of a certificate only what it was shown in a handshake: one is done in memory.
    """
    with suppress(OSError, ValueError, KeyError):  # SSLError is an OSError
        return _expires_at(certificate, key, certificate.stat().st_mtime_ns)
    return None


@lru_cache(4)
def _expires_at(certificate: Path, key: Path, _modified_ns: int) -> float:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key, lambda: "")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _WHATEVER_THE_TIME
    client.load_verify_locations(certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (asking, answering, asking):
        with suppress(ssl.SSLWantReadError):  # it waits for the other
            side.do_handshake()
    return float(ssl.cert_time_to_seconds(str((asking.getpeercert() or {})["notAfter"])))
