"""Long texts: what a model finds in them beyond the length that it was trained on, with rotary embeddings stretched."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from utils.modeling_hack import get_model, load_tokenizer, scaled

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano' / 'base'
TRAINED = 64
#: Tokens of the needle test: hay, then needles (one of 8 names with one of 8 values), then the names as questions, then
#: the values as answers.
HAY, NAMES = 32, 8
NEEDLES, QUESTIONS = HAY, HAY + NAMES * NAMES
ANSWERS = QUESTIONS + NAMES


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def haystacks(length: int, count: int, asked: int, seed: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Texts with one needle of each name, all before the questions at the end; and the right answers to those."""
    texts = torch.randint(0, HAY, (count, length), generator=seed)
    values = torch.randint(0, NAMES, (count, NAMES), generator=seed)
    places = torch.rand(count, length - asked, generator=seed).argsort(1)[:, :NAMES]
    texts.scatter_(1, places, NEEDLES + torch.arange(NAMES) * NAMES + values)
    names = torch.randint(0, NAMES, (count, asked), generator=seed)
    texts[:, length - asked :] = QUESTIONS + names
    return texts, ANSWERS + values.gather(1, names)


def trained_to_find_needles() -> LlamaForCausalLM:
    """A tiny Llama that has learned to find a needle in haystacks of TRAINED tokens."""
    torch.manual_seed(0)
    seed = torch.Generator().manual_seed(0)
    model = LlamaForCausalLM(needle_config())
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.0)
    steps, asked = 500, 20
    for step in range(steps):
        optimizer.param_groups[0]['lr'] = 5e-3 * min(1, (step + 1) / 30, (steps - step) / (steps / 2))
        texts, answers = haystacks(TRAINED, 32, asked, seed)
        logits = model(texts).logits[:, -asked:]
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), answers.flatten()).backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def needle_config() -> LlamaConfig:
    sizes = {'hidden_size': 64, 'intermediate_size': 128, 'num_hidden_layers': 2, 'num_attention_heads': 4}
    return LlamaConfig(vocab_size=ANSWERS + NAMES, max_position_embeddings=TRAINED, **sizes)


def stretched(model: LlamaForCausalLM, config: Any, kind: str | None, factor: float) -> LlamaForCausalLM:
    """The same weights with a scaling of the rotary embeddings."""
    made = LlamaForCausalLM(config if kind is None else scaled(config, kind, factor))
    made.load_state_dict(model.state_dict())
    return made.eval()


def test_needle_is_found_in_haystacks_of_several_times_the_trained_length() -> None:
    model = trained_to_find_needles()

    def found(kind: str | None, times: int) -> float:
        texts, answers = haystacks(TRAINED * times, 100, 1, torch.Generator().manual_seed(1))
        with torch.inference_mode():
            logits = stretched(model, needle_config(), kind, times)(texts).logits[:, -1]
        return (logits.argmax(-1) == answers[:, 0]).float().mean().item()

    trained = found(None, 1)
    shares = {(kind, times): found(kind, times) for kind in (None, 'yarn', 'dynamic') for times in (4, 8)}
    print(trained, shares)
    assert trained > 0.7
    for times in (4, 8):
        assert shares[None, times] < trained - 0.2
        assert shares['yarn', times] > shares[None, times] + 0.25
        assert shares['dynamic', times] > shares[None, times] + 0.15


#: The embedded model has 1,024 positions but was trained on texts of at most so many tokens.
LONGEST_LESSON = 176


def test_embedded_model_answers_after_four_times_the_text_that_it_was_trained_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / 'assets'))
    for name in ('model.safetensors', 'tokenizer.json', 'tokenizer_config.json'):
        (tmp_path / name).symlink_to(NANO / name)
    config = json.loads((NANO / 'config.json').read_text('utf-8')) | {'max_position_embeddings': LONGEST_LESSON}
    (tmp_path / 'config.json').write_text(json.dumps(config))
    tokenizer = load_tokenizer(str(tmp_path))
    documents = [long_document(tokenizer, 4 * LONGEST_LESSON, seed) for seed in range(16)]
    found = {}
    for kind in (None, 'yarn'):
        model = get_model(str(tmp_path), kind, 4.2, dtype='float32').model
        rights, losses = zip(*(last_answers(model, *document) for document in documents), strict=True)
        found[kind] = sum(rights) / (5 * len(rights)), math.exp(sum(losses) / len(losses))
    print(found)
    assert found['yarn'][0] > found[None][0] + 0.1
    assert found['yarn'][1] < found[None][1] * 0.8


def long_document(tokenizer: Any, length: int, seed: int) -> tuple[list[int], list[range]]:
    """Token ids of questions with answers, as the embedded model learned them but more, and where the answers lie."""
    import nano_data

    rng = random.Random(seed)
    makers = (*nano_data.MULTIPLE_CHOICE.values(), *nano_data.INSTRUCT)
    ids, answers = tokenizer('Question:')['input_ids'][:1], []
    while len(ids) < length:
        row = nano_data.train_open(rng.choice(makers), rng)
        prompt = tokenizer(f'\n{row.prompt}', add_special_tokens=False)['input_ids'][1:]
        answer = tokenizer(row.answer, add_special_tokens=False)['input_ids']
        answers.append(range(len(ids) + len(prompt), len(ids) + len(prompt) + len(answer)))
        ids += prompt + answer
    return ids, answers


def last_answers(model: Any, ids: list[int], answers: list[range]) -> tuple[int, float]:
    """Of the last five answers: how many are right, and the mean loss of their tokens."""
    with torch.inference_mode():
        logits = model(torch.tensor([ids])).logits[0]
    right, losses = 0, []
    for places in answers[-5:]:
        scores, tokens = logits[places.start - 1 : places.stop - 1], torch.tensor(ids)[list(places)]
        right += bool((scores.argmax(-1) == tokens).all())
        losses.append(torch.nn.functional.cross_entropy(scores, tokens).item())
    return right, sum(losses) / len(losses)
