"""From a request to the API server to what its model is asked."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Hashable
from typing import NamedTuple

from transformers import GenerationConfig

from apps._api_requests import ApiError, Asked, ChatAsked, TextAsked
from utils.batching import Engine, Prompt
from utils.chat import ChatFormat, Turn
from utils.settings import generation

#: Tokens of a continued text where a request does not say it; OpenAI's number.
USUAL_TEXT = 16


class Served(NamedTuple):
    """What is served, and how.

    Args:
        plain: the format of texts to go on with.
        settings: of answers where a request does not say more.
        names: of the model: first the one that answers carry, then others that requests may use.
        key: that requests have to carry, or None.
        seed: where a request gives none.
    """

    engine: Engine
    chat_format: ChatFormat
    plain: ChatFormat
    settings: GenerationConfig
    names: tuple[str, ...]
    max_input_length: int
    key: str | None = None
    seed: int | None = None


def chat_prompt(served: Served, asked: ChatAsked) -> Prompt:
    """The messages in the checkpoint's chat format. ApiError where they are too long: none is left out unasked."""
    turns = [Turn(one.role.replace('developer', 'system'), one.text) for one in asked.messages]
    if turns[-1].role != 'user':
        raise ApiError(400, f'the last message is to be of the user, not of {turns[-1].role}', 'messages')
    try:
        ids = served.chat_format.ids(turns)
    except ValueError as error:
        raise ApiError(400, str(error), 'messages', 'invalid_value') from error
    name = 'max_tokens' if asked.max_completion_tokens is None else 'max_completion_tokens'
    settings = _settings(served, asked, getattr(asked, name), name)
    _check_length(served, ids, 'messages')
    stop = (*served.chat_format.stop_texts, *asked.stop)
    return Prompt(ids, settings, stop, group=_group(served, asked), seed=_seed(served, asked))


def text_prompt(served: Served, asked: TextAsked) -> Prompt:
    """A text to go on with: a special token in it is its letters; token ids are taken as they are."""
    settings = _settings(served, asked, asked.max_tokens, 'max_tokens')
    if asked.max_tokens is None:
        settings.max_new_tokens = min(USUAL_TEXT, settings.max_new_tokens)
    if isinstance(asked.prompt, str):
        ids = served.plain.ids([Turn('user', asked.prompt)])
    else:
        ids = asked.prompt
        vocabulary = served.engine.model.get_input_embeddings().num_embeddings
        if strange := [one for one in ids if not 0 <= one < vocabulary]:
            message = f'the tokens of this model are 0 to {vocabulary - 1}; found {strange[0]}'
            raise ApiError(400, message, 'prompt', 'invalid_value')
    _check_length(served, ids, 'prompt')
    group, seed = _group(served, asked), _seed(served, asked)
    return Prompt(ids, settings, asked.stop, continues=True, group=group, seed=seed)


def check_name(served: Served, name: str) -> None:
    """ApiError unless a model of this name is served."""
    if name not in served.names:
        message = f'there is no model {name!r:.200} here; the one that is has the name {served.names[0]!r}'
        raise ApiError(404, message, 'model', 'model_not_found')


def _settings(served: Served, asked: Asked, length: int | None, length_name: str) -> GenerationConfig:
    most = served.settings.max_new_tokens
    if length is not None and length > most:
        message = f'{length_name} is {length}; this server writes at most {most} tokens'
        raise ApiError(400, message, length_name, 'invalid_value')
    return generation(
        served.settings,
        Namespace(
            max_generate_length=length or most,
            do_sample=None,
            temperature=_temperature(asked),
            top_p=asked.top_p,
            top_k=asked.top_k,
            repetition_penalty=asked.repetition_penalty,
        ),
    )


def _temperature(asked: Asked) -> float | None:
    """0 for one so low that only the likeliest token would be drawn anyway: dividing by it can overflow."""
    return 0 if asked.temperature is not None and asked.temperature < 1e-3 else asked.temperature


def _check_length(served: Served, ids: list[int], name: str) -> None:
    most = served.max_input_length
    if not ids:
        raise ApiError(400, f'{name} has no tokens', name, 'invalid_value')
    if len(ids) > most:
        message = f'this server reads at most {most} tokens of a prompt; {name} has {len(ids)}'
        raise ApiError(400, message, name, 'context_length_exceeded')


def _seed(served: Served, asked: Asked) -> int | None:
    return served.seed if asked.seed is None else asked.seed


def _group(served: Served, asked: Asked) -> Hashable:
    """Requests of equal settings may share a batch; one with a seed is answered alone, so that it can be repeated."""
    if _seed(served, asked) is not None:
        return None
    return asked.temperature, asked.top_p, asked.top_k, asked.repetition_penalty
