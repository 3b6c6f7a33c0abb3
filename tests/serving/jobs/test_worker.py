import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from fake_recorder import FakeRecorder, put_leads, waiting
from fake_scorer import FakeScorer
from served import ROOT, SUPPORT, put_champion
from waiting import until

from decisions.policy import Policy
from serving.clock import utc_now
from serving.history.stale import FIRST_DELAY_US, claim, mark_stale
from serving.jobs.rescoring import LEASE_US, Rescoring
from serving.jobs.retaining import HOUR_US, Retaining
from serving.jobs.sealing import PAUSE_US, Sealing
from serving.jobs.sweeping import PAUSE_US as SWEEP_PAUSE_US
from serving.jobs.sweeping import Sweeping
from serving.jobs.worker import LONGEST_PAUSE_US, SECOND_US, Worker, new_name
from serving.ledger.record_ids import new_record_id
from serving.scoring.champion import Champion
from serving.settings import Settings
from serving.store.database import Store, StoreBusyError
from serving.store.schema import LEADS, LEDGER_PAYLOADS, OUTCOMES, STALE_LEADS

NOW = 1_795_253_400_000_000


@pytest.fixture
def champion(tmp_path: Path) -> Champion:
    put_champion(tmp_path)
    return Champion(Settings(home=tmp_path), Policy(), FakeScorer.load)


@pytest.fixture
def rescoring(store: Store, champion: Champion) -> Callable[..., Rescoring]:
    def make(recorder: FakeRecorder, clock: Callable[[], int] = utc_now, **more: int) -> Rescoring:
        return Rescoring(store, recorder, champion, clock, new_name(), **more)

    return make


def mark(store: Store, numbers: list[int], now: int = NOW) -> None:
    store.write(lambda connection: mark_stale(connection, numbers, now))


def lead(store: Store, number: int) -> sa.Row[tuple[object, ...]]:
    with store.reading() as connection:
        return connection.execute(LEADS.select().where(LEADS.c.number == number)).one()


