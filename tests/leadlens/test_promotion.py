"""promote, rollback and recalibrate: gates, a way back, and what is left of one that was interrupted."""

import json
import re
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
from command_line import done, leadlens
from promotable import SomeVersions, some_versions

import leadlens.champion_change as change
from features.errors import RefusedError
from models.artifact import load_scorer, read_about, save_scorer
from models.champion import champion_folder, load_champion, pointed_to
from models.registry import CHALLENGER, CHAMPION, Registry
from models.tracked import TrackedRun
from serving.store.database import FILE
from training.about import about_from

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SomeVersions:
    return some_versions(tmp_path_factory.mktemp("promotion"))


@pytest.fixture
def two(made: SomeVersions) -> SomeVersions:
    """Versions, none of them champion."""
    made.reset()
    return made


def served(home: Path) -> tuple[int | None, str | None]:
    """The version that a server would load, and the digest of what it would load."""
    scorer = load_champion(home)
    return (None, None) if scorer is None else (scorer.version, scorer.artifact_sha256)


def acts(home: Path) -> str:
    return done("audit-log", "--home", home).out


def test_the_first_promotion_says_each_gate_with_its_figure(two: SomeVersions) -> None:
    out = done("promote", 1, "--home", two.home).out
    for gate in ("signal: in order 0.", "baselines: log loss less", "calibration slope: 0.", "leaks: 0;"):
        assert f"passed   {gate}" in out
    assert " ms; one score takes" in out
    assert "log loss: " not in out
    assert out.endswith("Version 1 is champion. Serve it with: leadlens serve\n")
    assert served(two.home)[0] == 1
    tags = two.registry.tags(two.versions[0])
    assert (tags["forced"], tags["why"], tags["replaced"]) == ("no", "", "")


def test_a_champion_is_replaced_only_beside_it_and_the_refusal_says_what_to_type(two: SomeVersions) -> None:
    done("promote", 1, "--home", two.home)
    run = leadlens("promote", 2, "--home", two.home)
    assert run.code == 3
    assert "FAILED   comparison: none; it was not compared with version 1" in run.out
    assert "leadlens promote 2 --config leadlens.toml" in run.out
    assert run.err.startswith("Version 2 is not promoted: it does not pass the gate comparison.")
    assert (served(two.home)[0], two.registry.aliased(CHAMPION)) == (1, two.versions[0])


def test_data_bring_the_comparison_on_a_later_period(two: SomeVersions) -> None:
    done("promote", 1, "--home", two.home)
    out = done("promote", 2, "--config", two.config, "--home", two.home).out
    assert "both on leads from 2024-05-30 on, after both had been trained" in out
    assert "passed   log loss: 0.0000 [0.0000, 0.0000] nats; beside version 1" in out
    assert "passed   grades: stability index 0.0000 [0.0000, 0.0000]; its interval reaches" in out
    assert served(two.home)[0] == 2


def test_what_training_found_counts_against_the_champion_of_that_time_alone(two: SomeVersions) -> None:
    done("promote", 1, "--home", two.home)
    refused = leadlens("promote", 3, "--home", two.home)
    assert (refused.code, served(two.home)[0]) == (3, 1)
    assert "FAILED   log loss: 0.0200 [0.0100, 0.0300] nats; beside version 1 it is worse" in refused.out
    assert "as training found (900 rows, 50 leads convert)" in refused.out
    assert "it does not pass the gates leaks and log loss." in refused.err
    two.registry.promote(two.versions[1])
    assert "not compared with version 2" in leadlens("promote", 3, "--home", two.home).out


def test_another_horizon_is_not_compared_whatever_the_data(two: SomeVersions, tmp_path: Path) -> None:
    done("promote", 1, "--home", two.home)
    other = tmp_path / "other.toml"
    other.write_text(two.config.read_text().replace('"30 days"', '"60 days"'))
    run = leadlens("promote", 2, "--config", other, "--data", two.config.parent, "--home", two.home)
    assert run.code == 3
    assert "training.horizon is 30 days for the one and 60 days for the other" in run.out


