from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import a_mapping, day, tables

from features.duplicates.identity import PLACEHOLDER_LEADS, Identity, identify
from features.mapping import Mapping


def who(*leads: dict[str, Any], mapping: Mapping | None = None) -> list[str]:
    """Return the survivor of each lead, whose ids are letters in the order in which they are given."""
    found, ids = identified(*leads, mapping=mapping)
    return [ids[row] for row in found.survivor]


def identified(*leads: dict[str, Any], mapping: Mapping | None = None) -> tuple[Identity, list[str]]:
    rows = [
        {"lead_id": chr(65 + number), "created_at": day(number), **lead} for number, lead in enumerate(leads)
    ]
    return identify(tables(rows).leads, mapping or a_mapping()), [str(row["lead_id"]) for row in rows]


def test_leads_with_one_address_are_one_whatever_its_case_and_space() -> None:
    first, second, third = (
        {"email": "Ada@Acme.example "},
        {"email": "ada@ACME.example"},
        {"email": "b@c.example"},
    )
    assert who(first, second, third) == ["A", "A", "C"]


def test_the_first_created_survives_wherever_it_stands() -> None:
    later = {"email": "a@acme.example", "created_at": day(9)}
    assert who(later, {"email": "a@acme.example"}) == ["B", "B"]


def test_at_one_time_the_smaller_id_survives() -> None:
    same = {"email": "a@acme.example", "created_at": day(1)}
    assert who({**same, "lead_id": "Z"}, {**same, "lead_id": "Y"}) == ["Y", "Y"]


@pytest.mark.parametrize(
    "address", ["info@acme.example", "no-reply@acme.example", "a..b@acme.example", "a@acme.test"]
)
def test_addresses_of_tasks_and_those_that_no_mail_reaches_tell_nothing(address: str) -> None:
    others = [{"email": f"p{number}@acme.example"} for number in range(8)]
    assert who({"email": address}, {"email": address}, *others)[:2] == ["A", "B"]


def test_an_address_in_another_column_is_the_same_address() -> None:
    rows = [
        {"email": "a@acme.example", "second": "x@acme.example"},
        {"email": "b@d.example", "second": "a@acme.example"},
    ]
    assert who(*rows) == ["A", "A"]


def test_a_phone_needs_the_name_beside_it() -> None:
    berlin = {"first name": "Ada", "last name": "Example", "phone": "030 901820", "country": "DE"}
    abroad = {**berlin, "phone": "+49 (30) 90 18 20", "last name": " EXAMPLE", "country": "FR"}
    other = {**berlin, "first name": "Bo"}
    unknown = {**berlin, "first name": None, "last name": None}
    assert who(berlin, abroad, other, unknown) == ["A", "A", "C", "D"]


def test_a_national_number_is_read_in_the_leads_own_country_only() -> None:
    lead = {"name": "Ada Example", "phone": "030 901820"}
    assert who({**lead, "country": "Germany"}, {**lead, "country": "deutschland"}) == ["A", "A"]
    assert who({**lead, "country": "DE"}, {**lead, "country": "AT"}) == ["A", "B"]
    assert who({**lead, "country": "Atlantis"}, {**lead, "country": "Atlantis"}) == ["A", "B"]


def test_what_spells_not_known_is_no_value() -> None:
    mapping = a_mapping(
        leads={"path": "l.csv", "id": "lead_id", "created_at": "created_at", "missing": ["none@none.example"]}
    )
    rows = [{"email": "none@none.example"}, {"email": "none@none.example"}, {"email": "a@acme.example"}]
    assert who(*rows, mapping=mapping) == ["A", "B", "C"]
    assert who(*rows) == ["A", "A", "C"]


def test_a_column_that_the_mapping_excludes_tells_nothing() -> None:
    mapping = a_mapping(
        leads={"path": "l.csv", "id": "lead_id", "created_at": "created_at", "exclude": ["email"]}
    )
    assert who({"email": "a@acme.example"}, {"email": "a@acme.example"}, mapping=mapping) == ["A", "B"]


