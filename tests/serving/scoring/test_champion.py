import gc
import logging
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fake_scorer import DATED, FakeScorer
from served import put_champion
from small_company import Company, dated_company

from decisions.policy import Policy
from features.errors import InputError
from features.mapping import mapping_from
from models.artifact import save_scorer
from models.champion import champion_folder, point_to
from models.errors import ArtifactError
from models.score import Score
from serving.conditions import Board
from serving.parts import kept_secret, policy_of
from serving.scoring.champion import RETRY_SECONDS, Champion, load_local
from serving.settings import settings_from


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "champion").mkdir()
    return tmp_path


@pytest.fixture(scope="module")
def company() -> Company:
    return dated_company()


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
    assert serving.at_hand() is first
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


def test_who_follows_swaps_by_itself_and_ends_with_its_champion(home: Path) -> None:
    put_champion(home, "v7", 7)
    held, before = [champion(home)], _followers()
    held[0].follow()
    held[0].follow()
    assert len(_followers() - before) == 1
    wait_for(lambda: held[0].at_hand() is not None)
    put_champion(home, "v8", 8)
    wait_for(lambda: version_of(held[0]) == 8)
    held.clear()
    wait_for(lambda: not _followers() - before)


def _followers() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name == "champion"}


def version_of(serving: Champion) -> int | None:
    answerer = serving.at_hand()
    return None if answerer is None else answerer.scorer.version


def wait_for(fact: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_board_is_told_how_the_champion_is(home: Path) -> None:
    board = Board(home, "server", lambda: 1)
    serving = Champion(settings_from({}, home=home), Policy(), FakeScorer.load, board=board)
    (home / "champion" / "bad").mkdir()
    (home / "champion" / "bad" / "damaged").touch()
    told = []
    for folder, version in (("bad", 9), ("v7", 7), ("bad", 9), ("v8", 8)):
        put_champion(home, folder, version)
        serving.look()
        [condition] = board.all()
        told.append((condition.part, condition.level, condition.said))
    assert [level for _, level, _ in told] == ["failed", "ok", "degraded", "ok"]
    assert told[0][2].startswith("Nothing is serving. The champion cannot be loaded: ValueError: checksum.")
    assert "Version 7 goes on serving." in told[2][2]
    assert told[3] == ("champion", "ok", "")


def test_what_a_request_holds_goes_on_after_a_swap_and_nothing_is_left_of_it_then(
    company: Company, tmp_path: Path
) -> None:
    """Without the collector's help: a process freezes what it holds, and the frozen is never collected."""
    for version in (1, 2):
        save_scorer(company.scorer, champion_folder(tmp_path, version))
    point_to(tmp_path, name="leadlens", version=1, keep={1, 2})
    serving = Champion(settings_from({}, home=tmp_path), Policy(), load_local)
    held = serving.answerer()
    assert held is not None
    point_to(tmp_path, name="leadlens", version=2, keep={1, 2})
    gc.disable()
    try:
        serving.look()
        assert (version_of(serving), held.scorer.version) == (2, 1)
        assert [score.score for score in held.scorer.score(company.batch(3)) if isinstance(score, Score)]
        left = [
            weakref.ref(held.scorer),
            weakref.ref(held.scorer.spec),
            weakref.ref(held.scorer.attributions),
        ]  # type: ignore[attr-defined]  # a real one
        del held
        assert [one() for one in left] == [None, None, None]
    finally:
        gc.enable()


def test_memory_stays_where_it_is_over_many_swaps(
    company: Company, tmp_path: Path, proof_size: Callable[[int, int], int]
) -> None:
    for version in (1, 2):
        save_scorer(company.scorer, champion_folder(tmp_path, version))
    program = f"""
import gc, os, time
from pathlib import Path
from decisions.policy import Policy
from models.champion import point_to
from serving.scoring.champion import Champion, load_local
from serving.settings import settings_from
home = Path({str(tmp_path)!r})
point_to(home, name="leadlens", version=1, keep={{1, 2}})
serving = Champion(settings_from({{}}, home=home), Policy(), load_local)
serving.answerer()
gc.freeze()
serving.follow()
pages = []
for swap in range({proof_size(30, 300)}):
    version = 2 - swap % 2
    point_to(home, name="leadlens", version=version, keep={{1, 2}})
    while serving.at_hand().scorer.version != version:
        serving.look()
        time.sleep(0.001)
    pages.append(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
print(max(pages[5:]) - pages[4])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 6_000_000
