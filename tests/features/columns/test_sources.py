from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.columns.sources import ROLES, SOURCES, host_of, is_inbound, source_of, source_of_texts

CHANNELS = {
    "organic": [
        "Organic Search", "organic_search", "Google", "google", "bing", "SEO", "Natural Search",
        "Suchmaschine",
        "Google-Suche", "organische Suche", "Moteur de recherche", "référencement naturel",
        "Búsqueda orgánica",
        "buscador", "ricerca organica",
    ],
    "inbound": [
        "Direct Traffic", "direct_traffic", "(none)", "Olark Chat", "Live Chat", "Social Media", "social",
        "Facebook",
        "LinkedIn", "youtubechannel", "Organic Social", "blog", "Newsletter", "email", "Email Marketing",
        "NC_EDM",
        "Click2call", "Press_Release", "Public Relations", "Phone Inquiry", "Welingak Website", "Web",
        "Website",
        "Landing Page Submission", "Lead Add Form", "SIGNUP", "SIGNUP_GOOGLE_AUTH", "Kontaktformular",
        "Soziale Medien",
        "Direktzugriff", "Telefonanfrage", "Webseite", "Réseaux sociaux", "Site web", "accès direct",
        "appel entrant",
        "Redes sociales", "Tráfico directo", "Página web", "Content", "White Paper Download",
    ],
    "paid": [
        "paid_search", "Paid Social", "Pay per Click Ads", "display", "other_publicities", "Advertisement",
        "Google Ads", "AdWords", "Retargeting", "Digital Advertisement", "Newspaper", "Anzeige",
        "Online-Werbung",
        "Bezahlte Suche", "Publicité", "Référencement payant", "Publicidad", "Anuncio", "Búsqueda de pago",
        "pubblicità",
    ],
    "event": [
        "Trade Show", "trade fair", "Webinar", "Seminar - Internal", "Seminar - Partner", "Conference",
        "Event",
        "Customer Event", "Messe", "Hausmesse 2024", "Veranstaltung", "Kongress", "Salon", "Foire",
        "Évènement", "Feria",
        "Congreso", "Fiera", "Partner webinar",
    ],
    "outbound": [
        "Cold Call", "Purchased List", "purchased list", "Outbound", "SDR", "Direct Mail", "ZoomInfo",
        "Telemarketing",
        "Kaltakquise", "Adresskauf", "Prospection", "Démarchage", "Prospección", "Llamada en frío",
        "chiamata a freddo",
    ],
    "referral": [
        "Reference", "Referral Sites", "referral", "Employee Referral", "External Referral", "Partner",
        "Reseller",
        "Word of mouth", "Affiliate", "ORG_INVITE", "GUEST_INVITE", "AI Referrals", "Empfehlung",
        "Kundenempfehlung",
        "Mundpropaganda", "Bouche à oreille", "Parrainage", "Partenaire", "Recomendación", "Boca a boca",
        "Passaparola",
        "Through Recommendations",
    ],
    None: [
        "Other", "unknown", "Offline Sources", "Other Campaigns", "testone", "API", "Lead Import",
        "PERSONAL_PROJECTS",
        "Sonstige", "?", "", "WeLearn",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "source"), [(word, source) for source, words in CHANNELS.items() for word in words]
)
def test_a_companys_own_word_tells_the_source(channel: str, source: str | None) -> None:
    assert source_of(channel=channel) == source


@pytest.mark.parametrize(
    ("medium", "source"),
    [
        ("cpc", "paid"), ("CPC", "paid"), ("ppc", "paid"), ("paid", "paid"), ("paid_social", "paid"),
        ("paidsearch", "paid"),
        ("display", "paid"), ("banner", "paid"), ("retargeting", "paid"), ("cpm", "paid"),
        ("sponsored", "paid"),
        ("organic", "organic"), ("referral", "referral"), ("affiliate", "referral"), ("email", "inbound"),
        ("newsletter", "inbound"), ("social", "inbound"), ("organic_social", "inbound"), ("webinar", "event"),
        ("(none)", "inbound"), ("x", None),
    ],
)  # fmt: skip
def test_a_medium_tells_the_source(medium: str, source: str | None) -> None:
    assert source_of(utm_medium=medium) == source


