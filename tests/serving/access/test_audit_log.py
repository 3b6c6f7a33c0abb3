import pytest
import sqlalchemy as sa

from serving.access.audit_log import Act, acts_page, note_act
from serving.store.database import Store


def test_acts_are_read_back_newest_first_and_page_by_page(store: Store) -> None:
    for moment in range(1, 6):
        store.write(lambda connection, at=moment: note_act(connection, at, "k1", "key made", key=f"k{at}"))
    with store.reading() as connection:
        first = acts_page(connection, None, 2)
        second = acts_page(connection, first[-1].number, 2)
        rest = acts_page(connection, second[-1].number, 10)
    assert [act.at for act in (*first, *second, *rest)] == [5, 4, 3, 2, 1]
    assert rest == [Act(number=rest[0].number, at=1, actor="k1", act="key made", about={"key": "k1"})]


def test_an_act_that_is_undone_leaves_no_line(store: Store) -> None:
    def undone(connection: sa.Connection) -> None:
        note_act(connection, 1, "k1", "key made")
        raise LookupError("what was noted did not happen")

    with pytest.raises(LookupError, match="did not happen"):
        store.write(undone)
    with store.reading() as connection:
        assert acts_page(connection) == []


@pytest.mark.parametrize("change", ["UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log"])
def test_the_database_itself_refuses_to_change_what_was_noted(store: Store, change: str) -> None:
    store.write(lambda connection: note_act(connection, 1, "k1", "key made"))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        store.write(lambda connection: connection.execute(sa.text(change)))
    with store.reading() as connection:
        assert [act.actor for act in acts_page(connection)] == ["k1"]


@pytest.mark.parametrize("about", [{"actor": "k" * 41}, {"act": "a" * 41}, {"text": "t" * 5_000}])
def test_what_is_too_long_for_a_line_is_refused(store: Store, about: dict[str, str]) -> None:
    words = {"actor": "k1", "act": "key made", **about}
    with pytest.raises(ValueError, match="too much to say"):
        store.write(lambda connection: note_act(connection, 1, **words))  # type: ignore[misc]  # the parameters by name
