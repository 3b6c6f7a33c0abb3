import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fake_scorer import CONTRIBUTIONS, MARGIN, FakeScorer
from recorded import HOUR, T0, Desk
from served import put_champion

from decisions.policy import Policy
from serving.history.happenings import Scored
from serving.history.identity import delete_lead
from serving.history.leads import LeadSent, keep_leads
from serving.history.timeline import timeline
from serving.ledger.chain import seal, unpacked
from serving.ledger.check import verify
from serving.scoring.asked_lead import AskedLead
from serving.scoring.champion import Champion
from serving.scoring.recording import NotOpen, Recorder
from serving.settings import Settings
from serving.store.database import Store
from serving.store.schema import LEADS, LEDGER_PAYLOADS, MODELS_SEEN, POLICIES_SEEN
from serving.wire.problems import Problem

DAY = 24 * HOUR


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path / "home")


def test_a_first_score_is_answered_and_recorded_whole(desk: Desk) -> None:
    desk.lead("L-1", employees="420")
    answer = desk.recorder.score_now("L-1", T0 + HOUR, 2)
    assert isinstance(answer, dict)
    assert (answer["lead_id"], answer["score"], len(answer["reasons"])) == ("L-1", 82, 3)
    [record] = desk.records
    assert len(record["reasons"]) == 7
    assert {k: v for k, v in record.items() if k != "reasons"} == {
        k: v for k, v in answer.items() if k != "reasons"
    }
    assert record["reasons"][:2] == answer["reasons"][:2]
    row = desk.row("L-1")
    assert (row.score, row.probability, row.grade, row.action) == (82, 0.231, "A2", "route")
    assert (row.scored_at, row.recorded_at) == (T0 + HOUR, T0 + HOUR)
    assert row.scored_by == f"leadlens/7/{Policy().sha256}"
    [header] = desk.headers
    assert (header.id, header.as_of, header.model_version) == (row.record_id, T0 + HOUR, 7)
    [payload] = desk.rows(LEDGER_PAYLOADS)
    assert unpacked(payload.vector).tolist()[:2] == [420.0, 0.0]
    assert unpacked(payload.contributions).tolist() == list(CONTRIBUTIONS)
    assert (payload.lead, payload.margin) == (row.number, MARGIN)
    assert [seen.version for seen in desk.rows(MODELS_SEEN)] == [7]
    assert [seen.content for seen in desk.rows(POLICIES_SEEN)] == [Policy().content]


@pytest.fixture
def points(store: Store, tmp_path: Path) -> Desk:
    """A desk where a scorecard scores."""
    return Desk(store, tmp_path / "home", folder="points")


def test_a_score_in_points_is_recorded_without_what_it_has_not(points: Desk) -> None:
    points.lead("L-1", employees="420")
    answer = points.recorder.score_now("L-1", T0 + HOUR, None)
    assert isinstance(answer, dict)
    assert points.records == [answer]
    assert [name for name, value in answer.items() if value is None] == [
        "probability", "probability_low", "probability_high", "horizon_days",
        "baseline_probability", "base_rate",
    ]  # fmt: skip
    assert sum(reason["effect"] for reason in answer["reasons"]) == answer["score"] == 82
    assert {reason["log_odds"] for reason in answer["reasons"]} == {None}
    row = points.row("L-1")
    assert (row.score, row.probability, row.rung, row.action) == (82, None, "points", "route")
    [payload] = points.rows(LEDGER_PAYLOADS)
    assert (payload.margin, payload.expected_margin) == (None, None)
    points.recorder.score_now("L-1", T0 + 2 * HOUR, None)
    assert len(points.records) == 1
    points.store.write(lambda connection: seal(connection, T0 + 2 * HOUR))
    assert (verify(points.store).wrong, verify(points.store).unsealed) == (0, 0)


@pytest.mark.parametrize("shown", [0, 3])
def test_a_score_in_points_that_is_told_shortly_adds_up_too(points: Desk, shown: int) -> None:
    points.lead("L-1", employees="420")
    answer = points.recorder.score_now("L-1", T0 + HOUR, shown)
    assert isinstance(answer, dict)
    assert len(answer["reasons"]) == shown + 1
    assert sum(reason["effect"] for reason in answer["reasons"]) == answer["score"]
    assert answer["reasons"][-1]["log_odds"] is None


