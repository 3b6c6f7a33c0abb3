import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.columns.emails import KINDS, domain_of, kind_of_domain


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("someone@acme.example", "company"), ("someone@ACME.example ", "company"),
        ("a@mail.acme.example", "company"),
        ("a@gmail.com", "free"), ("a@GMX.de", "free"), ("a@yahoo.co.uk", "free"), ("a@hotmail.fr", "free"),
        ("a@live.example", "company"), ("a@posteo.de", "free"), ("a@freemail.example", "free"),
        ("a@mailinator.com", "disposable"), ("a@box.mailinator.com", "disposable"),
        ("a@10minutemail.com", "disposable"),
        ("a@notmailinator.example", "company"),
        ("a@mit.edu", "academic"), ("a@ox.ac.uk", "academic"), ("a@uni-muenster.de", "academic"),
        ("a@tu-berlin.de", "academic"),
        ("a@univ-lyon1.fr", "academic"), ("a@unibo.it", "academic"), ("a@unicredit.it", "company"),
        ("a@u-blox.ch", "company"),
        ("no address", None), ("@acme.example", None), ("a@b", None), ("", None),
    ],
)  # fmt: skip
def test_the_domain_tells_the_kind_of_an_address(address: str, kind: str | None) -> None:
    assert kind_of_domain(address) == kind


def test_the_kinds_keep_the_codes_that_models_were_trained_with() -> None:
    assert KINDS[:3] == ("company", "free", "academic")


@given(st.text(max_size=40))
def test_a_kind_is_told_exactly_where_there_is_a_domain(text: str) -> None:
    assert (kind_of_domain(text) is None) == (domain_of(text) is None)
