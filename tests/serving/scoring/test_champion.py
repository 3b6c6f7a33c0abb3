import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fake_scorer import DATED, FakeScorer
from served import put_champion

from decisions.policy import Policy
from features.errors import InputError
from features.mapping import mapping_from
from models.errors import ArtifactError
from serving.parts import kept_secret, policy_of
from serving.scoring.champion import RETRY_SECONDS, Champion
from serving.settings import settings_from


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "champion").mkdir()
    return tmp_path


def champion(home: Path) -> Champion:
    return Champion(settings_from({}, home=home), Policy(), FakeScorer.load)


def test_without_a_champion_nobody_answers(home: Path) -> None:
    assert champion(home).answerer() is None


def test_the_champion_is_what_the_pointer_names(home: Path) -> None:
    put_champion(home, "v7", 7)
    answerer = champion(home).answerer()
    assert answerer is not None
    assert answerer.scorer.version == 7


def test_where_none_was_promoted_yet_what_stands_in_is_loaded_once_and_serves(home: Path) -> None:
    loads: list[Path] = []

    def stand_in(place: Path) -> FakeScorer | None:
        loads.append(place)
        return FakeScorer.load(place) or FakeScorer(mapping_from(DATED))

    serving = Champion(settings_from({}, home=home), Policy(), stand_in)
    first = serving.answerer()
    assert first is not None
    assert (serving.answerer(), serving.at_hand(), serving.since()) == (first, first, None)
    assert len(loads) == 1
    put_champion(home, "v8", 8)
    assert serving.at_hand() is None
    second = serving.answerer()
    assert second is not None
    assert second.scorer.version == 8
    assert serving.since() is not None
    (home / "champion" / "current").unlink()
    assert (serving.answerer(), serving.at_hand(), len(loads)) == (second, second, 2)


def test_a_promotion_is_followed_without_a_restart(home: Path) -> None:
    serving = champion(home)
    assert serving.answerer() is None
    put_champion(home, "v7", 7)
    first = serving.answerer()
    assert first is serving.answerer()
    put_champion(home, "v8", 8)
    second = serving.answerer()
    assert first is not None
    assert second is not None
    assert (first.scorer.version, second.scorer.version) == (7, 8)


@pytest.mark.parametrize("pointer", ["", "{}", "[]", '{"folder": "v9"', '{"folder": "bad", "version": 9}'])
def test_a_damaged_champion_is_said_and_the_one_before_keeps_serving(
    home: Path, pointer: str, caplog: pytest.LogCaptureFixture
) -> None:
    put_champion(home)
    serving = champion(home)
    before = serving.answerer()
    (home / "champion" / "bad").mkdir()
    (home / "champion" / "bad" / "damaged").touch()
    (home / "champion" / "new").write_text(pointer)
    (home / "champion" / "new").replace(home / "champion" / "current")
    with caplog.at_level(logging.ERROR):
        assert serving.answerer() is before
        assert serving.answerer() is before
    assert caplog.text.count("The champion cannot be loaded") == 1


class Watch:
    """A clock that stands until it is moved."""

    now = 0.0

    def seconds(self) -> float:
        return self.now


@pytest.mark.parametrize("failure", [OSError("disk"), MemoryError(), "incomplete", "damaged"])
@pytest.mark.parametrize("is_first", [False, True])
def test_a_champion_is_tried_again_where_the_cause_may_pass(
    home: Path, failure: Exception | str, caplog: pytest.LogCaptureFixture, *, is_first: bool
) -> None:
    """Not at once: requests go on meanwhile with the one before."""
    watch, tries, fails = Watch(), [0], [False]

    def load(place: Path) -> FakeScorer | None:
        tries[0] += 1
        if not fails[0]:
            return FakeScorer.load(place)
        if isinstance(failure, Exception):
            raise failure
        if failure == "damaged":
            raise ArtifactError("the checksum does not match")
        raise ArtifactError("the artifact is incomplete") from FileNotFoundError("checksums.json")

    serving = Champion(settings_from({}, home=home), Policy(), load, seconds=watch.seconds)
    put_champion(home, "v7", 7)
    before = None if is_first else serving.answerer()
    tries[0], fails[0] = 0, True
    put_champion(home, "v8", 8)
    for _ in range(3):
        assert serving.answerer() is before
        assert serving.at_hand() is before
    assert tries[0] == 1
    watch.now += RETRY_SECONDS
    if failure == "damaged":
        assert serving.answerer() is before
        assert tries[0] == 1
        return
    assert serving.at_hand() is None
    assert serving.answerer() is before
    assert tries[0] == 2
    fails[0] = False
    watch.now += RETRY_SECONDS
    after = serving.answerer()
    assert after is not None
    assert after.scorer.version == 8
    assert serving.at_hand() is after
    assert caplog.text.count("The champion cannot be loaded") == 2


def test_the_policy_is_the_one_named_else_the_homes_else_seventy(home: Path) -> None:
    assert policy_of(settings_from({}, home=home)).threshold("model") == 70
    (home / "policy.toml").write_text("score_threshold = 60")
    assert policy_of(settings_from({}, home=home)).threshold("model") == 60
    named = settings_from({}, home=home, policy=home / "none.toml")
    with pytest.raises(InputError, match="no such file"):
        policy_of(named)


def test_the_secret_of_sessions_is_kept_for_its_owner_alone(home: Path) -> None:
    first = kept_secret(home / "session-secret")
    assert first == kept_secret(home / "session-secret")
    assert len(first) >= 43
    assert (home / "session-secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.iterdir() if path.is_file()] == ["session-secret"]


def test_of_many_who_ask_at_once_none_goes_without_an_answer_and_one_loads(home: Path) -> None:
    put_champion(home, "v7", 7)
    loading, go_on = threading.Event(), threading.Event()
    loads: list[Path] = []

    def slowly(place: Path) -> FakeScorer:
        loads.append(place)
        loading.set()
        go_on.wait(20)
        return FakeScorer.load(place)

    serving = Champion(settings_from({}, home=home), Policy(), slowly)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(serving.answerer) for _ in range(8)]
        loading.wait(20)
        go_on.set()
        answerers = {one.result() for one in asked}
        assert len(answerers) == len(loads) == 1
        assert None not in answerers
        put_champion(home, "v8", 8)
        loading.clear()
        go_on.clear()
        newer = pool.submit(serving.answerer)
        loading.wait(20)
        assert {serving.answerer()} == answerers  # who has one goes on with it while another is loaded
        go_on.set()
        assert newer.result() not in answerers
    assert serving.answerer() is newer.result()
