"""The words that tell how a lead came, as `features.columns.sources` looks for them."""

from __future__ import annotations

import re
from typing import Literal

from features.columns.plain_words import any_of

Source = Literal["organic", "inbound", "paid", "event", "outbound", "referral"]
"""`inbound` is every inbound source but organic search, which has a name of its own."""

Rules = tuple[tuple[Source, re.Pattern[str]], ...]
"""Sources and the pattern that tells each, in the order in which they are tried."""

_SOCIAL = (
    "facebook", "fb", "instagram", "ig", "linkedin", "twitter", "x com", "tiktok", "youtube",
    "youtubechannel", "pinterest", "reddit", "quora", "xing", "whatsapp", "telegram", "snapchat", "threads",
    "mastodon", "bluesky", "vk", "weibo", "medium com",
)  # fmt: skip
_SEARCH = (
    "google", "bing", "yahoo", "duckduckgo", "ecosia", "baidu", "yandex", "qwant", "startpage", "naver",
    "seznam", "brave", "ask com", "aol",
)  # fmt: skip
_PAID = (
    "paid*", "ppc", "cpc", "cpm", "cpa", "cpl", "cpv", "sem", "sea", "ads?", "adwords?", "google ads?",
    "googleads?", "fb ads?", "advert*", "pay per click", "display*", "banner*", "retarget*", "remarket*",
    "sponsor(ed|ing)?", "programmatic", "doubleclick", "gdn", "dv360", "taboola", "outbrain", "criteo",
    "adroll", "cross network", "other publicities", "print ads?", "newspaper*", "magazine*", "television",
    "tv", "radio", "billboard*",
    # German
    "anzeige*", "online ?anzeige*", "werbung", "online ?werbung", "printwerbung", "werbeanzeige*",
    "bezahlt* \\w+", "zeitung*", "zeitschrift*", "plakat*",
    # French
    "publicit*", "annonce*", "referencement payant", "lien* sponsorise*", "payante?", "affichage",
    # Spanish, Portuguese
    "publicid*", "anuncio*", "busqueda (de )?paga(da)?", "busqueda de pago", "de pago", "pagad[ao]",
    "patrocinad[ao]*",
    # Italian
    "pubblicit*", "annunci[oa]?", "a pagamento", "inserzion*",
)  # fmt: skip
_ORGANIC_SOCIAL = (
    "organic social", "social organic", "unpaid social", "soziale medien organisch", "social organique",
)  # fmt: skip
_ORGANIC = (
    "organic*", "organique", "organisch*", "seo", "natural search", "search engine*", "web search",
    "google search", "internet search", "suchmaschine*", "internetsuche", "google suche",
    "referencement naturel", "recherche (naturelle|internet|google|web)", "moteur* de recherche",
    "organic[ao]", "buscador*", "busqueda (organica|natural|en internet|web|en google)",
    "motor* de ricerca", "ricerca (organica|web|google|internet)",
)  # fmt: skip
_EVENT = (
    "event*", "webinar*", "web ?seminar*", "trade ?show*", "trade ?fair*", "fair", "expo*", "exhibition*",
    "conference*", "congress*", "summit", "seminar*", "workshop*", "roadshow*", "road show*", "meet ?up*",
    "booth", "conf", "round ?table", "networking", "hackathon",
    # German
    "\\w*messe*", "veranstaltung*", "konferenz*", "kongress*", "tagung*", "stammtisch*", "vortrag*",
    "hausmesse",
    # French
    "salons?", "foires?", "evenement*", "colloque*", "seminaire*", "webinaire*", "atelier*", "congres",
    # Spanish, Italian
    "ferias?", "congresos?", "seminarios?", "jornada*", "conferencia*", "fier[ae]", "eventi", "convegn[oi]",
)  # fmt: skip
_OUTBOUND = (
    "outbound", "outreach", "cold", "cold \\w+", "telemarket*", "telesales", "tele ?prospecting",
    "prospecting", "prospect(ion|eo)?", "purchased", "purchased list", "bought list", "list purchase",
    "rented list", "data vendor", "sales navigator", "zoominfo", "apollo", "lusha", "cognism", "data com",
    "outsourced", "sdr", "bdr", "direct mail", "door to door", "sales generated", "sales rep",
    "sales prospect*", "sales sourced", "self generated",
    # German
    "kalt\\w*", "akquise", "neukundenakquise", "telefonakquise", "adresskauf", "adressliste",
    "gekaufte \\w+", "mailing",
    # French
    "demarchage", "phoning", "appels? sortants?", "achat de (fichiers?|bases?|listes?)", "fichier achete",
    # Spanish, Italian
    "prospeccion", "puerta fria", "(llamada|correo) en frio", "llamada saliente", "lista comprada",
    "base comprada", "prospezione", "chiamat[ae] a freddo", "lista acquistata",
)  # fmt: skip
_REFERRAL = (
    "refer*", "recommend*", "word of mouth", "partner*", "reseller*", "affiliate*", "invite", "\\w+ invite",
    "invited", "invitation", "alliance", "ambassador*", "advocate*", "customer recommendation", "friend",
    "colleague", "employee",
    # German
    "\\w*empfehl*", "mundpropaganda", "weitergesagt", "vermittl*", "bestandskunde*", "handler",
    # French
    "recommandation*", "parrain*", "bouche a oreille", "partenaire*", "prescripteur*", "apporteur*",
    # Spanish, Italian
    "recomendacion*", "recomendad[oa]", "boca a boca", "(boca|voz) a voz", "soci[oa]", "referid[oa]*",
    "passaparola", "raccomandazione*", "segnalazione",
)  # fmt: skip
_INBOUND = (
    *_SOCIAL,
    "social*", "content", "blog*", "newsletter*", "e ?mail*", "edm", "nc edm", "direct", "direct traffic",
    "none", "chat*", "\\w+ chat", "chatbot", "inbound*", "click ?2 ?call", "click to call", "call ?in",
    "incoming call", "phone (inquiry|enquiry|call)", "inquiry", "enquiry", "walk in", "press*", "pr",
    "public relations", "podcast*", "video*", "white ?paper*", "e ?book*", "download*", "trial",
    "free trial", "free ?mium", "demo request", "contact us", "contact form", "contact request",
    "web ?site visit", "\\w+ website", "forum*", "community", "marketplace", "app store", "g2", "capterra",
    "trustpilot", "review site*", "sms", "push", "mobile push", "typed in", "bookmark", "sign ?up*",
    # German
    "soziale (medien|netzwerke)", "kontaktformular", "kontaktanfrage", "telefonanfrage", "anfrage*",
    "direktzugriff*", "direkt", "direkteingabe", "anruf", "presse*", "rundschreiben",
    # French
    "reseaux sociaux", "acces directs?", "trafic direct", "appels? entrants?", "formulaire( de contact)?",
    "presse", "infolettre", "courriel*", "demande entrante", "site internet",
    # Spanish, Italian
    "redes sociales", "trafico directo", "directo", "llamada entrante", "correo( electronico)?",
    "formulario( de contacto)?", "boletin", "prensa", "rete sociale", "traffico diretto", "diretto",
    "modulo( di contatto)?", "stampa",
)  # fmt: skip