def test_force_needs_a_reason_and_both_are_kept(two: SomeVersions) -> None:
    assert leadlens("promote", 2, "--force", "--home", two.home).code == 2
    assert leadlens("promote", 2, "--why", "so", "--home", two.home).code == 2
    assert leadlens("promote", 2, "--force", "--why", " ", "--home", two.home).code == 2
    assert leadlens("promote", 3, "--home", two.home).code == 3
    assert two.registry.aliased(CHAMPION) is None
    done("promote", 3, "--force", "--why", "größe: it was there on time", "--home", two.home)
    tags = two.registry.tags(two.versions[2])
    assert (tags["forced"], tags["why"]) == ("yes", "größe: it was there on time")
    assert tags["failed"] == "leaks"
    assert '"forced": true' in acts(two.home)
    assert "it was there on time" in acts(two.home)


def test_promote_and_rollback_is_no_change_and_twice_goes_back_twice(two: SomeVersions) -> None:
    seen = []
    for version in (1, 2, 3):
        done("promote", version, "--force", "--why", "a test", "--home", two.home)
        seen.append(served(two.home))
    for before in reversed(seen[:-1]):
        out = done("rollback", "--home", two.home).out
        assert out.startswith(f"Version {before[0]} is champion again, in place of version ")
        assert served(two.home) == before
        champion = two.registry.aliased(CHAMPION)
        assert champion is not None
        assert champion.version == before[0]
    end = leadlens("rollback", "--home", two.home)
    assert end.code == 3
    assert "Version 1 is the first champion" in end.err
    assert 'version rolled back  {"before": 2, "name": "leadlens", "version": 1}' in acts(two.home)


def test_there_is_nothing_to_go_back_from_without_a_champion(two: SomeVersions, tmp_path: Path) -> None:
    for home in (two.home, tmp_path / "new"):
        run = leadlens("rollback", "--home", home)
        assert (run.code, "There is no champion" in run.err) == (3, True)


def test_promoting_changes_no_artifact(two: SomeVersions, tmp_path: Path) -> None:
    def sums() -> list[str]:
        folder = two.registry.fetch(two.versions[0], tmp_path / "v1")
        return sorted(sha256(path.read_bytes()).hexdigest() for path in folder.iterdir())

    before = sums()
    done("promote", 1, "--home", two.home)
    done("promote", 2, "--force", "--why", "a test", "--home", two.home)
    assert sums() == before


