from serving.jobs.heartbeat import PAUSE_US, Heartbeat
from serving.jobs.workers import (
    ALIVE_US,
    LONG_GONE_US,
    WorkersSeen,
    forget_worker,
    note_worker,
    workers_seen,
)
from serving.store.database import Store

NOW = 1_795_253_400_000_000


def seen(store: Store, now: int) -> WorkersSeen:
    with store.reading() as connection:
        return workers_seen(connection, now)


def test_workers_are_alive_while_they_say_so_and_a_while_longer(store: Store) -> None:
    assert seen(store, NOW) == WorkersSeen(0, None)
    beats = [Heartbeat(store, "a"), Heartbeat(store, "b")]
    assert [beat.step(NOW) for beat in beats] == [False, False]
    beats[0].step(NOW + PAUSE_US - 1)
    assert seen(store, NOW) == WorkersSeen(2, NOW)
    beats[0].step(NOW + PAUSE_US)
    assert seen(store, NOW + ALIVE_US + 1) == WorkersSeen(1, NOW + PAUSE_US)
    assert seen(store, NOW + 2 * ALIVE_US) == WorkersSeen(0, NOW + PAUSE_US)


def test_a_worker_that_ends_is_forgotten_at_once_and_one_that_died_after_a_day(store: Store) -> None:
    for name in ("dead", "ended"):
        store.write(lambda connection, name=name: note_worker(connection, name, NOW))
    store.write(lambda connection: forget_worker(connection, "ended"))
    assert seen(store, NOW) == WorkersSeen(1, NOW)
    store.write(lambda connection: note_worker(connection, "new", NOW + LONG_GONE_US + 1))
    store.write(lambda connection: forget_worker(connection, "new"))
    assert seen(store, NOW) == WorkersSeen(0, None)
