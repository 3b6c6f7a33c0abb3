from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from small_company import a_mapping, day, tables

from features.mapping import mapping_from, read_mapping
from features.quality import Finding, Quality, quality_report
from features.reading import read_tables
from features.tables import Tables
from training.synthetic import History, generate

if TYPE_CHECKING:
    from pathlib import Path

EXTRACT = day(800)


def a_lead(number: int, **cells: Any) -> dict[str, Any]:
    return {"lead_id": f"L-{number}", "created_at": day(700 + number / 100), **cells}


def an_act(number: int, when: float, kind: str = "page_view", **more: Any) -> dict[str, Any]:
    return {"lead_id": f"L-{number}", "occurred_at": day(when), "type": kind, **more}


def report(leads: list[dict[str, Any]], **others: Any) -> Quality:
    return quality_report(tables(leads, extract_at=EXTRACT, **others), a_mapping())


def found(quality: Quality, name: str) -> Finding:
    (finding,) = [finding for finding in quality.findings if finding.name == name]
    return finding


def names(quality: Quality) -> set[str]:
    return {finding.name for finding in quality.findings}


SOUND = [a_lead(number, email=f"p{number}@acme.example") for number in range(30)]


def test_sound_data_give_no_finding() -> None:
    quality = report(SOUND, events=[an_act(number, 750) for number in range(30)])
    assert quality.findings == ()
    assert quality.worst() is None
    assert [(fill.column, fill.rate) for fill in quality.fills] == [("email", 1.0)]


def test_duplicates_are_counted_and_named_by_their_ids() -> None:
    quality = report([*SOUND, a_lead(30, email="P3@acme.example")])
    finding = found(quality, "same_person")
    assert (finding.count, finding.of, finding.examples) == (1, 31, ("L-30 = L-3",))


def test_leads_that_look_alike_are_reported_and_those_merged_are_not_among_them() -> None:
    people = [
        a_lead(0, email="ada@acme.example", name="Ada Example"),
        a_lead(1, email="ada@acme.example", name="Ada Example"),
        a_lead(2, email="a.example@acme.example", name="Ada Exampel"),
    ]
    finding = found(report([*people, *SOUND[3:]]), "look_alike_names")
    assert finding.examples == ("L-0 ~ L-2", "L-1 ~ L-2")


def test_a_mistyped_domain_is_reported() -> None:
    pair = [a_lead(0, email="ada@gmail.com"), a_lead(1, email="ada@gmial.com")]
    assert found(report([*pair, *SOUND[2:]]), "look_alike_addresses").examples == ("L-0 ~ L-1",)


def test_a_placeholder_is_reported() -> None:
    crowd = [a_lead(number, email="test@acme.example") for number in range(8)]
    finding = found(report([*crowd, *SOUND[8:]]), "placeholder")
    assert (finding.count, finding.severity) == (8, "warn")


def test_addresses_that_reach_nobody_are_reported_by_kind() -> None:
    odd = [
        a_lead(0, email="a..b@acme.example"), a_lead(1, email="nobody"),
        a_lead(2, email="x@mailinator.com"), a_lead(3, email="info@acme.example"),
    ]  # fmt: skip
    quality = report([*odd, *SOUND[4:]])
    assert found(quality, "email_invalid").examples == ("L-0", "L-1")
    assert found(quality, "email_disposable").examples == ("L-2",)
    assert found(quality, "email_of_role").examples == ("L-3",)


def test_phones_are_judged_where_their_country_is_known() -> None:
    phones = [
        a_lead(0, phone="+49 30 901820", country=None), a_lead(1, phone="030 901820", country="DE"),
        a_lead(2, phone="030 901820", country=None), a_lead(3, phone="12", country="DE"),
        a_lead(4, phone=None, country="DE"),
    ]  # fmt: skip
    quality = report(phones)
    assert (found(quality, "phone_invalid").examples, found(quality, "phone_invalid").of) == (("L-3",), 4)
    assert found(quality, "phone_without_country").examples == ("L-2",)