def test_a_value_of_too_many_leads_is_a_placeholder() -> None:
    crowd = [{"email": "test@acme.example"}] * (PLACEHOLDER_LEADS + 1)
    found, ids = identified(*crowd)
    assert not len(found.repeats)
    assert [(held.kind, list(held.lead_ids)) for held in found.placeholders] == [("email", ids)]
    assert who(*crowd[1:]) == ["A"] * PLACEHOLDER_LEADS


def test_what_a_later_lead_ties_together_stays_apart_and_is_counted() -> None:
    phone = {"name": "Ada Example", "phone": "+49 30 901820"}
    first, second = {"email": "a@acme.example"}, {"email": "b@acme.example", **phone}
    found, ids = identified(first, second, {"email": "a@acme.example", **phone})
    assert [ids[row] for row in found.survivor] == ["A", "B", "A"]
    assert found.apart == 1


def test_the_third_may_be_known_by_what_the_second_brought() -> None:
    phone = {"name": "Ada Example", "phone": "+49 30 901820"}
    rows = [
        {"email": "a@acme.example"},
        {"email": "a@acme.example", **phone},
        {"email": "b@acme.example", **phone},
    ]
    assert who(*rows) == ["A", "A", "A"]


def test_without_contact_data_everybody_is_somebody_else() -> None:
    assert who({"employees": 3}, {"employees": 3}) == ["A", "B"]


LEADS = st.lists(
    st.fixed_dictionaries(
        {
            "email": st.sampled_from([None, "a@x.example", "b@x.example", "c@x.example", "A@x.example"]),
            "name": st.sampled_from([None, "ada", "Ada", "bo"]),
            "phone": st.sampled_from([None, "+49 30 901820", "+4930901820", "+49 30 901821"]),
            "created": st.integers(0, 5),
        }
    ),
    min_size=1,
    max_size=14,
)


def survivors(leads: list[dict[str, Any]], order: list[int]) -> dict[str, str]:
    rows = [
        {"lead_id": f"L-{number:02}", "created_at": day(leads[number]["created"]), **leads[number]}
        for number in order
    ]
    found = identify(tables(rows).leads.drop(columns="created"), a_mapping())
    return {
        str(row["lead_id"]): str(rows[of]["lead_id"]) for row, of in zip(rows, found.survivor, strict=True)
    }


@given(LEADS, st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(leads: list[dict[str, Any]], shuffle: Any) -> None:
    order = list(range(len(leads)))
    shuffled = order[:]
    shuffle.shuffle(shuffled)
    assert survivors(leads, shuffled) == survivors(leads, order)


@given(LEADS)
def test_what_is_left_has_nothing_to_merge(leads: list[dict[str, Any]]) -> None:
    of = survivors(leads, list(range(len(leads))))
    left = [number for number in range(len(leads)) if of[f"L-{number:02}"] == f"L-{number:02}"]
    assert set(survivors(leads, left).items()) == {(f"L-{number:02}", f"L-{number:02}") for number in left}


@given(LEADS, st.integers(0, 5))
def test_leads_that_come_later_change_nothing_between_those_before(
    leads: list[dict[str, Any]], moment: int
) -> None:
    """But for placeholders, which are a matter of how often a value stands in the whole table."""
    few = leads[:PLACEHOLDER_LEADS]
    before = [number for number, lead in enumerate(few) if lead["created"] <= moment]
    if not before:
        return
    whole, then = survivors(few, list(range(len(few)))), survivors(few, before)
    assert {lead: whole[lead] for lead in then} == then


def test_thousands_of_pairs_are_found() -> None:
    numbers = np.arange(3_000)
    rows = [
        {"lead_id": f"L-{number}", "created_at": day(0), "email": f"p{number // 2}@acme.example"}
        for number in numbers.tolist()
    ]
    assert len(identify(tables(rows).leads, a_mapping()).repeats) == 1_500
