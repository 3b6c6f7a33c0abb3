"""Contact data that reach nobody: addresses and numbers that cannot be, mailboxes made to be thrown away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.columns.emails import is_disposable
from features.duplicates.addresses import are_of_roles, are_valid, domains, one_spelling
from features.duplicates.contacts import contact_columns, plain_texts, rules_of
from features.duplicates.identity import regions_of
from features.duplicates.phones import is_valid_phone
from features.quality.finding import Finding, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.tables import Tables


def contact_findings(tables: Tables, mapping: Mapping) -> Iterator[Finding]:
    """Yield invalid, disposable and impersonal addresses, and invalid phone numbers, column by column."""
    leads, rules = tables.leads, rules_of(mapping)
    columns = contact_columns(leads, mapping)
    for name in columns.emails:
        texts = plain_texts(leads[name], rules)
        yield from _of_addresses(name, texts, leads["lead_id"])
    if not columns.phones:
        return
    region = regions_of(leads, columns, rules)
    for name in columns.phones:
        texts = plain_texts(leads[name], rules)
        yield from _of_phones(name, texts, region, leads["lead_id"])


def _of_addresses(name: str, texts: pd.Series[str], ids: pd.Series[str]) -> Iterator[Finding]:
    filled = texts.notna().to_numpy()
    valid = are_valid(one_spelling(texts))
    finding = partial(_finding, name=name, filled=filled, ids=ids)
    yield from finding(
        filled & ~valid, "email_invalid", "e-mail addresses in '{}' cannot be reached as they are spelled"
    )
    codes, distinct = pd.factorize(domains(texts.where(valid)))
    thrown_away = np.asarray([*(is_disposable(str(domain)) for domain in distinct), False], np.bool_)
    yield from finding(
        thrown_away[codes], "email_disposable", "addresses in '{}' are of disposable mailboxes"
    )
    yield from finding(
        valid & are_of_roles(texts.fillna("@")),
        "email_of_role",
        "addresses in '{}' are a task's, not a person's (info@, sales@): they merge nobody",
        always_note=True,
    )


def _of_phones(
    name: str, texts: pd.Series[str], region: list[str | None], ids: pd.Series[str]
) -> Iterator[Finding]:
    told: dict[tuple[str, str | None], bool | None] = {}
    said: list[bool | None] = []
    filled = texts.notna().to_numpy()
    for text, where, is_filled in zip(texts, region, filled.tolist(), strict=True):
        if is_filled and (text, where) not in told:
            told[text, where] = is_valid_phone(text, where)
        said.append(told[text, where] if is_filled else None)
    finding = partial(_finding, name=name, filled=filled, ids=ids)
    yield from finding(
        np.asarray([answer is False for answer in said], np.bool_),
        "phone_invalid",
        "phone numbers in '{}' cannot exist",
    )
    yield from finding(
        np.asarray([answer is None for answer in said], np.bool_) & filled,
        "phone_without_country",
        "phone numbers in '{}' could not be checked: they bear no country's code, and the lead's country is "
        "not known",
        always_note=True,
    )


def _finding(
    wrong: NDArray[np.bool_],
    key: str,
    said: str,
    *,
    name: str,
    filled: NDArray[np.bool_],
    ids: pd.Series[str],
    always_note: bool = False,
) -> Iterator[Finding]:
    count, of = int(wrong.sum()), int(filled.sum())
    if not count:
        return
    share = count / of
    yield Finding(
        topic="contacts",
        name=key,
        severity="note" if always_note or share < 0.01 else "warn" if share < 0.2 else "bad",
        text=f"{count:,} of {of:,} " + said.format(name),
        count=count,
        of=of,
        examples=some(ids[wrong]),
    )