def test_open_leads_without_any_news_for_long_are_stale() -> None:
    old = [{"lead_id": f"old-{number}", "created_at": day(0)} for number in range(4)]
    quality = report(
        [*old, *SOUND],
        events=[an_act(0, 750), {"lead_id": "old-1", "occurred_at": day(790), "type": "page_view"}],
        changes=[{"lead_id": "old-2", "column": "x", "changed_at": day(790), "value": "y"}],
        outcomes=[{"lead_id": "old-3", "occurred_at": day(9), "outcome": "lost"}],
    )
    finding = found(quality, "stale_leads")
    assert (finding.count, finding.of, finding.examples) == (1, 33, ("old-0",))


def test_mail_that_bounced_and_never_arrived_since_is_reported() -> None:
    events = [
        an_act(0, 710, "email_bounced"), an_act(1, 710, "email_bounced"), an_act(1, 711, "email_opened"),
        an_act(2, 709, "email_replied"), an_act(2, 710, "email_bounced"),
    ]  # fmt: skip
    assert found(report(SOUND, events=events), "bounced").examples == ("L-0", "L-2")


def test_impossible_dates_are_reported_table_by_table() -> None:
    odd = [{"lead_id": "never", "created_at": -day(0) + day(0)}, {"lead_id": "later", "created_at": day(900)}]
    events = [
        an_act(1, 900), an_act(2, 300), an_act(3, 710, known_at=day(709)),
        {**an_act(4, 710), "occurred_at": 5, "known_at": 5},
    ]  # fmt: skip
    quality = report(
        [*odd, *SOUND],
        events=events,
        changes=[{"lead_id": "L-5", "column": "x", "changed_at": day(900), "value": "y"}],
        outcomes=[{"lead_id": "L-6", "occurred_at": day(600), "outcome": "won"}],
    )
    assert {finding.name: finding.examples for finding in quality.findings if finding.topic == "dates"} == {
        "created_later": ("later",),
        "created_never": ("never",),
        "events_later": ("L-1",),
        "events_never": ("L-4",),
        "events_foreknown": ("L-3",),
        "events_long_before": ("L-2",),
        "changes_later": ("L-5",),
        "outcomes_before": ("L-6",),
    }
    assert quality.worst() == "bad"
    assert quality.findings[0].severity == "bad"


def test_a_date_of_birth_taken_for_a_creation_is_reported() -> None:
    born = {"lead_id": "born", "created_at": day(700 - 30 * 365)}
    assert found(report([born, *SOUND]), "created_long_ago").examples == ("born",)


def test_many_leads_created_at_one_moment_are_an_import() -> None:
    imported = [{"lead_id": f"i-{number}", "created_at": day(720)} for number in range(25)]
    assert found(report([*imported, *SOUND]), "created_at_once").count == 25


def test_unknown_types_and_repeated_events_are_counted() -> None:
    events = [an_act(0, 750, "badge_scanned"), an_act(0, 750), an_act(0, 750), an_act(0, 750, page="blog")]
    named = [an_act(1, 750, event_id="e-1"), an_act(1, 750, event_id="e-2")]
    quality = report(SOUND, events=[*events, *named])
    assert dict(found(quality, "unknown_types").more) == {"badge_scanned": 1.0}
    assert found(quality, "repeated_events").count == 1


