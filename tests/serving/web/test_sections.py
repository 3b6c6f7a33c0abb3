"""A section that fails leaves the page standing."""

import logging
from typing import Any

import pytest
from service_here import Service

from serving.web.sections import unless_it_fails


def test_what_fails_is_left_out_and_the_log_names_no_lead(caplog: pytest.LogCaptureFixture) -> None:
    def failing(lead_id: str) -> str:
        raise RuntimeError(lead_id)

    assert unless_it_fails("What changed", str.upper, "a") == "A"
    with caplog.at_level(logging.ERROR, "leadlens.pages"):
        assert unless_it_fails("What changed", failing, "L-1042") is None
    assert "The section 'What changed' of a page cannot be shown: RuntimeError" in caplog.text
    assert "L-1042" not in caplog.text


def test_a_lead_is_shown_without_the_sections_that_fail(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: Any) -> None:
        raise RuntimeError

    for name in ("what_changed", "what_next", "explain"):
        monkeypatch.setattr(f"serving.web.pages.{name}", failing)
    service.client.cookies.clear()
    service.client.post("/sign-in", data={"key": service.keys["read"], "next": "/leads"})
    page = service.client.get("/leads/L-1042")
    service.client.cookies.clear()
    assert page.status_code == 200
    assert "What speaks for and against" in page.text
    assert not [title for title in ("What may come next", "For the handoff") if title in page.text]
    assert caplog.text.count("cannot be shown") == 3
