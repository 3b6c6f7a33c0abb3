import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from decisions.clocks.policy import DEFAULT_CLOCKS, ClockRules, default_text

MINUTE_US = 60_000_000


def read(text: str) -> ClockRules:
    return ClockRules.model_validate(tomllib.loads(text)["clocks"])


def test_the_default_is_what_its_file_says() -> None:
    assert read(default_text()) == DEFAULT_CLOCKS
    assert ClockRules.model_validate(DEFAULT_CLOCKS.model_dump(mode="json")) == DEFAULT_CLOCKS


def test_a_hot_lead_is_acknowledged_within_five_minutes() -> None:
    name, sla = DEFAULT_CLOCKS.sla_for("SQL", "hot", {}) or ("", None)
    assert (name, sla and sla.acknowledge) == ("hot", 5 * MINUTE_US)


@pytest.mark.parametrize(
    ("stage", "temperature", "segments", "expected"),
    [
        ("SQL", "hot", {"size": "enterprise"}, "large"),
        ("SQL", "hot", {"size": "mid"}, "large"),
        ("SQL", "hot", {"size": "small"}, "hot"),
        ("SQL", "warm", {}, "asked"),
        ("PQL", "warm", {}, "asked"),
        ("MQL", "warm", {"size": "enterprise"}, "rest"),
        (None, None, {}, "rest"),
    ],
)
def test_the_first_that_fits_holds(
    stage: str | None, temperature: str | None, segments: dict[str, str], expected: str
) -> None:
    clocks = read(
        """
        [clocks.sla.large]
        temperature = "hot"
        segments = { size = ["mid", "enterprise"] }
        [clocks.sla.hot]
        temperature = "hot"
        [clocks.sla.asked]
        stage = ["SQL", "PQL"]
        [clocks.sla.rest]
        """
    )
    found = clocks.sla_for(stage, temperature, segments)
    assert found is not None
    assert found[0] == expected


def test_a_policy_may_have_no_clocks() -> None:
    assert ClockRules(sla={}, follow_up={}).sla_for("SQL", "hot", {}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[clocks.sla.hot]\ntemperature = "hot"', "expected the last of sla to be for all"),
        (
            '[clocks.sla.all]\n[clocks.sla.hot]\ntemperature = "hot"',
            "expected sla.all, .* to be the last one",
        ),
        ("[clocks.sla.all]\nacknowledge = 5", "has no unit"),
        ('[clocks.sla.all]\nacknowledge = "soon"', "expected a length of time such as '90 days'"),
        ('[clocks.sla.all]\nacknowledge = "0"', "greater than 0"),
        ('[clocks.sla.all]\nwarn_before = "1 hour"', "expected warn_before to be shorter than acknowledge"),
        (
            '[clocks.sla.all]\nacknowledge = "1 hour"\nwarn_before = "1 hour"',
            "expected warn_before to be shorter than acknowledge",
        ),
        (
            '[clocks.sla.all]\nacknowledge = "1 hour"\nreassign_after = "30 minutes"',
            "expected reassign_after to be no shorter than acknowledge",
        ),
        (
            '[clocks.sla.all]\nescalate_after = "1 hour"\nreassign_after = "30 minutes"',
            "expected reassign_after to be no shorter than escalate_after",
        ),
        ("[clocks.sla.all]\nhops = -1", "greater than or equal to 0"),
        ('[clocks.sla.all]\nhours = "office"', "'working' or 'wall'"),
        ('[clocks.sla.all]\nacknowledged = "5 minutes"', "Extra inputs are not permitted"),
        ('[clocks.follow_up.SQL]\nattempts = ["3 days", "1 day"]', "expected each of attempts to be later"),
        (
            '[clocks.follow_up.SQL]\nattempts = ["1 day"]\nremind_before = "1 day"',
            "expected remind_before to be shorter than the first",
        ),
        (
            '[clocks.follow_up.SQL]\nattempts = ["1 day"]\nend_after = "1 day"',
            "expected end_after to be later than the last",
        ),
        ('[clocks.follow_up.SQL]\nend = "customer"', "'recycled'"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        read(text)


def test_nothing_in_it_changes() -> None:
    changed: Any = DEFAULT_CLOCKS
    with pytest.raises(ValidationError, match="frozen"):
        changed.sla = {}
