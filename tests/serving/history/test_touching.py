"""What moves `leads.touched_at`, by which those who follow all leads go."""

from pathlib import Path

import pytest
from recorded import HOUR, T0, Desk

from serving.history.identity import delete_lead
from serving.history.listing import LeadQuery, list_leads
from serving.history.merging import merge_leads
from serving.store.database import Store


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    desk = Desk(store, tmp_path / "home")
    desk.lead("L-1", employees="420")
    return desk


def followed(desk: Desk, since: int) -> list[str]:
    with desk.store.reading() as connection:
        page = list_leads(connection, LeadQuery(order="updated", updated_since=since))
    return [lead.lead_id for lead in page.leads]


def test_a_change_moves_it_and_the_same_again_does_not(desk: Desk) -> None:
    desk.lead("L-1", T0 + HOUR, employees="420")
    assert desk.row("L-1").touched_at == T0
    desk.lead("L-1", T0 + 2 * HOUR, employees="430")
    assert desk.row("L-1").touched_at == T0 + 2 * HOUR
    desk.lead("L-1", T0 + HOUR, employees="440")
    assert desk.row("L-1").touched_at == T0 + 2 * HOUR, "it never goes back"


def test_an_event_alone_does_not_move_it_but_the_score_that_it_changes_does(desk: Desk) -> None:
    number = desk.row("L-1").number
    desk.recorder.rescore([number], T0 + HOUR)
    desk.event("L-1", T0 + 2 * HOUR)
    assert desk.row("L-1").touched_at == T0 + HOUR
    assert followed(desk, T0 + HOUR + 1) == []
    desk.recorder.rescore([number], T0 + 3 * HOUR)
    assert desk.row("L-1").touched_at == T0 + 3 * HOUR
    assert followed(desk, T0 + HOUR + 1) == ["L-1"]


@pytest.mark.parametrize("hours", [2, 30])
def test_a_score_that_is_made_again_and_is_the_same_does_not_move_it(desk: Desk, hours: int) -> None:
    number = desk.row("L-1").number
    desk.recorder.rescore([number], T0 + HOUR)
    desk.recorder.rescore([number], T0 + hours * HOUR)
    row = desk.row("L-1")
    assert (row.scored_at, row.touched_at) == (T0 + hours * HOUR, T0 + HOUR)


def test_an_outcome_moves_it_and_so_does_an_act_that_opens_the_lead_again(desk: Desk) -> None:
    desk.outcome("L-1", "lost", T0 + HOUR)
    assert (desk.row("L-1").standing, desk.row("L-1").touched_at) == ("lost", T0 + HOUR)
    desk.outcome("L-1", "lost", T0 + HOUR)
    desk.event("L-1", T0 + 2 * HOUR)
    assert (desk.row("L-1").standing, desk.row("L-1").touched_at) == ("open", T0 + 2 * HOUR)


def test_a_score_that_is_taken_away_moves_it_once(desk: Desk) -> None:
    number = desk.row("L-1").number
    desk.recorder.rescore([number], T0 + HOUR)
    desk.lead("L-1", T0 + HOUR, employees="many")
    for hours in (2, 3):
        desk.recorder.rescore([number], T0 + hours * HOUR)
        assert (desk.row("L-1").score, desk.row("L-1").touched_at) == (None, T0 + 2 * HOUR)


def test_a_lead_that_is_merged_into_and_one_that_is_put_after_its_deletion_are_touched(desk: Desk) -> None:
    desk.lead("L-2")
    desk.store.write(lambda connection: merge_leads(connection, "L-1", ["L-2"], T0 + HOUR))
    assert desk.row("L-1").touched_at == T0 + HOUR
    desk.store.write(lambda connection: delete_lead(connection, "L-1", T0 + 2 * HOUR))
    desk.lead("L-1", T0 + 3 * HOUR)
    assert desk.row("L-1").touched_at == T0 + 3 * HOUR


def test_a_lead_that_was_only_announced_is_followed_once_it_is_put(desk: Desk) -> None:
    desk.event("L-2", T0 + HOUR)
    assert followed(desk, T0) == ["L-1"]
    desk.lead("L-2", T0 + 2 * HOUR)
    assert followed(desk, T0 + 1) == ["L-2"]
