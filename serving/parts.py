"""The parts of a running service, put together from settings."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from decisions.policy import Policy, read_policy
from serving.access.key_memory import KeyMemory
from serving.access.key_ring import KeyRing
from serving.access.look_ups import WAIT_SECONDS, LookUps
from serving.access.rate_limits import Guesses, KeyLimits
from serving.clock import utc_now
from serving.conditions import Board
from serving.jobs.waiting_figures import WaitingFigures
from serving.policies.following import PolicyInForce
from serving.scoring.book import FirstOf, LeadBook, StoreBook, book_of_files
from serving.scoring.champion import Champion, load_local
from serving.scoring.champion_figures import champion_figures
from serving.scoring.changes import VERSIONS_HELD, LeadChanges
from serving.scoring.recording import Recorder
from serving.scoring.versions import LocalVersions
from serving.shadow.offering import Shadow
from serving.store.opening import open_when_there
from serving.store.reach import Limits
from serving.telemetry.shadow_figures import ShadowFigures
from serving.telemetry.telemetry import Telemetry

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from serving.scoring.champion import LoadScorer
    from serving.settings import Settings
    from serving.store.database import Store

SESSION_SECRET = "session-secret"  # noqa: S105 - the name of a file
STORE_SECONDS = 3.0
"""A server that starts waits so long for its store, and then serves without it until it is there."""

POLICY = "policy.toml"
LEADS = "data/leadlens.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the layers and endpoints of the service are given."""

    settings: Settings
    store: Store
    keys: KeyRing
    look_ups: LookUps
    guesses: Guesses
    key_limits: KeyLimits
    policies: PolicyInForce
    champion: Champion
    recorder: Recorder
    changes: LeadChanges
    leads: LeadBook
    session_secret: str
    telemetry: Telemetry
    board: Board
    waiting: WaitingFigures
    shadow: Shadow
    clock: Callable[[], int]


def lazily(
    settings: Settings,
    load: LoadScorer = load_local,
    *,
    program: str = "server",
    shadow: socket.socket | None = None,
) -> Callable[[], Parts]:
    """Return what opens the parts when they are first asked for, and only then."""
    return cache(lambda: open_parts(settings, load=load, program=program, shadow=shadow))


def open_parts(
    settings: Settings,
    *,
    load: LoadScorer = load_local,
    clock: Callable[[], int] = utc_now,
    program: str = "server",
    shadow: socket.socket | None = None,
) -> Parts:
    """Open the store, the champion and the leads of a home. `shadow` is the line to who scores beside.

    Raises InputError where the policy file, the files of leads or the store cannot be used. A champion that
    cannot be loaded is no error: the service starts, is live, and is not ready. Nor is a store that is away.
    """
    limits = Limits.within(settings.answer_limit_seconds)
    store = open_when_there(settings.home, settings.store_url, limits, wait_seconds=STORE_SECONDS)
    board = Board(settings.home, program, clock)
    policies = PolicyInForce(settings, store, clock)
    champion = Champion(settings, policies, load, board=board)
    champion.answerer()
    telemetry = Telemetry(settings, program)
    telemetry.ask(champion_figures(champion, telemetry))
    keys = KeyRing(store, clock, memory_hours=settings.key_memory_hours, memory=KeyMemory(settings.home))
    look_ups = LookUps(keys, min(WAIT_SECONDS, settings.answer_limit_seconds / 3))
    return Parts(
        settings=settings,
        store=store,
        keys=keys,
        look_ups=look_ups,
        guesses=Guesses(look_ups, settings.wrong_key_limit_per_minute),
        key_limits=KeyLimits(settings.key_limit_per_minute, settings.workers),
        policies=policies,
        champion=champion,
        recorder=Recorder(store, champion),
        changes=LeadChanges(store, champion, LocalVersions(settings.home, VERSIONS_HELD), settings),
        leads=_book(settings, store, champion, clock),
        session_secret=kept_secret(settings.home / SESSION_SECRET),
        telemetry=telemetry,
        board=board,
        waiting=WaitingFigures(store, clock),
        shadow=Shadow(shadow, settings.shadow_share, ShadowFigures(telemetry).dropped),
        clock=clock,
    )


def policy_of(settings: Settings) -> Policy:
    """Return the policy that the settings name, else that of the home, else the default.

    Raises InputError where a file that is there cannot be used.
    """
    if settings.policy is not None:
        return read_policy(settings.policy)
    path = settings.home / POLICY
    return read_policy(path) if path.exists() else Policy()


def kept_secret(path: Path) -> str:
    """Return the secret that a file holds. A missing file is made; only its owner may read it."""
    write_once(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii")


def write_once(path: Path, text: str) -> bool:
    """Write a file that only its owner may read, unless it is there. Returns whether it was written."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    return True


def _book(settings: Settings, store: Store, champion: Champion, clock: Callable[[], int]) -> LeadBook:
    """Return the book of the files that are named, and of the store, which is all where none are."""
    stored = StoreBook(store, champion, clock)
    path = settings.leads or settings.home / LEADS
    if settings.leads is None and not path.exists():
        return stored
    return FirstOf([book_of_files(path), stored])
