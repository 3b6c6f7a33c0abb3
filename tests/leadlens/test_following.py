"""The registry's champion followed, with a real MLflow: only what is sound comes into the home."""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from broken_artifacts import BROKEN, broken_there
from command_line import done
from promotable import SomeVersions
from served import ROOT, SUPPORT
from small_company import dated_company
from small_disk import may_mount

from leadlens.champion_change import alone, crown
from leadlens.following import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Following
from leadlens.quiet import keep_libraries_quiet
from models.artifact import save_scorer
from models.champion import champion_folder, load_champion, pointed_to
from models.errors import NotNowError
from models.preparing import is_prepared, prepare
from models.preparing_apart import Preparer
from models.registry import CHAMPION, Registered, Registry, home_registry
from models.tracked import TrackedRun
from serving.conditions import Board, conditions_in
from serving.settings import settings_from

pytestmark = pytest.mark.slow

Broken = tuple[Callable[[Path], None], bool, str]
NOTHING_TRACKED = TrackedRun(parameters={}, figures={}, texts={})


class Here:
    """Prepares in this process, and counts; or finds no room."""

    def __init__(self) -> None:
        self.tries = 0
        self.has_room = True

    def prepare(self, folder: Path, copies: Path) -> str:
        self.tries += 1
        if not self.has_room:
            raise NotNowError("leadlens.tables: No space left on device")
        return prepare(folder, copies)


class Followed:
    """A home that follows its registry, and a clock that is moved."""

    def __init__(self, made: SomeVersions) -> None:
        self.made, self.home, self.now, self.here = made, made.home, 0.0, Here()
        self.following = self.of(made.registry)

    def of(self, registry: Registry, preparer: Preparer | None = None) -> Following:
        return Following(
            settings_from({}, home=self.home),
            registry,
            preparer or self.here,  # type: ignore[arg-type]  # it prepares as well
            Board(self.home, "follower", lambda: 1),
            lambda _: set(),
            seconds=lambda: self.now,
        )

    def crown(self, version: Registered) -> None:
        """Move the alias as MLflow's own page does: no command of ours, no gate, no copy."""
        client = self.made.registry._client()  # noqa: SLF001  # the page's own way
        client.set_registered_model_alias("leadlens", CHAMPION, str(version.version))

    def look(self) -> int | None:
        self.following.look()
        return pointed_to(self.home)

    def told(self) -> dict[str, tuple[str, str]]:
        return {one.part: (one.level, one.said) for one in conditions_in(self.home, 1)}

    def broken(self, how: Broken) -> Registered:
        """Break the last version where it is stored: MLflow tries to load what it takes in."""
        broken_there(self.stored, how)
        return self.made.versions[-1]

    @property
    def stored(self) -> Path:
        """The folder of the last version's artifact in the registry's store."""
        found = (self.home / "mlartifacts").rglob("checksums.json")
        return max(found, key=lambda path: path.parent.stat().st_ctime_ns).parent


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifact") / "sound"
    save_scorer(dated_company().scorer, folder)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sound: Path) -> SomeVersions:
    """A home with two versions, of which no evidence is kept: no gate is asked here."""
    keep_libraries_quiet()
    home = tmp_path_factory.mktemp("following") / "home"
    registry, names = home_registry(home, {}), dated_company().scorer.spec.names
    first, second, last = (registry.register(sound, NOTHING_TRACKED, names) for _ in range(3))
    return SomeVersions(home, home / "leadlens.toml", registry, (first, second, last))


@pytest.fixture
def followed(made: SomeVersions, sound: Path) -> Iterator[Followed]:
    made.reset()
    shutil.rmtree(made.home / "conditions", ignore_errors=True)
    followed = Followed(made)
    yield followed
    stored = followed.stored
    shutil.rmtree(stored)
    shutil.copytree(sound, stored)


def test_what_another_promotes_is_brought_prepared_and_noted(followed: Followed) -> None:
    assert followed.look() is None
    for version in (followed.made.versions[0], followed.made.versions[1], followed.made.versions[0]):
        followed.crown(version)
        assert followed.look() == version.version
        assert is_prepared(champion_folder(followed.home, version.version))
        champion = load_champion(followed.home)
        assert champion is not None
        assert champion.version == version.version
    tries = followed.here.tries
    assert followed.look() == 1
    assert followed.here.tries == tries
    assert followed.told() == {"champion": ("ok", ""), "registry": ("ok", "")}
    log = done("audit-log", "--home", followed.home).out
    assert [line for line in log.splitlines() if " service " in line and "version followed" in line]


def test_what_a_command_promotes_is_left_to_it_and_a_command_at_work_is_not_waited_for(
    followed: Followed,
) -> None:
    crown(followed.home, followed.made.registry, followed.made.versions[0], over=None, tags={})
    assert (followed.look(), followed.here.tries) == (1, 0)
    followed.crown(followed.made.versions[1])
    with alone(followed.home):
        assert followed.look() == 1
    assert followed.look() == 2
    assert followed.told()["champion"] == ("ok", "")


def test_a_home_without_prepared_tables_gets_them(followed: Followed) -> None:
    crown(followed.home, followed.made.registry, followed.made.versions[0], over=None, tags={})
    shutil.rmtree(followed.home / "champion" / "prepared")
    assert followed.look() == 1
    assert is_prepared(champion_folder(followed.home, 1))