def drifting(seed: int = 0, **shift: float) -> list[dict[str, Any]]:
    """Return 1,200 leads whose last 300 differ by what `shift` says."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(1_200):
        late = number >= 900
        big = rng.random() < 0.5 + shift.get("category", 0.0) * late
        known = rng.random() < 0.9 - shift.get("fill", 0.0) * late
        rows.append(
            {
                "lead_id": f"L-{number}",
                "created_at": day(number / 2),
                "tier": "A" if big else "B",
                "budget": round(float(rng.normal(100 + shift.get("number", 0.0) * late, 10)), 2),
                "source": "fair" if known else None,
                # So many values that the periods differ by a tenth and more, by chance alone.
                "town": f"town {rng.integers(40)}",
            }
        )
    return rows


@pytest.mark.parametrize(
    ("shift", "name", "column"),
    [
        ({"category": 0.3}, "drift_of_values", "tier"),
        ({"number": 8.0}, "drift_of_numbers", "budget"),
        ({"fill": 0.4}, "drift_of_fill", "source"),
    ],
)
def test_a_column_that_drifts_is_found_and_no_other(shift: dict[str, float], name: str, column: str) -> None:
    quality = report(drifting(**shift))
    assert [(f.name, f.examples) for f in quality.findings if f.topic == "drift"] == [(name, (column,))]


@pytest.mark.parametrize("seed", range(10))
def test_noise_is_no_drift(seed: int) -> None:
    assert not [finding for finding in report(drifting(seed)).findings if finding.topic == "drift"]


def test_a_drift_of_the_base_rate_is_found() -> None:
    ends = [
        {"lead_id": f"L-{number}", "occurred_at": day(number / 2 + 5), "outcome": "won"}
        for number in range(1_200)
        if number % (3 if number >= 900 else 10) == 0
    ]
    finding = found(report(drifting(), outcomes=ends), "base_rate")
    assert dict(finding.more) == {
        "newest": pytest.approx(1 / 3, abs=0.01),
        "before": pytest.approx(0.1, abs=0.01),
    }


def test_a_type_of_event_that_stops_is_found() -> None:
    months = [
        an_act(day_of % 30, float(day_of), kind)
        for day_of in range(500, 800)
        for kind in ("page_view", *(["chat"] * (day_of < 730)))
        for _ in range(4)
    ]
    quality = report(SOUND, events=[{**act, "event_id": str(row)} for row, act in enumerate(months)])
    assert [f.examples for f in quality.findings if f.name == "event_volume"] == [("chat",)]


def test_flat_data_say_what_was_not_looked_for() -> None:
    mapping = mapping_from({"leads": {"path": "l.csv", "id": "lead_id"}, "outcomes": {"label": "won"}})
    rows = [{"lead_id": f"L-{number}", "created_at": None, "email": "a@acme.example"} for number in range(3)]
    frame = tables(rows).leads.astype({"created_at": "datetime64[us, UTC]"})
    quality = quality_report(Tables(leads=frame, extract_at=tables([a_lead(0)]).extract_at), mapping)
    assert names(quality) == {"same_person"}
    assert quality.extract_at is None
    assert len(quality.skipped) == 2


def test_the_report_holds_nothing_of_anybody_but_ids() -> None:
    secret = [
        a_lead(
            0, email="ada.secret@hidden.example", name="Ada Secret", phone="+49 30 901820", company="Hidden"
        ),
        a_lead(
            1, email="ada.secret@hidden.example", name="Ada Secret", phone="+49 30 901820", company="Hidden"
        ),
        a_lead(2, email="ada..secret@hidden.example", name="Ada Secrett", phone="12", company="Hidden"),
    ]
    said = json.dumps(report([*secret, *SOUND]).to_dict())
    assert "look_alike_names" in said
    assert not [word for word in ("ecret", "idden", "901820") if word in said]


def test_a_generated_history_has_its_duplicates_and_little_else(tmp_path: Path) -> None:
    made = generate(History(leads=4_000, seed=11), tmp_path)
    mapping = read_mapping(made.mapping)
    quality = quality_report(read_tables(mapping, tmp_path), mapping)
    assert found(quality, "same_person").count == 40
    assert quality.worst() == "warn"
    # Campaigns and regions do change in a generated history; what does not is not said to.
    drifted = {finding.examples[0] for finding in quality.findings if finding.topic == "drift"}
    assert drifted <= {"campaign", "owner_region"}
    assert not [finding for finding in quality.findings if finding.topic == "dates"]
    assert names(quality) <= {"same_person", "stale_leads", "bounced", "unknown_types", "drift_of_values"}
