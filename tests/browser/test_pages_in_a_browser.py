from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ports import free_port
from served import HOSTILE_ID, Served, fake_server, put_champion, put_leads, served

from serving.history.leads import LeadSent, keep_leads
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.store.database import open_store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOW = 1_795_253_400_000_000  # 2026-11-21T09:30:00Z
QUIET = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str, Any]]:
    from playwright.sync_api import sync_playwright

    home = tmp_path_factory.mktemp("site") / "home"
    put_champion(home)
    put_leads(home)
    port = free_port()
    with served(fake_server(home, port), home.parent, port) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=QUIET)
        yield server, (home / "admin-key").read_text().strip(), browser
        browser.close()


@pytest.fixture
def page(site: tuple[Served, str, Any]) -> Iterator[Any]:
    """A fresh browser profile; at the end, nothing may have been refused or asked for elsewhere."""
    server, _, browser = site
    context = browser.new_context(base_url=server.address)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert [text for text in said if "401" not in text and "422" not in text and "404" not in text] == []
    assert [url for url in asked if not url.startswith(server.address)] == []


def sign_in(page: Any, key: str, to: str = "/leads") -> None:
    page.goto(to)
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_opens_the_lead_that_was_asked_for(site: tuple[Served, str, Any], page: Any) -> None:
    sign_in(page, site[1], "/leads/L-1042")
    page.wait_for_url("**/leads/L-1042")
    assert page.locator("[data-score]").inner_text() == "85"
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", False)
    assert page.evaluate("document.cookie") == ""


def test_a_wrong_key_is_refused(page: Any) -> None:
    sign_in(page, "ll_00000000_wrong")
    assert "not known" in page.get_by_role("alert").inner_text()
    assert page.context.cookies() == []
    page.goto("/leads/L-1042")
    assert "/sign-in" in page.url


def test_the_waterfall_is_drawn_to_scale(site: tuple[Served, str, Any], page: Any) -> None:
    sign_in(page, site[1], "/leads/L-1042")
    boxes = [bar.bounding_box() for bar in page.locator("rect.step").all()]
    assert len(boxes) == 9
    first, second, last = boxes[0], boxes[1], boxes[-1]
    assert last["width"] / first["width"] == pytest.approx(85 / 52, rel=0.02)
    assert second["x"] == pytest.approx(first["x"] + first["width"], abs=1.5)
    assert all(above["y"] < below["y"] for above, below in pairwise(boxes))
    fills = page.locator("rect.step").evaluate_all("bars => bars.map(bar => getComputedStyle(bar).fill)")
    assert fills[1] != fills[3], "what speaks for and what speaks against have colours of their own"
    rows = page.get_by_role("table").get_by_role("row").all_inner_texts()
    assert any("420 employees" in row and "+12.1" in row for row in rows)


def test_what_may_come_next_is_a_table_of_predictions(site: tuple[Served, str, Any], page: Any) -> None:
    sign_in(page, site[1], "/leads/L-1042")
    section = page.get_by_role("region", name="What may come next")
    rows = [" ".join(row.split()) for row in section.get_by_role("row").all_inner_texts()]
    assert rows[0] == "Once Score then"
    assert rows[1] == "Nothing has come for 7 days 85 ±0"
    assert "The lead has visited the pricing page 88 +3" in rows
    assert "predictions of what the model would say, not effects" in section.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_nothing_is_cut_off(
    site: tuple[Served, str, Any], page: Any, width: int, scheme: str, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    sign_in(page, site[1])
    for path in ("/leads", "/leads/L-1042", "/leads/" + quote(HOSTILE_ID, safe="")):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.screenshot(path=tmp_path / "page.png")


def test_hostile_ids_are_text(site: tuple[Served, str, Any], page: Any) -> None:
    sign_in(page, site[1])
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.get_by_label("Lead id").fill(HOSTILE_ID)
    page.get_by_role("button", name="Find").click()
    assert page.locator("strong.id").inner_text() == HOSTILE_ID


def test_leads_of_the_store_are_listed_and_a_won_one_has_no_score(
    site: tuple[Served, str, Any], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    put_champion(home)
    leads = [LeadSent(f"S-{number}", NOW, {"employees": 100 * number}) for number in range(1, 4)]
    with closing(open_store(home)) as store:
        store.write(lambda connection: keep_leads(connection, leads, NOW))
        won = OutcomeSent("S-3", "won", NOW, None, None)
        store.write(lambda connection: keep_outcomes(connection, [won], NOW))
    port = free_port()
    with served(fake_server(home, port), tmp_path, port) as server:
        page = site[2].new_page(base_url=server.address, viewport={"width": 400, "height": 900})
        sign_in(page, (home / "admin-key").read_text().strip())
        page.wait_for_url("**/leads")
        assert page.locator("main > p").inner_text().startswith("All 2 open leads, as of ")
        assert page.locator("tbody a").all_inner_texts() == ["S-2", "S-1"]
        page.get_by_role("link", name="S-2").click()
        assert page.locator("[data-score]").inner_text() == "60"
        changed = page.get_by_role("region", name="What changed")
        assert changed.locator("[data-changed]").inner_text().startswith("Still 60 since ")
        assert changed.get_by_role("rowheader").all_inner_texts()[-1] == "Now"
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        page.goto("/leads/S-3")
        assert page.get_by_role("heading").inner_text() == "Won"
        assert "S-3 was won. Only open leads have a score." in page.locator("main").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        page.close()


def test_points_are_shown_as_points_and_drawn_from_nothing(
    site: tuple[Served, str, Any], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    put_champion(home, "points", 0)
    put_leads(home)
    port = free_port()
    with served(fake_server(home, port), tmp_path, port) as server:
        page = site[2].new_page(base_url=server.address, viewport={"width": 400, "height": 900})
        sign_in(page, (home / "admin-key").read_text().strip())
        page.wait_for_url("**/leads")
        sentence = "Scored by the points scorecard: there is no model yet."
        assert page.locator("[data-rung]").inner_text().startswith(sentence)
        assert page.get_by_role("columnheader").last.inner_text() == "Points"
        page.get_by_role("link", name="L-1042").click()
        page.wait_for_url("**/leads/L-1042")
        assert page.locator(".figure").inner_text().split() == ["85", "points", "A2"]
        assert page.locator("[data-rung]").inner_text() == sentence
        boxes = [bar.bounding_box() for bar in page.locator("rect.step").all()]
        assert len(boxes) == 8  # six reasons, the rest, and the whole: nothing stands before the first
        assert boxes[0]["x"] == pytest.approx(boxes[-1]["x"], abs=1.5)
        assert "%" not in page.locator("main").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        page.close()


def test_signing_out_closes_the_door(site: tuple[Served, str, Any], page: Any) -> None:
    sign_in(page, site[1])
    page.get_by_role("button", name="Sign out").click()
    page.goto("/leads")
    assert "/sign-in" in page.url
