import pytest

from features.duplicates.phones import international, is_valid_phone, regions


def test_countries_are_understood_by_letters_and_by_name() -> None:
    said = ["de", "UK", "germany", "allemagne", "united states", "atlantis", None]
    assert regions(said) == ["DE", "GB", "DE", "DE", "US", None, None]


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("+49 30 901820", None, "+4930901820"),
        ("(030) 90 18 20", "DE", "+4930901820"),
        ("030 901820 ext. 7", "DE", "+4930901820"),
        ("030 901820", None, None),
        ("12", "DE", None),
        ("call me", "DE", None),
    ],
)
def test_a_number_has_one_international_form(text: str, region: str | None, found: str | None) -> None:
    assert international(text, region) == found


def test_whether_a_national_number_can_exist_is_not_known_without_its_country() -> None:
    assert is_valid_phone("030 901820", None) is None
    assert is_valid_phone("030 901820", "DE") is True
    assert is_valid_phone("+49 1", None) is False
    assert is_valid_phone("nobody", "DE") is False
