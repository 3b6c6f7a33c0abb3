"""What an e-mail address tells without being used: whose kind of domain it is."""

from __future__ import annotations

import re
from functools import lru_cache

KINDS = ("company", "free", "academic", "disposable")

ADDRESS = re.compile(r"[^@\s]+@([^@\s]+\.[^@\s.]+)")

FREE = frozenset({
    "126.com", "163.com", "abv.bg", "alice.it", "aliceadsl.fr", "aol.com", "aon.at", "arcor.de",
    "att.net", "bellsouth.net", "bk.ru", "bluewin.ch", "blueyonder.co.uk", "bol.com.br",
    "btinternet.com", "centrum.cz", "charter.net", "chello.at", "comcast.net", "cox.net", "daum.net",
    "duck.com", "email.it", "fastmail.com", "foxmail.com", "free.fr", "freemail.example", "freenet.de",
    "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hanmail.net",
    "hey.com", "hotmail.com", "hotmail.fr", "hushmail.com", "icloud.com", "ig.com.br", "inbox.lv",
    "inbox.ru", "interia.pl", "juno.com", "laposte.net", "libero.it", "list.ru", "live.com", "mac.com",
    "mail.com", "mail.ru", "mailbox.org", "me.com", "msn.com", "naver.com", "neuf.fr", "ntlworld.com",
    "numericable.fr", "o2.pl", "onet.pl", "online.de", "op.pl", "optonline.net", "orange.fr",
    "outlook.com", "pm.me", "posteo.de", "proton.me", "protonmail.com", "qq.com", "rambler.ru",
    "rediffmail.com", "rocketmail.com", "sbcglobal.net", "seznam.cz", "sfr.fr", "sina.com", "sky.com",
    "skynet.be", "sohu.com", "t-online.de", "talktalk.net", "telefonica.net", "telenet.be",
    "terra.com.br", "terra.es", "tin.it", "tiscali.it", "tuta.io", "tutanota.com", "ukr.net",
    "uol.com.br", "verizon.net", "virgilio.it", "virginmedia.com", "walla.co.il", "wanadoo.fr",
    "web.de", "windstream.net", "wp.pl", "xs4all.nl", "yahoo.com", "yandex.com", "yandex.ru",
    "yeah.net", "ymail.com", "ziggo.nl", "zoho.com",
})  # fmt: skip
"""Providers that give an address to anybody. `freemail.example` stands for them in generated data."""

_FREE_ANYWHERE = re.compile(r"(yahoo|hotmail|outlook|live|gmx)\.(co\.|com\.)?([a-z]{2}|com|net)")
_ACADEMIC = re.compile(
    r"(.*\.)?((edu|ac)(\.[a-z]{2})?|(uni|univ|tu|th|fh|hs|ph)-[a-z0-9-]+\.(de|at|ch|fr)|u-[a-z]+\.fr"
    r"|uni(bas|be|ge|l|fr|ne|sg|lu|zh|si|ch)\.ch|uni(bo|mi|mib|pd|pi|roma\d|to|na|ge|fi|ve|ct|pa|ba|pv|pr|tn|ts|ud|vr)\.it)"
)


def domain_of(address: str) -> str | None:
    """Return the domain of an address in lower case, or None where the text is no address.

    >>> domain_of("Ada@Example.org")
    'example.org'
    """
    found = ADDRESS.fullmatch(address.strip())
    return found.group(1).casefold() if found else None


def kind_of_domain(address: str) -> str | None:
    """Return one of KINDS, or None where the text is no address.

    >>> kind_of_domain("a@gmail.com"), kind_of_domain("b@uni.ac.uk"), kind_of_domain("c@acme.example")
    ('free', 'academic', 'company')
    """
    domain = domain_of(address)
    return None if domain is None else _kind_of(domain)


@lru_cache(maxsize=8192)
def _kind_of(domain: str) -> str:
    """Return the kind of a domain in lower case; one below a throw-away domain is thrown away as well."""
    if domain in FREE or _FREE_ANYWHERE.fullmatch(domain):
        return "free"
    if _ACADEMIC.fullmatch(domain):
        return "academic"
    return "disposable" if is_disposable(domain) else "company"


def is_disposable(domain: str) -> bool:
    """Return whether the mailboxes of a domain in lower case are made to be thrown away.

    >>> is_disposable("mailinator.com"), is_disposable("x.mailinator.com"), is_disposable("example.org")
    (True, True, False)
    """
    above = domain.partition(".")[2]
    disposable = _disposable()
    return domain in disposable or ("." in above and above in disposable)


@lru_cache(maxsize=1)
def _disposable() -> frozenset[str]:
    """Return domains of addresses that live for minutes, from the library `disposable-email-domains`."""
    from disposable_email_domains import blocklist  # noqa: PLC0415 - 50 ms, and only where addresses are read

    return frozenset(blocklist)