def test_by_the_default_policy_fewer_points_are_handed_over_than_a_models_score(points: Desk) -> None:
    points.lead("L-1", employees="220")
    assert points.recorder.score_now("L-1", T0 + HOUR, None)["advice"] == {  # type: ignore[index]  # it is a score
        "action": "route", "stage": "SQL", "temperature": "cold", "queue": "sales", "track": None,
        "rule": "stages.SQL.enter",
        "why": "Score 62 reaches the threshold of 60 for a score by the points scorecard.",
    }  # fmt: skip
    points.use(Policy(score_threshold=70))
    assert points.recorder.score_now("L-1", T0 + 2 * HOUR, None)["advice"]["action"] == "nurture"  # type: ignore[index]  # as above


def test_another_rung_moves_no_lead_silently(points: Desk) -> None:
    number = points.lead("L-1", employees="420")
    points.recorder.rescore([number], T0 + HOUR)
    put_champion(points.home, "v1", 1)
    points.recorder.rescore([number], T0 + 2 * HOUR)
    row = points.row("L-1")
    assert (row.score, row.probability, row.rung, row.touched_at) == (82, 0.231, "model", T0 + 2 * HOUR)
    with points.store.reading() as connection:
        told = timeline(connection, number).happenings
    scores = [(one.model_version, one.rung, one.probability) for one in told if isinstance(one, Scored)]
    assert scores == [(1, "model", 0.231), (7, "points", None)]


@pytest.mark.parametrize("shown", [0, 2, 5, None])
def test_the_answer_is_what_score_answers_for_the_same_lead(desk: Desk, shown: int | None) -> None:
    desk.lead("L-1", employees="420", colour="red")
    desk.event("L-1", T0 + HOUR)
    answerer = desk.recorder._champion.answerer()  # noqa: SLF001 - to ask it what a request is answered
    assert answerer is not None
    event = {
        "type": "page_view",
        "occurred_at": T0 + HOUR,
        "known_at": T0 + HOUR,
        "detail": None,
        "value": None,
        "event_id": "e",
    }
    cells: dict[str, Any] = {"employees": "420", "colour": "red"}
    asked = AskedLead(
        lead_id="L-1",
        created_at=T0,
        as_of=T0 + 2 * HOUR,
        cells=cells,
        events=[event],
        warnings=(),
    )
    assert desk.recorder.score_now("L-1", T0 + 2 * HOUR, shown) == answerer.answer(asked, shown=shown)


def test_the_scorer_is_told_that_nobody_sent_what_the_store_holds(desk: Desk) -> None:
    desk.lead("L-1", employees="420")
    desk.recorder.score_now("L-1", T0 + HOUR, None)
    answerer = desk.recorder._champion.answerer()  # noqa: SLF001 - to ask its scorer what it was told
    assert answerer is not None
    assert isinstance(answerer.scorer, FakeScorer)
    assert [batch.is_stored for batch in answerer.scorer.batches] == [True]


def test_an_unchanged_score_is_recorded_daily_and_a_changed_one_at_once(desk: Desk) -> None:
    number = desk.lead("L-1", employees="420")
    for hours in (1, 2, 24):
        desk.recorder.score_now("L-1", T0 + hours * HOUR, None)
    assert len(desk.records) == 1
    desk.recorder.score_now("L-1", T0 + 25 * HOUR, None)
    assert [record["as_of"] for record in desk.records] == ["2026-11-21T10:30:00Z", "2026-11-22T10:30:00Z"]
    desk.event("L-1", T0 + 26 * HOUR)
    desk.recorder.score_now("L-1", T0 + 26 * HOUR, None)
    assert [record["score"] for record in desk.records] == [82, 82, 85]
    assert desk.recorder.rescore([number], T0 + 27 * HOUR) == 1
    assert len(desk.records) == 3
    assert desk.row("L-1").scored_at == T0 + 27 * HOUR
    assert desk.row("L-1").recorded_at == T0 + 26 * HOUR
    desk.recorder.rescore([number], T0 + 50 * HOUR)
    assert len(desk.records) == 4


