"""How a prompt is spelled for a model: one walk over its texts and turns, two writers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..utils.logging import get_logger
from ..utils.prompt import PromptError, PromptList

_SECTIONS = ('begin', 'round', 'end', 'ice')


class Turn(NamedTuple):
    """What a role says: the model's settings for the role, overridden by the prompt's own."""

    role: str
    settings: dict
    is_example: bool  # or history: the model is not to answer here

    @property
    def text(self) -> str:
        """Begin, prompt and end."""
        return ''.join(self.settings.get(key, '') for key in ('begin', 'prompt', 'end'))

    def is_answer(self, mode: str) -> bool:
        """Whether the prompt stops here, for the model to go on."""
        return mode == 'gen' and not self.is_example and bool(self.settings.get('generate', False))


class TemplateParser:
    """Checks a meta template and walks over prompts; a subclass writes what is met.

    A meta template has a `round`, a list of roles and (for models that take text) texts between them; `reserved_roles`
    outside of it; `begin` and `end` texts. A role has `role` and may have `begin`, `prompt` (a default), `end`,
    `generate` and `api_role`.
    """

    def __init__(self, meta_template: dict | None = None) -> None:
        self.meta_template = meta_template
        self.roles: dict[str, dict] = {}
        #: Roles in the order in which a round has them, and texts between them.
        self._round: list[dict | str] = []
        if not meta_template:
            return
        lists = {'reserved_roles': [], **meta_template}
        self._round = _items(lists, 'round')
        for item in [*self._round, *_items(lists, 'reserved_roles')]:
            if isinstance(item, dict):
                self._add_role(item)
        self._order = [item['role'] for item in self._round if isinstance(item, dict)]

    @property
    def _meta(self) -> dict:
        return self.meta_template or {}

    def _add_role(self, role: dict) -> None:
        if role['role'] in self.roles:
            raise PromptError(f'the role {role["role"]!r} appears twice in the meta template')
        self.roles[role['role']] = role

    def parse_template(self, prompt_template: Any, mode: str) -> Any:
        """A prompt (or a list of them) in the model's spelling; a text is left as it is.

        Args:
            prompt_template: a text, a PromptList, or a list of these.
            mode: 'gen' ends before the first answer that the model is to give, 'ppl' writes everything.
        """
        if isinstance(prompt_template, list) and not isinstance(prompt_template, PromptList):
            return [self.parse_template(one, mode=mode) for one in prompt_template]
        if mode not in ('gen', 'ppl'):
            raise PromptError(f"the mode of a prompt is 'gen' or 'ppl', not {mode!r}")
        if isinstance(prompt_template, str):
            return prompt_template
        if not isinstance(prompt_template, PromptList):
            raise PromptError(f'a prompt is a text, a PromptList or a list of them, not {prompt_template!r}')
        if not self.meta_template:
            return _plain(prompt_template)
        return self._write(self._walk(prompt_template), mode)

    def _write(self, parts: Iterable[str | Turn], mode: str) -> Any:
        """The spelling of what the walk meets."""
        raise NotImplementedError

    def _walk(self, prompt: PromptList) -> Iterator[str | Turn]:
        """Texts and turns in the order in which they are spelled.

        Turns of the sections `round` and `ice` wait for the section's end, where they are dealt into rounds;
        texts between them, and turns elsewhere, come at once.
        """
        sections: list[tuple[str, list[dict]]] = []
        for item in prompt:
            if isinstance(item, str):
                yield item
            elif 'section' not in item:
                if sections and sections[-1][0] in ('round', 'ice'):
                    sections[-1][1].append(item)
                else:
                    yield self._turn(item)
            elif item['pos'] == 'begin':
                sections.append((item['section'], []))
            else:
                name, turns = _closed(item, sections)
                if name in ('round', 'ice'):
                    yield from self._rounds(turns, is_example=name == 'ice')

    def _rounds(self, turns: list[dict], is_example: bool) -> Iterator[str | Turn]:
        """The turns dealt into rounds of the meta template. A role that says nothing has its default prompt."""
        rounds = self._deal(turns)
        for number, said in enumerate(rounds, 1):
            for item in self._round:
                if isinstance(item, str):
                    yield item
                else:
                    role = item['role']
                    settings = {**self.roles[role], **said.get(role, {})}
                    yield Turn(role, settings, is_example or number < len(rounds))

    def _deal(self, turns: list[dict]) -> list[dict[str, dict]]:
        """Rounds, as role -> turn: a new one starts with each role that does not come after the one before it."""
        order = self._order
        rounds: list[dict[str, dict]] = [{}]
        last = -1
        for turn in turns:
            role = self._role_in_round(turn, order)
            place = order.index(role if role in order else turn['fallback_role'])
            if place <= last:
                rounds.append({})
            rounds[-1][role] = turn
            last = place
        return rounds

    def _role_in_round(self, turn: dict, order: list[str]) -> str:
        role = self._role(turn)
        if role not in order:
            raise KeyError(
                f'a round of the meta template has the roles {order}: move {turn!r} into the section "begin"'
            )
        return role

    def _role(self, turn: dict) -> str:
        """The turn's role, or its fallback where the model does not know the role."""
        for role in (turn['role'], turn.get('fallback_role')):
            if role in self.roles:
                return role
        raise KeyError(f'the meta template has only the roles {list(self.roles)}, none of {turn!r} (or its fallback)')

    def _turn(self, item: dict) -> Turn:
        role = self._role(item)
        return Turn(role, {**self.roles[role], **item}, is_example=False)


