from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from features.errors import InputError
from serving.policies.versions import (
    NoDraftError,
    NoSuchPolicyError,
    PolicyVersion,
    change_draft,
    draft_policy,
    in_force,
    policy_versions,
    publish_file,
    publish_policy,
    withdraw_draft,
)
from serving.store.database import Store

NOW = 1_000
A, B = 'name = "a"\nscore_threshold = 60\n', 'name = "b"\nscore_threshold = 80\n'


@pytest.fixture
def write(store: Store) -> Callable[..., Any]:
    def written(work: Callable[..., Any], *args: Any) -> Any:
        return store.write(lambda connection: work(connection, *args))

    return written


def now_in_force(store: Store) -> PolicyVersion | None:
    with store.reading() as connection:
        return in_force(connection)


def test_a_draft_is_in_force_once_it_is_published(store: Store, write: Callable[..., Any]) -> None:
    draft = write(draft_policy, A, "key-1", "first", NOW)
    assert (draft.state, draft.author, draft.note, draft.made_at) == ("draft", "key-1", "first", NOW)
    assert now_in_force(store) is None
    published = write(publish_policy, draft.version, NOW + 5)
    assert (published.state, published.published_at) == ("published", NOW + 5)
    assert now_in_force(store) == published
    assert published.policy.threshold("model") == 60


def test_what_was_published_last_is_in_force_and_an_older_version_can_be_so_again(
    store: Store, write: Callable[..., Any]
) -> None:
    first, second = (write(draft_policy, text, "k", None, NOW).version for text in (A, B))
    write(publish_policy, first, NOW)
    write(publish_policy, second, NOW - 500)  # by a clock that is behind: it is the newest all the same
    assert now_in_force(store).version == second  # type: ignore[union-attr]
    write(publish_policy, first, NOW)
    assert now_in_force(store).version == first  # type: ignore[union-attr]


def test_a_wrong_text_is_no_draft_and_the_fault_names_its_line(write: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="line 2"):
        write(draft_policy, 'name = "a"\nscore_threshold = 200\n', "k", None, NOW)


def test_a_draft_changes_and_goes_and_a_published_version_does_neither(
    store: Store, write: Callable[..., Any]
) -> None:
    draft = write(draft_policy, A, "k", None, NOW).version
    assert write(change_draft, draft, B, "other", None, NOW + 1).policy.threshold("model") == 80
    write(withdraw_draft, draft)
    for act in (change_draft, withdraw_draft, publish_policy):
        args = {change_draft: (draft, A, "k", None, NOW), publish_policy: (draft, NOW)}.get(act, (draft,))
        with pytest.raises(NoSuchPolicyError, match=str(draft)):
            write(act, *args)
    kept = write(draft_policy, A, "k", None, NOW).version
    assert kept > draft, "a number is given once"
    write(publish_policy, kept, NOW)
    with pytest.raises(NoDraftError, match="published"):
        write(withdraw_draft, kept)
    with pytest.raises(NoDraftError, match="published"):
        write(change_draft, kept, B, "k", None, NOW)
    with store.reading() as connection:
        assert [one.version for one in policy_versions(connection, None, 9)] == [kept]
        assert policy_versions(connection, kept, 9) == []


def test_a_file_is_published_where_it_says_something_else_than_the_last_one(
    store: Store, write: Callable[..., Any]
) -> None:
    first = write(publish_file, A, "service", NOW)
    assert (first.source, now_in_force(store)) == ("file", first)
    of_api = write(draft_policy, B, "k", None, NOW).version
    write(publish_policy, of_api, NOW + 1)
    assert write(publish_file, A, "service", NOW + 2) is None
    assert write(publish_file, f"# the same\n{A}", "service", NOW + 2) is None
    assert now_in_force(store).version == of_api  # type: ignore[union-attr]
    changed = write(publish_file, A.replace("60", "61"), "service", NOW + 3)
    assert now_in_force(store) == changed


def test_two_who_publish_the_same_file_at_once_make_one_version(store: Store) -> None:
    from threads import in_threads

    in_threads(
        [
            lambda: store.write(lambda connection: publish_file(connection, A, "service", NOW))
            for _ in range(4)
        ]
    )
    with store.reading() as connection:
        count = sa.select(sa.func.count()).select_from(sa.table("policies"))
        assert connection.execute(count).scalar_one() == 1