def test_a_score_that_is_asked_for_and_unchanged_writes_nothing(desk: Desk) -> None:
    desk.lead("L-1")
    desk.recorder.score_now("L-1", T0 + HOUR, None)
    before = desk.row("L-1")
    desk.recorder.score_now("L-1", T0 + 2 * HOUR, None)
    assert desk.row("L-1") == before


def test_another_model_or_policy_is_recorded_though_the_score_is_the_same(desk: Desk) -> None:
    desk.lead("L-1", employees="420")
    desk.recorder.score_now("L-1", T0 + HOUR, None)
    put_champion(desk.home, "v8", 8)
    desk.recorder.score_now("L-1", T0 + 2 * HOUR, None)
    desk.use(Policy(score_threshold=80))
    desk.recorder.score_now("L-1", T0 + 3 * HOUR, None)
    assert [record["model"]["version"] for record in desk.records] == [7, 8, 8]
    thresholds = [record["advice"]["why"].split(" for ")[0][-3:] for record in desk.records]
    assert thresholds == [" 70", " 70", " 80"]
    assert len(desk.rows(POLICIES_SEEN)) == 2


def test_a_record_whose_payload_was_erased_cannot_be_compared_with(desk: Desk) -> None:
    desk.lead("L-1")
    desk.recorder.score_now("L-1", T0 + HOUR, None)
    desk.store.write(lambda connection: connection.execute(LEDGER_PAYLOADS.delete()))
    desk.recorder.score_now("L-1", T0 + 2 * HOUR, None)
    assert len(desk.headers) == 2


def test_a_damaged_record_does_not_keep_a_lead_from_being_scored(desk: Desk) -> None:
    number = desk.lead("L-1")
    desk.recorder.rescore([number], T0 + HOUR)
    damaged = sa.update(LEDGER_PAYLOADS).values(answer=b"no zlib")
    desk.store.write(lambda connection: connection.execute(damaged))
    assert desk.recorder.rescore([number], T0 + 2 * HOUR) == 1
    assert len(desk.headers) == 2


@pytest.mark.parametrize("outcome", ["won", "lost", "disqualified"])
def test_a_lead_that_is_not_open_has_no_score(desk: Desk, outcome: str) -> None:
    number = desk.lead("L-1")
    desk.recorder.rescore([number], T0 + HOUR)
    desk.outcome("L-1", outcome, T0 + 2 * HOUR)
    assert desk.recorder.score_now("L-1", T0 + 3 * HOUR, None) == NotOpen(outcome)  # type: ignore[arg-type]  # one of the three
    assert desk.recorder.rescore([number], T0 + 3 * HOUR) == 0
    row = desk.row("L-1")
    assert row.record_id == desk.headers[0].id
    assert (row.standing, row.score, row.probability, row.grade, row.action) == (
        outcome,
        None,
        None,
        None,
        None,
    )
    assert (row.scored_at, row.scored_by) == (None, None)
    before = desk.recorder.score_at("L-1", T0 + HOUR, None)
    assert isinstance(before, dict)
    assert before["score"] == 40


def test_a_lead_that_opens_again_is_recorded_again(desk: Desk) -> None:
    number = desk.lead("L-1")
    desk.recorder.rescore([number], T0 + HOUR)
    desk.outcome("L-1", "lost", T0 + 2 * HOUR)
    desk.recorder.rescore([number], T0 + 3 * HOUR)
    desk.event("L-1", T0 + 4 * HOUR)
    assert desk.recorder.rescore([number], T0 + 5 * HOUR) == 1
    assert (desk.row("L-1").standing, desk.row("L-1").score, len(desk.records)) == ("open", 43, 2)


def test_a_past_moment_is_answered_and_nothing_of_it_kept(desk: Desk) -> None:
    desk.lead("L-1", employees="10")
    desk.lead("L-1", T0 + 10 * HOUR, employees="500")
    desk.event("L-1", T0 + 5 * HOUR)
    answers = [desk.recorder.score_at("L-1", T0 + hours * HOUR, None) for hours in (1, 5, 10)]
    assert [answer["score"] for answer in answers if isinstance(answer, dict)] == [41, 44, 93]
    assert desk.records == []
    assert desk.row("L-1").score is None


def test_a_moment_before_the_creation_is_a_fault(desk: Desk) -> None:
    desk.lead("L-1")
    problem = desk.recorder.score_at("L-1", T0 - 1, None)
    assert isinstance(problem, Problem)
    assert (problem.status, problem.faults[0].where) == (422, "as_of")
    assert "2026-11-21T09:30:00Z" in problem.faults[0].expected


