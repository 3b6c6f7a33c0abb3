import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from features.errors import InputError
from features.feature import Feature
from features.words import ENGLISH, phrasebook_from, phrasebook_of_home, read_words, strangers
from features.words.catalogue import english
from features.words.own_words import MOST_BYTES, phrasebook_of
from models.scorecard.built_in import built_in_scorecard

GERMAN = Path(__file__).parent / "german.toml"
EMPLOYEES = Feature("employees", "number", "fit", "employees")
SOURCE = Feature("Lead Source", "category", "context", "Lead Source", vocabulary=("Olark Chat", "Google"))


def test_the_words_of_the_manual_are_said(root: Path, tmp_path: Path) -> None:
    page = (root / "docs" / "words.md").read_text("utf-8")
    [text] = re.findall(r"^```toml words\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "words.toml").write_text(text, encoding="utf-8")
    words = phrasebook_of_home(tmp_path)
    assert words.say([EMPLOYEES], [420.0], [35.0]) == "Company size: 420 people (usually 35)"
    assert words.say([EMPLOYEES], [1.0], [1.0]) == "Company size: 1 person"
    assert words.name([EMPLOYEES]) == "Company size"
    assert words.say([SOURCE], [0.0]) == "Lead Source: live chat"
    assert words.say([SOURCE], [1.0]) == "Lead Source: Google"
    assert words.did("badge_scanned", 2) == "scanned two badges at our stand"
    assert words.did("badge_scanned") == "scanned a badge at our stand"
    assert words.did("page_view.ROI_calculator") == "visited the ROI calculator"
    badges = [Feature("b.count.7d", "count", "engagement", "badge_scanned", window=7)]
    assert words.say(badges, [2.0]) == "Scanned a badge at our stand twice in the last 7 days"
    assert words.say(badges, [0.0]) == "Has never scanned a badge at our stand"
    assert words.name(badges) == "Badges scanned"
    again = phrasebook_from(words.source)
    assert (again.catalogue.templates, again.columns) == (words.catalogue.templates, words.columns)


def test_a_home_without_words_speaks_english(tmp_path: Path) -> None:
    assert phrasebook_of_home(tmp_path) is ENGLISH
    assert phrasebook_from(ENGLISH.source) is ENGLISH


def test_who_says_anew_what_was_done_says_it_anew_in_all_forms() -> None:
    words = phrasebook_of({"events": {"email_opened": {"past": "read our mail"}}}, "words.toml")
    assert words.did("email_opened", 3) == "read our mail 3 times"
    opened = [Feature("o.count.ever", "count", "engagement", "email_opened")]
    assert words.say(opened, [0.0]) == "Has not read our mail yet"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"sentences": {"didd": "x"}}, "sentences.didd: expected a key .* Is 'sentences.did' meant"),
        ({"bla": "x"}, "bla: expected a key of the catalogue"),
        ({"sentences": {"did": "{past.__class__}"}}, "sentences.did: expected braces"),
        ({"sentences": {"did": "{name}"}}, r"expected the places \{past\}, \{times\}, \{window\}, found"),
        ({"values": {"yes": "{x}"}}, "expected no places"),
        ({"counts": {"times": {"other": "{count}", "few": "x"}}}, "forms for one, other or for a number"),
        ({"counts": {"times": {"one": "x"}}}, "a form for 'other'"),
        ({"counts": {"times": {"other": "x", "one": "{count}"}}}, "no places in a form"),
        ({"counts": "x"}, "counts: expected a key"),
        ({"plural": {"one": "n = 1"}}, "plural: expected no plural rules"),
        ({"events": {"badge": {"noun": "Badges"}}}, "events.badge.past: expected what was done"),
        ({"events": {"badge": {"pasd": "x", "past": "x"}}}, "events.badge.pasd: expected a key"),
        ({"dates": {"months": ["January"]}}, "expected 12 texts, found 1"),
        ({"numbers": {"decimal": "comma"}}, "a mark of at most 3 characters"),
        ({"columns": {"a": {"nam": "x"}}}, "columns.a: expected name, unit and values, found 'nam'"),
        ({"columns": {"a": {"name": "=1+1"}}}, "columns.a: expected a name"),
        ({"columns": {"a": {"name": "x" * 61}}}, "a name of at most 60"),
        ({"columns": {"a": {"unit": "{x}"}}}, "a unit without places"),
        ({"columns": {"a": {"values": "x"}}}, "a table of values"),
        ({"columns": {"a": "x"}}, "a table of name, unit and values"),
        ({"columns": "x"}, "a table of columns"),
        ({"language": 7}, "expected a language"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(content: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        phrasebook_of(content, "words.toml")


def test_a_file_that_is_no_file_of_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_words(tmp_path / "words.toml")
    (tmp_path / "words.toml").write_text("#" * (MOST_BYTES + 1))
    with pytest.raises(InputError, match="at most 1,000,000 bytes"):
        read_words(tmp_path / "words.toml")


def test_words_for_columns_that_a_model_does_not_read_are_named() -> None:
    words = phrasebook_of({"columns": {"employees": {"name": "Size"}, "gone": {"name": "X"}}}, "words.toml")
    [said] = strangers(words, built_in_scorecard().spec)
    assert said == "words.toml has words for the column 'gone', which this model does not read"


def test_a_translation_states_every_key_with_the_same_places() -> None:
    content = tomllib.loads(GERMAN.read_text("utf-8"))
    words = phrasebook_of(content, "german.toml")
    known = english()
    assert words.language == "de"
    assert words.catalogue.templates.keys() == known.templates.keys()
    assert words.catalogue.forms.keys() == known.forms.keys()
    del content["sentences"]["did"], content["dates"]["months"]
    content["sentences"]["worth"] = "{said}"
    with pytest.raises(InputError) as refused:
        phrasebook_of(content, "german.toml")
    assert {fault.where for fault in refused.value.faults} == {
        "german.toml, sentences.did",
        "german.toml, dates.months",
        "german.toml, sentences.worth",
    }


def test_a_translation_says_everything_in_its_language() -> None:
    words = read_words(GERMAN)
    assert words.did("email_opened", 2) == "hat zwei E-Mails geöffnet"
    assert words.say([EMPLOYEES], [1234567.5], [35.0]) == "Employees: 1.234.567,5 (üblich: 35)"
    assert words.numerals.percent(0.075).replace("\N{NO-BREAK SPACE}", " ") == "7,5 %"
    assert words.numerals.day(1_795_253_400_000_000) == "21. November 2026"
    assert words.numerals.weekday(1_795_253_400_000_000) == "Samstag"
    seen = [
        Feature("p.count.7d", "count", "engagement", "page_view.pricing", window=7),
        Feature("p.count.ever", "count", "engagement", "page_view.pricing"),
        Feature("p.days_since", "days_since", "engagement", "page_view.pricing"),
    ]
    assert words.say(seen, [3.0, 3.0, 0.5]) == "Hat in den letzten 7 Tagen 3-mal die Preisseite besucht"
    assert words.say(seen, [0.0, 1.0, 30.0]) == "Hat vor 30 Tagen die Preisseite besucht"
    assert words.say(seen, [0.0, 0.0, float("nan")], [0.0, 1.0, 9.0]) == (
        "Hat noch nicht die Preisseite besucht (die meisten Leads schon)"
    )
