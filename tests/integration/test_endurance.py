"""A server under steady load while versions come and go, some of them broken, and what it stands on fails.

No request for a score may fail, and memory may not grow. The store is PostgreSQL and is restarted, the
registry is MLflow's own server and is stopped for a while, the load comes from wrk.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from bodies_of_history import bodies_of
from broken_artifacts import BROKEN, broken_there
from ports import free_port
from postgres import Postgres, postgres, programs
from real_home import make_real_home
from tracking_server import TrackingServer
from wrk_load import Caller, Load

from features.mapping import read_mapping
from features.reading import read_tables
from leadlens.quiet import keep_libraries_quiet
from models.artifact import load_scorer
from models.champion import champion_folder
from models.registry import CHAMPION, Registered, Registry
from models.tracked import TrackedRun
from serving.run import open_keys

PIECE_SECONDS = 20.0
SHARE_OF_THE_MOST = 0.7
NOTHING_TRACKED = TrackedRun(parameters={}, figures={}, texts={})

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(programs() is None, reason="no PostgreSQL here: scripts/install-test-tools"),
    pytest.mark.skipif(shutil.which("wrk") is None, reason="no wrk here: scripts/install-test-tools"),
]


@dataclass(slots=True)
class Steady:
    """Load from a thread, piece by piece, as long as the block lasts."""

    caller: Caller
    bodies: list[bytes]
    a_second: float
    pieces: list[Load] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self, piece_seconds: float) -> Iterator[None]:
        """Load until the block ends, and for the piece under way then."""

        def run() -> None:
            while not self._stop.is_set():
                self.pieces.append(
                    self.caller.load(self.bodies, piece_seconds, connections=16, a_second=self.a_second)
                )

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    @property
    def failed(self) -> int:
        return sum(piece.failed for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Place:
    """A home with a real model, its registry and its store, and a server on a port."""

    home: Path
    port: int
    key: str
    registry: Registry
    tracking: TrackingServer
    database: Postgres
    server: psutil.Process
    sound: Path
    stored: Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    keep_libraries_quiet()
    home = tmp_path / "home"
    make_real_home(home, leads=700)
    tracked = tmp_path / "tracked"
    tracked.mkdir()
    with postgres(programs() or Path()) as database, closing(TrackingServer(tracked)) as tracking:
        url = database.database()
        with closing(open_keys(home, url)) as keys:
            key = keys.create("endurance", ["score", "read", "metrics"], limit_per_minute=0)[1]
        registry = Registry(tracking.address)
        sound = tmp_path / "sound"
        shutil.copytree(champion_folder(home, 1), sound)
        registry.promote(_registered(registry, sound))
        port = free_port()
        with _served(home, port, url, tracking.address) as server:
            stored = tracked / "artifacts"
            yield Place(home, port, key, registry, tracking, database, server, sound, stored)


@pytest.mark.proof(part="endurance")
def test_no_score_fails_while_versions_come_and_go_and_the_rest_fails(
    place: Place,
    proof_size: Callable[[int, int], int],
    record_property: Callable[[str, object], None],
) -> None:
    promotions, broken, restarts = proof_size(2, 50), proof_size(1, 10), proof_size(1, 2)
    minutes, away_seconds = proof_size(0, 30), proof_size(0, 300)
    bodies = _bodies(place, proof_size(50, 4_000))
    caller = Caller(port=place.port, key=place.key)
    most = caller.load(bodies, proof_size(1, 20)).a_second
    steady = Steady(caller, bodies, proof_size(50, int(SHARE_OF_THE_MOST * most)))
    acts = _acts(place, promotions, broken, restarts, away_seconds)
    began, before = time.monotonic(), _memory(place.server)
    pause = minutes * 60 / len(acts)
    with steady.running(proof_size(4, int(PIECE_SECONDS))):
        time.sleep(proof_size(1, 60))
        settled = _memory(place.server)
        for number, act in enumerate(acts):
            act()
            wait = began + (number + 1) * pause - time.monotonic()
            time.sleep(max(0.0, wait))
        wanted = place.registry.aliased(CHAMPION)
        assert wanted is not None
        _wait_for_version(place, wanted.version)
        _wait_for_condition(place, "champion", "ok", "")
    after = _memory(place.server)
    requests = sum(piece.requests for piece in steady.pieces)
    record_property("requests", requests)
    record_property("a_second", round(steady.a_second))
    record_property("failed", steady.failed)
    record_property("promotions", promotions)
    record_property("broken", broken)
    record_property("slowest_ms", round(max(piece.max_ms for piece in steady.pieces), 1))
    record_property("worst_p99_ms", round(max(piece.p99_ms for piece in steady.pieces), 2))
    record_property("memory_mib", f"{before:.0f}, {settled:.0f}, {after:.0f}")
    assert steady.failed == 0
    assert requests > 0
    assert after < settled * 1.15 + 40, f"memory grew from {settled:.0f} to {after:.0f} MiB"


def _acts(
    place: Place, promotions: int, broken: int, restarts: int, away_seconds: float
) -> list[Callable[[], None]]:
    """Return what happens, in its order: good and broken versions, the store and the registry away."""
    rng = random.Random(7)  # noqa: S311 - an order, and no secret
    ways = list(BROKEN.values())
    kinds = ["broken"] * broken + ["sound"] * (promotions - broken)
    rng.shuffle(kinds)

    def promote(number: int, kind: str) -> Callable[[], None]:
        def act() -> None:
            there = set(place.stored.rglob("checksums.json"))
            made = _registered(place.registry, place.sound)
            if kind == "sound":
                place.registry.promote(made)
                _wait_for_version(place, made.version)
                return
            # MLflow tries to load what it takes in, so it is broken where it is stored.
            for added in set(place.stored.rglob("checksums.json")) - there:
                broken_there(added.parent, ways[number % len(ways)])
            before = _version(place)
            place.registry.promote(made)
            _wait_for_condition(place, "champion", "degraded", f"Version {made.version} was refused")
            assert _version(place) == before
            place.registry.promote(place.registry.version(before))

        return act

    acts = [promote(number, kind) for number, kind in enumerate(kinds)]
    for number in range(1, restarts + 1):
        acts.insert(len(acts) * number // (restarts + 1), lambda: _restart(place.database))
    acts.insert(len(acts) // 2, lambda: _hang(place))
    if away_seconds:
        acts.insert(len(acts) // 3, lambda: _away(place, away_seconds))
    return acts


def _restart(database: Postgres) -> None:
    database.stop()
    time.sleep(1.0)
    database.start()


def _hang(place: Place) -> None:
    with place.tracking.hanging():
        _wait_for_condition(place, "registry", "degraded", "goes on serving")
    _wait_for_condition(place, "registry", "ok", "")


def _away(place: Place, seconds: float) -> None:
    place.tracking.stop()
    _wait_for_condition(place, "registry", "degraded", "promotions are followed once the registry answers")
    time.sleep(seconds)
    place.tracking.start()
    _wait_for_condition(place, "registry", "ok", "")


def _registered(registry: Registry, folder: Path) -> Registered:
    return registry.register(folder, NOTHING_TRACKED, load_scorer(folder).spec.names)


def _bodies(place: Place, count: int) -> list[bytes]:
    mapping = place.home / "data" / "leadlens.toml"
    tables = read_tables(read_mapping(mapping), mapping.parent)
    return bodies_of(tables, load_scorer(place.sound).spec, count)


@contextmanager
def _served(home: Path, port: int, store: str, tracking: str) -> Iterator[psutil.Process]:
    settings = os.environ | {
        "LEADLENS_STORE_URL": store,
        "MLFLOW_TRACKING_URI": tracking,
        "LEADLENS_FOLLOW_SECONDS": "0.5",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "2",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "leadlens", "serve", "--home", str(home), "--port", str(port)]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=settings, start_new_session=True)
    try:
        _until(lambda: _asked(port, "/readyz") == b"ready", 120, home / "server.log")
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def _memory(server: psutil.Process) -> float:
    """Return the resident memory of the process that answers, in MiB."""
    return server.memory_info().rss / 2**20


def _version(place: Place) -> int:
    said = json.loads(_asked(place.port, "/v1/model", place.key))
    return int(said["version"])


def _wait_for_version(place: Place, version: int) -> None:
    _until(lambda: _version(place) == version, 150, place.home / "server.log")


def _wait_for_condition(place: Place, part: str, level: str, said: str) -> None:
    """Wait until the health tells of a part, as the follower sees it, with such words."""

    def is_told() -> bool:
        told = json.loads(_asked(place.port, "/v1/health", place.key))["conditions"]
        return any(
            (one["part"], one["level"], one["program"]) == (part, level, "follower") and said in one["said"]
            for one in told
        )

    _until(is_told, 150, place.home / "server.log")


def _asked(port: int, path: str, key: str = "") -> bytes:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return bytes(answer.read())
    except OSError:
        return b"{}"


def _until(holds: Callable[[], bool], seconds: float, log: Path) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if holds():
                return
        except (OSError, KeyError):
            pass
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-4_000:])
