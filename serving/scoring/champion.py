"""The model that serves: the local copy of the last champion, loaded without any registry."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
import weakref
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from decisions.policy import Policy
from features.errors import InputError
from features.words import ENGLISH, phrasebook_of_home, strangers
from serving.policies.following import FixedPolicy
from serving.scoring.answers import Answerer
from serving.scoring.requests import RequestReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from features.words import Phrasebook
    from models.scoring import Scorer
    from serving.conditions import Board, Level
    from serving.settings import Settings


class Policies(Protocol):
    """What says which policy is in force: `serving.policies.following`."""

    def current(self) -> tuple[Policy, int | None]:
        """Return the policy and its version, without waiting; None: it is none of the store's."""
        ...


LoadScorer: TypeAlias = "Callable[[Path], Scorer | None]"
"""What turns a home into the scorer that serves it, or None where it has none."""

CURRENT = "champion/current"
"""The pointer to the champion's local copy: it is replaced when a version is promoted."""

NOT_READY = (
    "Nothing is serving: the local copy of the champion cannot be loaded, and the log says why. Promote a "
    "version to copy it again: leadlens promote VERSION."
)

RETRY_SECONDS = 5.0
"""So long after a failure that may pass a champion is tried again: often enough, and no burden meanwhile."""

LOOK_SECONDS = 0.5
"""So long after the last look the pointer is looked at again."""

_SWITCH_SECONDS = 0.000_5
"""So long a thread that loads keeps the interpreter's lock while another wants it; Python's own is 5 ms."""

_log = logging.getLogger("leadlens.champion")


def load_local(home: Path) -> Scorer:
    """Load the local copy of a home's champion, or of what stands in for it where none was promoted yet.

    It speaks in the words of the home. Raises ArtifactError where the copy is damaged.
    """
    words = _words(home)
    with _without_scikit_learn():
        from models.stand_in import load_serving  # noqa: PLC0415 - LightGBM: only where there is a model to load

        scorer = load_serving(home, words)
    for stranger in strangers(words, scorer.spec):
        _log.warning("%s", stranger)
    return scorer


def _words(home: Path) -> Phrasebook:
    """Return the words of a home. Those that cannot be read keep nobody from being scored."""
    try:
        return phrasebook_of_home(home)
    except InputError as problem:
        _log.error("The words of the home cannot be read, and those of LeadLens are used: %s", problem)
        return ENGLISH


@contextmanager
def _without_scikit_learn() -> Iterator[None]:
    """Let LightGBM be imported as where there is no scikit-learn, which is two thirds of its import.

    Nothing that serves uses it, and a process that starts again has leads waiting for it.
    """
    if {"lightgbm", "sklearn"} & sys.modules.keys():
        yield
        return
    sys.modules["sklearn"] = None  # type: ignore[assignment]  # Python's own way to say: there is none
    try:
        yield
    finally:
        del sys.modules["sklearn"]


@contextmanager
def _yielding() -> Iterator[None]:
    """Give the interpreter's lock away soon: requests are answered while a champion is loaded."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _SWITCH_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _settle() -> None:
    """Freeze the new champion too: a process that follows has frozen what stays for good.

    What is walked for that is young alone: a tenth of a millisecond. The champion before is let go
    by its last request: nothing in a scorer refers back to it.
    """
    gc.collect()
    gc.freeze()


def _look_at(target: weakref.ref[Champion]) -> None:
    while True:
        champion = target()
        if champion is None:
            return
        champion.look()
        del champion
        time.sleep(LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What tells one version of the file `current` from the next."""

    modified_ns: int
    inode: int


_NO_POINTER = _Stamp(0, 0)


@dataclass(frozen=True, slots=True)
class _Pause:
    """Until when, in seconds of the clock, what a stamp tells of is not tried again."""

    stamp: _Stamp
    until: float


def _may_pass(problem: BaseException) -> bool:
    """Return whether the machine is the cause, and not what stands in the files."""
    cause = problem.__cause__
    return isinstance(problem, (OSError, MemoryError)) or (cause is not None and _may_pass(cause))


