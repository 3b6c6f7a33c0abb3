from small_company import dated_company, day, tables

from features.tables import ACCOUNTS, CHANGES, EVENTS, LEADS, OUTCOMES


def test_the_small_companies_of_these_tests_are_canonical() -> None:
    """They are made without a check at each example, for speed: they are checked here."""
    generated = dated_company().tables
    LEADS.validate(generated.leads)
    EVENTS.validate(generated.events)
    OUTCOMES.validate(generated.outcomes)
    small = tables(
        [{"lead_id": "L-1", "created_at": day(0)}],
        events=[],
        changes=[{"lead_id": "L-1", "column": "tier", "changed_at": day(1), "value": None}],
        accounts=[{"key": "acme.example", "known_from": None, "size": "S"}],
        outcomes=[],
    )
    EVENTS.validate(small.events)
    CHANGES.validate(small.changes)
    OUTCOMES.validate(small.outcomes)
    ACCOUNTS.validate(small.accounts[0])
