"""The model and the questions of the benchmarks, made from a seed: nothing is downloaded."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

#: Hidden size, feed-forward size, layers, heads, vocabulary. `15m` and `110m` are the shapes of stories15M and 110M.
SIZES = {
    'tiny': (64, 128, 2, 4, 2000),
    '15m': (288, 768, 6, 6, 32000),
    '110m': (768, 2048, 12, 12, 32000),
}
LONGEST = 2048
SPECIAL = ['<pad>', '<s>', '</s>', '<unk>']
FIXED = ['Question:', 'Answer:', 'Choices:', 'A', 'B', 'C', 'D', 'A.', 'B.', 'C.', 'D.']
SYLLABLES = [consonant + vowel for consonant in 'bdfgklmnprstvz' for vowel in 'aeiou']
LABELS = ('A', 'B', 'C', 'D')


class Question(NamedTuple):
    """A prompt, and the endings that are scored after it (none where an answer is generated)."""

    context: str
    endings: tuple[str, ...] = ()

    @property
    def texts(self) -> list[str]:
        return [self.context + ending for ending in self.endings]


class Prose:
    """Random words that are one token each."""

    def __init__(self, vocabulary: list[str], seed: int) -> None:
        self.vocabulary, self.random = vocabulary, random.Random(seed)

    def words(self, count: int) -> str:
        return ' '.join(self.random.choices(self.vocabulary, k=count))

    def about(self, count: int) -> str:
        """About so many words: a quarter more or fewer."""
        return self.words(self.random.randint(count * 3 // 4, count * 5 // 4))


def vocabulary(size: int) -> list[str]:
    """Words of three syllables, as many as a model of this size has room for."""
    words = (''.join(one) for one in itertools.product(SYLLABLES, repeat=3))
    return list(itertools.islice(words, size - len(SPECIAL) - len(FIXED)))


def scoring_tasks(size: str, questions: int) -> Iterator[tuple[str, list[Question]]]:
    """(name, questions) of each task whose endings are scored."""
    words = vocabulary(SIZES[size][-1])
    yield 'MMLU-like, 5-shot', multiple_choice(Prose(words, 1), questions, shots=5)
    yield 'HellaSwag-like, 0-shot', cloze(Prose(words, 2), questions)
    yield 'MMLU-like, 0-shot', multiple_choice(Prose(words, 3), questions, shots=0)


def generation_tasks(size: str, questions: int) -> Iterator[tuple[str, list[Question]]]:
    """(name, questions) of each task whose answers are generated."""
    words = vocabulary(SIZES[size][-1])
    yield 'GSM8K-like, 8-shot', open_questions(Prose(words, 4), questions, shots=8)
    yield 'GSM8K-like, 0-shot', open_questions(Prose(words, 5), questions, shots=0)


def multiple_choice(prose: Prose, questions: int, shots: int) -> list[Question]:
    """Two subjects, with examples of their own of about 265 tokens each; a question adds about 60."""

    def asked(stem: int, choice: int) -> str:
        choices = '\n'.join(f'{label}. {prose.about(choice)}' for label in LABELS)
        return f'Question: {prose.about(stem)}\n{choices}\nAnswer:'

    found = []
    for subject in range(2):
        examples = ''.join(f'{asked(140, 30)} {prose.random.choice(LABELS)}\n\n' for _ in range(shots))
        beginning = f'{prose.words(12)}\n\n{examples}'
        share = (questions + 1 - subject) // 2
        found += [Question(beginning + asked(26, 7), tuple(f' {label}' for label in LABELS)) for _ in range(share)]
    return found


def cloze(prose: Prose, questions: int) -> list[Question]:
    """A beginning of about 40 tokens and four ways of about 30 tokens to go on."""
    return [Question(prose.about(40), tuple(f' {prose.about(30)}' for _ in LABELS)) for _ in range(questions)]


def open_questions(prose: Prose, questions: int, shots: int) -> list[Question]:
    """Worked examples of about 150 tokens each, the same for all, and a question of about 60."""
    examples = ''.join(f'Question: {prose.about(60)}\nAnswer: {prose.about(90)}\n\n' for _ in range(shots))
    return [Question(f'{examples}Question: {prose.about(60)}\nAnswer:') for _ in range(questions)]


def checkpoint(size: str, folder: Path) -> Path:
    """The folder with a random Llama of this size and its tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    hidden, inner, layers, heads, entries = SIZES[size]
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=entries,
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=LONGEST,
        initializer_range=0.1,
        pad_token_id=SPECIAL.index('<pad>'),
        bos_token_id=SPECIAL.index('<s>'),
        eos_token_id=SPECIAL.index('</s>'),
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        # So answers end after 3, 30 or 100 tokens, as those of a trained model do, and hold words only.
        model.lm_head.weight[SPECIAL.index('</s>')] *= 2
        model.lm_head.weight[[SPECIAL.index(one) for one in ('<pad>', '<s>', '<unk>')]] = 0
    model.save_pretrained(folder)
    save_tokenizer([*SPECIAL, *FIXED, *vocabulary(entries)], folder)
    return folder


def save_tokenizer(tokens: list[str], folder: Path) -> None:
    """A tokenizer of whole words that every release of transformers loads."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.WordLevel({token: place for place, token in enumerate(tokens)}, unk_token='<unk>'))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    backend.post_processor = processors.TemplateProcessing(
        single='<s> $A', pair='<s> $A $B', special_tokens=[('<s>', SPECIAL.index('<s>'))]
    )
    names = dict(zip(('pad_token', 'bos_token', 'eos_token', 'unk_token'), SPECIAL, strict=True))
    PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=LONGEST, **names).save_pretrained(folder)
    settings = folder / 'tokenizer_config.json'
    known = json.loads(settings.read_text()) | {'tokenizer_class': 'PreTrainedTokenizerFast'}
    settings.write_text(json.dumps(known, indent=2))
