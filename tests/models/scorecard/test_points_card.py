import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cards import SPEC, cards
from hypothesis import HealthCheck, given, settings

from decisions.policy import read_policy
from features.errors import InputError
from features.mapping import read_mapping
from models.scorecard.card_text import card_text
from models.scorecard.points_card import PointsCard, card_from, read_card

RULE = {"feature": "employees", "at_least": 50, "points": 5}


@given(cards())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_card_is_read_back_from_its_file_and_from_json(card: PointsCard) -> None:
    for spec in (None, SPEC):
        assert card_from(tomllib.loads(card_text(card, spec))) == card
    assert card_from(card.to_dict()) == card


def test_a_file_says_what_its_rules_can_name() -> None:
    text = card_text(PointsCard(), SPEC)
    assert '#   "industry": one of "Retail", "banking", "other"' in text
    assert '#   "opted_in": true or false' in text
    assert '#   "page_view.count.7d": a number' in text


def test_an_empty_file_is_a_card_without_rules(tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text("")
    card = read_card(tmp_path / "card.toml")
    assert card == PointsCard()
    assert card.threshold == 70


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"at_least": None}, "exactly one of equals, in and at_least"),
        ({"equals": 3}, "exactly one of equals, in and at_least"),
        ({"points": 5.5}, "valid integer"),
        ({"points": True}, "valid integer"),
        ({"points": 101}, "less than or equal to 100"),
        ({"at_least": "50"}, "valid number"),
        ({"at_least": True}, "valid number"),
        ({"at_least": float("nan")}, "finite number"),
        ({"half_life": "soon"}, "expected a length of time with its unit such as '14 days', found 'soon'."),
        ({"half_life": 14}, "expected a length of time with its unit such as '14 days', found 14."),
        ({"half_life": "5000"}, "a length of time with its unit such as '14 days', found '5000'."),
        ({"half_life": "5000.5"}, "a length of time with its unit such as '14 days', found '5000.5'."),
        ({"half_life": f"{'9' * 400} days"}, "a length of time with its unit"),
        ({"at_least": None, "equals": int("9" * 400)}, "less than or equal to 9007199254740992"),
        ({"at_least": int("9" * 400)}, "valid number"),
        ({"half_life": "0 days"}, "greater than 0"),
        ({"text": ""}, "at least 1 character"),
        ({"matches": ".*"}, "one that does not exist"),
        ({"feature": None}, "a value"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_where_it_stands(rule: dict[str, Any], said: str) -> None:
    whole = {key: value for key, value in (RULE | rule).items() if value is not None}
    with pytest.raises(InputError, match=r"the scorecard, stage\.rules 2") as raised:
        card_from({"stage": {"rules": [RULE, whole]}})
    assert said in str(raised.value)


def test_all_faults_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text(
        'threshold = 100\nspeed = 1\n[stage]\ncap = -1\n[[stage.rules]]\nfeature = "a"\nin = []\npoints = 1\n'
    )
    with pytest.raises(InputError, match=r"card\.toml, threshold") as raised:
        read_card(tmp_path / "card.toml")
    places = [fault.where for fault in raised.value.faults]
    assert {"card.toml, threshold", "card.toml, speed", "card.toml, stage.cap"} <= set(places)
    assert any(place.startswith("card.toml, stage.rules 1.in") for place in places)


def test_a_file_that_is_not_there_or_no_toml_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such file\. Write one: leadlens points --write"):
        read_card(tmp_path / "none.toml")


HOSTILE = {
    "bytes that are no UTF-8": b"threshold = \xff",
    "a number of 5,000 digits": b"threshold = " + b"9" * 5_000,
    "brackets in brackets": b"origin = " + b"[" * 100_000,
    "a cap of 400 digits": b"[stage]\ncap = " + b"9" * 400,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("read", [read_card, read_policy, read_mapping], ids=lambda read: read.__name__)
def test_a_hostile_file_is_an_error_in_words(
    tmp_path: Path, read: Callable[[Path], Any], content: bytes
) -> None:
    (tmp_path / "bad.toml").write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.toml.* expected"):
        read(tmp_path / "bad.toml")
