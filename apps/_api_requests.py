"""Requests to the API server, and what is wrong with them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import from_json

#: Fields that would change the answer but are not served, with the values at which they change nothing.
NOT_SERVED: dict[str, tuple[Any, ...]] = {
    'audio': (),
    'best_of': (1,),
    'echo': (False,),
    'frequency_penalty': (0, 0.0),
    'function_call': ('none', 'auto'),
    'functions': ([],),
    'logit_bias': ({},),
    'logprobs': (False,),
    'modalities': (['text'],),
    'n': (1,),
    'prediction': (),
    'presence_penalty': (0, 0.0),
    'response_format': ({'type': 'text'},),
    'suffix': ('',),
    'tool_choice': ('none', 'auto'),
    'tools': ([],),
    'top_logprobs': (0,),
    'web_search_options': (),
}
#: Fields that change nothing of an answer.
IGNORED = {
    'metadata',
    'parallel_tool_calls',
    'prompt_cache_key',
    'prompt_cache_retention',
    'reasoning_effort',
    'safety_identifier',
    'service_tier',
    'store',
    'user',
    'verbosity',
}


class ApiError(Exception):
    """What the client is told, in the shape that OpenAI's clients read."""

    def __init__(
        self,
        status: int,
        message: str,
        param: str | None = None,
        code: str | None = None,
        kind: str = 'invalid_request_error',
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {'error': {'message': message, 'type': kind, 'param': param, 'code': code}}


class _Fields(BaseModel):
    model_config = ConfigDict(extra='forbid', strict=True)


class Part(_Fields):
    """A piece of a message."""

    type: Literal['text']
    text: str


class Message(_Fields):
    """A turn of a chat; a developer's is the system's by another name, and the name of who speaks is not shown."""

    role: Literal['system', 'developer', 'user', 'assistant']
    content: str | list[Part] = ''
    name: str = ''

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else '\n'.join(part.text for part in self.content)


class StreamOptions(_Fields):
    include_usage: bool = False
    include_obfuscation: bool = False


class Asked(_Fields):
    """What both kinds of requests say. Beside OpenAI's there are top_k and repetition_penalty."""

    model: str | None = None
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    stop: list[Annotated[str, Field(min_length=1)]] = Field([], max_length=16)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    top_k: int | None = Field(None, ge=0)
    repetition_penalty: float | None = Field(None, ge=0.01, le=100)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    max_tokens: int | None = Field(None, ge=1)

    @field_validator('stop', mode='before')
    @classmethod
    def _listed(cls, stop: Any) -> Any:
        return [stop] if isinstance(stop, str) else stop


class ChatAsked(Asked):
    messages: list[Message] = Field(min_length=1)
    max_completion_tokens: int | None = Field(None, ge=1)


class TextAsked(Asked):
    """A text to go on with: letters, or token ids."""

    prompt: str | list[int]

    @field_validator('prompt', mode='before')
    @classmethod
    def _single(cls, prompt: Any) -> Any:
        """A list of one prompt is that prompt."""
        if isinstance(prompt, list) and prompt and isinstance(prompt[0], (str, list)):
            if len(prompt) > 1:
                raise ValueError(f'give one prompt a request, not {len(prompt)}')
            return prompt[0]
        return prompt


Kind = TypeVar('Kind', bound=Asked)


def read(kind: type[Kind], body: bytes) -> Kind:
    """The request in a body; ApiError of status 400 says what is wrong with it. A field that is null is not there."""
    try:
        found = _without_nulls(from_json(body, allow_inf_nan=False))
    except ValueError as error:
        raise ApiError(400, f'the body of the request is no JSON: {error}') from None
    if not isinstance(found, dict):
        raise ApiError(400, 'the body of the request is to be a JSON object')
    for name in found.keys() & NOT_SERVED.keys():
        _check_neutral(name, found[name])
    try:
        return kind.model_validate({name: found[name] for name in found.keys() - NOT_SERVED.keys() - IGNORED})
    except ValidationError as error:
        raise _told(error) from None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _check_neutral(name: str, value: Any) -> None:
    """ApiError where the field asks for something. True is not 1 here."""
    neutral = NOT_SERVED[name]
    if not any(value == one and type(value) is type(one) for one in neutral):
        allowed = f'; leave it out, or give {" or ".join(map(repr, neutral))}' if neutral else '; leave it out'
        raise ApiError(400, f'this server does not serve {name}={value!r:.100}{allowed}', name, 'unsupported_parameter')


def _told(error: ValidationError) -> ApiError:
    """What is wrong deepest inside. Of a value that fits none of several kinds, all that is expected."""
    errors = error.errors(include_url=False)
    name = max((_name(one['loc']) for one in errors), key=len)
    alike = [one for one in errors if _name(one['loc']) == name]
    if alike[0]['type'] == 'extra_forbidden':
        return ApiError(400, f'unknown field {name}; is it misspelt?', name, 'unknown_parameter')
    code = 'missing_required_parameter' if alike[0]['type'] == 'missing' else 'invalid_value'
    return ApiError(400, f'{name}: {" or ".join(dict.fromkeys(one["msg"] for one in alike))}', name, code)


def _name(place: tuple[str | int, ...]) -> str:
    """As in `messages[0].role`; pydantic's names of the kinds of a value are left out."""
    name = ''
    for part in place:
        if isinstance(part, int):
            name += f'[{part}]'
        elif re.fullmatch('[a-z_]+', part) and part not in ('str', 'int'):
            name += f'.{part}' if name else part
        elif not name:
            return part
    return name
