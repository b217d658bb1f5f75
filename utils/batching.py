"""Answers for many at once: a queue in front of one model, whose requests of equal settings are answered together."""

from __future__ import annotations

import copy
import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from transformers import StoppingCriteria, StoppingCriteriaList

from .streaming import CONTEXT, Decoder, StopTexts

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)


class Full(RuntimeError):
    """As many wait as may."""


class Closed(RuntimeError):
    """The engine takes no more."""


class End(NamedTuple):
    """The last event of an answer: 'stop' or 'length', and its tokens, the one that ends it too."""

    reason: str
    tokens: int


class Prompt(NamedTuple):
    """What is asked.

    Args:
        stop_texts: the answer ends before any of these.
        continues: the first piece begins as it follows the prompt's text; else as a text alone.
        group: jobs of an equal group may be answered together; None is answered alone.
        seed: of the random draws, with group None.
    """

    ids: Sequence[int]
    settings: GenerationConfig
    stop_texts: Sequence[str] = ()
    continues: bool = False
    group: Hashable = None
    seed: int | None = None


class Job:
    """A prompt on its way to an answer.

    Its events go to `deliver`, called in the engine's thread: pieces of text and then an End, or an exception.
    """

    def __init__(self, prompt: Prompt, tokenizer: PreTrainedTokenizerBase, deliver: Callable[[Any], None]) -> None:
        self.prompt, self._deliver = prompt, deliver
        self._decoder = Decoder(tokenizer, prompt.ids[-CONTEXT:] if prompt.continues else ())
        self._stop = StopTexts(prompt.stop_texts)
        self._ends = set(prompt.settings.eos_token_id or ())
        self.tokens = 0
        self.is_over = False

    @property
    def limit(self) -> int:
        return int(self.prompt.settings.max_new_tokens)

    def take(self, token: int) -> None:
        """The next token of the answer."""
        if self.is_over:
            return
        self.tokens += 1
        self._show(self._decoder.text([token]))
        if self._stop.is_reached or token in self._ends:
            self.finish('stop')
        elif self.tokens >= self.limit:
            self.finish('length')

    def finish(self, reason: str) -> None:
        """End the answer here, with what was held back."""
        if self.is_over:
            return
        self.is_over = True
        if not self._stop.is_reached:
            self._show(self._decoder.rest())
        if held := self._stop.rest():
            self._deliver(held)
        self._deliver(End('stop' if self._stop.is_reached else reason, self.tokens))

    def fail(self, error: BaseException) -> None:
        if not self.is_over:
            self.is_over = True
            self._deliver(error)

    def _show(self, text: str) -> None:
        if shown := self._stop.shown(text):
            self._deliver(shown)


class Engine:
    """One model that answers jobs in the order in which they come, up to `max_batch` of an equal group at a time.

    Answers of a batch are computed side by side: in 16 bit their rounding, and so now and then a word, may differ from
    that of an answer alone. With dynamic RoPE an answer would even depend on the longest beside it, so there each is
    alone.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        max_batch: int = 8,
        max_waiting: int = 128,
    ) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.max_batch = 1 if _has_dynamic_rope(model) else max_batch
        self.max_waiting = max_waiting
        self._waiting: deque[Job] = deque()
        self._running: list[Job] = []
        self._is_closed = self._is_cut = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def running(self) -> int:
        return sum(not job.is_over for job in self._running)

    def check_room(self) -> None:
        """Full or Closed where a job would not be taken."""
        if self._is_closed:
            raise Closed('the server is shutting down')
        if len(self._waiting) >= self.max_waiting:
            raise Full(f'{len(self._waiting)} requests are waiting already, as many as may; try again later')

    def submit(self, job: Job) -> None:
        """Have the job answered; Full or Closed."""
        with self._change:
            self.check_room()
            self._waiting.append(job)
            self._change.notify()

    def cancel(self, job: Job) -> None:
        """Nobody wants this answer any more: it ends at its next token, or never begins."""
        job.is_over = True
        with self._change:
            if job in self._waiting:
                self._waiting.remove(job)

    def close(self) -> None:
        """Take no more: those waiting fail with Closed, those running go on."""
        with self._change:
            self._is_closed = True
            refused, self._waiting = self._waiting, deque()
            self._change.notify()
        for job in refused:
            job.fail(Closed('the server is shutting down'))

    def cut(self) -> None:
        """End the answers that are running at their next token, as if they were long enough. Takes no lock."""
        self._is_cut = True

    def join(self, seconds: float) -> None:
        """Wait until the last answer has ended, after `close`."""
        self._thread.join(seconds)

    def _work(self) -> None:
        while jobs := self._next():
            try:
                self._answer(jobs)
            except BaseException as error:
                logger.exception('no answer to %d requests', len(jobs))
                for job in jobs:
                    job.fail(error)
            for job in jobs:
                job.finish('length')
            self._running = []

    def _next(self) -> list[Job]:
        """The jobs to answer now; none after `close`."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._is_closed)
            if not self._waiting:
                return []
            first = self._waiting[0]
            alike = [job for job in self._waiting if job.prompt.group == first.prompt.group]
            self._running = [first] if first.prompt.group is None else alike[: self.max_batch]
            self._waiting = deque(job for job in self._waiting if job not in self._running)
            return self._running

    def _answer(self, jobs: list[Job]) -> None:
        """Generate the answers of jobs of one group, side by side."""
        longest = max(len(job.prompt.ids) for job in jobs)
        rows, masks = [], []
        for job in jobs:
            ids, room = list(job.prompt.ids), longest - len(job.prompt.ids)
            # Padded with a token of its own: not every transformers leaves padding out of the repetition penalty.
            rows.append(ids[:1] * room + ids)
            masks.append([0] * room + [1] * len(ids))
        settings = copy.copy(jobs[0].prompt.settings)
        settings.max_new_tokens = max(job.limit for job in jobs)
        seed = jobs[0].prompt.seed
        # A fresh seed where none is asked for: the draws of a seeded answer before would go on.
        _ = torch.seed() if seed is None else torch.manual_seed(seed)
        generate: Any = self.model.generate
        generate(
            input_ids=torch.tensor(rows, device=self.model.device),
            attention_mask=torch.tensor(masks, device=self.model.device),
            generation_config=settings,
            stopping_criteria=StoppingCriteriaList([_Steps(self, jobs)]),
        )

    def step(self, jobs: list[Job], tokens: list[int]) -> list[bool]:
        """One token more of each job, and which of them are over."""
        for job, token in zip(jobs, tokens, strict=True):
            job.take(token)
            if self._is_cut:
                job.finish('length')
        return [job.is_over for job in jobs]


class _Steps(StoppingCriteria):
    """Gives each step's tokens to their jobs, and ends each row when its job is over."""

    def __init__(self, engine: Engine, jobs: list[Job]) -> None:
        self._engine, self._jobs = engine, jobs

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> Any:
        over = self._engine.step(self._jobs, input_ids[:, -1].tolist())
        return torch.tensor(over, device=input_ids.device)


def _has_dynamic_rope(model: PreTrainedModel) -> bool:
    """Whether rotary frequencies change with the length of the longest text of a batch."""
    rope = getattr(model.config.get_text_config(), 'rope_parameters', None) or {}
    kinds = [rope, *(kind for kind in rope.values() if isinstance(kind, dict))]
    return any(kind.get('rope_type') in ('dynamic', 'longrope') for kind in kinds)
