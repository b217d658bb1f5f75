"""The tokenizer of a `tokenizer.model` as its makers use it: SentencePiece itself, no conversion."""

from __future__ import annotations

from pathlib import Path

from ..utils.optional import optional
from ..utils.paths import find_local

FILE = 'tokenizer.model'


class SentencePieceTokenizer:
    """Token ids of texts, a start token before each. Of a text that is too long the end is kept.

    The text `<s>` inside a prompt is text, not the start token.
    """

    def __init__(self, file: str) -> None:
        library = optional('sentencepiece', 'sentencepiece', 'Llama2')
        try:
            self.model = library.SentencePieceProcessor(model_file=file)
        except (RuntimeError, OSError) as error:
            raise ValueError(
                f'{file} is no SentencePiece model ({error}); put the {FILE} there that came with the weights. That of '
                'Llama 3 is of another kind: convert the checkpoint and use HuggingFaceCausalLM'
            ) from error
        self.bos_token_id, self.eos_token_id = self.model.bos_id(), self.model.eos_id()
        self.pad_token_id = max(self.model.pad_id(), 0)  # never seen: fill is masked

    def __len__(self) -> int:
        return self.model.get_piece_size()

    def __call__(self, texts: list[str], truncation: bool = False, max_length: int = 0) -> dict[str, list[list[int]]]:
        found = [self.encode(text, True, False) for text in texts]
        return {'input_ids': [_end(ids, max_length) for ids in found] if truncation else found}

    def encode(self, text: str, bos: bool, eos: bool) -> list[int]:
        """Token ids, with or without the start and the end token."""
        start, end = [self.bos_token_id] if bos else [], [self.eos_token_id] if eos else []
        return [*start, *self.model.encode(text), *end]

    def decode(self, ids: list[int], skip_special_tokens: bool = True) -> str:
        """The text; special tokens have none, whatever is asked for."""
        return self.model.decode(ids)

    def convert_ids_to_tokens(self, ids: list[int], skip_special_tokens: bool = False) -> list[str]:
        kept = [one for one in ids if not (skip_special_tokens and self.model.is_control(one))]
        return [self.model.id_to_piece(one) for one in kept]

    def convert_tokens_to_ids(self, token: str) -> int:
        return self.model.piece_to_id(token)


def file_at(path: str) -> Path:
    """The file that a config's `tokenizer_path` names, or the one in the folder that it names."""
    found = find_local(path)
    if found is not None and found.is_dir():
        found = found / FILE
    if found is None or not found.is_file():
        raise FileNotFoundError(
            f'tokenizer_path {path}: there is no such file (looked from {Path.cwd()}); put the {FILE} there that came '
            'with the weights'
        )
    return found


def file_beside(folder: Path) -> Path:
    """The `tokenizer.model` in a checkpoint's folder or in the one above, where Meta's download puts it."""
    found = [one / FILE for one in (folder, folder.parent) if (one / FILE).is_file()]
    if not found:
        raise FileNotFoundError(
            f'no {FILE} in {folder} or in the folder above; put the one there that came with the weights, or name it '
            'in tokenizer_path'
        )
    return found[0]


def _end(ids: list[int], length: int) -> list[int]:
    """At most so many tokens: the first and the last ones."""
    return ids if len(ids) <= length else [*ids[:1], *ids[len(ids) - length + 1 :]][:length]
