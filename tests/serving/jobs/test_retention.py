from pathlib import Path

import pytest
import sqlalchemy as sa
from made_records import NOW, a_record, all_of, appended

from features.durations import DAY_US
from serving.jobs.retention import Erased, enforce, retained_versions, versions_recorded
from serving.ledger.chain import append, seal
from serving.ledger.check import verify
from serving.settings import Settings
from serving.store.database import FILE, Store, open_store
from serving.store.idempotency import Remembered, remember
from serving.store.schema import IDEMPOTENCY, LEDGER_PAYLOADS


def test_payloads_go_when_they_are_older_than_the_setting_and_headers_stay(store: Store) -> None:
    settings = Settings(ledger_retention_days=30)
    appended(store, 2, NOW - 31 * DAY_US)
    kept = appended(store, 3, NOW - 30 * DAY_US)
    store.write(lambda c: seal(c, NOW))
    assert store.write(lambda c: enforce(c, NOW, settings)) == Erased(payloads=2, answers=0)
    assert store.write(lambda c: enforce(c, NOW, settings)) == Erased(payloads=0, answers=0)
    assert {row.id for row in all_of(store, LEDGER_PAYLOADS)} == set(kept)
    found = verify(store)
    assert (found.headers, found.erased, found.wrong) == (5, 2, 0)


def test_one_transaction_erases_so_much_and_says_that_there_is_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.jobs.retention.PAYLOADS_AT_ONCE", 2)
    appended(store, 3, NOW - 1_000 * DAY_US)
    erased = [store.write(lambda c: enforce(c, NOW, Settings())) for _ in range(2)]
    assert [(one.payloads, one.is_more) for one in erased] == [(2, True), (1, False)]


def test_answers_to_repeated_requests_go_after_a_day(store: Store) -> None:
    for at in (NOW - DAY_US - 1, NOW - DAY_US):
        store.write(lambda c, at=at: remember(c, "key", str(at), "0" * 64, Remembered(200, {}), at))
    assert store.write(lambda c: enforce(c, NOW, Settings())) == Erased(payloads=0, answers=1)
    assert [row.at for row in all_of(store, IDEMPOTENCY)] == [NOW - DAY_US]


def test_versions_are_kept_for_as_long_as_a_payload_of_theirs_may_be(store: Store) -> None:
    for days, version in ((5, 1), (3, 2), (2, None), (1, 3)):
        record = a_record(model_version=version)
        store.write(lambda c, record=record, days=days: append(c, [record], NOW - days * DAY_US))
    with store.reading() as connection:
        assert versions_recorded(connection) == {1, 2, 3}
    store.write(lambda c: enforce(c, NOW, Settings(ledger_retention_days=3)))
    with store.reading() as connection:
        assert versions_recorded(connection) == {2, 3}
    store.write(lambda c: c.execute(sa.delete(LEDGER_PAYLOADS)))
    with store.reading() as connection:
        assert versions_recorded(connection) == set()


def test_where_the_store_cannot_be_asked_all_versions_are_kept(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 1_000)
    assert retained_versions(Settings(home=tmp_path)) is None
    assert retained_versions(Settings(home=tmp_path, store_url="postgresql://nobody@127.0.0.1:1/x")) is None


def test_the_settings_store_is_asked(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    appended(store, 1)
    store.close()
    assert retained_versions(Settings(home=tmp_path)) == {3}
