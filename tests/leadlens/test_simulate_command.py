"""What another policy would have done, on the command line, with a champion that was really trained."""

import json
from pathlib import Path

import pytest
from command_line import FirstRound, done, leadlens
from decided_leads import decide
from some_facts import DAY_US
from sqlalchemy import Connection

from decisions.policy import Policy, policy_of_text
from leadlens.pasts import Pasts, read_pasts
from leadlens.stored import open_home
from serving.clock import utc_now
from serving.store.schema import LEADS


@pytest.fixture
def lower(tmp_path: Path) -> Path:
    path = tmp_path / "lower.toml"
    path.write_text('name = "lower"\nscore_threshold = 40\n', "utf-8")
    return path


def pasts(round_: FirstRound, most: int = 10**9) -> Pasts:
    steps: list[str] = []
    found = read_pasts(
        most, steps.append, environment={}, home=round_.home, config=round_.data / "leadlens.toml", data=None
    )
    assert steps[0] == "reading"
    return found


def test_another_policy_is_told_beside_the_present_one(
    first_round: FirstRound, lower: Path, tmp_path: Path
) -> None:
    words = ["--config", first_round.data / "leadlens.toml", "--home", first_round.home, "--most", 3_000]
    run = done("simulate", "--policy", lower, *words, "--out", tmp_path / "all.json")
    for said in (
        "present: default",
        "other: lower",
        "leads a day to sales",
        "share caught",
        "[",
        "would go to sales",
    ):
        assert said in run.out
    assert "8.0 hours at the latest" in run.out
    content = json.loads((tmp_path / "all.json").read_text("utf-8"))
    assert content["figures"]["difference"]["caught"]["value"] >= 0
    assert content["sides"]["from_sales"] == []
    assert content["sides"]["to_sales"]
    assert content["leads"] > 100
    again = done("simulate", "--policy", lower, *words, "--out", tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "all.json").read_bytes()
    assert again.out.replace("again.json", "all.json") == run.out


def test_the_page_names_the_leads_that_change_sides(
    first_round: FirstRound, lower: Path, tmp_path: Path
) -> None:
    page = tmp_path / "report.md"
    done(
        "simulate", "--policy", lower, "--against", lower, "--config", first_round.data / "leadlens.toml",
        "--home", first_round.home, "--out", page, "--most", 2_000,
    )  # fmt: skip
    said = page.read_text("utf-8")
    assert "0 leads would go to sales that do not now" in said
    assert "of the leads were replayed, taken at random" in said


def test_scores_are_of_leads_that_the_scorer_has_not_seen(first_round: FirstRound) -> None:
    """The twin of the champion is asked about what came after all that it learned from."""
    found = pasts(first_round)
    assert "the champion's twin" in found.cautions[0]
    past = found.under(Policy())
    assert all(facts.as_of >= past.since - past.horizon for lead in past.leads for facts in lead.facts)
    assert all(any(facts.as_of >= past.since for facts in lead.facts) for lead in past.leads)
    assert all(facts.as_of + past.horizon <= past.known_until for lead in past.leads for facts in lead.facts)
    assert any(lead.won_value is not None for lead in past.leads)


def test_leads_since_the_champion_was_trained_are_its_own_to_score(
    first_round: FirstRound, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    done("generate", "--out", later, "--leads", 700, "--days", 760, "--format", "csv")
    found = read_pasts(
        10**9, print, environment={}, home=first_round.home, config=later / "leadlens.toml", data=None
    )
    assert "after the champion was trained" in found.cautions[0]
    assert found.under(Policy()).since > pasts(first_round).under(Policy()).known_until - 1


def test_a_champion_that_foretells_something_else_is_refused(
    first_round: FirstRound, lower: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    text = (first_round.data / "leadlens.toml").read_text("utf-8")
    other.write_text(text.replace('horizon = "90 days"', 'horizon = "30 days"'), "utf-8")
    run = leadlens(
        "simulate", "--policy", lower, "--config", other, "--data", first_round.data,
        "--home", first_round.home,
    )  # fmt: skip
    assert (run.code, "foretell different things" in run.said) == (3, True)


def test_leads_are_taken_whole_and_the_same_each_time(first_round: FirstRound) -> None:
    whole, some = pasts(first_round).under(Policy()), pasts(first_round, 500).under(Policy())
    assert some.moments <= 500
    assert some.share == pytest.approx(len(some.leads) / len(whole.leads))
    by_id = {lead.lead_id: lead for lead in whole.leads}
    assert all(by_id[lead.lead_id] == lead for lead in some.leads)


def test_each_policy_has_the_facts_that_it_asks_for(first_round: FirstRound) -> None:
    own = policy_of_text('[attributes]\nhow_large = { kind = "number", columns = ["employees"] }\n[segments.size.cases]\nbig = "how_large > 500"')  # fmt: skip # noqa: E501 - TOML
    found = pasts(first_round, 500)
    ours, theirs = found.under(own), found.under(Policy())
    assert any(facts.attributes["how_large"] for lead in ours.leads for facts in lead.facts)
    assert "how_large" not in theirs.leads[0].facts[0].attributes
    assert [lead.lead_id for lead in ours.leads] == [lead.lead_id for lead in theirs.leads]


def test_without_a_model_the_points_of_the_scorecard_are_replayed(
    first_round: FirstRound, lower: Path, tmp_path: Path
) -> None:
    home = tmp_path / "empty"
    home.mkdir()
    run = done(
        "simulate",
        "--policy",
        lower,
        "--config",
        first_round.data / "leadlens.toml",
        "--home",
        home,
        "--most",
        500,
    )
    assert "points of a scorecard, which learned from no lead" in run.out
    assert "not known" in run.out


def test_without_a_mapping_it_is_what_the_store_has_recorded(lower: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    refused = leadlens("simulate", "--policy", lower, "--home", home, folder=tmp_path)
    assert (refused.code, "leadlens.toml" in refused.said) == (1, True)
    with open_home(home, may_be_new=True) as store:
        now = utc_now()

        def put(connection: Connection) -> None:
            lead = {"lead_id": "L1", "created_at": now - 20 * DAY_US, "arrived_at": now, "updated_at": now}
            connection.execute(LEADS.insert().values(number=1, cells={}, **lead))

        store.write(put)
        decide(store, [1], now - 5 * DAY_US, score=60, acts=2)
    page = tmp_path / "page.md"
    run = done("simulate", "--policy", lower, "--home", home, "--out", page, folder=tmp_path)
    assert "1 lead would go to sales that do not now" in run.out
    assert "when they were scored or decided about" in run.out
    assert "| L1 |" in page.read_text("utf-8")


def test_what_cannot_be_simulated_is_refused_in_words(
    first_round: FirstRound, lower: Path, tmp_path: Path
) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    (flat / "leads.csv").write_text("id,won\n1,0\n2,1\n")
    (flat / "leadlens.toml").write_text('[leads]\npath = "leads.csv"\nid = "id"\n[outcomes]\nlabel = "won"\n')
    run = leadlens(
        "simulate", "--policy", lower, "--config", flat / "leadlens.toml", "--home", first_round.home
    )
    assert (run.code, "leads in time" in run.said) == (1, True)
    run = leadlens("simulate", "--policy", lower, "--out", tmp_path / "all.txt")
    assert (run.code, "ends in .json or .md" in run.said) == (1, True)
    assert leadlens("simulate").code == 2
