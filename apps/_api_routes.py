"""The URLs of the API server."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from apps._api_answers import ChatShape, Shape, TextShape
from apps._api_prompts import Served, chat_prompt, check_name, text_prompt
from apps._api_reading import Reading, shown
from apps._api_requests import ApiError, Asked, ChatAsked, TextAsked, read
from utils.batching import Closed, Full, Prompt

#: Bytes of a request.
MOST_BODY = 4 << 20
#: A proxy is not to gather pieces before it sends them.
STREAM_HEADERS = {'Cache-Control': 'no-cache', 'X-Accel-Buffering': 'no'}


def application(served: Served) -> Starlette:
    """The server of one model."""
    api = _Api(served)
    routes = [
        Route('/health', api.health),
        Route('/v1/models', api.models),
        Route('/v1/models/{name:path}', api.model),
        Route('/v1/chat/completions', api.chat, methods=['POST']),
        Route('/v1/completions', api.complete, methods=['POST']),
    ]
    handlers: Any = {ApiError: _error, HTTPException: _http_error, ClientDisconnect: _gone, Exception: _fault}
    return Starlette(routes=routes, exception_handlers=handlers)


class _Api:
    def __init__(self, served: Served) -> None:
        self.served, self.engine = served, served.engine
        self.card = {'id': served.names[0], 'object': 'model', 'created': int(time.time()), 'owned_by': 'local'}

    async def health(self, _: Request) -> Response:
        return JSONResponse({'status': 'ok', 'running': self.engine.running, 'waiting': self.engine.waiting})

    async def models(self, request: Request) -> Response:
        self._check_key(request)
        return JSONResponse({'object': 'list', 'data': [self.card]})

    async def model(self, request: Request) -> Response:
        self._check_key(request)
        check_name(self.served, request.path_params['name'])
        return JSONResponse(self.card)

    async def chat(self, request: Request) -> Response:
        return await self._answered(request, ChatAsked, chat_prompt, ChatShape)

    async def complete(self, request: Request) -> Response:
        return await self._answered(request, TextAsked, text_prompt, TextShape)

    async def _answered(
        self, request: Request, kind: type[Asked], prompt_of: Callable[[Served, Any], Prompt], shape_of: type[Shape]
    ) -> Response:
        self._check_key(request)
        asked = read(kind, await self._body(request))
        if asked.model is not None:
            check_name(self.served, asked.model)
        prompt = await asyncio.to_thread(prompt_of, self.served, asked)
        shape = shape_of(self.served.names[0], len(prompt.ids), asked.stream_options.include_usage)
        reading = Reading(self.engine, prompt, request)
        if asked.stream:
            events = await reading.stream(shape)
            return StreamingResponse(events, media_type='text/event-stream', headers=STREAM_HEADERS)
        return JSONResponse(shape.whole(*await reading.whole()))

    async def _body(self, request: Request) -> bytes:
        # Without this any page in a browser could have answers written here: forms and plain text need no permission.
        if request.headers.get('content-type', '').split(';')[0].strip().lower() != 'application/json':
            raise ApiError(400, 'send the request as JSON, with the header Content-Type: application/json')
        body, length = bytearray(), 0
        # What is too much is read, too, and dropped: a client may look for an answer only when it has sent all.
        async for piece in request.stream():
            length += len(piece)
            if length <= MOST_BODY:
                body += piece
        if length > MOST_BODY:
            message = f'the request has {length} bytes and at most {MOST_BODY} are allowed'
            raise ApiError(413, message, code='request_too_large')
        try:
            self.engine.check_room()
        except (Full, Closed) as error:
            raise shown(error) from error
        return bytes(body)

    def _check_key(self, request: Request) -> None:
        if self.served.key is None:
            return
        given = request.headers.get('authorization', '').encode('latin-1')
        if not hmac.compare_digest(given, f'Bearer {self.served.key}'.encode()):
            message = 'no API key, or a wrong one; send the header Authorization: Bearer KEY'
            raise ApiError(401, message, code='invalid_api_key')


async def _error(_: Request, error: ApiError) -> Response:
    headers = {'Retry-After': '1'} if error.status in (429, 503) else None
    return JSONResponse(error.body, error.status, headers)


async def _http_error(request: Request, error: HTTPException) -> Response:
    """An unknown URL, or a known one asked in another way."""
    message = f'{request.method} {request.url.path}: {error.detail}'
    return JSONResponse(ApiError(error.status_code, message).body, error.status_code, error.headers)


async def _fault(_: Request, error: Exception) -> Response:
    """An error of the server itself, whose traceback goes to its log."""
    return JSONResponse(shown(error).body, 500)


async def _gone(_: Request, error: ClientDisconnect) -> Response:
    """For the log alone, in which 499 is the usual sign of a client that went away."""
    logging.getLogger(__name__).debug('a client went away: %s', error)
    return Response(status_code=499)
