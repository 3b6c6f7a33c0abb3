from typing import Any

from small_company import a_mapping, day, tables

from features.duplicates.likeness import Alike, alike_addresses, alike_names


def pairs(found: Alike | None) -> list[tuple[int, int]]:
    assert found is not None
    return [(int(one), int(other)) for one, other in found.pairs]


def leads(*rows: dict[str, Any]) -> Any:
    return tables(
        [{"lead_id": f"L-{number}", "created_at": day(0), **row} for number, row in enumerate(rows)]
    ).leads


def test_a_person_spelled_a_little_otherwise_at_the_same_company_looks_alike() -> None:
    frame = leads(
        {"name": "Ada Example", "company": "Acme Tools GmbH"},
        {"name": "Bo Sample", "company": "Acme Tools"},
        {"name": "Example, Ada", "company": "ACME-Tools Inc."},
        {"name": "Ada Exampel", "company": "Acme Tools Ltd"},
        {"name": "Ada Example", "company": "Wholly Other"},
    )
    assert pairs(alike_names(frame, a_mapping())) == [(0, 2), (0, 3), (2, 3)]


def test_the_domain_stands_for_a_company_without_a_column_unless_anybody_can_have_an_address_there() -> None:
    own = [{"name": "Ada Example", "email": f"{who}@acme.example"} for who in ("a", "ada")]
    free = [{"name": "Bo Sample", "email": f"{who}@gmail.com"} for who in ("b", "bo")]
    assert pairs(alike_names(leads(*own, *free), a_mapping())) == [(0, 1)]


def test_a_mistyped_domain_looks_like_the_right_one() -> None:
    frame = leads(
        {"email": "ada@gmail.com"}, {"email": "ada@gmial.com"}, {"email": "bo@gmail.com"},
        {"email": "ada@acme.example"}, {"email": "info@gmail.com"}, {"email": "info@gmial.com"},
    )  # fmt: skip
    assert pairs(alike_addresses(frame, a_mapping())) == [(0, 1)]


def test_two_well_known_providers_are_two() -> None:
    frame = leads({"email": "ada@gmail.com"}, {"email": "ada@ymail.com"}, {"email": "bo@acme.example"})
    assert pairs(alike_addresses(frame, a_mapping())) == []


def test_without_names_or_addresses_nothing_is_compared() -> None:
    frame = leads({"employees": "3"}, {"employees": "3"})
    assert alike_names(frame, a_mapping()) is None
    assert alike_addresses(frame, a_mapping()) is None
