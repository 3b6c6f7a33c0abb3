"""Running the service in this process, and making keys: what the command line calls."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING

from models.score import BUILT_IN_VERSION
from serving.access.audit_log import SERVICE
from serving.access.key_ring import KeyRing
from serving.clock import utc_now
from serving.listening import listen
from serving.logs import configure_logs
from serving.parts import lazily, write_once
from serving.processes import Children, Program, kept, stop_with_parent, told_to_stop
from serving.scoring.champion import NOT_READY, load_local
from serving.store.database import StoreBusyError, open_store
from serving.store.in_use import in_use
from serving.store.opening import when_opened
from serving.telemetry.places import clear_places
from serving.tls import HSTS, server_context
from serving.upkeep import Upkeep

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from starlette.types import ASGIApp

    from serving.access.key import Key
    from serving.parts import Parts
    from serving.scoring.champion import LoadScorer
    from serving.settings import Settings

ADMIN_KEY = "admin-key"
STORE_AWAY = "The store does not answer. Keys that were right before go on scoring; the rest comes with it."
HTTP = "serving.door.limited_head:LimitedHead"
STOP_SECONDS = 10
IDLE_SECONDS = 75
"""So long an idle connection is kept: longer than proxies keep theirs, so that none sends into its end."""

_log = logging.getLogger("leadlens.service")


def create_key(
    home: Path,
    name: str,
    scopes: Iterable[str],
    *,
    expires_at: int | None = None,
    store_url: str | None = None,
) -> tuple[Key, str]:
    """Make an API key in a home; return it with its text, which nothing can show again.

    `expires_at` in microseconds UTC. Raises InputError for a scope that does not exist or a bad name.
    """
    with closing(open_keys(home, store_url)) as keys:
        return keys.create(name, scopes, expires_at=expires_at)


def open_keys(home: Path, store_url: str | None = None) -> KeyRing:
    """Return the keys of a home, or of the database at `store_url`; the store is made where it is missing."""
    return KeyRing(open_store(home, store_url), utc_now)


def serve(
    settings: Settings,
    *,
    say: Callable[[str], object] = print,
    load: LoadScorer = load_local,
    beside: Sequence[Program] = (),
    shadow: socket.socket | None = None,
) -> None:
    """Serve until a signal to stop, and then let the requests under way finish (at most 10 seconds).

    `say` is told where the service listens and where a first key was put. The programs `beside` run as
    processes of their own as long as the service does; with more than one of `settings.workers` the
    requests are answered by such processes too. `shadow` is the line to the one of them that scores with the
    challenger. Raises InputError where the settings, the policy, the certificate or the address cannot be
    used, RefusedError while a backup is restored into the home, or where others than this machine would be
    answered without TLS.
    """
    configure_logs(settings)
    say = partial(_said, say)
    _tls(settings)
    with in_use(settings.home, settings.store_url), listen(settings) as listening:
        clear_places(settings.home)
        _serve(settings, listening, say, load, beside, shadow)
    _log.info("stopped, as it was told to")


def _serve(
    settings: Settings,
    listening: socket.socket,
    say: Callable[[str], object],
    load: LoadScorer,
    beside: Sequence[Program],
    shadow: socket.socket | None,
) -> None:
    parts = lazily(settings, load, shadow=shadow)
    _first_key(parts(), say)
    if not parts().store.opened.is_set():
        say(STORE_AWAY)
    if settings.workers > 1:
        _say_where(parts(), listening, say)
        parts().store.close()
        names = [f"server {number}" for number in range(1, settings.workers + 1)]
        servers = [
            Program(name, partial(_answer_here, settings, load, listening, name, shadow)) for name in names
        ]
        with told_to_stop() as told:
            Children([*servers, *beside], told, before_the_end=listening.close).keep()
        return
    app = _app(parts)
    Upkeep(parts()).begin()
    _say_where(parts(), listening, say)
    with told_to_stop() as told, kept(beside), parts().telemetry.running():
        _answer(app, listening, settings, told)


def first_key(keys: KeyRing, path: Path) -> bool:
    """Where there is no key at all, make one for everything and put it into a file; return whether it did.

    Of several servers that start at once, one does, and the file holds its key.
    """
    made = keys.create_first("first key", SERVICE)
    if made is None:
        return False
    path.unlink(missing_ok=True)
    write_once(path, made[1] + "\n")
    return True


def _first_key(parts: Parts, say: Callable[[str], object]) -> None:
    path = parts.settings.home / ADMIN_KEY

    def made() -> None:
        with suppress(StoreBusyError):
            if first_key(parts.keys, path):
                say(f"There was no key. One for everything is in {path}, which only you can read.")

    when_opened(parts.store, made)


def _say_where(parts: Parts, listening: socket.socket, say: Callable[[str], object]) -> None:
    host, port = listening.getsockname()[:2]
    scheme = "http" if parts.settings.tls_certificate is None else "https"
    say(f"LeadLens listens on {scheme}://{f'[{host}]' if ':' in host else host}:{port}")
    answerer = parts.champion.answerer()
    if answerer is None:
        say(NOT_READY)
    elif answerer.scorer.version == BUILT_IN_VERSION:
        say(
            "There is no model yet: the points scorecard that comes with LeadLens serves. "
            "To put a model in its place: leadlens train, then leadlens promote."
        )


def _said(say: Callable[[str], object], line: str) -> None:
    """Say a line. Where standard output is full, or nobody reads it any more, the rest is not said."""
    try:
        say(line)
        sys.stdout.flush()
    except OSError as problem:
        _log.warning("standard output cannot be written: %s", problem.strerror)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # Python would fail once more when it ends
        os.close(nowhere)


def _answer_here(
    settings: Settings,
    load: LoadScorer,
    listening: socket.socket,
    program: str,
    shadow: socket.socket | None,
) -> None:
    """Answer requests in a child process, with a gate, a store and a champion of its own."""
    configure_logs(settings, program)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which then says so
    stop_with_parent(partial(os.kill, os.getpid(), signal.SIGTERM))
    parts = lazily(settings, load, program=program, shadow=shadow)
    with in_use(settings.home, settings.store_url), parts().telemetry.running():
        Upkeep(parts()).begin()
        _answer(_app(parts), listening, settings, threading.Event())


def _app(parts: Callable[[], Parts]) -> ASGIApp:
    from serving.app.asgi import leadlens_app  # noqa: PLC0415 - BentoML takes a second: bad settings are said before it

    return leadlens_app(parts)


def _answer(app: ASGIApp, listening: socket.socket, settings: Settings, told: threading.Event) -> None:
    """Answer until a signal, or until `told`: a signal may have come before uvicorn listens to signals."""
    import uvicorn  # noqa: PLC0415 - as above

    tls = _tls(settings)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=HTTP,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        headers=[HSTS] if settings.is_over_tls else [],
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = uvicorn.Server(config)

    def heed() -> None:
        told.wait()
        server.should_exit = True

    threading.Thread(target=heed, daemon=True).start()
    server.run(sockets=[listening])


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return server_context(settings.tls_certificate, settings.tls_key)
