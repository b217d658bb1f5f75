"""Data before training: read, checked, tokenized once; and flags of today and of old."""

from __future__ import annotations

import json
from pathlib import Path

import datasets
import pytest
from training import NANO, sft, sums, write
from transformers import AutoTokenizer

import train.corpus
from train.encode import ChatEncoder, fingerprint
from train.flags import SFTConfig, modern, parse
from utils.modeling_hack import load_tokenizer


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache of `datasets` but the test's."""
    monkeypatch.setattr(datasets.config, 'HF_DATASETS_CACHE', tmp_path_factory.mktemp('cache'))


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return write(tmp_path / 'sft.jsonl', sums(40))


def test_bad_records_are_named_before_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = sums(8)
    data = write(
        tmp_path / 'bad.jsonl', [*good[:4], '{"instruction": "a"', *good[4:], {'instruction': 'b', 'output': ''}]
    )
    sft(tmp_path / 'out', data, validate_file_path=None, max_steps=1)
    out, err = capsys.readouterr()
    assert err.replace(str(data), 'F').count('records of the training data') == 1
    assert (
        '2 of 10 records of the training data are left out:\n  1 x broken JSON: F line 5\n'
        '  1 x an answer is empty: F line 10\n'
    ) in err.replace(str(data), 'F')
    assert '6 examples to train on, 2 for validation; ' in out


def test_tokenized_data_are_kept_for_the_next_start(
    tmp_path: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    real = ChatEncoder.__call__
    monkeypatch.setattr(ChatEncoder, '__call__', lambda self, record: calls.append(record) or real(self, record))
    asked, _ = parse(SFTConfig, ['--model_name_or_path', 'm', '--train_file_path', str(questions), '--output_dir', 'o'])
    encoder = ChatEncoder(load_tokenizer(str(NANO)))
    first = train.corpus.corpus(asked, encoder, is_evaluated=False)
    assert len(calls) == 40
    again = train.corpus.corpus(asked, ChatEncoder(load_tokenizer(str(NANO))), is_evaluated=False)
    assert (len(calls), again.train[:]) == (40, first.train[:])
    train.corpus.corpus(asked, ChatEncoder(load_tokenizer(str(NANO)), max_length=32), is_evaluated=False)
    assert len(calls) == 80
    write(questions, sums(41))
    train.corpus.corpus(asked, encoder, is_evaluated=False)
    assert len(calls) == 121


def test_the_name_of_cached_data_is_the_same_in_every_process() -> None:
    """And after the tokenizer was used, which changes its inner state."""
    tokenizer = AutoTokenizer.from_pretrained(NANO)
    before = fingerprint(ChatEncoder(tokenizer), 'key')
    tokenizer('a b', padding='max_length', truncation=True, max_length=5)
    assert fingerprint(ChatEncoder(AutoTokenizer.from_pretrained(NANO)), 'key') == before
    assert fingerprint(ChatEncoder(tokenizer, 'plain'), 'key') != before


def test_many_processes_tokenize_as_one(tmp_path: Path) -> None:
    data = write(tmp_path / 'many.jsonl', sums(2500))
    words = [
        '--model_name_or_path',
        'm',
        '--train_file_path',
        str(data),
        '--output_dir',
        'o',
        '--preprocess_num_workers',
    ]
    encoder = ChatEncoder(load_tokenizer(str(NANO)))
    both = train.corpus.corpus(parse(SFTConfig, [*words, '2'])[0], encoder, is_evaluated=False)
    assert len(both.train) == 2000 and len(both.validation) == 500
    expected = [encoder(one).ids for one in sums(2500)]
    assert list(both.train['input_ids']) + list(both.validation['input_ids']) == expected


def test_recorded_command_lines_run() -> None:
    """The README's spelling of flags, some of which are no more."""
    words = (
        '--evaluation_strategy steps --eval_steps=10 --tf32 True --overwrite_output_dir --no_cuda '
        '--group_by_length True --save_safetensors False --warmup_ratio 0.03 --report_to none --bf16 True'
    )
    found = ' '.join(modern(words.split()))
    assert found == (
        '--eval_strategy steps --eval_steps 10 --overwrite_output_dir --use_cpu '
        '--train_sampling_strategy group_by_length --warmup_steps 0.03 --report_to none --bf16 True'
    )


def test_folders_of_files_and_lists_are_read(tmp_path: Path) -> None:
    folder = tmp_path / 'set'
    folder.mkdir()
    (folder / 'train-1.json').write_text(json.dumps(sums(3), indent=1))
    write(folder / 'train-2.jsonl', sums(2))
    write(folder / 'dev.json', sums(2, seed=5))
    words = ['--model_name_or_path', 'm', '--dataset_name', str(folder), '--output_dir', 'o']
    found = train.corpus.corpus(parse(SFTConfig, words)[0], ChatEncoder(load_tokenizer(str(NANO))), is_evaluated=True)
    assert (len(found.train), len(found.validation)) == (5, 2)


def test_data_sets_that_only_datasets_reads_are_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Parquet here; a record's place is its row."""
    said = [{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': 'Hello'}]
    folder = tmp_path / 'set'
    datasets.Dataset.from_list([{'messages': said}] * 4 + [{'messages': said[:1]}]).to_parquet(folder / 'train.parquet')
    datasets.Dataset.from_list([{'messages': said}] * 2).to_parquet(folder / 'validation.parquet')
    words = ['--model_name_or_path', 'm', '--dataset_name', str(folder), '--output_dir', 'o']
    encoder = ChatEncoder(load_tokenizer(str(NANO)))
    found = train.corpus.corpus(parse(SFTConfig, words)[0], encoder, is_evaluated=True)
    assert (len(found.train), len(found.validation)) == (4, 2)
    assert found.train[0]['input_ids'] == encoder({'messages': said}).ids
    assert '  1 x a conversation without an answer: training data line 5\n' in capsys.readouterr().err