def test_a_lead_that_cannot_be_read_is_said_as_score_says_it_and_loses_its_score(desk: Desk) -> None:
    number = desk.lead("L-1", employees="420")
    desk.recorder.rescore([number], T0 + HOUR)
    desk.lead("L-1", T0 + 2 * HOUR, employees="many")
    for answer in (
        desk.recorder.score_now("L-1", T0 + 3 * HOUR, None),
        desk.recorder.score_at("L-1", T0 + 3 * HOUR, None),
    ):
        assert isinstance(answer, Problem)
        assert [(fault.where, fault.found) for fault in answer.faults] == [("lead.employees", "'many'")]
    assert desk.recorder.rescore([number], T0 + 3 * HOUR) == 0
    assert desk.row("L-1").score is None


def test_unknown_announced_and_deleted_leads_have_no_answer(desk: Desk) -> None:
    number = desk.lead("L-1")
    desk.event("announced", T0)
    desk.store.write(lambda connection: delete_lead(connection, "L-1", T0 + HOUR))
    for lead_id in ("L-1", "announced", "never"):
        assert desk.recorder.score_now(lead_id, T0 + 2 * HOUR, None) is None
        assert desk.recorder.score_at(lead_id, T0 + 2 * HOUR, None) is None
    assert desk.recorder.rescore([number, desk.row("announced").number, 99], T0 + 2 * HOUR) == 0
    assert desk.records == []


def test_without_a_champion_nothing_is_scored(store: Store, tmp_path: Path) -> None:
    number = Desk(store, tmp_path / "home").lead("L-1")
    nobody = Recorder(store, Champion(Settings(home=tmp_path), Policy(), FakeScorer.load))
    for answer in (nobody.score_now("L-1", T0 + HOUR, None), nobody.score_at("L-1", T0 + HOUR, None)):
        assert isinstance(answer, Problem)
        assert answer.status == 503
    assert nobody.rescore([number], T0 + HOUR) == 0


def test_many_leads_are_scored_as_each_alone(desk: Desk) -> None:
    numbers = [
        desk.lead(f"L-{n}", **({"employees": str(n * 10)} if n % 3 else {"colour": "red"})) for n in range(20)
    ]
    assert desk.recorder.rescore(numbers, T0 + HOUR) == 20
    together = {record["lead_id"]: record for record in desk.records}
    assert len(together) == 20
    for lead_id, record in together.items():
        assert desk.recorder.score_at(lead_id, T0 + HOUR, None) == record


def test_whose_clock_is_behind_hears_what_came_in_as_of_the_newest_score(desk: Desk) -> None:
    number = desk.lead("L-1", employees="420")
    desk.recorder.rescore([number], T0 + 5 * HOUR)
    before = desk.row("L-1").score
    desk.event("L-1", T0)
    desk.recorder.rescore([number], T0 + HOUR)
    heard = desk.row("L-1")
    assert heard.score > before
    assert heard.scored_at == T0 + 5 * HOUR
    desk.recorder.rescore([number], T0 - 40 * 24 * HOUR)  # a clock that is far off is not followed
    assert desk.row("L-1") == heard


@pytest.mark.parametrize(
    "values", [{"standing": "won"}, {"deleted_at": 1}, {"merged_into": 7}, {"scored_at": T0 + 9 * HOUR}]
)
def test_what_was_overtaken_while_it_was_scored_is_not_written(desk: Desk, values: dict[str, Any]) -> None:
    number = desk.lead("L-1")
    answerer = desk.recorder._champion.answerer()  # noqa: SLF001 - to come between its reading and its writing
    assert answerer is not None
    score = answerer.scorer.score

    def slowly(*arguments: Any, **more: Any) -> Any:
        overtakes = sa.update(LEADS).values(**values)
        desk.store.write(lambda connection: connection.execute(overtakes))
        return score(*arguments, **more)

    answerer.scorer.score = slowly  # type: ignore[method-assign]  # the moment between reading and writing
    desk.recorder.rescore([number], T0 + HOUR)
    assert desk.records == []
    assert desk.row("L-1").score is None


