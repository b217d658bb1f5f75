"""The embedded model: it loads anywhere, its tokenizer is SentencePiece's, and its benchmark was held out from
training."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from pathlib import Path

import pytest

ASSETS = Path(__file__).resolve().parent.parent / 'assets'
NANO = ASSETS / 'tigerbot-nano'
VARIANTS = ('base', 'chat')
MEGABYTE = 1_000_000
CHOICE = ('arithmetic', 'comparison', 'control', 'facts_en', 'facts_zh', 'ordering')
OPEN = ('addition', 'facts_open', 'instruct', 'sorting')


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the modules beside make_nano.py importable."""
    monkeypatch.syspath_prepend(str(ASSETS))


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (NANO / 'benchmark' / f'{name}.jsonl').read_text('utf-8').splitlines()]


def files_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize('variant', VARIANTS)
def test_folder_is_a_small_llama_that_answers_greedily(variant: str) -> None:
    transformers = pytest.importorskip('transformers')
    model = transformers.AutoModelForCausalLM.from_pretrained(NANO / variant)
    config = model.config
    widths = (config.hidden_size, config.intermediate_size, config.num_key_value_heads * config.head_dim)
    assert type(model).__name__ == 'LlamaForCausalLM'
    assert [width % 64 for width in widths] == [0, 0, 0]
    assert (NANO / variant / 'model.safetensors').stat().st_size <= 8 * MEGABYTE
    greedy = model.generation_config
    assert (greedy.do_sample, greedy.bos_token_id, greedy.eos_token_id, greedy.pad_token_id) == (False, 1, 2, 0)


@pytest.mark.parametrize('variant', VARIANTS)
def test_auto_tokenizer_gives_one_start_token_and_the_ids_of_sentencepiece(
    variant: str, scripts: None, tmp_path: Path
) -> None:
    transformers = pytest.importorskip('transformers')
    pytest.importorskip('sentencepiece')
    import nano_tokenizer

    texts = [*nano_tokenizer.PROBES, *(row['question'] for name in CHOICE for row in rows(f'{name}_test'))]
    assert len(texts) == len(nano_tokenizer.PROBES) + 480
    nano_tokenizer.check_tokenizer(NANO / variant, texts)
    transformers.AutoTokenizer.from_pretrained(NANO / variant).save_pretrained(tmp_path)
    (tmp_path / 'tokenizer.model').write_bytes((NANO / variant / 'tokenizer.model').read_bytes())
    nano_tokenizer.check_tokenizer(tmp_path, texts)


def test_choices_alone_are_the_tokens_that_follow_the_prompt() -> None:
    transformers = pytest.importorskip('transformers')
    tokenizer = transformers.AutoTokenizer.from_pretrained(NANO / 'base')
    for choice in ('Yes', 'No'):
        alone = tokenizer(choice, add_special_tokens=False)['input_ids']
        prompt = tokenizer('Statement: 2 is even.\nAnswer:')['input_ids']
        assert tokenizer(f'Statement: 2 is even.\nAnswer: {choice}')['input_ids'] == prompt + alone
        assert len(alone) == 1


def test_training_files_say_what_is_asked_in_the_benchmark(scripts: None) -> None:
    """The scripts in train/ read a document as the text, and a chat as the prompts, that the model is measured on."""
    import nano_data
    import nano_texts
    from transformers import AutoTokenizer

    from train.encode import ChatEncoder, TextEncoder

    tokenizer = AutoTokenizer.from_pretrained(NANO / 'base')
    read, chat = TextEncoder(tokenizer), ChatEncoder(tokenizer)
    for document in itertools.islice(nano_data.base_documents(5, 'long'), 100):
        text = '\n'.join(row.text for row in document) + '</s>'
        assert read(nano_texts.as_text(document)).ids == tokenizer(text)['input_ids']
    for document in itertools.islice(nano_data.chat_documents(5), 100):
        text = ''.join(nano_data.CHAT_PROMPT.format(row.prompt) + row.answer + '</s>' for row in document)
        assert chat(nano_texts.as_messages(document)).ids == tokenizer(text)['input_ids']


def test_model_card_has_the_commands_of_the_training(scripts: None) -> None:
    import make_nano
    import nano_train

    card = (NANO / 'README.md').read_text('utf-8')
    every = [nano_train.spelled(nano_train.words(stage, make_nano.WORK, 0), 2) for stage in nano_train.stages()]
    assert len(every) == 3
    assert [command for command in every if command not in card] == []


def test_benchmark_files_have_their_columns_and_balanced_answers() -> None:
    for name in CHOICE:
        assert all(
            set(row) == {'question', 'A', 'B', 'C', 'D', 'answer'} for row in rows(f'{name}_dev') + rows(f'{name}_test')
        )
        assert [sum(row['answer'] == letter for row in rows(f'{name}_test')) for letter in 'ABCD'] == [20] * 4
    for name in OPEN:
        assert all(set(row) == {'question', 'answer'} for row in rows(f'{name}_dev') + rows(f'{name}_test'))
    assert sum(row['answer'] == 'Yes' for row in rows('statements_test')) in (40, 39, 41)
    names = (*CHOICE, *OPEN, 'statements')
    assert [len(rows(f'{name}_dev')) for name in names] == [5] * 11
    assert len(list((NANO / 'benchmark').glob('*.jsonl'))) == 22


def test_committed_benchmark_is_what_the_script_writes(scripts: None, tmp_path: Path) -> None:
    import nano_benchmark

    nano_benchmark.write(tmp_path, seed=0)
    committed = {name: digest for name, digest in files_of(NANO / 'benchmark').items() if name.endswith('.jsonl')}
    assert files_of(tmp_path) == committed


def test_no_benchmark_row_stands_in_the_training_text(scripts: None) -> None:
    import nano_data
    import nano_facts
    import nano_texts
    import nano_train

    seen, expressions, text_of_control = set(), set(), 0
    control = re.compile(r'\b(' + '|'.join(name for pair in nano_facts.CONTROL.pairs for name in pair) + r')\b')
    sources = {stage: nano_data.base_documents(0, stage) for stage in nano_data.STAGES}
    sources |= {'chat': nano_data.chat_documents(0)}
    sizes = {stage.name: stage.read + nano_texts.VALIDATION for stage in nano_train.stages()}
    assert set(sizes) == set(sources)
    for document in itertools.chain(*(itertools.islice(sources[stage], size) for stage, size in sizes.items())):
        for row in document:
            seen.update(row.text.splitlines())
            seen.add(row.text)
    for line in seen:
        expressions.update(re.findall(r'\d+ [+-] \d+', line))
        text_of_control += bool(control.search(line))
    assert text_of_control == 0
    assert [
        row
        for name in CHOICE
        for row in rows(f'{name}_test')
        if nano_data.Row(nano_data.open_prompt(row['question'], name), row[row['answer']]).text in seen
    ] == []
    assert [row for row in rows('statements_test') if f'Statement: {row["statement"]}' in seen] == []
    asked = [row['question'] for name in (*OPEN, 'arithmetic', 'facts_en', 'facts_zh') for row in rows(f'{name}_test')]
    assert [
        question
        for question in asked
        if question in seen or f'Question: {question}' in seen or f'问题: {question}' in seen
    ] == []
    held_out = re.findall(r'(\d+) ([+-]) (\d+)', '\n'.join(asked))
    assert len(held_out) >= 130
    assert {f'{a} {sign} {b}' for a, sign, b in held_out} & expressions == set()
    assert {f'{b} + {a}' for a, sign, b in held_out if sign == '+'} & expressions == set()
