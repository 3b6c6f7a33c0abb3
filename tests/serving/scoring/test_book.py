from collections.abc import Callable
from pathlib import Path

import pytest
from fake_scorer import FakeScorer
from served import put_champion

from decisions.policy import Policy
from features.batch import LeadBatch
from serving.history.leads import LeadSent, keep_leads
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.scoring.book import Closed, FirstOf, StoreBook
from serving.scoring.champion import Champion
from serving.settings import Settings
from serving.store.database import Store
from serving.store.schema import LEADS

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
    assert batch.is_stored
    assert book_at(NOW).find("nobody") is None


def test_a_lead_that_was_won_is_closed(book_at: Callable[[int], StoreBook]) -> None:
    assert book_at(NOW + DAY).find("L-0") == Closed("won")


def test_the_open_leads_with_the_best_scores_are_shown_however_old_they_are(
    book_at: Callable[[int], StoreBook], store: Store
) -> None:
    scores = {"L-4": 97, "L-2": 40}
    for lead_id, score in scores.items():
        scored = LEADS.update().where(LEADS.c.lead_id == lead_id).values(score=score)
        store.write(lambda connection, scored=scored: connection.execute(scored))
    for limit, ids, which in (
        (1, ["L-4"], "The best 1 of the open leads"),
        (2, ["L-4", "L-2"], "The best 2 of the open leads"),
        (
            3,
            ["L-4", "L-2", "L-3"],
            "3 of the open leads: all that have a score, and 1 that waits for its first",
        ),
        (4, ["L-4", "L-2", "L-3", "L-1"], "All 4 open leads"),
    ):
        found = book_at(NOW + DAY).best_open(limit)
        assert found is not None
        assert (list(found.batch.lead_ids), found.which) == (ids, which)


def test_listed_leads_are_known_even_by_a_clock_that_is_behind(book_at: Callable[[int], StoreBook]) -> None:
    found = book_at(NOW - 1).best_open(3)
    assert found is not None
    assert (found.batch.as_of >= NOW).all()


def test_without_a_champion_there_is_nothing_to_show(tmp_path: Path, store: Store) -> None:
    book = StoreBook(store, Champion(Settings(home=tmp_path), Policy(), FakeScorer.load), lambda: NOW)
    assert book.find("L-1") is None
    assert book.best_open(3) is None


def test_of_several_books_the_first_that_knows_answers(book_at: Callable[[int], StoreBook]) -> None:
    early, late = book_at(NOW + DAY), book_at(NOW + 2 * DAY)

    class Empty:
        def find(self, lead_id: str) -> None:
            del lead_id

        def best_open(self, limit: int) -> None:
            del limit

    books = FirstOf([Empty(), early, late])
    found, listed = books.find("L-1"), books.best_open(1)
    assert isinstance(found, LeadBatch)
    assert listed is not None
    assert found.as_of.tolist() == listed.batch.as_of.tolist() == [NOW + DAY]
    assert books.find("nobody") is None
