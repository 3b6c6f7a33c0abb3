import subprocess
import sys
from pathlib import Path

import pytest

from features.columns.places import REGIONS, code_of, region_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("DE", "Western Europe"), ("de", "Western Europe"), ("DEU", "Western Europe"),
        ("Germany", "Western Europe"),
        ("Deutschland", "Western Europe"), ("Allemagne", "Western Europe"), ("Alemania", "Western Europe"),
        ("Federal Republic of Germany", "Western Europe"), ("Österreich", "Western Europe"),
        ("Schweiz", "Western Europe"),
        ("US", "Northern America"), ("USA", "Northern America"), ("U.S.A.", "Northern America"),
        ("United States", "Northern America"), ("united states of america", "Northern America"),
        ("Estados Unidos", "Northern America"), ("UK", "Northern Europe"), ("GB", "Northern Europe"),
        ("United Kingdom", "Northern Europe"), ("Großbritannien", "Northern Europe"),
        ("England", "Northern Europe"),
        ("España", "Southern Europe"), ("Espana", "Southern Europe"), ("Czech Republic", "Eastern Europe"),
        ("NAM", "Southern Africa"), ("Namibia", "Southern Africa"), ("Korea, Republic of", "Eastern Asia"),
        ("Côte d'Ivoire", "Western Africa"), ("Viet Nam", "South-eastern Asia"), ("India", "Southern Asia"),
        ("Brasil", "South America"), ("Saudi Arabia", "Western Asia"),
        ("New Zealand", "Australia and New Zealand"),
        ("The Netherlands", "Western Europe"), ("unknown", None), ("Asia/Pacific Region", None),
        ("Berlin", None),
        ("", None), ("?", None),
    ],
)  # fmt: skip
def test_a_country_lies_in_a_region_however_it_is_spelled(country: str, region: str | None) -> None:
    assert region_of(country) == region


@pytest.mark.parametrize(
    ("country", "code"),
    [("de", "DE"), ("Allemagne", "DE"),
     ("DEU", "DE"), ("UK", "GB"), ("EL", "GR"), ("NA", "NA"), ("U.S.A.", "US"),
     ("unknown", None), ("Berlin", None), ("", None), ("x" * 101, None)],
)  # fmt: skip
def test_a_country_has_two_letters_however_it_is_spelled(country: str, code: str | None) -> None:
    assert code_of(country) == code


def test_namibia_is_a_country_where_its_two_letters_are_not_taken_for_missing() -> None:
    assert region_of("NA") == "Southern Africa"


@pytest.mark.parametrize("text", ["a" * 10_000, "united republic of " * 500, "Germany" + " " * 10_000])
def test_a_text_that_is_longer_than_any_name_is_no_country(text: str) -> None:
    for number in range(100):
        assert region_of(f"{text}{number}") is None  # to try the patterns would take ten minutes


def test_every_region_holds_a_country() -> None:
    spellings = ("US", "MX", "CU", "BR", "SE", "FR", "IT", "PL", "EG", "NG", "CM", "KE", "ZA", "TR", "KZ",
    "IN", "TH", "CN",
                 "AU", "FJ", "GU", "WS", "AQ")  # fmt: skip
    assert [region_of(code) for code in spellings] == list(REGIONS)


def test_the_list_of_countries_is_read_only_when_it_is_asked() -> None:
    looked = "import features.columns.places, sys; print('country_converter' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", looked], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert said.stdout.strip() == "False"


def test_a_plan_that_reads_countries_and_addresses_has_read_the_lists_before_the_first_lead() -> None:
    program = (
        "import sys\n"
        "from features.cells import CellRules\n"
        "from features.columns import Column\n"
        "from features.fit import FitPlan\n"
        "lists = ('country_converter', 'disposable_email_domains')\n"
        "FitPlan([Column(name='x', kind='title', family='fit')], CellRules())\n"
        "assert not any(name in sys.modules for name in lists)\n"
        "columns = [Column(name=kind, kind=kind, family='fit') for kind in ('country', 'email')]\n"
        "FitPlan(columns, CellRules())\n"
        "assert all(name in sys.modules for name in lists)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
