import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from served import HOSTILE_ID
from service_here import Service

from serving.web.waterfall import signed, waterfall


@pytest.fixture
def browser(service: Service) -> Any:
    """A client that is signed in with a key of its own."""
    service.client.cookies.clear()
    _sign_in(service, service.keys["read"])
    yield service.client
    service.client.cookies.clear()


def _sign_in(service: Service, key: str, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return service.client.post("/sign-in", data={"key": key, "next": "/leads"}, headers=sent)


def test_a_lead_is_shown_with_score_reasons_and_advice(browser: Any) -> None:
    page = browser.get("/leads/L-1042")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).replace("\xa0", " ").split())
    for said in (
        "L-1042 85 A2",
        "More likely to convert than 85 % of the leads that are scored.",
        "leads with this score convert between 19 % and 28 %",
        "Of all leads, 6.1 % do.",
        "within 90 days",
        "Visited the pricing page 3 times in the last 7 days engagement +21.4",
        "+21.4",
        "\N{MINUS SIGN}8.7",
        "Not known or small",
        "Route to sales Score 85 reaches the threshold of 70 for a score by a model.",
        "Rule: stages.SQL.enter, advice",
        "2026-11-21 09:30 UTC",
        "leadlens, version 7",
        "85 of 99. For: fits very well and visited the pricing page 3 times in the last 7 days. Against:",
        "For the handoff",
        "Lead L-1042 scores 85 of 99 as of 21 November 2026: more likely to convert than 85 % of the leads",
        "Against: came from a paid campaign (\N{MINUS SIGN}8.7); last seen 9 days ago (\N{MINUS SIGN}4.3).",
        "Not known: 2nd product.",
    ):
        assert said in text, said


def test_the_bars_lead_from_the_baseline_to_the_score(browser: Any) -> None:
    page = browser.get("/leads/L-1042").text
    bars = [(float(x), float(w)) for x, w in re.findall(r'class="step" x="([\d.]+)" width="([\d.]+)"', page)]
    assert len(bars) == 1 + 6 + 1 + 1
    assert bars[0] == (0.0, 520.0)
    assert bars[-1] == (0.0, 850.0)
    assert bars[1] == (520.0, 214.0)


def test_every_character_of_a_lead_is_shown_and_none_is_run(browser: Any) -> None:
    page = browser.get("/leads/" + quote(HOSTILE_ID, safe=""))
    assert page.status_code == 422
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "&#39;many&#39;" in page.text
    unknown = browser.get("/leads/<script>alert(2)</script>")
    assert unknown.status_code == 404
    assert "<script" not in unknown.text
    assert "<b>bold" not in browser.get("/leads/L-1042").text


def test_pages_bring_nothing_from_elsewhere_and_nothing_inline(browser: Any) -> None:
    for path in ("/leads", "/leads/L-1042", "/leads/none", "/sign-in"):
        page = browser.get(path).text
        assert not re.search(r'(?:src|href|action)="(?!/)', page)
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)
    styles = browser.get("/static/leadlens.css").text
    assert "url(" not in styles
    assert "@import" not in styles


def test_the_best_of_the_open_leads_are_listed_and_it_is_said_which(browser: Any) -> None:
    page = browser.get("/leads").text
    assert "The best 50 of the 63 open leads of the files, as of <span" in page
    assert "1 more could not be read and has no score." in page
    ids = re.findall(r'href="/leads/([^"]+)"', page)
    assert ids[0] == "L-1042"
    assert "won" not in ids
    scores = [int(score) for score in re.findall(r"<strong>(\d+)</strong>", page)]
    assert len(scores) == 50
    assert scores == sorted(scores, reverse=True)


def test_a_search_leads_to_the_page_of_the_id(browser: Any) -> None:
    answer = browser.get("/leads", params={"id": f" {HOSTILE_ID} "})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/leads/" + quote(HOSTILE_ID, safe="")


@pytest.fixture
def odd(service: Service, browser: Any) -> Iterator[Any]:
    """A browser where the store has leads with odd ids, for as long as a test takes."""
    ids = ["a\nb", "a\n", " x ", "y", "..", "."]
    paths = ["/v1/leads/" + quote(lead_id, safe="").replace(".", "%2E") for lead_id in ids]
    for path in paths:
        made = service.client.put(path, json={"lead": {"employees": 7}}, headers=service.headers("ingest"))
        assert made.status_code == 201, made.text
    yield browser
    for path in paths:
        gone = service.client.post(f"{path}/erase", headers=service.headers("admin"))
        assert gone.status_code == 200, gone.text


