"""The pages, as a Starlette app that BentoML mounts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from models.reasons.explanation import explain
from models.reasons.rest import shortened
from models.score import Score, strength
from serving.access.sessions import begin_session, end_session, ids_of
from serving.door.exchange import exchange_of
from serving.door.gate import address_of
from serving.scoring.book import Closed
from serving.store.reach import StoreBusyError, problem_of
from serving.web.decided import decided
from serving.web.lead_changes import what_changed
from serving.web.origin import is_own_form
from serving.web.rendering import render, render_refusal
from serving.web.sections import unless_it_fails
from serving.web.waterfall import waterfall
from serving.web.what_next import what_next
from serving.web.words import FOLDERS, link_to
from serving.wire.problems import ProblemError
from serving.wire.values import ID_LIMIT, Faults, text_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from features.batch import LeadBatch
    from models.score import Unscorable
    from serving.access.key import Key
    from serving.parts import Parts
    from serving.scoring.answers import Answerer

STATIC = Path(__file__).parent / "static"
LISTED = 50
"""So many leads are listed at most."""

REASONS_SHOWN = 8
FORM = "application/x-www-form-urlencoded"
"""The one way in which our own form is sent: others, which may name any encoding, are not read."""

FIELDS = 4
"""A form with more fields is not ours."""


def pages(parts: Callable[[], Parts]) -> Starlette:
    """Return the app. `parts` is asked when a page is, not before."""
    shown = _Pages(parts)
    return Starlette(
        routes=[
            Route("/", shown.start),
            Route("/sign-in", shown.sign_in_form, methods=["GET"]),
            Route("/sign-in", shown.sign_in, methods=["POST"]),
            Route("/sign-out", shown.sign_out, methods=["POST"]),
            Route("/leads", shown.list_leads),
            Route("/leads/{lead_id}", shown.show_lead),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={StoreBusyError: shown.away},
    )


class _Pages:
    def __init__(self, parts: Callable[[], Parts]) -> None:
        self._parts = parts

    async def start(self, _request: Request) -> Response:
        """Send a visitor on to the leads; the gate asks for a sign-in where there is none."""
        return RedirectResponse("/leads", status_code=303)

    async def sign_in_form(self, request: Request) -> Response:
        """Show the form."""
        return render("sign_in.html", next=_own_path(request.query_params.get("next")), wrong="")

    async def sign_in(self, request: Request) -> Response:
        """Open a session for the key in the form; the session remembers the key's id alone."""
        if _media_type(request) != FORM:
            wrong = f"The form has to be sent as {FORM}. Please sign in here."
            return render("sign_in.html", 415, next=_own_path(None), wrong=wrong)
        try:
            form = await request.form(max_files=0, max_fields=FIELDS)
        except HTTPException:
            wrong = "The form has more fields than ours. Please sign in here."
            return render("sign_in.html", 400, next=_own_path(None), wrong=wrong)
        wanted = _own_path(form.get("next"))
        if not is_own_form(request):
            wrong = "The form did not come from this site. Please sign in here."
            return render("sign_in.html", 403, next=wanted, wrong=wrong)
        text = form.get("key")
        try:
            key = await self._key(request, text.strip()) if isinstance(text, str) else None
        except ProblemError as refused:  # too many wrong ones
            return render("sign_in.html", refused.problem.status, next=wanted, wrong=refused.problem.detail)
        if key is None:
            wrong = "This key is not known, was revoked, or has expired."
            return render("sign_in.html", 401, next=wanted, wrong=wrong)
        if not key.allows("read"):
            wrong = "This key may not read leads. It needs the scope read."
            return render("sign_in.html", 403, next=wanted, wrong=wrong)
        begin_session(request.session, key.id)
        return RedirectResponse(wanted, status_code=303)

    async def sign_out(self, request: Request) -> Response:
        """End the session: the browser forgets its cookie, and a copy of it opens nothing any more."""
        ids = ids_of(request.session)
        if is_own_form(request):
            if ids is not None:
                await anyio.to_thread.run_sync(self._end, ids[0])
            request.session.clear()
        return RedirectResponse("/sign-in", status_code=303)

    async def list_leads(self, request: Request) -> Response:
        """List the best of the open leads; or go to the one that is searched for."""
        wanted = await self._meant(request.query_params.get("id", ""))
        if wanted in FOLDERS:
            return await self._lead(wanted)
        if wanted:
            return RedirectResponse(link_to(wanted), status_code=303)
        found = await anyio.to_thread.run_sync(self._parts().leads.best_open, LISTED)
        answerer = await anyio.to_thread.run_sync(self._parts().champion.answerer)
        scored: list[Score | Unscorable] = []
        if found is not None and answerer is not None:
            scored = await anyio.to_thread.run_sync(_scored, answerer, found.batch, 1)
        scores = sorted(_scores(scored), key=lambda score: (-score.score, -strength(score)))
        return render(
            "leads.html",
            scores=scores[:LISTED],
            which="" if found is None else found.which,
            unreadable=len(scored) - len(scores),
            is_ready=answerer is not None,
        )

    async def show_lead(self, request: Request) -> Response:
        """Show one lead: its score, what speaks for and against it, and what to do."""
        return await self._lead(exchange_of(request.scope).params["id"])

    async def _meant(self, typed: str) -> str:
        """Return the id that is searched for: as it was typed where a lead has it, else without blanks."""
        bare = typed.strip()
        if typed == bare or text_at("id", typed, Faults()) is None:
            return bare
        found = await anyio.to_thread.run_sync(self._parts().leads.find, typed)
        return bare if found is None else typed

    async def _lead(self, lead_id: str) -> Response:
        if text_at("id", lead_id, Faults()) is None:  # no lead can have it, and no database need be asked
            return render("missing.html", 404, lead_id=lead_id[:ID_LIMIT])
        batch = await anyio.to_thread.run_sync(self._parts().leads.find, lead_id)
        if batch is None:
            return render("missing.html", 404, lead_id=lead_id)
        if isinstance(batch, Closed):
            return render("closed.html", lead_id=lead_id, standing=batch.standing)
        return await anyio.to_thread.run_sync(self._shown, lead_id, batch)

    def _shown(self, lead_id: str, batch: LeadBatch) -> Response:
        """Return the page of an open lead. It takes as long as some twenty scores: for a thread."""
        answerer = self._parts().champion.answerer()
        if answerer is None:
            return render("unready.html", 503)
        [whole] = _scored(answerer, batch, None)
        if not isinstance(whole, Score):
            return render("unscorable.html", 422, lead_id=lead_id, faults=whole.faults)
        scored = shortened(whole, REASONS_SHOWN)
        threshold = answerer.policy.threshold(scored.rung)
        return render(
            "lead.html",
            score=scored,
            decided=decided(answerer, batch, whole, self._parts().store),
            threshold=threshold,
            fall=waterfall(scored, threshold),
            changed=unless_it_fails("What changed", what_changed, self._parts().changes, batch),
            what_next=unless_it_fails("What may come next", what_next, answerer.scorer, batch),
            explanation=unless_it_fails("For the handoff", explain, whole, answerer.scorer),
        )

    def _end(self, session_id: str) -> None:
        now = self._parts().clock()
        self._parts().store.write(lambda connection: end_session(connection, session_id, now))

    async def away(self, _request: Request, problem: Exception) -> Response:
        """Say that the store is busy, or away."""
        if not isinstance(problem, StoreBusyError):
            raise problem
        return render_refusal(problem_of(problem))

    async def _key(self, request: Request, text: str) -> Key | None:
        return await self._parts().guesses.verify(text, address_of(request.scope))


def _scored(answerer: Answerer, batch: LeadBatch, shown: int | None) -> list[Score | Unscorable]:
    return answerer.scorer.score(batch, shown=shown)


def _scores(scored: list[Score | Unscorable]) -> list[Score]:
    return [score for score in scored if isinstance(score, Score)]


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _own_path(wanted: object) -> str:
    """Return where to go after signing in: only ever a page of leads. `wanted` is percent-encoded."""
    if isinstance(wanted, str) and wanted.startswith("/leads/"):
        return link_to(unquote(wanted.removeprefix("/leads/")))
    return "/leads"
