"""A model that judges which of two answers is better."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from ..openicl.icl_inferencer import GenInferencer
from ..utils import provenance
from ..utils.build import build_model_from_cfg
from ..utils.predictions import PredictionStore
from ..utils.progress import progress
from ..utils.prompt import PromptList
from ..utils.requests import Request
from ._judge_prompts import PROMPTS

#: A verdict where the config names no other form.
VERDICT = r'\[\[\s*(A|B|C|tie|平局)\s*\]\]'
SWAPPED = {'A': 'B', 'B': 'A', 'C': 'C'}
#: What the answer shown as A gets.
POINTS = {'A': 1.0, 'B': 0.0, 'C': 0.5}
PLACEHOLDER = re.compile(r'\{(\w+)\}')


class Case(NamedTuple):
    """Two answers to a question, to be judged; `reference` is what a right one says."""

    question: str
    answer_a: str
    answer_b: str
    reference: str = ''

    @property
    def swapped(self) -> Case:
        """The same with the answers in the other order."""
        return self._replace(answer_a=self.answer_b, answer_b=self.answer_a)


class Outcome(NamedTuple):
    """What the first of two models gets: 1, 0.5 or 0, None where a verdict cannot be read. Verdicts that change with
    the order of the answers are not consistent."""

    points: float | None
    is_consistent: bool = True


def settled(shown_first: str | None, shown_second: str | None) -> Outcome:
    """The outcome of two verdicts, in which a model's answer stood as A and as B: it wins only if it wins in both."""
    if shown_first is None or shown_second is None:
        return Outcome(None)
    is_consistent = shown_first == SWAPPED[shown_second]
    return Outcome(POINTS[shown_first] if is_consistent else 0.5, is_consistent)


def fill(template: str, **values: Any) -> str:
    """The template with `{name}` replaced, all at once: braces inside a value stay as they are."""
    return PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), template)


@dataclass(frozen=True)
class Instructions:
    """How the judge is asked.

    Args:
        language: of the prompt and the criteria where they are not given, 'en' or 'zh'.
        criteria: what makes an answer good, as a text that stands in the prompt.
        prompt: a text with `{question}`, `{answer_a}`, `{answer_b}`, maybe `{criteria}` and `{reference}`.
        with_reference: show the row's `output_column`.
        verdict: a regular expression whose group is A, B, or anything else for a tie; its last match counts.
    """

    language: str = 'en'
    criteria: str | None = None
    prompt: str | None = None
    with_reference: bool = False
    verdict: str = VERDICT

    def __post_init__(self) -> None:
        if self.language not in PROMPTS:
            raise ValueError(f'language={self.language!r}: the judge speaks {" or ".join(map(repr, PROMPTS))}')
        if re.compile(self.verdict).groups != 1:
            raise ValueError(
                f'verdict={self.verdict!r} needs one group, (...), that is A, B or something else for a tie'
            )
        for name in ('answer_a', 'answer_b'):
            if f'{{{name}}}' not in self.template:
                raise ValueError(f'the prompt of the judge needs the placeholder {{{name}}}')
        if self.with_reference != ('{reference}' in self.template):
            raise ValueError('with_reference=True and {reference} in the prompt of the judge belong together')

    @property
    def template(self) -> str:
        """The prompt with placeholders."""
        if self.prompt is not None:
            return self.prompt
        words = PROMPTS[self.language]
        return words.text.replace('{reference_part}', words.reference_part if self.with_reference else '')

    def written(self, case: Case) -> PromptList:
        """The prompt of a case: one turn, in which the judge's model template may wrap it."""
        criteria = PROMPTS[self.language].criteria if self.criteria is None else self.criteria
        turn = {'role': 'HUMAN', 'prompt': fill(self.template, criteria=criteria, **case._asdict())}
        return PromptList([{'section': 'round', 'pos': 'begin'}, turn, {'section': 'round', 'pos': 'end'}])

    def read(self, text: str) -> str | None:
        """'A', 'B' or 'C' (a tie) of the judge's text; None if there is no verdict in it."""
        found = re.findall(self.verdict, text, re.IGNORECASE)
        if not found:
            return None
        last = found[-1].upper()
        return last if last in ('A', 'B') else 'C'


@dataclass
class Judge:
    """The judging model, loaded when it is first needed, and how it is asked."""

    cfg: Any
    instructions: Instructions = field(default_factory=Instructions)

    def outcomes(self, cases: Sequence[Case], final: Path) -> list[Outcome]:
        """The outcome of each case, seen in both orders. Verdicts are kept in the file as they come. Answers that are
        the same are a tie without a question."""
        different = [number for number, case in enumerate(cases) if case.answer_a != case.answer_b]
        asked = [one for number in different for one in (cases[number], cases[number].swapped)]
        verdicts = iter([self.instructions.read(text) for text in self._texts(asked, final)] if asked else [])
        judged = {number: settled(next(verdicts), next(verdicts)) for number in different}
        return [judged.get(number, Outcome(0.5)) for number in range(len(cases))]

    @property
    def provenance(self) -> dict | None:
        """What decides its verdicts; None if it was never asked."""
        if 'inferencer' not in self.__dict__:
            return None
        told = provenance.digest([self.instructions.template, self.instructions.criteria, self.instructions.verdict])
        return {
            'model': provenance.of_model(self.inferencer.model, self.cfg),
            'prompt': told,
            **self.inferencer.settings,
        }

    @cached_property
    def inferencer(self) -> GenInferencer:
        """What sends requests to the model."""
        model = build_model_from_cfg(self.cfg)
        return GenInferencer(model, self.cfg.get('max_out_len', 1024), batch_size=self.cfg.get('batch_size', 8))

    def _texts(self, cases: Sequence[Case], final: Path) -> list[str]:
        """What the judge says of each case; it is not asked again what the file, or an unfinished one, holds."""
        inferencer = self.inferencer
        prompts = [self.instructions.written(case) for case in cases]
        spelled = [inferencer.spelled(prompt, 'gen') for prompt in prompts]
        keys = [inferencer.key(prompt, **inferencer.settings) for prompt in spelled]
        with PredictionStore(final, keys) as store, progress(len(keys), len(store.results), final.stem) as advance:
            for position, text in _kept(final, keys):
                store.append(position, text)
            for position, text in inferencer.stream([*map(Request, prompts)], set(store.results)):
                if position not in store.results:
                    store.append(position, text)
                    advance()
            store.finish({str(number): self._record(number, store, spelled) for number in range(len(keys))})
        return [store.results[position] for position in range(len(keys))]

    def _record(self, number: int, store: PredictionStore, spelled: list) -> dict:
        text = store.results[number]
        return {
            'origin_prompt': spelled[number],
            'prediction': text,
            'verdict': self.instructions.read(text),
            'key': store.keys[number],
        }


def _kept(final: Path, keys: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(position, text) of the requests that an earlier comparison has asked, with the same judge and prompt."""
    if not final.exists():
        return
    known = {one['key']: one['prediction'] for one in json.loads(final.read_text(encoding='utf-8')).values()}
    yield from ((position, known[key]) for position, key in enumerate(keys) if key in known)
