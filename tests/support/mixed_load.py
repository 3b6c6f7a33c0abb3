"""Callers that write all there is to be written over HTTP, and remember what they were told was kept.

Every write brings tokens: words that stand in the store once where it was kept, and not at all where it was
not. `tokens_in` reads them out of the tables.
"""

import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa

from serving.store.database import Store
from serving.store.schema import ALIASES, CHANGES, EVENTS, LEADS, LEDGER_HEADERS, OUTCOMES

MOST_WRITES = 2_000
"""No caller sends more than so many."""

_LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)


@dataclass(slots=True)
class Write:
    """One request, the tokens that it brings, and the status it was answered with: None for no answer."""

    method: str
    path: str
    body: object = None
    tokens: tuple[str, ...] = ()
    idempotency_key: str | None = None
    repeatable: bool = True
    status: int | None = None
    answer: object = None

    @property
    def is_acknowledged(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class Connection:
    """A kept-alive connection of one key."""

    address: str
    key: str
    _open: http.client.HTTPConnection | None = None

    def send(self, write: Write) -> None:
        """Send a write and note its answer. Raises OSError or HTTPException where there is none."""
        place = urlsplit(self.address)
        if self._open is None:
            self._open = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.key}"}
        body = None
        if write.body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(write.body).encode()
        if write.idempotency_key is not None:
            headers["Idempotency-Key"] = write.idempotency_key
        self._open.request(write.method, write.path, body, headers)
        answer = self._open.getresponse()
        said = answer.read()
        write.answer = json.loads(said)
        write.status = answer.status

    def close(self) -> None:
        if self._open is not None:
            self._open.close()


@dataclass(slots=True)
class Caller:
    """One caller with leads of its own. Its number, which no other has, is in every token."""

    number: int
    rng: random.Random
    writes: list[Write] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    scored: set[str] = field(default_factory=set)
    _tokens: int = 0

    def next_write(self) -> Write:
        """Make up a write; all are small but batches."""
        if not self.leads or self.rng.random() < 0.15:
            return self._new_lead()
        kinds = (self._change, self._events, self._outcome, self._merge, self._score)
        return self.rng.choices(kinds, weights=(3, 5, 1, 1, 2))[0]()

    def _token(self) -> str:
        self._tokens += 1
        return f"{self.number}.{self._tokens}"

    def _new_lead(self) -> Write:
        lead_id, token = f"lead {self._token()}", self._token()
        cells = {"created_at": "2026-10-01T00:00:00Z", "first": token, "second": token}
        tokens = (f"lead={lead_id}", f"first={token}", f"second={token}")
        self.leads.append(lead_id)
        return Write("PUT", f"/v1/leads/{_quoted(lead_id)}", {"lead": cells}, tokens, repeatable=False)

    def _change(self) -> Write:
        """Change two columns of one lead or of several at once."""
        leads = self.rng.sample(self.leads, min(len(self.leads), self.rng.choice((1, 1, 5))))
        sent, tokens = [], []
        for lead_id in leads:
            token = self._token()
            employees = self.rng.randint(1, 500)
            sent.append(
                {"lead": {"lead_id": lead_id, "first": token, "second": token, "employees": employees}}
            )
            tokens += [f"first={token}", f"second={token}"]
        if len(sent) == 1:
            return Write("PUT", f"/v1/leads/{_quoted(leads[0])}", sent[0], tuple(tokens), repeatable=False)
        return Write("PUT", "/v1/leads", {"leads": sent}, tuple(tokens), repeatable=False)

    def _events(self) -> Write:
        """Send events with ids of their own, or without and an Idempotency-Key for them all."""
        with_ids = self.rng.random() < 0.7
        events, tokens = [], []
        for _ in range(self.rng.choice((1, 1, 5, 20))):
            token = self._token()
            when = _LONG_AGO + timedelta(seconds=self.rng.randint(0, 86_400 * 30))
            event: dict[str, object] = {
                "lead_id": self.rng.choice(self.leads),
                "type": self.rng.choice(("page_view", "email_opened", "form_submitted")),
                "occurred_at": when.isoformat().replace("+00:00", "Z"),
                "properties": {"token": token},
            }
            events.append(event | {"event_id": token} if with_ids else event)
            tokens.append(f"event={token}")
        key = None if with_ids else self._token()
        return Write("POST", "/v1/events", {"events": events}, tuple(tokens), idempotency_key=key)

    def _outcome(self) -> Write:
        """Let a lead that is for nothing else end, and now and then correct how."""
        token = self._token()
        value = self.number * 1e5 + self._tokens
        outcome = {
            "lead_id": f"ended {token}",
            "outcome": self.rng.choice(("won", "lost")),
            "occurred_at": "2026-11-01T00:00:00Z",
            "outcome_id": f"outcome {token}",
            "value": value,
        }
        corrected = outcome | {"value": value + 0.5}
        outcomes = [outcome, corrected] if self.rng.random() < 0.3 else [outcome]
        tokens = tuple(f"outcome={one['value']}" for one in outcomes)
        return Write("POST", "/v1/outcomes", {"outcomes": outcomes}, tokens, idempotency_key=self._token())

    def _merge(self) -> Write:
        """Merge a lead into another, which goes on; the absorbed one is left alone from here on."""
        free = [lead_id for lead_id in self.leads if lead_id not in self.scored]
        if len(free) < 4:
            return self._new_lead()
        absorbed, survivor = self.rng.sample(free, 2)
        self.leads.remove(absorbed)
        tokens = (f"merged={absorbed}", f"absorbed={absorbed}")
        return Write("POST", f"/v1/leads/{_quoted(survivor)}/merge", {"lead_ids": [absorbed]}, tokens)

    def _score(self) -> Write:
        lead_id = self.rng.choice(self.leads)
        self.scored.add(lead_id)
        return Write("GET", f"/v1/leads/{_quoted(lead_id)}/score", None, (f"scored={lead_id}",))


