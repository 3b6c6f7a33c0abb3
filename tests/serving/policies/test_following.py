import json
from pathlib import Path

import pytest

from features.errors import InputError
from serving.policies.following import COPY, FILE, FixedPolicy, PolicyInForce
from serving.policies.versions import draft_policy, publish_policy
from serving.settings import Settings
from serving.store.database import Store, unopened_store
from serving.store.reach import Limits

NOW = 1_000


def published(store: Store, text: str) -> int:
    def write(connection: object) -> int:
        version = draft_policy(connection, text, "k", None, NOW).version  # type: ignore[arg-type]
        publish_policy(connection, version, NOW)  # type: ignore[arg-type]
        return version

    return store.write(write)


def following(tmp_path: Path, store: Store, **more: object) -> PolicyInForce:
    return PolicyInForce(Settings(home=tmp_path, **more), store, lambda: NOW)  # type: ignore[arg-type]


def test_without_any_policy_the_default_holds_and_has_no_version(tmp_path: Path, store: Store) -> None:
    policy, version = following(tmp_path, store).current()
    assert (policy.threshold("model"), version) == (70, None)


def test_a_file_is_published_at_the_start_and_what_is_published_later_is_followed(
    tmp_path: Path, store: Store
) -> None:
    (tmp_path / FILE).write_text("score_threshold = 61\n")
    policies = following(tmp_path, store)
    policy, first = policies.current()
    assert (policy.threshold("model"), first is not None) == (61, True)
    assert not policies.look()
    second = published(store, "score_threshold = 62\n")
    assert policies.current()[1] == first, "nobody is asked before the next look"
    assert policies.look()
    assert (policies.current()[0].threshold("model"), policies.current()[1]) == (62, second)
    again = following(tmp_path, store)
    assert again.current()[1] == second, "a file that nobody changed takes nothing back"
    (tmp_path / FILE).write_text("score_threshold = 63\n")
    assert following(tmp_path, store).current()[0].threshold("model") == 63


def test_without_the_store_the_copy_goes_on_and_the_file_waits(tmp_path: Path, store: Store) -> None:
    (tmp_path / FILE).write_text("score_threshold = 61\n")
    version = following(tmp_path, store).current()[1]
    assert json.loads((tmp_path / COPY).read_text())["version"] == version
    away = unopened_store(tmp_path, None, Limits())
    (tmp_path / FILE).write_text("score_threshold = 62\n")
    policies = following(tmp_path, away)
    assert (policies.current()[0].threshold("model"), policies.current()[1]) == (61, version)
    (tmp_path / COPY).write_text("{")
    alone = following(tmp_path, away)
    assert (alone.current()[0].threshold("model"), alone.current()[1]) == (62, None)


def test_a_store_that_comes_later_is_followed(tmp_path: Path, store: Store) -> None:
    version = published(store, "score_threshold = 61\n")
    store.opened.clear()
    policies = following(tmp_path, store)
    assert policies.current()[1] is None
    store.opened.set()
    assert policies.look()
    assert policies.current()[1] == version


def test_a_version_that_cannot_be_understood_leaves_the_one_before(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    import sqlalchemy as sa

    from serving.store.schema_selling import POLICIES

    first = published(store, "score_threshold = 61\n")
    policies = following(tmp_path, store)
    second = published(store, "score_threshold = 62\n")
    spoilt = sa.update(POLICIES).where(POLICIES.c.version == second).values(text="of_another_release = 1")
    store.write(lambda connection: connection.execute(spoilt))
    assert not policies.look()
    assert policies.current()[1] == first
    assert "of_another_release" in caplog.text


def test_a_file_that_cannot_be_used_ends_the_start(tmp_path: Path, store: Store) -> None:
    (tmp_path / FILE).write_text("score_threshold = 'many'\n")
    with pytest.raises(InputError, match="line 1"):
        following(tmp_path, store)
    with pytest.raises(InputError, match="a policy file"):
        following(tmp_path, store, policy=tmp_path / "none.toml")


def test_a_fixed_policy_is_told_as_one_that_is_followed(tmp_path: Path, store: Store) -> None:
    policy = following(tmp_path, store).current()[0]
    assert FixedPolicy(policy, 3).current() == (policy, 3)
