"""Token ids of texts, where a special token in a text stays text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

#: Stands inside the spelling of a special token that a user wrote, while a chat template is filled in.
BREAK = '\ue000'


class Spelling:
    """The tokenizer in its finer points: text that stays text, text after other text, the BOS token."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, probe: str) -> None:
        """`probe` is a text as it may follow a special token."""
        self.tokenizer = tokenizer
        added = getattr(tokenizer, 'added_tokens_decoder', {})
        names = {str(token): number for number, token in added.items() if token.special}
        names |= dict(zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True))
        self.special_ids = set(names.values())
        self._ids_of = names
        longest_first = sorted(names, key=len, reverse=True)
        self.special = re.compile('|'.join(map(re.escape, longest_first)) or r'(?!)')
        self._backend = self._copied()
        #: Whether the tokenizer puts the BOS token in front of a plain text.
        self._starts = tokenizer.bos_token_id is not None and tokenizer('a')['input_ids'][0] == tokenizer.bos_token_id
        self._blank = self._only_at_start(probe)

    def _copied(self) -> Any:
        """The tokenizer's core with special tokens off. A copy: the switch would hold for other threads' calls too."""
        backend = getattr(self.tokenizer, 'backend_tokenizer', None)
        if backend is None:
            return None
        copy = type(backend).from_str(backend.to_str())
        copy.encode_special_tokens = True
        copy.no_truncation()
        copy.no_padding()
        return copy

    def _only_at_start(self, probe: str) -> list[int]:
        """The tokens that a text gets in front at the start of a sequence but not after a special token.

        It is SentencePiece's blank. Llama tokenizers with `legacy` put it after special tokens too, others do not.
        """
        end = self.tokenizer.eos_token
        if end is None:
            return []
        alone = self._encoded(probe)
        after = list(self.tokenizer(f'{end}{probe}', add_special_tokens=False)['input_ids'])[1:]
        extra = max(len(alone) - len(after), 0)
        return alone[:extra] if alone[extra:] == after else []

    def _encoded(self, text: str) -> list[int]:
        if self._backend is not None:
            return list(self._backend.encode(text, add_special_tokens=False).ids)
        return list(self.tokenizer(text, add_special_tokens=False, split_special_tokens=True)['input_ids'])

    def broken(self, text: str) -> str:
        """The text with a BREAK inside of what spells a special token."""
        return self.special.sub(lambda found: f'{found[0][0]}{BREAK}{found[0][1:]}', text)

    def plain(self, text: str, is_inside: bool = False) -> list[int]:
        """Ids of a text; `is_inside` where a special token stands before it."""
        found, blank = self._encoded(text), self._blank
        return found[len(blank) :] if is_inside and found[: len(blank)] == blank else found

    def continued(self, before: str, text: str) -> list[int]:
        """Ids of a text that follows another in the same piece.

        Those that a model reads after `before`: where the two would merge into one token, the border stays.
        """
        start, whole = self._encoded(before), self._encoded(before + text)
        return whole[len(start) :] if whole[: len(start)] == start else self._encoded(text)

    def mixed(self, text: str) -> list[int]:
        """Ids of a text in which special tokens are tokens, but for those with BREAK inside."""
        found: list[int] = []
        at = 0
        for match in [*self.special.finditer(text), None]:
            piece = text[at : match.start() if match else len(text)].replace(BREAK, '')
            if piece:
                found += self.plain(piece, is_inside=bool(found))
            if match:
                found.append(self._ids_of[match[0]])
                at = match.end()
        return found

    def started(self, ids: list[int]) -> list[int]:
        """The sequence with its one BOS token, where there is to be one."""
        bos = self.tokenizer.bos_token_id
        return [bos, *ids] if self._starts and ids[:1] != [bos] else ids