@dataclass(slots=True)
class Load:
    """Several callers at once, each in a thread, until told to stop or left without an answer."""

    address: str
    key: str
    callers: list[Caller]
    most: int = MOST_WRITES
    _stop: threading.Event = field(default_factory=threading.Event)
    _said: threading.Condition = field(default_factory=threading.Condition)
    _threads: list[threading.Thread] = field(default_factory=list)
    acknowledged: int = 0

    def start(self) -> None:
        for caller in self.callers:
            thread = threading.Thread(target=self._call, args=(caller,), name=f"caller {caller.number}")
            self._threads.append(thread)
            thread.start()

    def wait_for(self, acknowledged: int, seconds: float = 60) -> None:
        """Wait until so many writes were acknowledged."""
        with self._said:
            enough = self._said.wait_for(lambda: self.acknowledged >= acknowledged, seconds)
        assert enough, f"only {self.acknowledged} of {acknowledged} writes were acknowledged"

    def stop(self) -> None:
        """Tell the callers to stop, and wait until they have."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _call(self, caller: Caller) -> None:
        connection = Connection(self.address, self.key)
        while not self._stop.is_set() and len(caller.writes) < self.most:
            write = caller.next_write()
            caller.writes.append(write)
            try:
                connection.send(write)
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                break  # the server is gone: whether this was kept, nobody has said
            with self._said:
                self.acknowledged += write.is_acknowledged
                self._said.notify_all()
        connection.close()


def tokens_in(store: Store) -> Counter[str]:
    """Count every token that stands in the store."""
    with store.reading() as connection:
        return Counter(_tokens(connection))


def _tokens(connection: sa.Connection) -> Iterator[str]:
    for lead_id, arrived_at, merged_into in connection.execute(
        sa.select(LEADS.c.lead_id, LEADS.c.arrived_at, LEADS.c.merged_into)
    ):
        if arrived_at is not None:
            yield f"lead={lead_id}"
        if merged_into is not None:
            yield f"absorbed={lead_id}"
    marked = sa.select(CHANGES.c.column, CHANGES.c.value).where(CHANGES.c.column.in_(("first", "second")))
    for column, value in connection.execute(marked):
        yield f"{column}={value}"
    for (properties,) in connection.execute(sa.select(EVENTS.c.properties)):
        yield f"event={properties['token']}"
    for (value,) in connection.execute(sa.select(OUTCOMES.c.value)):
        yield f"outcome={value}"
    theirs = sa.select(ALIASES.c.lead_id).join(LEADS, LEADS.c.number == ALIASES.c.lead)
    for (lead_id,) in connection.execute(theirs.where(LEADS.c.lead_id != ALIASES.c.lead_id)):
        yield f"merged={lead_id}"
    scored = sa.select(LEADS.c.lead_id).join(LEDGER_HEADERS, LEDGER_HEADERS.c.id == LEADS.c.record_id)
    for (lead_id,) in connection.execute(scored):
        yield f"scored={lead_id}"


def _quoted(lead_id: str) -> str:
    return lead_id.replace(" ", "%20")
