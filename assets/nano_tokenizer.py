"""The SentencePiece tokenizer of tigerbot-nano and its two forms in a model folder (tokenizer.model,
tokenizer.json)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sentencepiece

# Not LlamaTokenizer: transformers 5 rebuilds that class without the rule that a text with a leading space still gets
# the dummy space, and so departs from SentencePiece. The generic class takes tokenizer.json as it stands.
SETTINGS = {
    'tokenizer_class': 'PreTrainedTokenizerFast',
    'add_bos_token': True,
    'add_eos_token': False,
    'bos_token': '<s>',
    'eos_token': '</s>',
    'unk_token': '<unk>',
    'pad_token': '<unk>',
    'padding_side': 'left',
    'model_max_length': 1024,
    'clean_up_tokenization_spaces': False,
}
SPACES = {
    'type': 'Sequence',
    'normalizers': [
        {'type': 'Prepend', 'prepend': '▁'},
        {'type': 'Replace', 'pattern': {'String': ' '}, 'content': '▁'},
    ],
}
# Stands for a newline while pieces are learned, so that words after one are learned without a space before them. Pieces
# never span two scripts: a letter of a third script joins neither English nor Chinese. (A newline itself is a byte
# piece.)
NEWLINE = 'ж'
PROBES = (
    'What is 7 + 5?',
    ' leading space',
    '  two spaces  inside   and after ',
    '\n\n### Instruction:\nHi\n\n### Response:\n',
    '法国的首都是哪里?\n答案: 巴黎',
    'emoji 🐯 and 汉字 龘',
    '\ttab',
    '',
    'Answer:',
    'a\r\nb',
    'naïve café',
    '1234567890',
    '▁▁',
)


def train_pieces(texts: Iterable[str], pieces: int) -> bytes:
    """A SentencePiece BPE model with byte fallback and single digits, from texts of several lines."""
    import sentencepiece

    model = io.BytesIO()
    lines = (text.replace('\n', NEWLINE) for text in texts)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        model_type='bpe',
        vocab_size=pieces,
        byte_fallback=True,
        split_digits=True,
        character_coverage=1.0,
        normalization_rule_name='identity',
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        num_threads=1,
        max_sentencepiece_length=12,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def load_pieces(model: bytes) -> sentencepiece.SentencePieceProcessor:
    """The SentencePiece library's own tokenizer."""
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_proto=model)


def check_choices(pieces: sentencepiece.SentencePieceProcessor, choices: Iterable[str]) -> None:
    """ValueError unless each choice is one token, and the same one alone and after 'Answer:'."""
    for choice in choices:
        ids = pieces.encode(choice)
        if len(ids) != 1 or pieces.encode(f'Answer: {choice}')[-1] != ids[0]:
            raise ValueError(
                f'choice {choice!r} is {pieces.encode(choice, out_type=str)}, not one piece: train on more text'
            )


def save_tokenizer(model: bytes, folder: Path) -> None:
    """Write tokenizer.model, tokenizer.json and tokenizer_config.json; raises if a reload gives other ids than
    SentencePiece."""
    from transformers import AutoTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    converted, settings = folder / 'tokenizer.json', folder / 'tokenizer_config.json'
    converted.unlink(missing_ok=True)
    (folder / 'tokenizer.model').write_bytes(model)
    settings.write_text(json.dumps(SETTINGS | {'tokenizer_class': 'LlamaTokenizer'}))
    AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
    content = json.loads(converted.read_text(encoding='utf-8')) | {'normalizer': SPACES, 'pre_tokenizer': None}
    converted.write_text(json.dumps(content, ensure_ascii=False, indent=1) + '\n', encoding='utf-8')
    settings.write_text(json.dumps(SETTINGS, indent=2) + '\n')
    check_tokenizer(folder)


def check_tokenizer(folder: Path, texts: Iterable[str] = PROBES) -> None:
    """ValueError unless AutoTokenizer gives one start token and then exactly the ids of SentencePiece."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    pieces = load_pieces((folder / 'tokenizer.model').read_bytes())
    for text in texts:
        found, expected = tokenizer(text)['input_ids'], [pieces.bos_id(), *pieces.encode(text)]
        if found != expected:
            raise ValueError(f'{folder}: {text!r} becomes {found}, SentencePiece gives {expected}')
