"""A template and a dataset row make a prompt."""

from __future__ import annotations

from typing import Any

from ..registry import ICL_PROMPT_TEMPLATES
from ..utils.prompt import PromptError, PromptList, safe_format

_SECTIONS = ('begin', 'round', 'end')


@ICL_PROMPT_TEMPLATES.register_module()
class PromptTemplate:
    """Puts the columns of a row, and in-context examples, into a text or a chat.

    Args:
        template: a text with `{column}` placeholders; a chat, `{'begin': ..., 'round': ..., 'end': ...}`; or one of
            these for each label.
        ice_token: marks where the examples go; it has to be in each text.
        sep_token: marks where context and answer meet; removed from finished prompts unless asked for.
        column_token_map: column -> a marker that means the same as `{column}`, as some older templates write it.
    """

    def __init__(
        self,
        template: dict | str,
        ice_token: str | None = None,
        sep_token: str | None = None,
        column_token_map: dict[str, str] | None = None,
    ) -> None:
        if not isinstance(template, (dict, str)):
            raise PromptError(f'a prompt template is a text or a dict, not {type(template).__name__}: {template!r}')
        for name, token in (('ice_token', ice_token), ('sep_token', sep_token)):
            if not isinstance(token, (str, type(None))):
                raise TypeError(f'{name} is a text or None, not {type(token).__name__}: {token!r}')
        self.template = _with_columns(template, column_token_map or {})
        self.ice_token, self.sep_token = ice_token, sep_token
        self.prompt_type = 'meta' if _is_chat(template) else 'origin'
        _check(self.choices, ice_token)

    @property
    def labels(self) -> list | None:
        """The labels that have a template each, in their order; None where one template serves all."""
        return None if isinstance(self.template, str) or self.prompt_type == 'meta' else list(self.template)

    @property
    def choices(self) -> list[str | dict]:
        """The templates to choose from by label, or the one there is."""
        return [self.template] if self.labels is None else list(self.template.values())

    def generate_ice_item(self, entry: dict, label: Any) -> str | PromptList:
        """The row as an in-context example: with its answer; of a chat only the round.

        `sep_token` stays: `generate_item` removes it once the example is part of a prompt.
        """
        template = self._for_label(label)
        prompt = template if isinstance(template, str) else _section('ice', _round(template))
        return _filled(self._with_examples(prompt, ''), entry)

    def generate_label_prompt_item(
        self, entry: dict, ice: str | PromptList, label: Any, remain_sep: bool | None = False
    ) -> str | PromptList:
        """The row's prompt with the given label, after the examples, whose `sep_token` stays in any case."""
        prompt = _prompt(self._for_label(label))
        if not remain_sep:
            prompt = self._without_separator(prompt)
        return _filled(self._with_examples(prompt, ice), entry)

    def generate_item(
        self,
        entry: dict,
        output_field: Any = None,
        output_field_replace_token: Any = '',
        ice_field_replace_token: str | PromptList = '',
    ) -> str | PromptList:
        """The row's prompt with the answer column blanked.

        Of a template for each label the first, answer and all.
        """
        if output_field is not None:
            entry = {**entry, output_field: output_field_replace_token}
        prompt = self._with_examples(_prompt(self.choices[0]), ice_field_replace_token)
        return _filled(self._without_separator(prompt), entry)

    def _for_label(self, label: Any) -> str | dict:
        if self.labels is None:
            return self.template
        if label not in self.template:
            raise KeyError(f'no template for the label {label!r}, only for {self.labels}')
        return self.template[label]

    def _with_examples(self, prompt: str | PromptList, examples: str | list) -> str | PromptList:
        if not self.ice_token:
            return prompt
        if not isinstance(prompt, str):
            return prompt.replace(self.ice_token, examples)
        if not isinstance(examples, str):
            raise TypeError(
                f'examples that are a chat do not fit into the text {prompt!r}: give the example template '
                'and the prompt template the same form'
            )
        return prompt.replace(self.ice_token, examples)

    def _without_separator(self, prompt: str | PromptList) -> str | PromptList:
        return prompt.replace(self.sep_token, '') if self.sep_token else prompt

    def __repr__(self) -> str:
        return f'PromptTemplate({{\n\ttemplate: {self.template},\n\tice_token: {self.ice_token}\n}})'


def _filled(prompt: str | PromptList, entry: dict) -> str | PromptList:
    """Columns last, so that those named in the examples are filled from this row, and tokens within values stay."""
    return safe_format(prompt, **entry) if isinstance(prompt, str) else prompt.format(**entry)


def _is_chat(template: dict | str) -> bool:
    return isinstance(template, dict) and all(key in _SECTIONS for key in template)


def _check(templates: list, ice_token: str | None) -> None:
    for template in templates:
        if not isinstance(template, (str, dict)):
            raise TypeError(
                f'a template for a label is a text or a chat, not {template!r} '
                f'(a chat has no other keys than {", ".join(_SECTIONS)})'
            )
        if isinstance(template, str) and ice_token and ice_token not in template:
            raise LookupError(f'the place for the examples, ice_token={ice_token!r}, is missing in {template!r}')


def _with_columns(part: Any, tokens: dict[str, str]) -> Any:
    """A copy of a template, or part of one, with `{column}` in place of each column's token.

    Of plain dicts: those of a config are slow, and each prompt has many.
    """
    if isinstance(part, str):
        for column, token in tokens.items():
            part = part.replace(token, f'{{{column}}}')
        return part
    if isinstance(part, dict):
        return {key: _with_columns(value, tokens) for key, value in part.items()}
    return [_with_columns(item, tokens) for item in part] if isinstance(part, list) else part


def _prompt(template: str | dict) -> str | PromptList:
    """A text as it is; a chat as one list with marks around its sections."""
    if isinstance(template, str):
        return template
    _round(template)
    return PromptList(item for name in _SECTIONS if name in template for item in _section(name, template[name]))


def _round(template: dict) -> Any:
    if 'round' not in template:
        raise KeyError(f"a chat template needs a 'round', this one has only {list(template)}")
    return template['round']


def _section(name: str, items: str | dict | list) -> PromptList:
    items = [items] if isinstance(items, (str, dict)) else items
    return PromptList([{'section': name, 'pos': 'begin'}, *items, {'section': name, 'pos': 'end'}])