@pytest.mark.parametrize(
    ("utm_source", "source"),
    [
        ("google", "organic"), ("bing", "organic"), ("google_ads", "paid"), ("facebookads", "paid"),
        ("adwords", "paid"),
        ("facebook", "inbound"), ("linkedin", "inbound"), ("newsletter", "inbound"), ("mailchimp", "inbound"),
        ("outreach", "outbound"), ("lemlist", "outbound"), ("webinar", "event"), ("partner", "referral"),
        ("acme", None),
    ],
)  # fmt: skip
def test_a_utm_source_tells_the_source(utm_source: str, source: str | None) -> None:
    assert source_of(utm_source=utm_source) == source


@pytest.mark.parametrize(
    ("referrer", "source"),
    [
        ("https://www.google.com/", "organic"), ("https://www.google.co.uk/search?q=x", "organic"),
        ("google.de", "organic"),
        ("https://duckduckgo.com", "organic"), ("https://uk.search.yahoo.com/x", "organic"),
        ("https://www.baidu.com", "organic"),
        ("https://www.linkedin.com/feed", "inbound"), ("https://t.co/abc", "inbound"),
        ("https://lnkd.in/x", "inbound"),
        ("https://mail.google.com/mail", "inbound"), ("android-app://com.google.android.gm", "inbound"),
        ("https://outlook.live.com/", "inbound"), ("(direct)", "inbound"),
        ("https://www.googleadservices.com/x", "paid"),
        ("https://partner.example/page", "referral"), ("https://notgoogle.example/", "referral"),
        ("not an address", None), ("http://[bad", None), ("", None),
    ],
)  # fmt: skip
def test_the_host_of_a_referrer_tells_the_source(referrer: str, source: str | None) -> None:
    assert source_of(referrer=referrer) == source


@pytest.mark.parametrize(
    ("campaign", "source"),
    [
        ("2024_Q1_webinar_crm", "event"), ("de-brand-cpc", "paid"), ("Retargeting visitors", "paid"),
        ("Messe Hannover", "event"),
        ("Cold outreach DACH", "outbound"), ("refer a friend", "referral"), ("newsletter-05", "inbound"),
        ("spring", None),
    ],
)  # fmt: skip
def test_the_name_of_a_campaign_tells_the_source_where_it_says_so(campaign: str, source: str | None) -> None:
    assert source_of(campaign=campaign) == source


@pytest.mark.parametrize(
    ("texts", "source"),
    [
        # A tool of cold outreach writes e-mails that are no newsletters.
        ({"utm_source": "outreach", "utm_medium": "email"}, "outbound"),
        ({"utm_source": "google", "utm_medium": "cpc"}, "paid"),
        ({"utm_medium": "cpc", "referrer": "https://www.google.com/"}, "paid"),
        ({"utm_medium": "referral", "utm_source": "google"}, "referral"),
        ({"utm_medium": "unheard of", "utm_source": "google"}, "organic"),
        ({"utm_source": "linkedin", "channel": "Trade Show"}, "inbound"),
        ({"channel": "Trade Show", "campaign": "ppc"}, "event"),
        ({"campaign": "brand ppc", "referrer": "https://www.google.com/"}, "paid"),
        # A general word says least.
        ({"channel": "Web", "referrer": "https://www.google.com/"}, "organic"),
        ({"channel": "Web", "campaign": "webinar"}, "event"),
        ({"channel": "Web"}, "inbound"),
    ],
)
def test_what_is_surer_decides(texts: Any, source: str) -> None:
    assert source_of(**texts) == source


def test_of_several_channels_the_first_that_tells_counts_and_a_general_one_waits() -> None:
    channels = [
        ("channel", "Landing Page Submission"),
        ("channel", None),
        ("channel", "?"),
        ("channel", "Google"),
    ]
    assert source_of_texts(channels) == "organic"  # type: ignore[arg-type]  # a list of literal pairs
    assert source_of_texts([("channel", "Partner"), ("channel", "Google")]) == "referral"


def test_inbound_includes_organic_search_and_nothing_else() -> None:
    assert [source for source in SOURCES if is_inbound(source)] == ["organic", "inbound"]


@pytest.mark.parametrize(
    ("referrer", "host"), [("HTTPS://WWW.Example.ORG:8080/a?b", "example.org"), ("//a.b/c", "a.b")]
)
def test_a_host_is_found_in_any_address(referrer: str, host: str) -> None:
    assert host_of(referrer) == host


@given(st.lists(st.tuples(st.sampled_from(ROLES), st.none() | st.text(max_size=30)), max_size=6))
def test_any_text_whatever_tells_a_source_or_none(texts: Any) -> None:
    assert source_of_texts(texts) in {*SOURCES, None}
