"""What the service has acknowledged survives its death, once; all else is wholly there or wholly not."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from mixed_load import Caller, Connection, Load, Write, tokens_in
from ports import free_port
from served import Served, fake_server, put_champion, served
from waiting import until

from serving.ledger.check import verify
from serving.run import open_keys
from serving.store.database import Store, open_store
from serving.store.schema import LEDGER_UNSEALED, STALE_LEADS

CALLERS = 4
READY_SECONDS = 10
"""Promised. It is held to in `make prove`, where nothing else keeps the machine busy."""

PATIENCE_SECONDS = 60
MOST_BEFORE_A_KILL = 250
"""So many acknowledged writes at most come before a kill: it falls anywhere, into an idle moment or none."""


@pytest.mark.slow
@pytest.mark.proof(part="kills")
def test_what_was_acknowledged_survives_a_kill_once_and_nothing_is_half_there(
    tmp_path: Path,
    store_url: str | None,
    proof_size: Callable[[int, int], int],
    record_property: Callable[[str, object], None],
) -> None:
    kills = proof_size(2, 100)
    trial = Trial(tmp_path, store_url, random.Random(7))  # noqa: S311 - the same kills every time
    for kill in range(kills):
        with trial.server(worker=kill % 2 == 1) as server:  # a worker beside it takes as long to start again
            trial.look_and_send_again(server)
            trial.load_and_kill(server, kill)
    with trial.server(worker=True) as server:
        trial.look_and_send_again(server)
        trial.wait_for_the_worker()
    ledger = verify(trial.store)
    assert (ledger.wrong, ledger.unsealed) == (0, 0), ledger.faults
    assert ledger.headers > 0
    trial.store.close()
    slowest = max(trial.starts)
    assert slowest < proof_size(PATIENCE_SECONDS, READY_SECONDS)
    kind = "sqlite" if store_url is None else "postgresql"
    record_property(f"{kind} kills", kills)
    record_property(f"{kind} acknowledged writes", trial.acknowledged)
    record_property(f"{kind} writes cut off", trial.cut_off)
    record_property(f"{kind} slowest start in seconds", round(slowest, 1))


@dataclass(slots=True)
class Trial:
    """One home, killed again and again, and what was sent to it since the last kill."""

    folder: Path
    store_url: str | None
    rng: random.Random
    sent: list[Write] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    acknowledged: int = 0
    cut_off: int = 0
    store: Store = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        home = self.folder / "home"
        put_champion(home)
        keys = open_keys(home, self.store_url)
        _, self.key = keys.create("load", ["admin"], limit_per_minute=0)
        keys.close()
        self.store = open_store(home, self.store_url)

    @contextmanager
    def server(self, *, worker: bool) -> Iterator[Served]:
        """Start the server on the home, and wait until it is ready."""
        port = free_port()
        settings = [f"worker={worker}".lower()] + (
            [] if self.store_url is None else [f"store_url={self.store_url}"]
        )
        command = fake_server(self.folder / "home", port, *settings)
        began = time.monotonic()
        with served(command, self.folder, port) as server:
            until(lambda: server.ask("GET", "/readyz").status == 200, "readiness", PATIENCE_SECONDS)
            self.starts.append(time.monotonic() - began)
            yield server

    def load_and_kill(self, server: Served, kill: int) -> None:
        """Write from several callers at once, and kill the server and all its processes meanwhile."""
        callers = [
            Caller(kill * CALLERS + number, random.Random(self.rng.random()))  # noqa: S311 - as above
            for number in range(CALLERS)
        ]
        load = Load(server.address, self.key, callers)
        load.start()
        load.wait_for(self.rng.randint(1, MOST_BEFORE_A_KILL))
        time.sleep(self.rng.random() / 100)  # anywhere within the writes under way
        os.killpg(server.process.pid, signal.SIGKILL)
        load.stop()
        self.sent = [write for caller in callers for write in caller.writes]
        assert {write.status for write in self.sent} <= {None, 200, 201}
        self.acknowledged += sum(write.is_acknowledged for write in self.sent)
        self.cut_off += sum(not write.is_acknowledged for write in self.sent)

    def look_and_send_again(self, server: Served) -> None:
        """Look for all that was sent; send again what nobody acknowledged, and what may come repeatedly."""
        self._look()
        again = [write for write in self.sent if not write.is_acknowledged]
        repeatable = [write for write in self.sent if write.is_acknowledged and write.repeatable]
        connection = Connection(server.address, self.key)
        for write in again + self.rng.sample(repeatable, min(10, len(repeatable))):
            connection.send(write)
            assert write.is_acknowledged, write
        connection.close()
        self._look()

    def wait_for_the_worker(self) -> None:
        """Wait until every lead that was touched has been scored again, and every record is sealed."""
        for waiting in (STALE_LEADS, LEDGER_UNSEALED):
            until(lambda table=waiting: self._is_empty(table), f"the end of {waiting}", PATIENCE_SECONDS)  # type: ignore[misc]  # bound here

    def _is_empty(self, table: sa.Table) -> bool:
        with self.store.reading() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0

    def _look(self) -> None:
        """Each token of an acknowledged write is there once; of another, all are there once, or none is."""
        counts = tokens_in(self.store)
        for write in self.sent:
            found = {token: counts[token] for token in write.tokens}
            there, absent = set(found.values()) == {1}, set(found.values()) == {0}
            assert there or (absent and not write.is_acknowledged), (write, found)