@pytest.mark.parametrize("where", ["before the alias", "after the alias", "after the copy"])
def test_an_interrupted_promotion_leaves_one_whole_version_and_the_next_mends_it(
    two: SomeVersions, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("promote", 1, "--home", two.home)
    words = ("promote", 2, "--force", "--why", "a test", "--home", two.home)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if where == "before the alias":
            patched.setattr(Registry, "promote", stop)
        else:
            patched.setattr(change, "_serve" if where == "after the alias" else "note", stop)
        assert leadlens(*words).code != 0
    alias = two.registry.aliased(CHAMPION)
    assert alias is not None
    assert (alias.version, served(two.home)[0]) == {
        "before the alias": (1, 1),
        "after the alias": (2, 1),
        "after the copy": (2, 2),
    }[where]
    done(*words)
    assert two.registry.aliased(CHAMPION) == two.versions[1]
    assert (served(two.home)[0], pointed_to(two.home)) == (2, 2)
    act = "version promoted" if where == "before the alias" else "champion copied again"
    last = acts(two.home).splitlines()[0]
    assert act in last
    assert '"forced": true' in last
    assert '"why": "a test"' in last
    assert '"failed": ["comparison"]' in last
    assert '"version": 2' in last
    done("rollback", "--home", two.home)
    assert (served(two.home)[0], two.registry.aliased(CHAMPION)) == (1, two.versions[0])


def test_the_champion_is_looked_at_again_before_it_is_replaced(two: SomeVersions) -> None:
    first, second, _ = two.versions
    two.registry.promote(first)
    with pytest.raises(RefusedError, match=r"it is version 1 now\. Nothing was changed"):
        change.crown(two.home, two.registry, second, over=None, tags={})
    assert two.registry.aliased(CHAMPION) == first
    assert served(two.home)[0] is None


def test_a_new_level_is_a_version_that_goes_through_the_gates(two: SomeVersions, tmp_path: Path) -> None:
    done("promote", 1, "--home", two.home)
    before = served(two.home)
    out = done("recalibrate", "--config", two.config, "--home", two.home).out
    made = two.registry.aliased(CHALLENGER)
    assert made is not None
    assert f"Version {made.version} is registered as challenger, made from version 1." in out
    assert re.search(r"^Base rate: .+% before; .+% of the [\d,]+ rows that came since$", out, re.MULTILINE)
    assert "% by version 1, " in out
    assert "leadlens promote will refuse it" in out
    assert "\n  baselines: " in out
    assert "Make it the champion" not in out
    assert f'version became challenger  {{"name": "leadlens", "version": {made.version}}}' in acts(two.home)
    about = about_from(read_about(two.registry.fetch(made, tmp_path / "made")))
    assert (about.made_from, two.registry.tags(made)["made_from"]) == (1, "1")
    assert about.command.startswith("leadlens recalibrate --config ")
    assert about.data.extract_at == "2025-02-04T00:00:00+00:00"
    assert served(two.home) == before
    for words in (("promote",), ("promote", "--config", two.config)):
        run = leadlens(*words, "--home", two.home)
        assert run.code == 3  # the scorecard, fitted on the same earlier rows, is better than 20 trees
        assert "it does not pass the gate baselines." in run.err
        assert "It does not beat the points scorecard with confidence" in run.out
        assert "beside version 1 it is not told apart: both on leads from 2024-09-23 on" in run.out
        for gate in ("signal", "calibration slope", "leaks", "log loss", "grades: stability index 0.0000 [0"):
            assert f"passed   {gate}" in run.out
        assert served(two.home) == before
    assert "What was found when the level was set stands." in run.out


def test_a_level_needs_a_champion_and_what_came_since(two: SomeVersions, tmp_path: Path) -> None:
    assert "no champion with a model" in leadlens("recalibrate", "--home", two.home).err
    done("promote", 1, "--home", two.home)
    early = tmp_path / "early.toml"
    early.write_text(two.config.read_text().replace("2025-02-04", "2024-05-20"))
    run = leadlens("recalibrate", "--config", early, "--data", two.config.parent, "--home", two.home)
    assert run.code == 3
    assert "a new level needs 20 that do" in run.err


def test_a_setting_that_cannot_be_used_stops_a_promotion_before_anything_is_changed(
    two: SomeVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("promote", 1, "--home", two.home)
    with monkeypatch.context() as patched:
        patched.setenv("LEADLENS_PORT", "none")
        for words in (("promote", 2, "--force", "--why", "a test"), ("rollback",)):
            assert leadlens(*words, "--home", two.home).code == 1
    assert (served(two.home)[0], two.registry.aliased(CHAMPION)) == (1, two.versions[0])


def test_a_log_that_cannot_be_written_is_said_and_stops_nothing(two: SomeVersions) -> None:
    done("promote", 1, "--home", two.home)
    store = two.home / FILE
    kept = store.read_bytes()
    with sqlite3.connect(store) as connection:
        connection.execute("drop table audit_log")
    connection.close()
    out = done("promote", 2, "--force", "--why", "a test", "--home", two.home).out
    assert "warning: the log of acts does not tell of this ('version promoted')" in out
    assert served(two.home)[0] == 2
    store.write_bytes(kept)


def test_a_version_of_another_leadlens_is_promoted_by_force_alone(two: SomeVersions) -> None:
    scorer = load_scorer(two.registry.fetch(two.versions[1], two.home / "again"))
    old = two.home / "old"
    save_scorer(scorer, old, about={"evidence": {}, "recipe": {}})
    tracked = TrackedRun(parameters={}, figures={}, texts={})
    kept = two.registry.register(old, tracked, scorer.spec.names)
    run = leadlens("promote", kept.version, "--home", two.home)
    assert run.code == 3
    assert "FAILED   evidence: none; " in run.out
    evaluated = leadlens("evaluate", kept.version, "--home", two.home)
    assert evaluated.code == 3
    assert "was registered by another LeadLens" in evaluated.err
    done("promote", kept.version, "--force", "--why", "it is all that there is", "--home", two.home)
    assert champion_folder(two.home, kept.version).is_dir()
    assert json.loads((two.home / "champion" / "current").read_text())["version"] == kept.version
    assert kept == two.registry.aliased(CHAMPION)
    refused = leadlens("promote", 2, "--home", two.home)
    assert refused.code == 3
    assert f"FAILED   comparison: none; version {kept.version}, the champion, cannot be asked" in refused.out
    done("promote", 2, "--force", "--why", "the champion is old", "--home", two.home)
    assert served(two.home)[0] == 2
