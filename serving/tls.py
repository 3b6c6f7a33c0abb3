"""The certificate that the service speaks TLS with: read, and proved with a handshake before it serves."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LEAST = ssl.TLSVersion.TLSv1_2
HSTS = ("Strict-Transport-Security", "max-age=31536000")
"""What browsers are told where callers speak TLS: to do so for a year (RFC 6797)."""

_EXPIRED, _NOT_YET = 10, 9
"""X509_V_ERR_CERT_HAS_EXPIRED and X509_V_ERR_CERT_NOT_YET_VALID of OpenSSL."""


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the server's side of TLS, 1.2 or newer.

    Raises InputError where a file cannot be read or is no PEM, where the key has a password or belongs to
    another certificate, and where the certificate is not valid at this moment.
    """
    context = _loaded(certificate, key)
    valid_until(certificate, context)
    return context


def valid_until(certificate: Path, context: ssl.SSLContext) -> datetime:
    """Return when a certificate ends, from a handshake with a client that trusts it and nothing else.

    Raises InputError where it is not valid at this moment.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= (
        ssl.VERIFY_X509_PARTIAL_CHAIN
    )  # it need not be a root to be the one that is trusted
    client.load_verify_locations(certificate)
    try:
        told = _certificate_shown(client, context)
    except ssl.SSLCertVerificationError as problem:
        found = {_EXPIRED: "one that has expired", _NOT_YET: "one that is not valid yet"}
        said = found.get(problem.verify_code, problem.verify_message)
        remedy = "Have it renewed, and check the machine's clock."
        raise InputError(
            Fault(str(certificate), "a certificate that is valid now", said, remedy)
        ) from problem
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)


def _loaded(certificate: Path, key: Path) -> ssl.SSLContext:
    for path in (certificate, key):
        _readable(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = LEAST
    try:
        context.load_cert_chain(certificate, key, _no_password)
    except ssl.SSLError as problem:
        if problem.reason == "KEY_VALUES_MISMATCH":
            found, remedy = f"the key of another than {certificate}", "Name the pair that was made together."
            raise InputError(Fault(str(key), "the certificate's private key", found, remedy)) from problem
        raise InputError(_no_pem(certificate, key)) from problem
    return context


def _no_pem(certificate: Path, key: Path) -> Fault:
    """Return which of the two files OpenSSL cannot read: it does not say so itself."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(certificate)
    except ssl.SSLError:
        return Fault(str(certificate), "a certificate in PEM, its chain after it", "no such", "Convert it.")
    return Fault(str(key), "a private key in PEM", "no such", "Convert it, or name the right file.")


def _readable(path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as problem:
        remedy = "Correct the setting, or let the user that runs LeadLens read the file."
        found = problem.strerror or "one that cannot be read"
        raise InputError(Fault(str(path), "a file that can be read", found, remedy)) from problem


def _no_password() -> str:
    remedy = "Take it off, and keep the file from others: openssl pkey -in KEY -out PLAIN"
    raise InputError(Fault("tls_key", "a key without a password", "one with a password", remedy))


def _certificate_shown(client: ssl.SSLContext, server: ssl.SSLContext) -> Mapping[str, object]:
    """Return what the server shows the client: both are here, and what they say stays in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (asking, answering, asking):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue  # it waits for the other
    return asking.getpeercert() or {}
