from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.pages import detail_of, page_group


@pytest.mark.parametrize(
    ("page", "group"),
    [
        ("/pricing", "pricing"),
        ("https://acme.example/de/preise?utm_source=x#top", "pricing"),
        ("acme.example/plans/", "pricing"),
        ("/en-us/Book_A_Demo.html", "demo"),
        ("/free-trial/step-2", "trial"),
        ("/blog/pricing-strategies-for-2026", "blog"),
        ("/customers/acme/pricing", "customers"),
        ("/success-stories/one", "case_studies"),
        ("/kontakt", "contact"),
        ("/features/reports", "product"),
        ("/index.php", "home"),
        ("/", "home"),
        ("https://acme.example", "home"),
        ("/imprint", "imprint"),
        ("pricing", "pricing"),
        ("Spring brochure", "Spring brochure"),
        ("//[broken", "//[broken"),
    ],
)
def test_an_address_belongs_to_the_group_of_its_first_telling_part(page: str, group: str) -> None:
    assert page_group(page) == group


@pytest.mark.parametrize(
    ("properties", "detail"),
    [
        ({}, None),
        ({"page": None, "form": ""}, None),
        ({"page": "/pricing"}, "pricing"),
        ({"page": "/x/y", "page_group": "pricing"}, "pricing"),
        ({"form": "contact", "campaign": "spring"}, "contact"),
        ({"content": "roi guide", "variant": "b"}, "roi guide"),
        ({"campaign": "spring", "landing_page": "/l", "variant": "b"}, None),
        ({"buying_signal": True, "page": "/docs"}, "buying_signal"),
        ({"buying_signal": "no", "page": "/docs"}, "docs"),
        ({"buying_signal": "perhaps", "page": ["a", "b"]}, None),
        ({"page": 12}, "12"),
    ],
)
def test_the_detail_is_the_first_property_that_says_what_it_was_about(
    properties: dict[str, Any], detail: str | None
) -> None:
    assert detail_of(properties) == detail


@given(st.text(max_size=60))
def test_any_text_has_a_group_and_a_group_is_its_own(page: str) -> None:
    group = page_group(page)
    assert page_group(group) == group or "/" in group