@pytest.mark.parametrize(
    "how", [BROKEN["a file is truncated"], BROKEN["another score"]], ids=["sums", "score"]
)
def test_what_cannot_serve_is_refused_once_and_what_served_goes_on(
    followed: Followed,
    how: Broken,
    caplog: pytest.LogCaptureFixture,
) -> None:
    followed.crown(followed.made.versions[0])
    followed.look()
    bad = followed.broken(how)
    followed.crown(bad)
    tries = followed.here.tries
    with caplog.at_level(logging.ERROR):
        for _ in range(4):
            assert followed.look() == 1
            followed.now += 2 * LONGEST_PAUSE_SECONDS
    assert followed.here.tries == tries + 1
    assert caplog.text.count(f"Version {bad.version} was refused") == 1
    level, said = followed.told()["champion"]
    assert level == "degraded"
    assert f"Version {bad.version} was refused: " in said
    assert "version 1 goes on serving" in said
    assert "leadlens rollback" in said
    log = done("audit-log", "--home", followed.home).out
    assert log.count("version refused") >= 1
    followed.crown(followed.made.versions[1])
    assert followed.look() == 2
    assert followed.told()["champion"] == ("ok", "")


def test_an_artifact_that_is_put_right_is_taken(followed: Followed, sound: Path) -> None:
    bad = followed.broken(BROKEN["a file is truncated"])
    followed.crown(bad)
    assert followed.look() is None
    assert "nothing serves in its place" in followed.told()["champion"][1]
    shutil.copy(sound / "booster.txt", followed.stored / "booster.txt")
    assert followed.look() is None
    followed.now += FIRST_PAUSE_SECONDS
    assert followed.look() == bad.version


def test_a_version_without_artifact_and_one_that_is_gone_stop_nothing(followed: Followed) -> None:
    followed.crown(followed.made.versions[0])
    followed.look()
    client = followed.made.registry._client()  # noqa: SLF001  # no command does it
    run = followed.made.registry.version(1).run_id
    empty = client.create_model_version("leadlens", source=f"runs:/{run}/nothing", run_id=run)
    followed.crown(Registered(name="leadlens", version=int(empty.version), run_id=run))
    assert followed.look() == 1
    level, said = followed.told()["champion"]
    assert (level, f"Version {empty.version} " in said) == ("degraded", True)
    client.delete_model_version("leadlens", empty.version)
    assert followed.look() == 1
    assert followed.told()["registry"] == ("ok", "")
    followed.crown(followed.made.versions[1])
    assert followed.look() == 2


def test_what_may_pass_is_tried_again_after_pauses_that_grow(
    followed: Followed, caplog: pytest.LogCaptureFixture
) -> None:
    followed.here.has_room = False
    followed.crown(followed.made.versions[0])
    tried = []
    for _ in range(120):
        followed.look()
        tried.append(followed.here.tries)
        followed.now += 1
    assert [second for second in range(1, 120) if tried[second] != tried[second - 1]] == [5, 15, 35, 75]
    assert caplog.text.count("No space left on device") == 1
    assert "is tried again by itself" in followed.told()["champion"][1]
    followed.here.has_room = True
    followed.now += LONGEST_PAUSE_SECONDS
    assert followed.look() == 1
    assert followed.told()["champion"] == ("ok", "")


def test_a_registry_that_is_away_is_said_once_and_without_its_password(
    followed: Followed, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = Registry("http://anna:geheim@127.0.0.1:9")
    following = followed.of(away)
    for _ in range(2):
        following.look()
    level, said = followed.told()["registry"]
    assert (level, "What serves goes on serving" in said) == ("degraded", True)
    assert caplog.text.count("The registry cannot be asked") == 1
    assert "geheim" not in caplog.text + said
    away.uri, away._artifacts = followed.made.registry.uri, followed.home / "mlartifacts"  # noqa: SLF001  # it is back
    followed.crown(followed.made.versions[1])
    following.look()
    assert pointed_to(followed.home) == 2
    assert followed.told()["registry"] == ("ok", "")


def test_another_version_of_the_same_number_is_brought(followed: Followed) -> None:
    """A registry that was begun anew counts from 1 again."""
    followed.crown(followed.made.versions[0])
    assert followed.look() == 1
    pointer = followed.home / "champion" / "current"
    before = json.loads(pointer.read_text())
    pointer.write_text(json.dumps(before | {"run_id": "of another registry"}))
    (champion_folder(followed.home, 1) / "checksums.json").write_text("{}")
    following = followed.of(followed.made.registry)
    following.look()
    assert json.loads(pointer.read_text()) == before
    assert is_prepared(champion_folder(followed.home, 1))
    copies = followed.here.tries
    following.look()
    assert followed.here.tries == copies


def test_a_full_disk_is_said_and_what_had_no_room_is_brought_once_there_is(
    followed: Followed, tmp_path: Path
) -> None:
    if not may_mount(tmp_path):
        pytest.skip("this system lets nobody but root mount a file system of their own")
    followed.crown(followed.made.versions[0])
    program = SUPPORT / "following_on_a_full_disk.py"
    path = os.pathsep.join([str(ROOT), str(SUPPORT)])
    ran = subprocess.run(
        ["unshare", "-rm", sys.executable, str(program), str(followed.home)],
        capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    full, roomy = map(json.loads, ran.stdout.splitlines())
    version, (level, said), left = full
    assert (version, level, left) == (None, "degraded", ["filler"])
    assert "Version 1 cannot be prepared yet: " in said
    assert "No space left on device" in said
    assert "is tried again by itself" in said
    assert roomy[:2] == [1, ["ok", ""]]
