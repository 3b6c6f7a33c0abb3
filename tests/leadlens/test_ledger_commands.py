"""`leadlens verify` and `leadlens replay`, in a home whose champion the command line made."""

import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from command_line import FirstRound, done, leadlens
from made_records import NOW, a_record, all_of

from decisions.policy import Policy
from models.champion import champion_folder
from serving.history.leads import LeadSent, keep_leads
from serving.ledger.chain import append, seal
from serving.scoring.champion import Champion, load_local
from serving.scoring.recording import Recorder
from serving.settings import Settings
from serving.store.database import Store, open_store
from serving.store.schema import LEDGER_PAYLOADS

pytestmark = pytest.mark.slow


@pytest.fixture
def home(first_round: FirstRound, tmp_path: Path) -> Path:
    """A copy of the home, in which three leads were scored and two of the records sealed."""
    home = tmp_path / "home"
    shutil.copytree(first_round.home, home)
    store = open_store(home)
    leads = [LeadSent(f"L-{n}", NOW, {"country": "DE", "employees": n}) for n in range(3)]
    kept = store.write(lambda c: keep_leads(c, leads, NOW))
    recorder = Recorder(store, Champion(Settings(home=home), Policy(), load_local))
    recorder.rescore([lead.number for lead in kept[:2]], NOW)
    store.write(lambda c: seal(c, NOW))
    recorder.rescore([kept[2].number], NOW)
    store.close()
    return home


def opened(home: Path) -> Store:
    return open_store(home)


def test_a_whole_ledger_is_said_to_be_whole(home: Path) -> None:
    run = done("verify", "--home", home)
    assert "3 records under 1 seal; 1 of them wait for one; the payloads of 0 were erased." in run.out
    [newest] = re.findall(r"newest seal is ([0-9a-f]{64})\.", run.out)
    assert run.out.endswith("The ledger is whole.\n")
    assert "whole" in done("verify", "--seal", newest, "--home", home).out
    other = leadlens("verify", "--seal", "0" * 64, "--home", home)
    assert other.code == 1
    assert "cut off" in other.said


def test_an_empty_ledger_is_whole(tmp_path: Path) -> None:
    opened(tmp_path).close()
    assert "0 records" in done("verify", "--home", tmp_path).out


def test_records_are_replayed_alone_and_by_sample(home: Path) -> None:
    store = opened(home)
    ids = [row.id for row in all_of(store, LEDGER_PAYLOADS)]
    store.close()
    assert done("replay", ids[0], "--home", home).out == "1 of 1 agreed to the bit.\n"
    assert done("replay", "--sample", 50, "--home", home).out == "3 of 3 agreed to the bit.\n"


def test_what_differs_fails_in_both_commands_and_is_named(home: Path) -> None:
    store = opened(home)
    [row, *_] = all_of(store, LEDGER_PAYLOADS)
    own = LEDGER_PAYLOADS.c.id == row.id
    store.write(lambda c: c.execute(sa.update(LEDGER_PAYLOADS).where(own).values(margin=row.margin + 1)))
    store.close()
    verified, replayed = leadlens("verify", "--home", home), leadlens("replay", "--sample", 9, "--home", home)
    assert (verified.code, replayed.code) == (1, 1)
    assert f"Record {row.id}: its payload was changed after it was written." in verified.said
    assert "1 fault." in verified.said
    assert f"Record {row.id} differs: the margin" in replayed.said
    assert "2 of 3 agreed" in replayed.said


def test_a_model_that_is_gone_is_refused_and_can_be_fetched_again(home: Path) -> None:
    shutil.rmtree(champion_folder(home, 1))
    run = leadlens("replay", "--sample", 3, "--home", home)
    assert run.code == 3
    assert run.said == (
        "Version 1 has no copy in this home. "
        "Copy version 1 from the registry again: leadlens replay --fetch\n"
    )
    assert "3 of 3 agreed" in done("replay", "--sample", 3, "--fetch", "--home", home).out
    (champion_folder(home, 1) / "scorer.json").write_text("{}")
    run = leadlens("replay", "--sample", 3, "--home", home)
    assert (run.code, "leadlens replay --fetch" in run.said) == (3, True)
    assert "3 of 3 agreed" in done("replay", "--sample", 3, "--fetch", "--home", home).out


@pytest.mark.parametrize(("words", "code"), [(["00"], 3), ([], 2), (["00", "--sample", "1"], 2)])
def test_what_cannot_be_asked_for_is_said(home: Path, words: list[str], code: int) -> None:
    assert leadlens("replay", *words, "--home", home).code == code


def test_a_promotion_keeps_the_copies_that_records_name_and_removes_the_others(home: Path) -> None:
    for version in (7, 8):
        shutil.copytree(champion_folder(home, 1), champion_folder(home, version))
    store = opened(home)
    store.write(lambda c: append(c, [a_record(model_version=7)], NOW))
    store.close()
    done("promote", "--home", home)
    assert sorted(path.name for path in (home / "champion").glob("v*")) == ["v1", "v7"]


def test_a_promotion_keeps_all_copies_where_the_store_cannot_be_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(champion_folder(home, 1), champion_folder(home, 8))
    monkeypatch.setenv("LEADLENS_STORE_URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    done("promote", "--home", home)
    assert sorted(path.name for path in (home / "champion").glob("v*")) == ["v1", "v8"]
