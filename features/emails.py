"""What an e-mail address tells without being used: whose kind of domain it is."""

from __future__ import annotations

import re

KINDS = ("company", "free", "academic")

ADDRESS = re.compile(r"[^@\s]+@([^@\s]+\.[^@\s.]+)")

FREE = frozenset(
    {
        "126.com",
        "163.com",
        "aol.com",
        "att.net",
        "bol.com.br",
        "btinternet.com",
        "comcast.net",
        "fastmail.com",
        "free.fr",
        "freemail.example",
        "freenet.de",
        "gmail.com",
        "gmx.at",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "laposte.net",
        "libero.it",
        "live.com",
        "mac.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "naver.com",
        "o2.pl",
        "orange.fr",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "rediffmail.com",
        "seznam.cz",
        "sina.com",
        "t-online.de",
        "terra.com.br",
        "uol.com.br",
        "verizon.net",
        "virgilio.it",
        "wanadoo.fr",
        "web.de",
        "wp.pl",
        "yahoo.com",
        "yandex.com",
        "yandex.ru",
        "ymail.com",
        "zoho.com",
    }
)
"""Providers that give an address to anybody. `freemail.example` stands for them in generated data."""

_FREE_ANYWHERE = re.compile(r"(yahoo|hotmail|outlook|live|gmx)\.[a-z.]{2,6}")
_ACADEMIC = re.compile(r"(.*\.)?(edu|ac)(\.[a-z]{2})?")


def domain_of(address: str) -> str | None:
    """Return the domain of an address in lower case, or None where the text is no address.

    >>> domain_of("Ada@Example.org")
    'example.org'
    """
    found = ADDRESS.fullmatch(address.strip())
    return found.group(1).casefold() if found else None


def kind_of_domain(address: str) -> str | None:
    """Return 'company', 'free' or 'academic', or None where the text is no address.

    >>> kind_of_domain("a@gmail.com"), kind_of_domain("b@uni.ac.uk"), kind_of_domain("c@acme.example")
    ('free', 'academic', 'company')
    """
    domain = domain_of(address)
    if domain is None:
        return None
    if domain in FREE or _FREE_ANYWHERE.fullmatch(domain):
        return "free"
    return "academic" if _ACADEMIC.fullmatch(domain) else "company"