OUTREACH: Rules = (
    (
        "outbound",
        any_of(
            [
                "outreach( io)?",
                "salesloft",
                "apollo( io)?",
                "lemlist",
                "instantly( ai)?",
                "reply io",
                "woodpecker",
            ]
        ),
    ),
)
"""Tools of cold outreach, as UTM source: their e-mails are no newsletters."""

CHANNELS: Rules = (
    ("inbound", any_of(_ORGANIC_SOCIAL)),
    ("event", any_of(_EVENT)),
    ("outbound", any_of(_OUTBOUND)),
    ("paid", any_of(_PAID)),
    ("organic", any_of(_ORGANIC)),
    ("referral", any_of(_REFERRAL)),
    ("inbound", any_of(_INBOUND)),
    ("organic", any_of(_SEARCH)),
)
"""A company's own words for how a lead came; of 'Partner webinar' the event is taken."""

MEDIA: Rules = CHANNELS
"""UTM media are read like channels: 'cpc', 'paid_social', 'organic', 'email', 'referral'."""

UTM_SOURCES: Rules = (
    (
        "paid",
        any_of(
            [
                "adwords",
                "google ?ads",
                "fb ?ads",
                "\\w*ads",
                "doubleclick",
                "taboola",
                "outbrain",
                "criteo",
            ]
        ),
    ),
    (
        "inbound",
        any_of(
            [
                *_SOCIAL,
                "newsletter*",
                "e ?mail*",
                "mailchimp",
                "hubspot",
                "hs email",
                "direct",
                "blog",
            ]
        ),
    ),
    ("organic", any_of(_SEARCH)),
    ("event", any_of(_EVENT)),
    ("referral", any_of(_REFERRAL)),
)
"""UTM sources, where the medium tells nothing: a search engine without a paid medium is organic."""

