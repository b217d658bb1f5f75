"""A conversation as the token ids that a model reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from .spelling import BREAK, Spelling

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ROLES = ('system', 'user', 'assistant')
STYLES = ('tigerbot', 'template', 'plain')
INSTRUCTION, RESPONSE = '\n\n### Instruction:\n', '\n\n### Response:\n'


class Turn(NamedTuple):
    """What one side says: 'system', 'user' or 'assistant'."""

    role: str
    content: str


class Fitted(NamedTuple):
    """Token ids of a conversation that fits, how many of its oldest turns were left out, and the turns that stayed."""

    ids: list[int]
    dropped: int
    turns: list[Turn]


class Learned(NamedTuple):
    """Token ids of a conversation, and of each whether a model in training is to learn it."""

    ids: list[int]
    mask: list[bool]


class TooLong(ValueError):
    """A question that does not fit alone."""

    def __init__(self, needed: int, limit: int) -> None:
        super().__init__(
            f'the question takes {needed} tokens and at most {limit} are allowed; shorten it or raise max_input_length'
        )
        self.needed, self.limit = needed, limit


class ChatFormat:
    """How a checkpoint spells conversations; `ChatFormat.of` makes the one of a tokenizer.

    A sequence starts with the BOS token, once, where the tokenizer puts one in front of a plain text or the
    checkpoint's chat template spells it. What a user writes is text: `</s>` in a question is the letters, not the
    token that ends an answer. (Tokenizers without a `tokenizers` backend may not be able to keep the two apart.)
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, style: str) -> None:
        self.tokenizer, self.style = tokenizer, style
        self._spelling = Spelling(tokenizer, probe=INSTRUCTION)
        self._end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
        #: Texts at which an answer is over, though the model goes on: it has begun to write the next question.
        self.stop_texts: tuple[str, ...] = (INSTRUCTION,) if style == 'tigerbot' else ()
        #: Tokens that end an answer.
        self.stop_ids: tuple[int, ...] = self._stop_ids()

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, style: str | None = None) -> ChatFormat:
        """The format named by `style`, for this tokenizer.

        Args:
            style: 'tigerbot' (`### Instruction:` and `### Response:`), 'template' (the checkpoint's own chat template),
                'plain' (texts as they are, each tokenized apart), or None: 'template' where the checkpoint has one,
                else 'tigerbot'.
        """
        has_template = getattr(tokenizer, 'chat_template', None) is not None
        style = style or ('template' if has_template else 'tigerbot')
        if style not in STYLES:
            raise ValueError(f'a chat style is one of {", ".join(STYLES)}, not {style!r}')
        if style == 'template' and not has_template:
            raise ValueError('the tokenizer of this checkpoint has no chat template; use the style tigerbot or plain')
        return cls(tokenizer, style)

    def ids(self, turns: Sequence[Turn], answers: bool = True) -> list[int]:
        """Token ids of a conversation.

        After a question the answer's marker follows, for the model to go on, unless `answers` is false. An answer ends
        with its end token. A system turn comes first; the TigerBot and plain styles put it before the first question,
        on a line of its own.
        """
        _check(turns, is_ordered=self.style != 'template')  # a template has rules of its own
        if self.style == 'template':
            found = self._from_template(turns, answers)
        else:
            found = self._from_parts(_without_system(turns), answers)
        return self._spelling.started(found)

    def learned(self, turns: Sequence[Turn]) -> Learned:
        """Token ids of a conversation for training, and which of them to learn: each answer and the token that ends it.

        Never the BOS token, a marker, or what a template writes after an answer's end token.
        """
        ids = self.ids(turns, answers=False)
        mask = [False] * len(ids)
        for place, turn in enumerate(turns):
            if turn.role == 'assistant':
                asked, answered = self.ids(turns[:place]), self.ids(turns[: place + 1])
                if ids[: len(asked)] != asked or ids[: len(answered)] != answered:
                    raise ValueError(
                        f'the chat template spells turn {place + 1} of a conversation anew when more follow, '
                        "so it is unclear what to learn; use the style 'tigerbot' or conversations of one answer"
                    )
                said = answered[len(asked) :]
                size = next((at + 1 for at, one in enumerate(said) if one in self.stop_ids), len(said))
                mask[len(asked) : len(asked) + size] = [True] * size
        return Learned(ids, mask)

    def fit(self, turns: Sequence[Turn], limit: int) -> Fitted:
        """The conversation in at most `limit` tokens: its oldest questions are left out with their answers.

        A system turn and the newest question always stay; TooLong where these alone do not fit.
        """
        kept, dropped = list(turns), 0
        first = 1 if kept and kept[0].role == 'system' else 0
        while len(ids := self.ids(kept)) > limit:
            second = [place for place, turn in enumerate(kept) if turn.role == 'user' and place > first]
            if not second:
                raise TooLong(len(ids), limit)
            dropped += second[0] - first
            del kept[first : second[0]]
        return Fitted(ids, dropped, kept)

    def _from_parts(self, turns: Sequence[Turn], answers: bool) -> list[int]:
        """TigerBot's spelling, or texts as they are, with an end token after each answer."""
        marked = self.style == 'tigerbot'
        found: list[int] = []
        for place, turn in enumerate(turns):
            if turn.role == 'user':
                is_answered = place + 1 < len(turns) or answers
                text = f'{INSTRUCTION}{turn.content}{RESPONSE if is_answered else ""}' if marked else turn.content
                found += self._spelling.plain(text, is_inside=bool(found))
            else:
                question = f'{INSTRUCTION}{turns[place - 1].content}{RESPONSE}' if marked else ''
                found += self._spelling.continued(question, turn.content)
                found += self._end
        return found

    def _from_template(self, turns: Sequence[Turn], answers: bool) -> list[int]:
        """The checkpoint's chat template, in which a special token that a user spelled stays text."""
        chat = [{'role': turn.role, 'content': self._spelling.broken(turn.content)} for turn in turns]
        asked = answers and turns[-1].role == 'user'
        try:
            text = str(self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=asked))
        except Exception as error:  # jinja2's, or whatever a template raises
            roles = ', '.join(turn.role for turn in turns)
            raise ValueError(f"the checkpoint's chat template does not take the turns {roles}: {error}") from error
        if BREAK not in text:
            return list(self.tokenizer(text, add_special_tokens=False)['input_ids'])
        return self._spelling.mixed(text)

    def _stop_ids(self) -> tuple[int, ...]:
        """The end token, and the special token that a chat template puts after an answer."""
        ends = self._end
        if self.style == 'template':
            chat = [Turn('user', 'a'), Turn('assistant', 'b')]
            rest = self.ids(chat)[len(self.ids(chat[:1])) :]
            ends = ends + [one for one in rest if one in self._spelling.special_ids][:1]
        return tuple(dict.fromkeys(ends))


def _check(turns: Sequence[Turn], is_ordered: bool) -> None:
    """ValueError unless there are turns of known roles and, in order, an answer follows each question."""
    roles = [turn.role for turn in turns]
    unknown = set(roles) - set(ROLES)
    if unknown or not turns:
        raise ValueError(f'a conversation has turns of {", ".join(ROLES)}, not {", ".join(sorted(unknown)) or "none"}')
    asked = roles[1:] if roles[0] == 'system' else roles
    expected = [('user', 'assistant')[place % 2] for place in range(len(asked))]
    if is_ordered and (not asked or asked != expected):
        raise ValueError(f'questions and answers take turns, a system turn only in front; found {", ".join(roles)}')


def _without_system(turns: Sequence[Turn]) -> list[Turn]:
    """The turns with what the system says put before the first question."""
    if turns[0].role != 'system':
        return list(turns)
    return [Turn('user', f'{turns[0].content}\n{turns[1].content}'), *turns[2:]]
