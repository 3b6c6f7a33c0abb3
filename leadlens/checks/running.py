"""What runs: a server at the address, a worker, and what they say of themselves."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpx

from leadlens.checks.finding import Finding
from leadlens.checks.reading import sqlite_file, store_for_reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.checks.finding import Installation, Level
    from serving.settings import Settings

WAIT_SECONDS = 5
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - they are asked, not listened on


def server(at: Installation) -> Iterator[Finding]:
    """Whether a server answers at the address of the settings, if anything listens there."""
    address = _address(at.settings)
    try:
        socket.create_connection(_place(at.settings), WAIT_SECONDS).close()
    except OSError:
        yield Finding("server", "ok", f"nothing listens at {address}: none runs there.")
        return
    try:
        # no proxy of the environment between, and the certificate is for the name that callers use
        with httpx.Client(trust_env=False, verify=False, timeout=WAIT_SECONDS) as client:  # noqa: S501 - as above
            is_live = client.get(f"{address}/livez").text == "live"
            ready = client.get(f"{address}/readyz").text
    except httpx.HTTPError as problem:
        found = f"what listens at {address} does not answer ({type(problem).__name__})."
        yield Finding("server", "failed", found, "If it is LeadLens, restart it; else take another port.")
        return
    if not is_live:
        found = f"what listens at {address} is not LeadLens."
        yield Finding("server", "failed", found, "Choose another port, or stop what listens there.")
    elif ready != "ready":
        remedy = "The line of the champion, or the server's log, says why."
        yield Finding("server", "failed", f"it is live at {address}, and not ready.", remedy)
    else:
        yield Finding("server", "ok", f"it is ready at {address}.")


def worker(at: Installation) -> Iterator[Finding]:
    """Whether a worker has said of late that it is there."""
    from serving.jobs.workers import workers_seen

    if at.settings.store_url is None and not sqlite_file(at).is_file():
        return
    with store_for_reading(at) as connection:
        seen = workers_seen(connection, at.now)
    if seen.alive:
        yield Finding("worker", "ok", f"{seen.alive} alive.")
    elif seen.newest_at is None:
        yield Finding("worker", "ok", "none was seen of late: none runs, and what waits goes on waiting.")
    else:
        ago = (at.now - seen.newest_at) / 1e6
        found = f"the last was seen {ago:,.0f} seconds ago, and has not said that it ends."
        yield Finding(
            "worker", "warning", found, "Start one: leadlens worker, or leadlens serve, which starts one."
        )


def conditions(at: Installation) -> Iterator[Finding]:
    """Return what the processes of the home say of their parts, where it is not well."""
    from serving.conditions import conditions_in

    told = [one for one in conditions_in(at.home, at.now) if one.level != "ok"]
    for one in told:
        level: Level = "failed" if one.level == "failed" else "warning"
        yield Finding("conditions", level, f"{one.program} says of the {one.part}: {one.said}")
    if not told:
        yield Finding("conditions", "ok", "no process says that anything is amiss.")


def _place(settings: Settings) -> tuple[str, int]:
    return EVERYWHERE.get(settings.host, settings.host), settings.port


def _address(settings: Settings) -> str:
    host, port = _place(settings)
    scheme = "http" if settings.tls_certificate is None else "https"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