def shown_id(page: Any) -> str:
    assert page.status_code == 200
    return unescape(re.findall(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)[0])


@pytest.mark.parametrize("lead_id", ["a\nb", "a\n", " x "])
def test_a_lead_has_a_page_whatever_its_id_holds(odd: Any, lead_id: str) -> None:
    assert shown_id(odd.get("/leads/" + quote(lead_id, safe=""))) == lead_id


@pytest.mark.parametrize(
    ("typed", "found"), [(" x ", " x "), (" y ", "y"), ("\ty", "y"), ("a\nb", "a\nb"), ("  x  ", "x")]
)
def test_an_id_is_searched_for_as_it_was_typed_and_then_without_blanks(
    odd: Any, typed: str, found: str
) -> None:
    answer = odd.get("/leads", params={"id": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, "/leads/" + quote(found, safe=""))


@pytest.mark.parametrize("lead_id", [".", ".."])
def test_a_lead_whose_id_browsers_take_for_a_folder_is_shown_where_it_is_searched_for(
    odd: Any, lead_id: str
) -> None:
    assert shown_id(odd.get("/leads", params={"id": f" {lead_id} "})) == lead_id


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_never_see(service: Service) -> None:
    service.client.cookies.clear()
    answer = _sign_in(service, f"  {service.keys['read']} ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/leads")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "max-age=43200" in cookie
    assert service.keys["read"].lower() not in cookie
    service.client.cookies.clear()


@pytest.mark.parametrize(
    ("scope", "status", "said"),
    [
        (None, 401, "not known"),
        ("score", 403, "needs the scope read"),
        ("metrics", 403, "needs the scope read"),
    ],
)
def test_a_key_that_may_not_read_opens_no_session(
    service: Service, scope: Any, status: int, said: str
) -> None:
    answer = _sign_in(service, service.keys[scope] if scope else "ll_00000000_wrong")
    assert answer.status_code == status
    assert said in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data; boundary=x; charset=undefined",
        "multipart/form-data; boundary=x; charset=%00",
        "multipart/form-data; boundary=x; charset=unicode_escape",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain",
        "",
    ],
)
def test_the_form_is_read_as_browsers_send_it_and_in_no_other_way(service: Service, kind: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nll_\\ud800_x\r\n--x--\r\n'
    for path in ("/sign-in", "/sign-out"):
        answer = service.client.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code == (415 if path == "/sign-in" else 303)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("key", ["ll_%00_x", "ll_0000000%00_x", "ll_%ED%A0%80_x", "ll_%FF_x", "%00", "", "%"])
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "Application/X-WWW-Form-urlencoded; charset=x"]
)
def test_whatever_is_typed_for_a_key_is_a_wrong_key(service: Service, key: str, kind: str) -> None:
    content = f"key={key}&next=%00".encode()
    answer = service.client.post("/sign-in", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 401


@pytest.mark.parametrize("lead_id", ["%00", "a%00b", "x" * 513, "%20", "%E2%80%AE" * 60])
def test_an_id_that_no_lead_can_have_is_missing(browser: Any, lead_id: str) -> None:
    answer = browser.get(f"/leads/{lead_id}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    searched = browser.get(f"/leads?id={lead_id}", follow_redirects=True)
    assert searched.status_code in (200, 404)


@pytest.mark.parametrize(
    "file", ["%00", "x" * 5_000, "..%2f..%2fpages.py", "%2e%2e/pages.py", "%ff", "", "."]
)
def test_a_file_that_is_not_there_is_not_there(service: Service, file: str) -> None:
    assert service.client.get(f"/static/{file}").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_no_other_site_can_sign_a_browser_in(service: Service, headers: dict[str, str]) -> None:
    answer = _sign_in(service, service.keys["read"], **headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_our_own_form_may_sign_in(service: Service) -> None:
    answer = _sign_in(service, service.keys["read"], Origin="http://127.0.0.1:3000")
    assert answer.status_code == 303
    service.client.cookies.clear()


def test_a_session_ends_with_its_key(service: Service) -> None:
    ring = service.ring
    key, text = ring.create("a manager's", ["read"])
    service.client.cookies.clear()
    _sign_in(service, text)
    assert service.client.get("/leads/L-1042").status_code == 200
    ring.revoke(key.id)
    assert service.client.get("/leads/L-1042").status_code == 303
    service.client.cookies.clear()


def test_signing_out_ends_the_session(browser: Any) -> None:
    answer = browser.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert browser.get("/leads").status_code == 303


def test_a_copy_of_the_cookie_opens_nothing_after_signing_out_and_another_session_goes_on(
    service: Service, browser: Any
) -> None:
    copy = browser.cookies["leadlens_session"]
    browser.cookies.clear()
    _sign_in(service, service.keys["read"])
    another = browser.cookies["leadlens_session"]
    browser.cookies.clear()

    def status(cookie: str) -> int:
        headers = {"Cookie": f"leadlens_session={cookie}"}
        return int(browser.get("/leads/L-1042", headers=headers).status_code)

    assert (status(copy), status(another)) == (200, 200)
    other_site = {"Cookie": f"leadlens_session={copy}", "Origin": "https://evil.example"}
    browser.post("/sign-out", headers=other_site)
    assert status(copy) == 200
    browser.post("/sign-out", headers={"Cookie": f"leadlens_session={copy}"})
    assert (status(copy), status(another)) == (303, 200)


def test_a_forged_cookie_opens_nothing(service: Service) -> None:
    for forged in ("eyJrZXlfaWQiOiAiMSJ9.aaaa.bbbb", "x", "", "=", "é"):
        headers = [(b"cookie", f"leadlens_session={forged}".encode("latin-1"))]
        assert service.client.get("/leads", headers=headers).status_code == 303


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil", "/docs.json", "", "/leadsx"]
)
def test_signing_in_leads_to_pages_of_leads_alone(service: Service, wanted: str) -> None:
    answer = service.client.post("/sign-in", data={"key": service.keys["read"], "next": wanted})
    assert answer.headers["location"] == "/leads"
    service.client.cookies.clear()


@pytest.mark.parametrize("lead_id", [HOSTILE_ID, "a\nb", "50%", "%41", "a+b c"])
def test_signing_in_goes_on_to_the_lead_that_was_asked_for(service: Service, lead_id: str) -> None:
    service.client.cookies.clear()
    path = "/leads/" + quote(lead_id, safe="")
    asked = service.client.get(path)
    form = service.client.get(asked.headers["location"])
    assert "<script" not in form.text
    wanted = unescape(re.findall(r'name="next" value="([^"]*)"', form.text)[0])
    answer = service.client.post("/sign-in", data={"key": service.keys["read"], "next": wanted})
    assert answer.headers["location"] == path
    service.client.cookies.clear()


def test_a_form_with_more_fields_than_ours_is_answered_with_the_page(service: Service) -> None:
    fields = {f"field{number}": "x" for number in range(20)}
    answer = service.client.post("/sign-in", data={"key": service.keys["read"], **fields})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert 'action="/sign-in"' in answer.text
    assert "more fields than ours" in answer.text
    assert "set-cookie" not in answer.headers


def test_points_carry_their_sign() -> None:
    assert [signed(points) for points in (9.44, -0.04, -2, 0)] == ["+9.4", "0.0", "\N{MINUS SIGN}2.0", "0.0"]


def test_a_waterfall_stays_inside_its_drawing_whatever_the_effects(service: Service) -> None:
    from msgspec.structs import replace

    answerer = service.parts.champion.answerer()
    batch = service.parts.leads.find("L-1042")
    assert answerer is not None
    assert batch is not None
    [score] = answerer.scorer.score(batch)
    wild = replace(
        score, reasons=tuple(replace(reason, effect=40 * reason.effect) for reason in score.reasons)
    )  # type: ignore[type-var, union-attr]  # the fake gives a score here
    steps = waterfall(wild, 70).steps  # type: ignore[arg-type]  # as above
    assert all(0 <= step.x <= step.x + step.width <= 1_003 for step in steps)
    assert all(step.start_x == before.end_x for before, step in pairwise(steps[:-1]))
