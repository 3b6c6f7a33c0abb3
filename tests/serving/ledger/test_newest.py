"""The newest record of a lead at a moment is its own, and the last that was made by then."""

from made_records import NOW, a_record

from serving.ledger.chain import append, erase_payloads
from serving.ledger.newest import newest_record
from serving.store.database import Store


def test_the_newest_record_at_a_moment_is_the_last_by_then(store: Store) -> None:
    def keep(lead: int, score: int, version: int, at: int) -> None:
        record = a_record(lead, answer=f'{{"score":{score}}}', model_version=version, as_of=at)
        store.write(lambda connection: append(connection, [record], at))

    for at, (lead, score, version) in enumerate([(1, 10, 1), (2, 90, 1), (1, 20, 1), (1, 30, 2), (2, 80, 2)]):
        keep(lead, score, version, NOW + at)
    with store.reading() as connection:
        found = [newest_record(connection, 1, NOW + at) for at in (-1, 0, 1, 2, 3, 9)]
    told = [None if one is None else (one.score, one.model_version, one.recorded_at - NOW) for one in found]
    assert told == [None, (10, 1, 0), (10, 1, 0), (20, 1, 2), (30, 2, 3), (30, 2, 3)]
    store.write(lambda connection: erase_payloads(connection, [1]))
    with store.reading() as connection:
        assert newest_record(connection, 1, NOW + 9) is None
