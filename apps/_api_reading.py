"""An answer of the Engine, for one client of the API server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import ClientDisconnect, Request

from apps._api_answers import Shape, event
from apps._api_requests import ApiError
from utils.batching import Closed, End, Engine, Full, Job, Prompt


class Reading:
    """Pieces of text and then an End, awaited one by one; ApiError where there is none.

    A client that goes away ends the generation at its next token, and ClientDisconnect is raised here.
    """

    def __init__(self, engine: Engine, prompt: Prompt, request: Request) -> None:
        self._engine, self._loop = engine, asyncio.get_running_loop()
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        self._job = Job(prompt, engine.tokenizer, self._deliver)
        try:
            engine.submit(self._job)
        except (Full, Closed) as error:
            raise shown(error) from error
        self._watch = asyncio.create_task(self._watched(request))

    async def next(self) -> str | End:
        found = await self._events.get()
        if isinstance(found, ClientDisconnect):
            raise found
        if isinstance(found, BaseException):
            raise shown(found) from found
        return found

    async def whole(self) -> tuple[str, End]:
        """All of the text at once."""
        pieces = []
        try:
            while isinstance(piece := await self.next(), str):
                pieces.append(piece)
            return ''.join(pieces), piece
        finally:
            self.close()

    async def stream(self, shape: Shape) -> AsyncIterator[str]:
        """Server-sent events. What goes wrong before the first piece is raised, and has a status of its own."""
        try:
            first = await self.next()
        except BaseException:
            self.close()
            raise
        return self._sent(shape, first)

    async def _sent(self, shape: Shape, piece: str | End) -> AsyncIterator[str]:
        try:
            for part in shape.begun():
                yield event(part)
            while isinstance(piece, str):
                yield event(shape.piece(piece))
                piece = await self.next()
            for part in shape.ended(piece):
                yield event(part)
            yield event('[DONE]')
        except ApiError as error:
            yield event(error.body)
        except ClientDisconnect:
            return
        finally:
            self.close()

    def close(self) -> None:
        """Nobody reads on."""
        self._watch.cancel()
        self._engine.cancel(self._job)

    async def _watched(self, request: Request) -> None:
        while (await request.receive())['type'] != 'http.disconnect':
            pass
        self._engine.cancel(self._job)
        self._events.put_nowait(ClientDisconnect())

    def _deliver(self, found: Any) -> None:
        """Called in the engine's thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._events.put_nowait, found)


def shown(error: BaseException) -> ApiError:
    """What a client is told of an error of the engine."""
    if isinstance(error, Full):
        return ApiError(429, str(error), code='rate_limit_exceeded', kind='rate_limit_error')
    if isinstance(error, Closed):
        return ApiError(503, str(error), code='shutting_down', kind='server_error')
    return ApiError(500, f'the model gave no answer: {type(error).__name__}: {error}'[:500], kind='server_error')
