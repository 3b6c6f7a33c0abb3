"""`leadlens score`: what is written, in which order, and when nothing is."""

import re
from pathlib import Path

import pandas as pd
import pytest
from command_line import FirstRound, Run, done, leadlens

from leadlens.score_columns import said_with_effect

pytestmark = pytest.mark.slow

COLUMNS = [
    "lead_id",
    "score",
    "probability",
    "probability_low",
    "probability_high",
    "fit_score",
    "engagement_score",
    "grade",
    "rung",
    "reason_1",
    "reason_2",
    "reason_3",
    "reason_4",
    "reason_5",
    "model_version",
    "as_of",
]


def scored(first_round: FirstRound, leads: Path, out: Path, *words: object) -> Run:
    events = ("--events", first_round.data / "events.csv")
    return leadlens("score", "--leads", leads, *events, "--out", out, "--home", first_round.home, *words)


@pytest.fixture(scope="module")
def arrivals(first_round: FirstRound) -> pd.DataFrame:
    """Forty leads in no order, four of them twice, as text."""
    leads = pd.read_csv(first_round.data / "leads.csv", dtype=str, keep_default_na=False)
    return pd.concat([leads.sample(40, random_state=1), leads.head(4), leads.head(4)], ignore_index=True)


@pytest.fixture(scope="module")
def leads(arrivals: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("arrivals") / "leads.csv"
    arrivals.to_csv(path, index=False)
    return path


def test_the_columns_are_those_of_the_manual_and_the_rows_those_of_the_file(
    first_round: FirstRound, leads: Path, arrivals: pd.DataFrame, tmp_path: Path
) -> None:
    run = scored(first_round, leads, tmp_path / "s.csv")
    assert run.code == 0, run.said
    assert f"{tmp_path / 's.csv'}: 48 scores by version 1" in run.out
    rows = pd.read_csv(tmp_path / "s.csv", dtype={"lead_id": str})
    assert list(rows) == COLUMNS
    assert rows["lead_id"].tolist() == arrivals["lead_id"].tolist()
    assert rows["score"].between(0, 99).all()
    assert (rows["probability_low"] <= rows["probability"]).all()
    assert (rows["probability"] <= rows["probability_high"]).all()
    assert rows["grade"].str.fullmatch("[A-D][1-4]").all()
    assert set(rows["rung"]) == {"blend"}  # fewer than 100 of the 700 leads convert in time
    assert set(rows["model_version"]) == {1}
    assert rows["reason_1"].notna().all()
    repeated = [frame.drop(columns="lead_id") for _, frame in rows.groupby("lead_id") if len(frame) > 1]
    assert repeated
    assert all(len(frame.drop_duplicates()) == 1 for frame in repeated)


SIGNED = re.compile(r"[^=+@-].* \([+-]?\d[\d.]*(e-\d+)?\)")


def test_each_reason_comes_with_its_effect_and_none_is_a_formula(
    first_round: FirstRound, leads: Path, tmp_path: Path
) -> None:
    assert scored(first_round, leads, tmp_path / "s.csv").code == 0
    rows = pd.read_csv(tmp_path / "s.csv", dtype={"lead_id": str})
    cells = [cell for n in range(1, 6) for cell in rows[f"reason_{n}"].dropna()]
    assert len(cells) > 100
    assert [cell for cell in cells if not SIGNED.fullmatch(cell)] == []
    assert {"+", "-"} <= {cell.rpartition("(")[2][0] for cell in cells}


@pytest.mark.parametrize(
    ("text", "effect", "cell"),
    [
        ("Asked for a demo", 20.0, "Asked for a demo (+20.0)"),
        ("Asked for a demo", -0.043, "Asked for a demo (-0.04)"),
        ("Asked for a demo", 0.0, "Asked for a demo (0.0)"),
        ("=1+1", 2.0, "'=1+1' (+2.0)"),
        ("@SUM(A1)", 2.0, "'@SUM(A1)' (+2.0)"),
    ],
)
def test_a_reason_is_a_cell_that_no_spreadsheet_computes(text: str, effect: float, cell: str) -> None:
    assert said_with_effect(text, effect) == cell


def test_reasons_are_said_in_the_words_of_the_company(
    first_round: FirstRound, leads: Path, tmp_path: Path
) -> None:
    words = tmp_path / "words.toml"
    words.write_text(
        '[columns.Gone]\nname = "X"\n[counts]\nwindow = { other = "during {count} days" }\n'
        'every_day = { other = "active every day during {count} days" }\n',
        encoding="utf-8",
    )
    run = scored(first_round, leads, tmp_path / "own.csv", "--words", str(words))
    assert run.code == 0, run.said
    assert "words.toml has words for the column 'Gone', which this model does not read" in run.said
    assert scored(first_round, leads, tmp_path / "plain.csv").code == 0
    own, plain = ((tmp_path / f"{name}.csv").read_text("utf-8") for name in ("own", "plain"))
    assert own == re.sub(r"in the last (\d+) days", r"during \1 days", plain) != plain
    words.write_text("[sentences]\ndidd = 'x'\n", encoding="utf-8")
    refused = scored(first_round, leads, tmp_path / "no.csv", "--words", str(words))
    assert refused.code == 1
    assert "Is 'sentences.did' meant?" in refused.said


def test_csv_and_parquet_hold_the_same(first_round: FirstRound, leads: Path, tmp_path: Path) -> None:
    for name in ("s.csv", "s.parquet"):
        assert scored(first_round, leads, tmp_path / name).code == 0
    text = pd.read_csv(tmp_path / "s.csv", dtype={"lead_id": str})
    typed = pd.read_parquet(tmp_path / "s.parquet")
    assert list(typed) == COLUMNS
    assert str(typed["engagement_score"].dtype) == "Int64"
    for name in COLUMNS:
        assert typed[name].astype(object).where(typed[name].notna(), None).tolist() == (
            text[name].astype(object).where(text[name].notna(), None).tolist()
        ), name


def test_as_of_is_the_moment_that_is_scored_at(first_round: FirstRound, leads: Path, tmp_path: Path) -> None:
    seen = {}
    for name, moment in {
        "day": "2026-07-10",
        "end": "2026-07-10T23:59:59.999999Z",
        "zone": "2026-07-11T01:59:59.999999+02:00",
        "later": "2026-12-01",
    }.items():
        out = tmp_path / f"{name}.csv"
        run = scored(first_round, leads, out, "--as-of", moment)
        assert run.code == 0, run.said
        seen[name] = out.read_bytes()
    assert seen["day"] == seen["end"] == seen["zone"]
    assert set(pd.read_csv(tmp_path / "day.csv")["as_of"]) == {"2026-07-10T23:59:59.999999Z"}
    assert not pd.read_csv(tmp_path / "later.csv")["probability"].equals(
        pd.read_csv(tmp_path / "day.csv")["probability"]
    )
    assert scored(first_round, leads, tmp_path / "x.csv", "--as-of", "tomorrow").code == 1
    assert not (tmp_path / "x.csv").exists()


def test_without_as_of_the_newest_time_in_the_files_is_taken_and_said(
    first_round: FirstRound, leads: Path, tmp_path: Path
) -> None:
    run = scored(first_round, leads, tmp_path / "s.csv")
    events = pd.read_csv(first_round.data / "events.csv")
    newest = pd.to_datetime(events["occurred_at"], utc=True, format="ISO8601").max()
    assert f"as of {newest:%Y-%m-%d %H:%M:%S} UTC, the newest time in the files" in run.out
    said = pd.read_csv(tmp_path / "s.csv")["as_of"].unique()
    assert pd.to_datetime(said, utc=True).tolist() == [newest]


@pytest.fixture
def bad_leads(arrivals: pd.DataFrame, tmp_path: Path) -> Path:
    """The same leads; the 3rd without a date, the 5th with a number that is none, the 7th not yet created."""
    bad = arrivals.copy()
    bad.loc[2, "created_at"] = "31/31/2026"
    bad.loc[4, "employees"] = "rather many"
    bad.loc[6, "created_at"] = "2030-01-01"
    path = tmp_path / "bad.csv"
    bad.to_csv(path, index=False)
    return path


def test_a_bad_row_fails_before_anything_is_written(
    first_round: FirstRound, bad_leads: Path, tmp_path: Path
) -> None:
    out = tmp_path / "s.csv"
    out.write_text("the scores of yesterday\n")
    run = scored(first_round, bad_leads, out, "--as-of", "2026-07-10")
    assert run.code == 1
    assert "bad.csv, row 4, column created_at: expected a time" in run.said
    assert out.read_text() == "the scores of yesterday\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "s.csv"]


def test_a_bad_value_is_found_with_its_row_too(
    first_round: FirstRound, bad_leads: Path, tmp_path: Path
) -> None:
    rows = pd.read_csv(bad_leads, dtype=str, keep_default_na=False)
    rows.loc[2, "created_at"] = "2026-01-01"
    rows.to_csv(bad_leads, index=False)
    run = scored(first_round, bad_leads, tmp_path / "s.csv", "--as-of", "2026-07-10")
    assert run.code == 1
    assert "bad.csv, row 6, column employees: expected a number, found 'rather many'" in run.said
    assert "bad.csv, row 8, column created_at" in run.said
    assert not (tmp_path / "s.csv").exists()


def test_bad_rows_can_be_put_aside(
    first_round: FirstRound, bad_leads: Path, arrivals: pd.DataFrame, tmp_path: Path
) -> None:
    run = scored(first_round, bad_leads, tmp_path / "s.csv", "--as-of", "2026-07-10", "--skip-bad-rows")
    assert run.code == 0, run.said
    rows = pd.read_csv(tmp_path / "s.csv", dtype=str)
    assert rows["lead_id"].tolist() == [
        lead for at, lead in enumerate(arrivals["lead_id"]) if at not in {2, 4, 6}
    ]
    rejects = pd.read_csv(tmp_path / "s.rejects.csv", dtype=str)
    assert list(rejects) == ["row", "lead_id", "column", "found", "reason"]
    rows_of = [arrivals["lead_id"][int(row) - 2] for row in rejects["row"]]
    assert rejects["lead_id"].tolist() == rows_of
    assert sorted(zip(rejects["row"], rejects["column"], strict=True)) == [
        ("4", "created_at"),
        ("6", "employees"),
        ("8", "created_at"),
    ]
    assert all(
        reason.startswith(f"bad.csv, row {row}, ")
        for row, reason in zip(rejects["row"], rejects["reason"], strict=True)
    )
    assert "s.rejects.csv: 3 rows that could not be read" in run.out


@pytest.mark.parametrize("name", ["s.csv", "s.parquet"])
def test_a_failing_write_leaves_no_half_file(
    first_round: FirstRound, leads: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / name
    out.write_text("the scores of yesterday\n")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device", str(out))

    monkeypatch.setattr(Path, "replace", full_disk)
    run = scored(first_round, leads, out)
    assert run.code == 1
    assert "No space left on device" in run.said
    assert out.read_text() == "the scores of yesterday\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_columns_may_be_missing_and_unknown_ones_are_named(
    first_round: FirstRound, leads: Path, tmp_path: Path
) -> None:
    rows = pd.read_csv(leads, dtype=str, keep_default_na=False).drop(columns="employees")
    rows["shoe_size"] = "43"
    rows.to_csv(tmp_path / "new.csv", index=False)
    run = scored(first_round, tmp_path / "new.csv", tmp_path / "s.csv")
    assert run.code == 0, run.said
    assert "Column 'employees' was not sent and counts as not known. (48 leads)" in run.out
    assert "Column 'shoe_size' is not known to the model and was ignored. (48 leads)" in run.out


def test_a_file_without_rows_gives_a_file_without_rows(
    first_round: FirstRound, leads: Path, tmp_path: Path
) -> None:
    (tmp_path / "none.csv").write_text(leads.read_text().splitlines()[0] + "\n")
    for name in ("s.csv", "s.parquet"):
        run = scored(first_round, tmp_path / "none.csv", tmp_path / name, "--as-of", "2026-07-10")
        assert run.code == 0, run.said
    assert (tmp_path / "s.csv").read_text().strip() == ",".join(COLUMNS)
    assert list(pd.read_parquet(tmp_path / "s.parquet")) == COLUMNS


def test_leads_without_events_are_scored(first_round: FirstRound, leads: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    done("score", "--leads", leads, "--as-of", "2026-07-10", "--out", out, "--home", first_round.home)
    assert pd.read_csv(out)["engagement_score"].notna().all()
