"""What has arrived of a request, taken without waiting where it is here already."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

    from starlette.types import Message, Receive

SOON_SECONDS = 1.0
"""Who sends head and body apart has sent both by then. Who has not is waited for by the ordinary layers."""


class Arrival:
    """The messages of one request that have come so far, and the rest as it comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    async def body(self, limit: int) -> bytes | None:
        """Return the body, or None where it is longer than `limit` bytes, breaks off, or takes its time."""
        message = await self._first()
        if message is None:
            return None
        if message.get("more_body", False):
            return await self._whole(limit)
        if message["type"] != "http.request":
            return None
        body: bytes = message.get("body", b"")
        return body if len(body) <= limit else None

    async def receive(self) -> Message:
        """Return what `body` took, once more, and then whatever comes: for the layers behind."""
        return self._messages.pop(0) if self._messages else await self._receive()

    async def _first(self) -> Message | None:
        coming: Any = self._receive()
        try:
            waits_for = coming.send(None)
        except StopIteration as arrived:  # it was here: most are, and no clock has to be set
            message: Message = arrived.value
        else:
            try:
                async with asyncio.timeout(SOON_SECONDS):
                    message = await _Begun(coming, waits_for)
            except TimeoutError:
                return None
        self._messages.append(message)
        return message

    async def _whole(self, limit: int) -> bytes | None:
        try:
            async with asyncio.timeout(SOON_SECONDS):
                while self._messages[-1].get("more_body", False):
                    self._messages.append(await self._receive())
                    if sum(len(message.get("body", b"")) for message in self._messages) > limit:
                        return None
        except TimeoutError:
            return None
        if self._messages[-1]["type"] != "http.request":
            return None
        return b"".join(message.get("body", b"") for message in self._messages)


class _Begun:
    """A coroutine that was started and waits for something, to be awaited to its end."""

    def __init__(self, coroutine: Coroutine[Any, Any, Message], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Message]:
        try:
            yield self._waits_for
        except BaseException:  # given up: so is what was begun
            self._coroutine.close()
            raise
        return (yield from self._coroutine.__await__())
