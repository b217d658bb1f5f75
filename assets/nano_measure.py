"""Accuracy of tigerbot-nano on its benchmark, scored as the evaluation package scores it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import nano_benchmark
from nano_data import CHAT_PROMPT, LETTERS

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BATCH = 16
NEW_TOKENS = 12


class Subject(NamedTuple):
    """How a subject is measured, and the share right by luck."""

    name: str
    method: str
    chance: float


SUBJECTS = (
    *(Subject(name, 'ppl', 0.25) for name in nano_benchmark.CHOICE),
    Subject(nano_benchmark.CLAIMS, 'clp', 0.5),
    *(Subject(name, 'gen', 0.0) for name in nano_benchmark.OPEN),
    *(Subject(name, 'chat', 0.0) for name in nano_benchmark.OPEN),
)


class Scorer:
    """A model with its tokenizer; texts are padded on the right, so that no score depends on its neighbours."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model, self.tokenizer = model, tokenizer

    def logits(self, texts: list[str]) -> tuple[torch.Tensor, list[list[int]]]:
        """Logits of a batch, and the ids without padding."""
        import torch

        ids = self.tokenizer(texts)['input_ids']
        width = max(map(len, ids))
        padded = torch.tensor([row + [0] * (width - len(row)) for row in ids])
        with torch.inference_mode():
            return self.model(input_ids=padded, use_cache=False).logits.float(), ids

    def mean_nll(self, texts: list[str]) -> list[float]:
        """Sum of the losses of a text divided by the number of its tokens."""
        logits, ids = self.logits(texts)
        scores = logits.log_softmax(-1)
        return [
            -sum(scores[n, place, token].item() for place, token in enumerate(row[1:])) / len(row)
            for n, row in enumerate(ids)
        ]

    def next_of(self, text: str, choices: tuple[str, ...]) -> str:
        """The likeliest of some one-token choices after a text."""
        logits, ids = self.logits([text])
        tokens = [self.tokenizer(choice, add_special_tokens=False)['input_ids'][0] for choice in choices]
        return choices[int(logits[0, len(ids[0]) - 1, tokens].argmax())]

    def generate(self, texts: list[str]) -> list[str]:
        """Greedy answers, up to the first newline."""
        import torch

        answers = []
        for start in range(0, len(texts), BATCH):
            inputs = self.tokenizer(texts[start : start + BATCH], return_tensors='pt', padding=True)
            inputs.pop('token_type_ids', None)
            with torch.inference_mode():
                out = self.model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False)
            new = out[:, inputs['input_ids'].shape[1] :]
            answers += self.tokenizer.batch_decode(new, skip_special_tokens=True)
        return [answer.strip().split('\n')[0] for answer in answers]


def answers(scorer: Scorer, subject: Subject, dev: list[dict], test: list[dict]) -> list[str]:
    """What the model answers to each test row."""
    if subject.method == 'chat':
        return scorer.generate([CHAT_PROMPT.format(row['question']) for row in test])
    prompts = [nano_benchmark.few_shot(dev, row, subject.name) for row in test]
    if subject.method == 'gen':
        return scorer.generate(prompts)
    if subject.method == 'clp':
        return [scorer.next_of(prompt, ('Yes', 'No')) for prompt in prompts]
    nll = [
        scorer.mean_nll([f'{prompt} {row[letter]}' for letter in LETTERS])
        for prompt, row in zip(prompts, test, strict=True)
    ]
    return [LETTERS[values.index(min(values))] for values in nll]


def accuracy(scorer: Scorer, subject: Subject, folder: Path, rows: int | None = None) -> float:
    """Share of right answers on (the first rows of) a subject's test file."""
    dev = nano_benchmark.read(folder, f'{subject.name}_dev')
    test = nano_benchmark.read(folder, f'{subject.name}_test')[:rows]
    found = answers(scorer, subject, dev, test)
    return sum(answer == row['answer'] for answer, row in zip(found, test, strict=True)) / len(test)


def measure(folder: Path, benchmark: Path) -> dict[str, float]:
    """Accuracy of a saved model by 'subject method'."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype='float32').eval()
    scorer = Scorer(model, AutoTokenizer.from_pretrained(folder))
    return {f'{subject.name} {subject.method}': accuracy(scorer, subject, benchmark) for subject in SUBJECTS}
