from pathlib import Path

import pandas as pd
import pytest

from features.enrichment.files import FileProvider
from features.enrichment.provider import provider_of
from features.errors import InputError
from features.mapping import Enrichment

ROWS = "domain;employees;city\nACME.example ;42;Lyon\nacme.example;1;\nb.example;n/a;-\n;7;Nice\n"


@pytest.fixture
def companies(tmp_path: Path) -> Path:
    path = tmp_path / "companies.csv"
    path.write_text(ROWS)
    return path


def settings(**more: str) -> Enrichment:
    return Enrichment.model_validate({"lead_key": "email", "path": "companies.csv", "key": "domain"} | more)


def test_a_file_knows_the_first_row_of_a_company_and_not_what_is_missing_in_it(companies: Path) -> None:
    found = provider_of("x", settings(), companies.parent).look_up(["b.example", "acme.example", "c.example"])
    assert found == {"b.example": {}, "acme.example": {"employees": "42", "city": "Lyon"}}


def test_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    frame = pd.DataFrame({"key": ["a.example", "b.example"], "employees": [42.0, None]})
    frame.to_parquet(tmp_path / "companies.parquet")
    known = FileProvider(tmp_path / "companies.parquet", "key", settings()).look_up(
        ["a.example", "b.example"]
    )
    assert known == {"a.example": {"employees": 42.0}, "b.example": {}}


def test_a_file_without_the_column_of_keys_is_refused(companies: Path) -> None:
    with pytest.raises(
        InputError, match=r"companies\.csv: expected a column 'url', found the columns domain"
    ):
        provider_of("x", settings(key="url"), companies.parent)
