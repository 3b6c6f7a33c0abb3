"""Exit codes: 1 failed, 2 wrong usage, 3 refused for a reason; each in words, and never a traceback."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from command_line import done, leadlens, leadlens_process
from postgres import Postgres


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A folder with leads, a mapping of them, and the same mapping with one thing wrong each."""
    rows = [f"{n:04},{n % 7},2026-01-{1 + n % 28:02},{int(n % 3 == 0)}" for n in range(90)]
    (tmp_path / "leads.csv").write_text("Id,Rooms,Day,Converted\n" + "\n".join(rows) + "\n")
    good = '[leads]\npath = "leads.csv"\nid = "Id"\n[outcomes]\nlabel = "Converted"\npositive = 1\n'
    for name, text in {
        "good": good,
        "no_outcomes": good.partition("[outcomes]")[0],
        "no_outcomes_dated": good.partition("[outcomes]")[0].replace('"Id"\n', '"Id"\ncreated_at = "Day"\n'),
        "misspelt": good.replace("positive", "positiv"),
        "no_id": good.replace('"Id"', '"Idd"'),
        "no_label": good.replace('"Converted"', '"Convertd"'),
        "no_leads": good.replace("leads.csv", "lead.csv"),
        "no_toml": "leads = [",
        "nothing": "",
    }.items():
        (tmp_path / f"{name}.toml").write_text(text)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("Id,Rooms,Converted\n")
    (tmp_path / "blank.csv").write_text("\n\n\n")
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (
            ["train"],
            1,
            "leadlens.toml: expected a mapping file, found no such file. Make one with: leadlens init",
        ),
        (
            ["train", "--config", "misspelt.toml"],
            1,
            "misspelt.toml, outcomes.positiv: expected a known setting",
        ),
        (["train", "--config", "no_outcomes.toml"], 1, "Add an [outcomes] section"),
        (["train", "--config", "no_outcomes_dated.toml"], 1, "Add an [outcomes] section"),
        (["train", "--config", "no_id.toml"], 1, "Did you mean 'Id'? Correct leads.id"),
        (["train", "--config", "no_label.toml"], 1, "Did you mean 'Converted'? Correct outcomes.label"),
        (["train", "--config", "no_leads.toml"], 1, "lead.csv: expected a file, found no such file"),
        (["train", "--config", "no_toml.toml"], 1, "expected TOML in UTF-8"),
        (["train", "--config", "nothing.toml"], 1, "nothing.toml, leads: expected a value, found nothing"),
        (["train", "--config", "."], 1, ".: Is a directory"),
        (
            ["train", "--config", "good.toml", "--leads", "leads.csv"],
            1,
            "--leads and --config: expected one of the two",
        ),
        (["train", "--leads", "none.csv"], 1, "none.csv: expected a file, found no such file"),
        (["train", "--leads", "."], 1, "expected a file, found a folder"),
        (["train", "--leads", "empty.csv"], 1, "expected a header row, found an empty file"),
        (["train", "--leads", "blank.csv"], 1, "expected a header row, found blank lines"),
        (["train", "--leads", "header.csv", "--id", "Id", "--label", "Converted"], 1, "header.csv"),
        (["train", "--leads", "leads.csv", "--label", "Won"], 1, "leads.csv: expected a column 'Won'"),
        (["train", "--leads", "leads.csv", "--id", "Key"], 1, "leads.csv: expected a column 'Key'"),
        (["train", "--leads", "leads.csv", "--id", "Id", "--label", "Rooms"], 3, "leads converted"),
        (["train", "--seed", "often"], 2, "Invalid value"),
        (["train", "--seed", "-1"], 2, "Invalid value for '--seed'"),
        (["backtest", "--seed", "2147483648"], 2, "Invalid value for '--seed'"),
        (["recalibrate", "--seed", "-1"], 2, "Invalid value for '--seed'"),
        (["generate"], 2, "Missing option '--out'"),
        (["generate", "--out", "new", "--leads", "0"], 2, "Invalid value"),
        (["generate", "--out", "leads.csv"], 1, "leads.csv"),
        (["init"], 2, "Missing argument"),
        (["init", "none.csv"], 1, "none.csv: expected a file, found no such file"),
        (["init", "."], 1, "expected a file, found a folder"),
        (["init", "empty.csv"], 1, "expected a header row, found an empty file"),
        (["init", "leads.csv", "--out", "none/x.toml"], 1, "none/x.toml: No such file or directory"),
        (["init", "leads.csv", "--out", "good.toml"], 1, "good.toml: expected no such file yet, found one"),
        (["init", "leads.csv", "--label", "Won"], 1, "leads.csv: expected a column 'Won'"),
        (["promote"], 3, "There is no challenger to promote. Train one with: leadlens train"),
        (["evaluate"], 3, "There is no version to evaluate. Train one with: leadlens train"),
        (["score", "--leads", "leads.csv"], 2, "Missing option '--out'"),
        (["score", "--leads", "leads.csv", "--out", "s.csv"], 3, "has no champion to score with"),
        (
            ["score", "--leads", "leads.csv", "--out", "s.xlsx"],
            1,
            "--out: expected a file ending in .csv or .parquet",
        ),
        (["score", "--leads", "leads.csv", "--out", "none/s.csv"], 1, "a file in a folder that is there"),
        (["score", "--leads", "leads.csv", "--out", "leads.csv"], 1, "another file than those to read"),
        (["keys", "create", "crm", "--scope", "everything"], 1, "everything"),
        (["keys", "create", ""], 1, "name"),
        (["promote", "3"], 3, "There is no version 3 of 'leadlens' in the registry."),
        (["serve", "--port", "99999"], 1, "option --port"),
        (["serve", "--policy", "none.toml"], 1, "none.toml"),
        (["fly"], 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    company: Path, words: list[str], code: int, expected: str
) -> None:
    before = {path: path.read_bytes() for path in company.iterdir() if path.is_file()}
    home = [] if words[0] in {"generate", "init", "fly"} else ["--home", company / "home"]
    run = leadlens(*words, *home, folder=company)
    assert expected in run.said
    assert run.code == code, run.said
    assert before == {path: path.read_bytes() for path in company.iterdir() if path.is_file()}