def test_what_a_killed_worker_of_this_machine_took_is_scored_at_once_and_what_others_took_is_left(
    store: Store, rescoring: Callable[..., Rescoring]
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    host, _, rest = new_name().partition(":")
    of_dead = f"{host}:{gone.pid}:{rest.rpartition(':')[2]}"
    of_others = ("elsewhere:1:abcd", new_name())
    numbers = put_leads(store, 3)
    for number, who in zip(numbers, (of_dead, *of_others), strict=True):
        mark(store, [number])
        assert [one.lead for one in claim(store, who, 1, NOW, LEASE_US)] == [number]
    one = rescoring(FakeRecorder(store), lambda: NOW)
    assert one.step(NOW + 1)
    assert waiting(store) == numbers[1:]


def test_four_workers_lose_no_mark(store: Store, rescoring: Callable[..., Rescoring]) -> None:
    """Leads change, and are marked, while they are scored; at the end each score has seen the last change."""
    numbers = put_leads(store, 200)
    mark(store, numbers, utc_now())
    recorder = FakeRecorder(store, meanwhile=lambda: time.sleep(0.01))  # so that leads change meanwhile
    stop = threading.Event()

    def change(first: int) -> None:
        step = first
        while recorder.scored < 500:  # changes go on as long as the scoring of what they change
            step += 1
            some = [numbers[(7 * step + 50 * n) % 200] for n in range(4)]

            def work(connection: sa.Connection, some: list[int] = some) -> None:
                of = sa.update(LEADS).where(LEADS.c.number.in_(some))
                connection.execute(of.values(updated_at=LEADS.c.updated_at + 1))
                mark_stale(connection, some, utc_now())

            store.write(work)

    workers = [
        threading.Thread(target=Worker([rescoring(recorder, batch_leads=10)], utc_now).run, args=(stop,))
        for _ in range(4)
    ]
    changers = [threading.Thread(target=change, args=(first,)) for first in (0, 3)]
    for thread in workers + changers:
        thread.start()
    for thread in changers:
        thread.join()
    until(lambda: waiting(store) == [], "the end of the work")
    stop.set()
    for thread in workers:
        thread.join()
    assert set(recorder.times) == set(numbers)
    with store.reading() as connection:
        seen = connection.execute(sa.select(LEADS.c.updated_at, LEADS.c.probability)).all()
    assert max(changed for changed, _ in seen) > 1
    assert [found for changed, found in seen if found != changed] == []


def test_what_a_killed_worker_of_another_machine_had_taken_is_scored_once_its_lease_runs_out(
    store: Store, store_url: str | None, tmp_path: Path, rescoring: Callable[..., Rescoring]
) -> None:
    put_champion(tmp_path / "store")
    numbers = put_leads(store, 30)
    mark(store, numbers, utc_now())
    command = [sys.executable, str(SUPPORT / "stuck_worker.py"), str(tmp_path / "store"), store_url or ""]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={"PYTHONPATH": f"{ROOT}:{SUPPORT}"}, cwd=ROOT
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"taken\n"
        killed.kill()
    elsewhere = sa.update(STALE_LEADS).where(STALE_LEADS.c.claimed_by.is_not(None))
    store.write(lambda connection: connection.execute(elsewhere.values(claimed_by="elsewhere:1:abcd")))
    recorder = FakeRecorder(store)
    now = utc_now()
    worker = Worker([rescoring(recorder, lambda: now)], lambda: now)
    while worker.step(now):
        pass
    assert len(recorder.times) == 10
    assert len(waiting(store)) == 20
    while worker.step(now + LEASE_US):
        pass
    assert set(recorder.times) == set(numbers)
    assert waiting(store) == []


def test_one_bad_lead_does_not_stop_the_others_and_is_tried_again_later(
    store: Store, rescoring: Callable[..., Rescoring], caplog: pytest.LogCaptureFixture
) -> None:
    numbers = put_leads(store, 20)
    mark(store, numbers)
    recorder = FakeRecorder(store, bad=[numbers[7], numbers[12]])
    job = rescoring(recorder, lambda: NOW)
    assert job.step(NOW)
    assert waiting(store) == sorted(recorder.bad)
    assert set(recorder.times) == set(numbers) - recorder.bad
    assert not job.step(NOW)
    assert "2 leads could not be scored: ValueError at fake_recorder.py:" in caplog.text
    assert "jane" not in caplog.text
    recorder.bad.clear()
    assert job.step(NOW + FIRST_DELAY_US)
    assert waiting(store) == []


def test_a_lead_without_a_score_afterwards_is_put_off_and_a_closed_one_is_done_with(
    store: Store, rescoring: Callable[..., Rescoring]
) -> None:
    class ScoresNone(FakeRecorder):
        def rescore(self, numbers: Sequence[int], now: int) -> int:
            self.times[now] = len(numbers)
            return 0

    [unreadable] = put_leads(store, 1)
    [won] = put_leads(store, 1, standing="won")
    [erased] = put_leads(store, 1, deleted_at=5)
    mark(store, [unreadable, won, erased, 99])
    rescoring(ScoresNone(store), lambda: NOW).step(NOW)
    assert waiting(store) == [unreadable]


def test_a_score_is_made_as_of_the_last_asking_or_later_whatever_the_clock_says(
    store: Store, rescoring: Callable[..., Rescoring]
) -> None:
    numbers = put_leads(store, 2)
    mark(store, numbers, NOW + 500)
    rescoring(FakeRecorder(store), lambda: NOW).step(NOW)
    assert lead(store, numbers[0]).scored_at == NOW + 500
    mark(store, numbers, NOW + 600)
    rescoring(FakeRecorder(store), lambda: NOW + 900).step(NOW)
    assert lead(store, numbers[0]).scored_at == NOW + 900


def test_where_the_store_is_busy_the_leads_are_given_back(
    store: Store, rescoring: Callable[..., Rescoring]
) -> None:
    def busy() -> None:
        raise StoreBusyError("the store is held by others")

    numbers = put_leads(store, 3)
    mark(store, numbers)
    with pytest.raises(StoreBusyError, match="held by others"):
        rescoring(FakeRecorder(store, meanwhile=busy), lambda: NOW).step(NOW)
    assert rescoring(FakeRecorder(store), lambda: NOW).step(NOW)
    assert waiting(store) == []


def test_without_a_champion_leads_wait(store: Store, tmp_path: Path) -> None:
    nobody = Champion(Settings(home=tmp_path / "none"), Policy(), FakeScorer.load)
    mark(store, put_leads(store, 1))
    assert not Rescoring(store, FakeRecorder(store), nobody, lambda: NOW, "a").step(NOW)
    with store.reading() as connection:
        assert connection.execute(sa.select(STALE_LEADS.c.claimed_by)).scalars().all() == [None]


def test_after_a_promotion_every_open_lead_is_scored_again_at_once(
    store: Store, champion: Champion, tmp_path: Path, rescoring: Callable[..., Rescoring]
) -> None:
    numbers = put_leads(store, 5)
    answerer = champion.answerer()
    assert answerer is not None
    recorder = FakeRecorder(store, answerer.scored_by)
    worker = Worker([Sweeping(store, champion, 24), rescoring(recorder, lambda: NOW)], lambda: NOW)
    assert worker.step(NOW)
    assert not worker.step(NOW + 1)
    put_champion(tmp_path, version=8)
    assert worker.step(NOW + 2)
    assert recorder.times == dict.fromkeys(numbers, 2)


def test_the_sweep_asks_for_what_falls_due_and_looks_back_when_the_clock_is_set_back(
    store: Store, champion: Champion
) -> None:
    [number] = put_leads(store, 1, standing="lost")
    lost = {"lead": number, "occurred_at": 1, "known_at": 1, "outcome": "lost"}
    sweeping = Sweeping(store, champion, 24)
    store.write(lambda connection: connection.execute(OUTCOMES.insert(), lost))
    assert not sweeping.step(NOW)
    won = lost | {"outcome": "won", "occurred_at": NOW - HOUR_US + 1, "known_at": NOW - HOUR_US}
    store.write(lambda connection: connection.execute(OUTCOMES.insert(), won))
    assert not sweeping.step(NOW + SWEEP_PAUSE_US)
    assert sweeping.step(NOW - HOUR_US + 1)
    assert waiting(store) == [number]


def test_without_a_champion_nothing_is_swept(store: Store, tmp_path: Path) -> None:
    put_leads(store, 1)
    nobody = Champion(Settings(home=tmp_path / "none"), Policy(), FakeScorer.load)
    assert not Sweeping(store, nobody, 24).step(NOW)


def test_sealing_keeps_its_pace_whatever_happens_to_the_clock(store: Store) -> None:
    sealed = count(1)
    sealing = Sealing(store, lambda _connection, _now: next(sealed))
    times = (0, PAUSE_US - 1, PAUSE_US, -HOUR_US)
    assert [sealing.step(NOW + at) for at in times] == [True, False, True, True]


def test_what_is_kept_no_longer_is_erased_once_an_hour_a_part_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.jobs.retention.PAYLOADS_AT_ONCE", 2)
    old = NOW - 1_000 * 24 * HOUR_US
    rows = [
        {"id": record_id, "lead": 1, "salt": b"", "answer": "{}", "vector": b"", "contributions": b"",
         "margin": 0.0, "expected_margin": 0.0}
        for record_id in [new_record_id(old) for _ in range(5)]
    ]  # fmt: skip
    store.write(lambda connection: connection.execute(LEDGER_PAYLOADS.insert(), rows))
    retaining = Retaining(store, Settings())
    assert [retaining.step(NOW) for _ in range(4)] == [True, True, False, False]
    with store.reading() as connection:
        assert connection.execute(LEDGER_PAYLOADS.select()).all() == []
    store.write(lambda connection: connection.execute(LEDGER_PAYLOADS.insert(), rows[:2]))
    assert [retaining.step(NOW + at) for at in (HOUR_US - 1, HOUR_US)] == [False, True]


class Fails:
    name = "fails"

    def __init__(self) -> None:
        self.tries: list[int] = []

    def step(self, now: int) -> bool:
        self.tries.append(now - NOW)
        raise ValueError("jane.doe@example.org")


def test_a_job_that_fails_is_left_alone_for_a_while_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Works:
        name = "works"
        rounds = 0

        def step(self, now: int) -> bool:
            self.rounds += now >= NOW
            return self.rounds < 3

    fails, works = Fails(), Works()
    worker = Worker([fails, works], lambda: NOW)
    assert [worker.step(NOW + second * SECOND_US) for second in range(5)] == [True, True, False, False, False]
    assert works.rounds == 5
    assert fails.tries == [0, SECOND_US, 3 * SECOND_US]
    for _ in range(10):
        worker.step(NOW + fails.tries[-1] + LONGEST_PAUSE_US)
    assert len(fails.tries) == 13
    assert "fails: ValueError at test_worker.py:" in caplog.text
    assert "jane" not in caplog.text


def test_it_stops_when_it_is_told_to(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    stop, rounds = threading.Event(), count()

    class Idle:
        name = "idle"

        def step(self, now: int) -> bool:
            next(rounds)
            return now < 0

    thread = threading.Thread(target=Worker([Idle()], utc_now).run, args=(stop,))
    thread.start()
    until(lambda: next(rounds) > 2, "a second round")
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