class Champion:
    """Holds the answerer of the current champion, and follows promotions.

    Once told to `follow`, a thread looks at the pointer every LOOK_SECONDS, loads what it names, and swaps it
    for the one before between two requests: whoever has asked goes on with what it was given. It decides by
    the policy that is in force. A champion that
    cannot be loaded is said in the log and on the board, and the one before it keeps serving. Where the cause
    may pass (a file that is not there, no memory) it is tried again every few seconds; a damaged copy is not.
    Where none was promoted yet, what `load` gives then serves until one is.

    `seconds` is a clock that never goes back.
    """

    def __init__(
        self,
        settings: Settings,
        policy: Policy | Policies,
        load: LoadScorer,
        *,
        seconds: Callable[[], float] = time.monotonic,
        board: Board | None = None,
    ) -> None:
        self._settings = settings
        self._refused: tuple[Policy, int | None] | None = None
        self._policies = FixedPolicy(policy) if isinstance(policy, Policy) else policy
        self._load = load
        self._seconds = seconds
        self._board = board
        self._wrong = ""
        self._pause: _Pause | None = None
        self._loading = threading.Lock()
        self._stamp: _Stamp | None = None
        self._answerer: Answerer | None = None
        self._thread: threading.Thread | None = None

    @property
    def policy(self) -> Policy:
        """The policy that decides, whoever scores."""
        return self._policies.current()[0]

    def answerer(self) -> Answerer | None:
        """Return who answers now, after looking at the pointer; None where nobody could ever be loaded."""
        stamp = self._news()
        if stamp is not None:
            self._follow(stamp)
        self._take_policy()
        return self._answerer

    def at_hand(self) -> Answerer | None:
        """Return who answers now, without looking or loading: an event loop must not wait."""
        return self._answerer

    def follow(self) -> None:
        """Look at the pointer from now on, in a thread that ends when nobody holds this champion any more."""
        with self._loading:
            if self._thread is None or not self._thread.is_alive():
                target = weakref.ref(self)
                self._thread = threading.Thread(target=_look_at, args=(target,), name="champion", daemon=True)
                self._thread.start()

    def look(self) -> None:
        """Follow the pointer if it was replaced, and tell the board how the champion is."""
        self.answerer()
        if self._board is not None:
            self._board.tell("champion", *self._condition())

    def _condition(self) -> tuple[Level, str]:
        if not self._wrong:
            return "ok", ""
        answerer = self._answerer
        if answerer is None:
            remedy = "Copy a version again: leadlens promote VERSION"
            return "failed", f"Nothing is serving. {self._wrong} {remedy}"
        goes_on = f"Version {answerer.scorer.version} goes on serving."
        return "degraded", f"{self._wrong} {goes_on} Copy the champion again: leadlens promote VERSION"

    def _follow(self, stamp: _Stamp) -> None:
        """Load what the pointer names. Who has a champion to go on with does not wait while another loads."""
        if not self._loading.acquire(blocking=self._answerer is None):
            return
        try:
            if stamp != self._stamp and not self._waits(stamp):
                self._load_for(stamp)
        finally:
            self._loading.release()

    def _load_for(self, stamp: _Stamp) -> None:
        is_first = self._answerer is None
        try:
            with _yielding():
                self._answerer = self._loaded() or self._answerer
            self._wrong = ""
        except Exception as problem:  # noqa: BLE001 - whatever a damaged copy raises, the service stays up
            _log.error("The champion cannot be loaded: %s: %s", type(problem).__name__, problem)
            self._wrong = f"The champion cannot be loaded: {type(problem).__name__}: {problem}."
            if _may_pass(problem):
                self._pause = _Pause(stamp, self._seconds() + RETRY_SECONDS)
                return
        self._stamp = stamp
        if not is_first and self._thread is not None:
            _settle()

    def _take_policy(self) -> None:
        """Answer by the policy that is in force, if that is another than before."""
        held, (policy, version) = self._answerer, self._policies.current()
        if held is None or (held.policy is policy and held.policy_version == version):
            return
        if (policy, version) == self._refused or not self._loading.acquire(blocking=False):
            return
        try:
            self._answerer = self._answering((self._answerer or held).scorer)
        except Exception as problem:  # noqa: BLE001 - whatever a policy brings about, the one before it goes on
            _log.error(
                "Version %s of the policy cannot be used, publish another: %s: %s",
                version,
                type(problem).__name__,
                problem,
            )
            self._refused = policy, version
        finally:
            self._loading.release()

    def _waits(self, stamp: _Stamp) -> bool:
        """Return whether what a stamp tells of failed a moment ago."""
        pause = self._pause
        return pause is not None and pause.stamp == stamp and self._seconds() < pause.until

    def since(self) -> int | None:
        """Return when the champion was pointed to here, in microseconds UTC; None where none was promoted."""
        return None if self._stamp in {None, _NO_POINTER} else self._stamp.modified_ns // 1_000

    def _news(self) -> _Stamp | None:
        """Return what tells of a pointer that is to be followed, None where there is none.

        One that is gone is not followed: who serves goes on.
        """
        try:
            status = (self._settings.home / CURRENT).stat()
        except FileNotFoundError:
            stamp = _NO_POINTER if self._stamp is None else self._stamp
        except OSError:
            return None
        else:
            stamp = _Stamp(status.st_mtime_ns, status.st_ino)
        return None if stamp == self._stamp or self._waits(stamp) else stamp

    def _loaded(self) -> Answerer | None:
        scorer = self._load(self._settings.home)
        if scorer is None:
            return None
        _log.info("Serving %s, version %s", scorer.name, scorer.version)
        return self._answering(scorer)

    def _answering(self, scorer: Scorer) -> Answerer:
        reader = RequestReader(
            scorer.mapping,
            event_limit=self._settings.event_limit,
            batch_limit=self._settings.batch_limit_leads,
        )
        policy, version = self._policies.current()
        answerer = Answerer(scorer, policy, reader, version)
        answerer.advisor.facts.warm_up()
        return answerer