def test_many_who_ask_at_once_make_one_record(desk: Desk) -> None:
    desk.lead("L-1")
    together = threading.Barrier(4, timeout=20)
    answers: list[Any] = []

    def ask() -> None:
        together.wait()
        answers.append(desk.recorder.score_now("L-1", T0 + HOUR, None))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer["score"] for answer in answers] == [40] * 4
    assert len(desk.records) == 1


def test_changes_that_the_store_dated_after_the_clock_count(desk: Desk) -> None:
    desk.lead("L-1", employees="10")
    desk.lead("L-1", T0, employees="420")
    answer = desk.recorder.score_now("L-1", T0, None)
    assert isinstance(answer, dict)
    assert answer["score"] == 82


SOON = T0 - HOUR // 10


def ahead(desk: Desk, created_at: int = T0, **cells: Any) -> int:
    """Keep a lead whose creation lies ahead of the moment SOON, at which it is sent."""
    [kept] = desk.store.write(lambda c: keep_leads(c, [LeadSent("L-1", created_at, cells)], SOON))
    return kept.number


def test_a_lead_whose_sender_has_a_clock_that_is_ahead_is_scored_as_if_created_now(desk: Desk) -> None:
    number = ahead(desk)
    assert desk.recorder.rescore([number], SOON) == 1
    assert desk.row("L-1").scored_at == SOON
    ahead(desk, T0 + HOUR)
    problem = desk.recorder.score_now("L-1", SOON, None)
    assert isinstance(problem, Problem)
    assert [fault.where for fault in problem.faults] == ["lead.created_at"]
    assert desk.recorder.rescore([number], SOON) == 0


def test_a_score_before_a_creation_ahead_gives_way_to_that_of_a_corrected_lead(desk: Desk) -> None:
    number = ahead(desk, employees="10")
    desk.recorder.rescore([number], SOON)
    before = desk.row("L-1").score
    ahead(desk, T0 - DAY, employees="420")
    desk.recorder.rescore([number], SOON + 2)
    assert desk.row("L-1").score == 82 != before


def test_an_outcome_ahead_ends_no_lead_early_though_its_creation_lies_further_ahead(desk: Desk) -> None:
    number = ahead(desk)
    desk.outcome("L-1", "won", SOON + HOUR // 20)
    desk.recorder.rescore([number], SOON)
    assert (desk.row("L-1").standing, desk.row("L-1").score is None) == ("open", False)


def test_model_and_policy_are_noted_with_the_first_record_though_a_round_before_recorded_none(
    desk: Desk,
) -> None:
    ended, number = desk.lead("ended"), desk.lead("L-1")
    desk.outcome("ended", "won", T0)
    assert desk.recorder.rescore([ended], T0 + HOUR) == 0
    assert desk.recorder.rescore([number], T0 + HOUR) == 1
    assert (len(desk.rows(MODELS_SEEN)), len(desk.rows(POLICIES_SEEN))) == (1, 1)


def test_what_was_noted_in_a_transaction_that_failed_is_noted_by_the_next(desk: Desk) -> None:
    number = desk.lead("L-1")

    def fails(*_: object) -> None:
        raise RuntimeError("the disk is full")

    sa.event.listen(desk.store.engine, "commit", fails)
    with pytest.raises(RuntimeError, match="full"):
        desk.recorder.rescore([number], T0 + HOUR)
    sa.event.remove(desk.store.engine, "commit", fails)
    assert desk.rows(MODELS_SEEN) == []
    desk.recorder.rescore([number], T0 + HOUR)
    assert len(desk.rows(MODELS_SEEN)) == 1


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_a_score_is_of_a_state_that_was_there_at_one_moment(desk: Desk, *, is_asked_for: bool) -> None:
    number = desk.lead("L-1", employees="10")
    has_come = threading.Event()

    def comes_between(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not has_come.is_set() and "FROM leads" in statement and "undated" in statement:
            has_come.set()
            desk.event("L-1", T0)

    sa.event.listen(desk.store.engine, "after_cursor_execute", comes_between)
    if is_asked_for:
        desk.recorder.score_now("L-1", T0 + HOUR, None)
    else:
        desk.recorder.rescore([number], T0 + HOUR)
    assert has_come.is_set()
    assert [record["score"] for record in desk.records] == [41]
