from collections.abc import Callable
from pathlib import Path

import pytest
from fake_scorer import FakeScorer
from served import put_champion

from decisions.policy import Policy
from features.batch import LeadBatch
from serving.scoring.champion import Champion
from serving.settings import Settings
from serving.store.database import Store
from serving.store.leads import LeadSent, keep_leads
from serving.store.outcomes import OutcomeSent, keep_outcomes
from serving.web.book import Closed, FirstOf, StoreBook

NOW = 1_795_253_400_000_000
DAY = 86_400_000_000


@pytest.fixture
def book_at(tmp_path: Path, store: Store) -> Callable[[int], StoreBook]:
    put_champion(tmp_path)
    champion = Champion(Settings(home=tmp_path), Policy(), FakeScorer.load)
    leads = [LeadSent(f"L-{number}", NOW - number * DAY, {"employees": 10 * number}) for number in range(5)]
    store.write(lambda connection: keep_leads(connection, leads, NOW))
    won = OutcomeSent("L-0", "won", NOW, None, None)
    store.write(lambda connection: keep_outcomes(connection, [won], NOW))
    return lambda now: StoreBook(store, champion, lambda: now)


def test_a_lead_is_found_as_it_is_known_now(book_at: Callable[[int], StoreBook]) -> None:
    batch = book_at(NOW + DAY).find("L-3")
    assert isinstance(batch, LeadBatch)
    assert (list(batch.lead_ids), list(batch.cells["employees"])) == (["L-3"], [30])
    assert batch.as_of.tolist() == [NOW + DAY]
    assert book_at(NOW).find("nobody") is None


def test_a_lead_that_was_won_is_closed(book_at: Callable[[int], StoreBook]) -> None:
    assert book_at(NOW + DAY).find("L-0") == Closed("won")


def test_the_newest_open_leads_come_first_even_by_a_clock_that_is_behind(
    book_at: Callable[[int], StoreBook],
) -> None:
    batch = book_at(NOW - 1).newest_open(3)
    assert batch is not None
    assert list(batch.lead_ids) == ["L-1", "L-2", "L-3"]
    assert (batch.as_of >= NOW).all()


def test_without_a_champion_there_is_nothing_to_show(tmp_path: Path, store: Store) -> None:
    book = StoreBook(store, Champion(Settings(home=tmp_path), Policy(), FakeScorer.load), lambda: NOW)
    assert book.find("L-1") is None
    assert book.newest_open(3) is None


def test_of_several_books_the_first_that_knows_answers(book_at: Callable[[int], StoreBook]) -> None:
    early, late = book_at(NOW + DAY), book_at(NOW + 2 * DAY)

    class Empty:
        def find(self, lead_id: str) -> None:
            del lead_id

        def newest_open(self, limit: int) -> None:
            del limit

    books = FirstOf([Empty(), early, late])
    found, newest = books.find("L-1"), books.newest_open(1)
    assert isinstance(found, LeadBatch)
    assert newest is not None
    assert found.as_of.tolist() == newest.as_of.tolist() == [NOW + DAY]
    assert books.find("nobody") is None
