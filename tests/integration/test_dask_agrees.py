"""Scores from buckets and from a Dask cluster are those of one process, to the last bit."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from command_line import done, leadlens
from on_workers import refuse, rows_of

from features.cluster import Engine, Local, OnDask, each_bucket, engine, local_cluster
from features.errors import Fault, InputError, RefusedError
from features.mapping import Mapping, read_mapping
from features.prepared import Prepared
from features.prepared.write import prepare
from features.reading import read_tables
from leadlens.score_parts import Part, score_part
from leadlens.scoring import read_arrivals, score_all, score_prepared
from models.artifact import save_scorer
from models.boosting import Boosting
from models.champion import champion_folder, load_champion, point_to
from models.scorer import LeadScorer
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe
from training.synthetic import History as Synthetic
from training.synthetic import generate

pytestmark = pytest.mark.slow

BUCKETS = 5


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a champion of few trees, and its company beside it: as files and prepared."""
    folder = tmp_path_factory.mktemp("dask")
    made = generate(Synthetic(leads=600, seed=5), folder / "data", format="csv")
    mapping = read_mapping(made.mapping)
    examples = cut_examples(read_tables(mapping, made.mapping.parent), mapping)
    recipe = Recipe(boosting=Boosting(num_trees=20))
    scorer = fit_scorer(examples.history, examples.learned, examples.census, recipe)
    save_scorer(scorer, champion_folder(folder, 1))
    point_to(folder, name=scorer.name, version=1)
    prepare(mapping, made.mapping.parent, folder / "prepared", buckets=BUCKETS)
    return folder


@pytest.fixture(scope="module")
def scorer(home: Path) -> LeadScorer:
    champion = load_champion(home)
    assert champion is not None
    return champion


@pytest.fixture(scope="module")
def cluster() -> Iterator[Engine]:
    """Two worker processes, once for all tests here."""
    with local_cluster(2) as client:
        yield OnDask(client)


def test_results_come_back_in_the_order_of_the_buckets(home: Path, cluster: Engine) -> None:
    prepared = Prepared.open(home / "prepared")
    assert cluster.workers == 2
    here = list(each_bucket(prepared, rows_of, Local(), 3))
    assert list(each_bucket(prepared, rows_of, cluster, 3)) == here
    assert [number for number, _ in here] == list(range(BUCKETS))
    assert sum(rows for _, rows in here) == 3 * sum(prepared.manifest.tables["leads"].rows)


def test_a_fault_on_a_worker_is_said_as_it_is_here(cluster: Engine) -> None:
    for on in (Local(), cluster):
        with pytest.raises(InputError, match="item 0: expected one thing, found another") as caught:
            list(on.each(refuse, range(9), "one thing"))
        assert caught.value.faults == (Fault("item 0", "one thing", "another"),)


def test_files_are_scored_on_a_cluster_as_they_are_here(
    home: Path, scorer: LeadScorer, cluster: Engine, tmp_path: Path
) -> None:
    leads = pd.read_csv(home / "data" / "leads.csv", dtype=str, keep_default_na=False)
    shuffled = pd.concat([leads.sample(frac=0.8, random_state=1), leads.head(9)])
    shuffled.to_csv(tmp_path / "leads.csv", index=False)
    events = home / "data" / "events.csv"
    arrivals = read_arrivals(tmp_path / "leads.csv", events, scorer.mapping, skip_bad_rows=False)
    for moment in (datetime(2027, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)):
        here = score_all(arrivals, scorer, moment, skip_bad_rows=True)
        there = score_all(arrivals, scorer, moment, skip_bad_rows=True, on=cluster)
        pd.testing.assert_frame_equal(there.rows, here.rows, check_exact=True)
        pd.testing.assert_frame_equal(there.rejects, here.rejects)
        assert there.warnings == here.warnings
    assert len(here.rejects) > 0
    known = set(here.rows["lead_id"])
    assert here.rows["lead_id"].tolist() == [lead for lead in shuffled["lead_id"] if lead in known]
    with pytest.raises(InputError, match="a lead that was created at or before as_of"):
        score_all(arrivals, scorer, moment, skip_bad_rows=False, on=cluster)


def whole_scores(mapping: Mapping, folder: Path, scorer: LeadScorer) -> pd.DataFrame:
    """The leads of a history that is held in memory at once, scored at its end, in the file's order."""
    tables = read_tables(mapping, folder)
    scored = score_part(Part(tables=tables, rows=pd.RangeIndex(len(tables.leads)).to_numpy()), scorer)
    return pd.DataFrame(list(scored.rows.values()))


def test_a_prepared_history_is_scored_as_the_whole_is(
    home: Path, scorer: LeadScorer, cluster: Engine
) -> None:
    prepared = Prepared.open(home / "prepared")
    moment = prepared.manifest.extract_at.to_pydatetime()
    whole = whole_scores(prepared.mapping, home / "data", scorer)
    for on in (Local(), cluster):
        scored = score_prepared(prepared, scorer, moment, skip_bad_rows=False, on=on).rows
        expected = whole.astype({"engagement_score": "Int64", "model_version": "Int64"})
        pd.testing.assert_frame_equal(scored, expected, check_exact=True)


def test_a_prepared_history_that_was_read_by_other_rules_is_refused(
    home: Path, scorer: LeadScorer, tmp_path: Path
) -> None:
    mapping = read_mapping(home / "data" / "leadlens.toml")
    leads = mapping.leads.model_copy(update={"missing": ("nobody",)})
    other = prepare(mapping.model_copy(update={"leads": leads}), home / "data", tmp_path / "other")
    moment = other.manifest.extract_at.to_pydatetime()
    with pytest.raises(RefusedError, match=r"another \[leads\] section .* \(missing\)"):
        score_prepared(other, scorer, moment, skip_bad_rows=False, on=Local())


def test_the_command_scores_a_prepared_history_wherever_it_works(home: Path, tmp_path: Path) -> None:
    words = ("score", "--prepared", home / "prepared", "--home", home)
    done(*words, "--out", tmp_path / "local.csv")
    run = done(*words, "--engine", "dask", "--out", tmp_path / "dask.csv")
    assert "the moment of the extract" in run.out
    assert (tmp_path / "dask.csv").read_bytes() == (tmp_path / "local.csv").read_bytes()
    assert len(pd.read_csv(tmp_path / "dask.csv")) == 600


def test_what_cannot_be_is_said_before_the_work(home: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "s.csv", "--home", home)
    leads = ("--leads", home / "data" / "leads.csv")
    prepared = ("--prepared", home / "prepared")
    nobody = "tcp://127.0.0.1:1"
    for words, said in (
        ((), "one of the two, found neither"),
        ((*leads, *prepared), "one of the two, found both"),
        ((*prepared, "--events", home / "data" / "events.csv"), "expected a file of leads beside it"),
        ((*leads, "--scheduler", nobody), "Add --engine dask"),
        ((*leads, "--engine", "dask", "--scheduler", nobody), f"a Dask scheduler at {nobody}"),
    ):
        run = leadlens("score", *words, *out)
        assert run.code == 1, run.said
        assert said in run.said
        assert not (tmp_path / "s.csv").exists()


def test_a_scheduler_is_found_by_its_address(tmp_path: Path) -> None:
    from distributed import LocalCluster

    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            protocol="tcp",
            host="127.0.0.1",
        ) as started,
        engine("dask", scheduler=started.scheduler_address) as on,
    ):
        assert on.workers == 1
        assert list(on.each(pow, [1, 2, 3], 2)) == [1, 4, 9]