CAMPAIGNS: Rules = (
    ("event", any_of(_EVENT)),
    (
        "outbound",
        any_of(
            [
                "outbound",
                "cold \\w+",
                "kaltakquise",
                "prospecting",
                "prospeccion",
            ]
        ),
    ),
    (
        "paid",
        any_of(
            [
                "ppc",
                "cpc",
                "sem",
                "sea",
                "ads?",
                "adwords",
                "paid*",
                "retarget*",
                "remarket*",
                "display",
            ]
        ),
    ),
    (
        "referral",
        any_of(
            [
                "referral*",
                "refer a friend",
                "empfehl*",
                "parrainage",
            ]
        ),
    ),
    (
        "inbound",
        any_of(
            [
                "newsletter*",
                "nurture*",
                "organic social",
            ]
        ),
    ),
    ("organic", any_of(["seo"])),
)
"""Words in the names of campaigns: fewer, because a name may hold any word."""

SEARCH_HOSTS: Rules = (
    (
        "inbound",
        re.compile(
            r"^(mail|plus|classroom|docs|drive|meet|calendar)\.google\.|^mail\.(yahoo|yandex|naver|aol)\."
        ),
    ),
    ("paid", re.compile(r"doubleclick\.net$|googleadservices\.com$|googlesyndication\.com$|^ad\.|^ads\.")),
    (
        "organic",
        re.compile(
            r"(^|\.)(google|bing|yahoo|duckduckgo|ecosia|baidu|yandex|qwant|startpage|naver|seznam|search\.brave|ask|aol)"
            r"\.(com?|[a-z]{2}|org|net)(\.[a-z]{2})?$"
        ),
    ),
)
SOCIAL_HOSTS: Rules = (
    (
        "inbound",
        re.compile(
            r"(^|\.)(facebook\.com|fb\.(com|me)|instagram\.com|linkedin\.com|lnkd\.in|twitter\.com|x\.com|t\.co|tiktok\.com"
            r"|youtube\.com|youtu\.be|pinterest\.\w+|reddit\.com|quora\.com|xing\.com|whatsapp\.com|wa\.me|telegram\.org"
            r"|t\.me|threads\.net|bsky\.app|snapchat\.com|vk\.com|weibo\.com|medium\.com)$"
        ),
    ),
)
MAIL_HOSTS: Rules = (
    ("inbound", re.compile(r"^(mail|webmail|email|outlook|com\.google\.android\.gm)\b")),
    ("inbound", re.compile(r"^\(?(direct|none)\)?$")),
    ("referral", re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")),
)
"""Mail programs; nobody; and any other site, which has sent the lead on."""

GENERAL: Rules = (
    (
        "inbound",
        any_of(
            [
                "web", "web ?site*", "web ?seite", "online*", "internet", "registration", "form*",
                "landing page*", "home ?page", "site( web)?", "pagina web", "sitio( web)?", "sito( web)?",
                "web ?form*", "api form", "phone", "telefon*", "telephone", "telefono",
            ]
        ),
    ),
)  # fmt: skip
"""Words that only say that the lead came by itself."""