class LMTemplateParser(TemplateParser):
    """Spells prompts as one text, for models that take text."""

    def _add_role(self, role: dict) -> None:
        for key in ('begin', 'end'):
            if isinstance(role.get(key), list):
                raise NotImplementedError(f'{key!r} has token ids in {role!r}: write the text that they stand for')
        super()._add_role(role)

    def _write(self, parts: Iterable[str | Turn], mode: str) -> str:
        """All parts between the `begin` and `end` of the meta template, or up to the answer's `begin`."""
        texts = [self._meta.get('begin', '')]
        for part in parts:
            if isinstance(part, str):
                texts.append(part)
            elif part.is_answer(mode):
                return ''.join([*texts, part.settings.get('begin', '')])
            else:
                texts.append(part.text)
        return ''.join([*texts, self._meta.get('end', '')])


class APITemplateParser(TemplateParser):
    """Spells prompts as turns of `api_role`s, for models that take chats. Texts outside of turns are left out."""

    _has_warned = False

    def _write(self, parts: Iterable[str | Turn], mode: str) -> PromptList:
        """Turns up to the answer; those of one role that follow each other are one, with a line break between."""
        self._check_round()
        turns = PromptList()
        for part in parts:
            if isinstance(part, str):
                if part.strip():
                    self._warn(f'{part!r} of the prompt is left out: a model behind an API takes only turns of roles')
            elif part.is_answer(mode):
                break
            else:
                _append(turns, self._api_role(part), part.text)
        return turns

    def _check_round(self) -> None:
        texts = [item for item in self._round if isinstance(item, str)]
        if texts:
            raise TypeError(f'the meta template of a model behind an API has only roles in its round, not {texts!r}')

    def _api_role(self, turn: Turn) -> str:
        if 'api_role' not in turn.settings:
            raise KeyError(f"the role {turn.role!r} of the meta template needs an 'api_role', what the API calls it")
        return turn.settings['api_role']

    def _role_in_round(self, turn: dict, order: list[str]) -> str:
        """A reserved role is accepted where its fallback would be, but what it says is left out, as it ever was."""
        role = self._role(turn)
        if role in order or turn.get('fallback_role') not in order:
            return super()._role_in_round(turn, order)
        self._warn(f'{turn!r} is left out: turns of the role {role!r} belong into the "begin" section')
        return role

    def _warn(self, message: str) -> None:
        """Once: the next rows would tell the same."""
        if not self._has_warned:
            get_logger().warning(message)
        self._has_warned = True


def _items(meta_template: dict, name: str) -> list[dict | str]:
    """Roles and texts. Roles are plain dicts: those of a config are slow, and each prompt asks them often."""
    items = meta_template.get(name)
    if not isinstance(items, list) or not all(isinstance(item, (dict, str)) for item in items):
        raise PromptError(f'{name!r} of a meta template is a list of roles (dicts) and texts, not {items!r}')
    return [dict(item) if isinstance(item, dict) else item for item in items]


def _plain(prompt: PromptList) -> str:
    """Without a meta template: a line for each text that is not empty.

    An empty first one (where there are no examples, say) has its line, too: published prompts have it.
    """
    items = [item for item in prompt if isinstance(item, str) or 'section' not in item]
    texts = [item if isinstance(item, str) else item.get('prompt', '') for item in items]
    return '\n'.join([*texts[:1], *filter(None, texts[1:])])


def _closed(mark: dict, sections: list[tuple[str, list[dict]]]) -> tuple[str, list[dict]]:
    """The section that the mark ends, no longer open."""
    if mark['pos'] != 'end':
        raise PromptError(f"'pos' of a section mark is 'begin' or 'end', not {mark['pos']!r}")
    if not sections:
        raise IndexError(f'the section {mark["section"]!r} ends here but was not begun')
    name, turns = sections.pop()
    if name not in _SECTIONS:
        raise PromptError(f'a prompt has the sections {", ".join(_SECTIONS)}, no section {name!r}')
    if name != mark['section']:
        raise PromptError(f'the section {mark["section"]!r} ends here, but {name!r} is open')
    return name, turns


def _append(turns: PromptList, role: str, text: str) -> None:
    if turns and turns[-1]['role'] == role:
        turns[-1]['prompt'] += f'\n{text}'
    else:
        turns.append({'role': role, 'prompt': text})