NEED_A_STORE = (
    ["verify"],
    ["backup", "--out", "backups/first"],
    ["keys", "list"],
    ["keys", "rotate", "none"],
    ["keys", "revoke", "none"],
    ["audit-log"],
    ["export", "L-1", "--out", "one.json"],
    ["erase", "L-1", "--yes"],
    ["replay", "--sample", "1"],
    ["replay", "--sample", "1", "--fetch"],
    ["train", "--config", "stored.toml"],
)


@pytest.mark.parametrize("words", NEED_A_STORE, ids=" ".join)
@pytest.mark.parametrize("is_there", [False, True], ids=["no home", "an empty home"])
def test_a_home_without_a_store_is_refused_and_left_as_it_was(
    company: Path, words: list[str], *, is_there: bool
) -> None:
    (company / "stored.toml").write_text('[leads]\nsource = "store"\n')
    home = company / "nowhere" / "home"
    if is_there:
        home.mkdir(parents=True)
    before = sorted(company.rglob("*"))
    run = leadlens(*words, "--home", home, folder=company)
    assert run.code == 1, run.said
    remedy = "Name it with --home or LEADLENS_HOME."
    assert f"{home}: expected a home with a store, found none. {remedy}\n" in run.said
    assert sorted(company.rglob("*")) == before


def test_a_store_of_which_nothing_is_left_is_none(company: Path) -> None:
    done("keys", "create", "crm", "--home", company / "home")
    for left in (company / "home").glob("leadlens.db*"):
        left.write_bytes(b"")
    run = leadlens("verify", "--home", company / "home")
    assert run.code == 1
    assert "expected a home with a store, found none" in run.said


@pytest.mark.parametrize("words", [["promote"], ["promote", "3"], ["evaluate"], ["evaluate", "3"]])
def test_a_home_that_is_not_there_is_not_made_to_look_for_a_version(company: Path, words: list[str]) -> None:
    assert leadlens(*words, "--home", company / "nowhere").code == 3
    assert not (company / "nowhere").exists()


def test_a_database_without_a_store_is_refused_and_stays_empty(
    company: Path, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_server.database()
    monkeypatch.setenv("LEADLENS_STORE_URL", url)
    for words in (["verify"], ["backup", "--out", "backup"], ["keys", "list"]):
        run = leadlens(*words, "--home", company / "nowhere", folder=company)
        assert run.code == 1
        assert "expected a database with a store, found none. Name it with LEADLENS_STORE_URL." in run.said
    with closing(psycopg.connect(url)) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


def test_a_store_in_a_database_is_backed_up_with_a_home_that_is_there_alone(
    company: Path, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADLENS_STORE_URL", postgres_server.database())
    done("keys", "create", "crm", "--home", company / "home")
    (company / "home").mkdir(exist_ok=True)
    done("verify", "--home", company / "nowhere")
    for words in (["backup", "--out", "backup"], ["erase", "L-1", "--yes"]):
        run = leadlens(*words, "--home", company / "nowhere", folder=company)
        assert run.code == 1
        assert "nowhere: expected a home, found none. Name it with --home or LEADLENS_HOME." in run.said
    assert not (company / "nowhere").exists()
    done("backup", "--out", "backup", "--home", company / "home", folder=company)


def test_a_port_in_use_is_said_before_any_work(company: Path, taken_port: int) -> None:
    for command in ("serve", "demo"):
        run = leadlens(command, "--port", taken_port, "--home", company / "home")
        assert run.code == 1
        assert str(taken_port) in run.said
        assert "--port" in run.said
    assert not (company / "home" / "data").exists()


def test_a_registry_that_does_not_answer_is_said(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    run = leadlens("promote", "--home", company / "home")
    assert run.code == 1
    assert "the registry (MLflow): expected an answer" in run.said


def test_a_home_that_is_a_file_is_said(company: Path) -> None:
    for words in (["promote"], ["score", "--leads", "leads.csv", "--out", "s.csv"], ["keys", "list"]):
        run = leadlens(*words, "--home", company / "leads.csv", folder=company)
        assert run.code == 1
        assert "leads.csv" in run.said


def test_a_broken_champion_is_said(company: Path) -> None:
    folder = company / "home" / "champion"
    (folder / "v1").mkdir(parents=True)
    (folder / "current").write_text('{"name": "leadlens", "version": 1, "folder": "v1"}')
    run = leadlens(
        "score", "--leads", "leads.csv", "--out", "s.csv", "--home", company / "home", folder=company
    )
    assert run.code == 1
    assert "the artifact is incomplete" in run.said
    assert "leadlens promote VERSION" in run.said


def test_a_process_leaves_with_the_same_codes(company: Path) -> None:
    assert leadlens_process("fly", folder=company).code == 2
    failed = leadlens_process("init", "none.csv", folder=company)
    assert (failed.code, failed.out) == (1, "")
    assert failed.err == "none.csv: expected a file, found no such file. Correct the path.\n"
    refused = leadlens_process("score", "--leads", "leads.csv", "--out", "s.csv", folder=company)
    assert refused.code == 3
    assert refused.said == (
        ".leadlens has no champion to score with. Run: leadlens train, then leadlens promote\n"
    )
