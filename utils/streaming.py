"""Text of an answer while a model writes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import torch
from transformers import StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

Run = Callable[[BaseStreamer, StoppingCriteriaList], None]
#: What a decoder shows for bytes that are no whole character; of a character that is cut at most three bytes are there.
UNFINISHED, MOST_UNFINISHED = '\ufffd', 3
#: Tokens of a prompt that decide how the text after it begins.
CONTEXT = 8


def generate_stream(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    input_ids: torch.Tensor | Sequence[int],
    attention_mask: torch.Tensor | None = None,
    generation_config: GenerationConfig | None = None,
    *,
    stop_texts: Sequence[str] = (),
    continues: bool = False,
    seed: int | None = None,
) -> TextStream:
    """The answer in pieces of text, each as soon as it can be printed; together they are the whole answer.

    Generation runs in a thread of its own, from the first `next()` on. `close()`, or leaving a `with` block, ends it
    at its next token; so does an exception while waiting for a piece, such as Ctrl-C. An exception in generation is
    raised here at once.

    Args:
        input_ids: one sequence, as a list, a vector or a batch of one.
        attention_mask: of the same length; all ones where it is left out.
        generation_config: for `model.generate`; the model's own where it is left out.
        stop_texts: the answer ends before any of these.
        continues: the first piece begins as it follows the prompt's text, with a blank say; else as a text alone.
        seed: of the random draws, for the same answer again. It is that of the whole process.
    """
    ids = torch.as_tensor(input_ids).reshape(1, -1).to(model.device)
    mask = torch.ones_like(ids) if attention_mask is None else attention_mask.reshape(1, -1).to(model.device)

    def run(streamer: BaseStreamer, is_over: StoppingCriteriaList) -> None:
        if seed is not None:
            torch.manual_seed(seed)
        generate: Any = model.generate
        generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=generation_config,
            streamer=streamer,
            stopping_criteria=is_over,
        )

    before = ids[0, -CONTEXT:].tolist() if continues else []
    ends = (generation_config or model.generation_config).eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    return TextStream(run, Decoder(tokenizer, before, ends), stop_texts)


class TextStream(Iterator[str]):
    """Pieces of text.

    Args:
        run: generates, with the streamer and the stopping criteria that it is given.
    """

    def __init__(self, run: Run, decoder: Decoder, stop_texts: Sequence[str] = ()) -> None:
        self._decoder, self._stop = decoder, StopTexts(stop_texts)
        self._pieces = _pieces(run, decoder, self._stop)
        #: Turns that did not fit into the prompt, for whoever shows the answer.
        self.dropped = 0

    @property
    def tokens(self) -> int:
        """How many tokens of the answer have come so far, special ones not counted."""
        return self._decoder.tokens

    @property
    def is_finished(self) -> bool:
        """Whether the answer came to its end: a token or a text that ends it, not the limit of its length."""
        return self._decoder.is_ended or self._stop.is_reached

    def __next__(self) -> str:
        return next(self._pieces)

    def close(self) -> None:
        """End generation at its next token and wait until it has ended."""
        self._pieces.close()

    def __enter__(self) -> TextStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _pieces(run: Run, decoder: Decoder, stop: StopTexts) -> Generator[str, None, None]:
    """The pieces of a stream. Not a method of it, so that a stream which nobody holds any more is closed at once."""
    tokens = _Tokens()
    over = threading.Event()
    thread = threading.Thread(target=tokens.fill, args=(run, over), daemon=True)
    thread.start()
    try:
        for ids in tokens:
            yield from filter(None, [stop.shown(decoder.text(ids))])
            if stop.is_reached:
                return
        yield from filter(None, [stop.shown(decoder.rest()), stop.rest()])
    finally:
        over.set()
        thread.join()


class Decoder:
    """Turns tokens into text piece by piece, at a cost that does not grow with the length of the text.

    Special tokens are left out, and so is a character that the last tokens only begin.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, before: Sequence[int] = (), ends: Sequence[int | None] = ()
    ) -> None:
        """`before` are tokens that the text follows, `ends` those that end it."""
        self._tokenizer = tokenizer
        added = getattr(tokenizer, 'added_tokens_decoder', {})
        self._ends = set(ends)
        self._special = {*tokenizer.all_special_ids, *ends, *(one for one in added if added[one].special)}
        self.is_ended = False
        #: Those of the last piece: how text begins depends on what stands before it.
        self._shown = [one for one in before if one not in self._special]
        self._waiting: list[int] = []
        self.tokens = 0

    def text(self, ids: list[int]) -> str:
        """What can be shown more after these tokens."""
        ordinary = [one for one in ids if one not in self._special]
        self.is_ended = not self._ends.isdisjoint(ids)
        self.tokens += len(ordinary)
        self._waiting += ordinary
        if not ordinary:
            return ''
        new = self._new()
        unfinished = len(new) - len(new.rstrip(UNFINISHED))
        if 0 < unfinished <= MOST_UNFINISHED:
            return ''
        if new:
            self._shown, self._waiting = self._waiting, []
        return new

    def rest(self) -> str:
        """What was not shown yet, when no more tokens follow."""
        return self._new().rstrip(UNFINISHED)

    def _new(self) -> str:
        """The text of the waiting tokens after those shown."""
        before, now = self._decoded(self._shown), self._decoded(self._shown + self._waiting)
        # Some decoders show all bytes of a run as broken because its end is, those shown before too.
        return now[len(before) :] if now.startswith(before) else self._decoded(self._waiting)

    def _decoded(self, ids: list[int]) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


class StopTexts:
    """Holds back what may be the beginning of a stop text, and nothing else."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [text for text in texts if text]
        self._held = ''
        self.is_reached = False

    def shown(self, text: str) -> str:
        """What can be shown after this text."""
        self._held += text
        places = [place for one in self._texts if (place := self._held.find(one)) >= 0]
        self.is_reached = bool(places)
        end = min(places) if places else len(self._held) - self._begun()
        shown, self._held = self._held[:end], self._held[end:]
        return shown

    def rest(self) -> str:
        """What was held back, when no more follows."""
        return '' if self.is_reached else self._held

    def _begun(self) -> int:
        """Length of the longest end of the text that begins a stop text."""
        longest = max(map(len, self._texts), default=1) - 1
        lengths = range(min(longest, len(self._held)), 0, -1)
        return next((size for size in lengths if any(one.startswith(self._held[-size:]) for one in self._texts)), 0)


class _Tokens(BaseStreamer):
    """The way from the thread of generation to the reader: tokens, then the end or an exception."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[list[int] | BaseException | None] = SimpleQueue()
        self._has_prompt = False

    def fill(self, run: Run, over: threading.Event) -> None:
        """Run generation, in its thread, until it ends or `over` is set."""
        try:
            run(self, StoppingCriteriaList([_Stop(over)]))
        except BaseException as error:
            self._queue.put(error)
        else:
            self._queue.put(None)

    def put(self, value: torch.Tensor) -> None:
        """Called by `generate`: first with the prompt, then with the new tokens."""
        if self._has_prompt:
            self._queue.put(value.reshape(-1).tolist())
        self._has_prompt = True

    def end(self) -> None:
        """`fill` knows the end, exceptions too."""

    def __iter__(self) -> Iterator[list[int]]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item


class _Stop(StoppingCriteria):
    """Ends generation where the reader has enough."""

    def __init__(self, over: threading.Event) -> None:
        self._over = over

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> Any:
        return torch.full((len(input_ids),), self._over.is_set(), device=input_ids.device, dtype=torch.bool)
