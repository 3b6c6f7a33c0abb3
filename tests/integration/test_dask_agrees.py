"""Scores from buckets and from a Dask cluster are those of one process, to the last bit."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from command_line import done, leadlens
from on_workers import refuse, rows_of

from features.cluster import Engine, Local, OnDask, each_bucket, engine, local_cluster
from features.errors import Fault, InputError, RefusedError
from features.history import History
from features.mapping import Mapping, read_mapping
from features.prepared import Prepared
from features.prepared.write import prepare
from features.reading import read_tables
from leadlens.file_scoring import Request, Told, score_files, score_prepared
from leadlens.score_columns import COLUMNS
from leadlens.score_parts import Part, score_part
from leadlens.scoring import Scored, Work
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


QUIET = Told(note=lambda _: None, step=lambda _: None)


def asked(out: Path, as_of: datetime | None, *, skip_bad_rows: bool = True) -> Request:
    return Request(out=out, parts=out.with_suffix(".parts"), as_of=as_of, skip_bad_rows=skip_bad_rows)


def test_files_are_scored_on_a_cluster_and_in_processes_as_they_are_here(
    home: Path, scorer: LeadScorer, cluster: Engine, tmp_path: Path
) -> None:
    leads = pd.read_csv(home / "data" / "leads.csv", dtype=str, keep_default_na=False)
    shuffled = pd.concat([leads.sample(frac=0.8, random_state=1), leads.head(9)])
    shuffled.to_csv(tmp_path / "leads.csv", index=False)
    events = home / "data" / "events.csv"

    def scored(name: str, moment: datetime, work: Work, *, skip_bad_rows: bool = True) -> Scored:
        request = asked(tmp_path / name, moment, skip_bad_rows=skip_bad_rows)
        return score_files(tmp_path / "leads.csv", events, scorer, lambda _: moment, request, work, QUIET)

    for moment in (datetime(2027, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)):
        here = scored("here.csv", moment, Work())
        for name, work in (("there.csv", Work(on=cluster)), ("beside.csv", Work(workers=2))):
            there = scored(name, moment, work)
            assert (tmp_path / name).read_bytes() == (tmp_path / "here.csv").read_bytes()
            pd.testing.assert_frame_equal(there.rejects, here.rejects)
            assert (there.rows, there.warnings) == (here.rows, here.warnings)
    assert len(here.rejects) > 0
    rows = pd.read_csv(tmp_path / "here.csv", dtype={"lead_id": str})
    known = set(rows["lead_id"])
    assert rows["lead_id"].tolist() == [lead for lead in shuffled["lead_id"] if lead in known]
    for name, work in (("no.csv", Work(on=cluster)), ("none.csv", Work(workers=2))):
        with pytest.raises(InputError, match="a lead that was created at or before as_of"):
            scored(name, moment, work, skip_bad_rows=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "beside.csv", "here.csv", "leads.csv", "there.csv",
    ]  # fmt: skip


def whole_scores(mapping: Mapping, folder: Path, scorer: LeadScorer) -> list[dict[str, object]]:
    """The leads of a history that is held in memory at once, scored at its end, in the file's order."""
    history = History(read_tables(mapping, folder), scorer.mapping)
    part = Part(history=history, rows=pd.RangeIndex(len(history)).to_numpy())
    return [row for some in score_part(part, scorer) for row in some.batch.select(COLUMNS).to_pylist()]


def test_a_prepared_history_is_scored_as_the_whole_is(
    home: Path, scorer: LeadScorer, cluster: Engine, tmp_path: Path
) -> None:
    prepared = Prepared.open(home / "prepared")
    whole = whole_scores(prepared.mapping, home / "data", scorer)
    written = set()
    for number, work in enumerate((Work(), Work(on=cluster), Work(workers=2))):
        out = tmp_path / f"{number}.parquet"
        score_prepared(prepared, scorer, asked(out, None, skip_bad_rows=False), work, QUIET)
        assert pq.read_table(out).to_pylist() == whole
        written.add(out.read_bytes())
    assert len(written) == 1


def test_a_prepared_history_that_was_read_by_other_rules_is_refused(
    home: Path, scorer: LeadScorer, tmp_path: Path
) -> None:
    mapping = read_mapping(home / "data" / "leadlens.toml")
    leads = mapping.leads.model_copy(update={"missing": ("nobody",)})
    other = prepare(mapping.model_copy(update={"leads": leads}), home / "data", tmp_path / "other")
    with pytest.raises(RefusedError, match=r"another \[leads\] section .* \(missing\)"):
        score_prepared(other, scorer, asked(tmp_path / "s.csv", None), Work(), QUIET)


def test_the_command_scores_a_prepared_history_wherever_it_works(home: Path, tmp_path: Path) -> None:
    words = ("score", "--prepared", home / "prepared", "--home", home)
    done(*words, "--out", tmp_path / "local.csv")
    run = done(*words, "--engine", "dask", "--out", tmp_path / "dask.csv")
    assert "the moment of the extract" in run.out
    assert (tmp_path / "dask.csv").read_bytes() == (tmp_path / "local.csv").read_bytes()
    assert len(pd.read_csv(tmp_path / "dask.csv")) == 600


def test_what_cannot_be_is_said_before_the_work(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.cluster._CONNECT_SECONDS", 0.5)  # nobody is waited for here
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
