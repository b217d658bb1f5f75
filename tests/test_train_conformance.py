"""Recorded examples of the original training scripts, but for the defects named beside them."""

from __future__ import annotations

import dataclasses
import json
import shutil
import typing
from pathlib import Path

import pytest
import torch
from training import ROOT, clm, sft, write
from transformers import PreTrainedTokenizerFast

from train.collate import Collator
from train.corpus import TRAIN_SHARE, attempt
from train.encode import ChatEncoder, Example, TextEncoder
from train.flags import PretrainConfig, SFTConfig
from train.metrics import tally
from utils.modeling_hack import load_tokenizer

CONFORMANCE = ROOT.parent / 'shared' / 'conformance'
NEWLINE = 13
TINY = CONFORMANCE / 'models' / 'tiny-llama'
pytestmark = pytest.mark.skipif(not CONFORMANCE.exists(), reason='needs ../shared/conformance')


def cases(kind: str) -> list[dict]:
    found = json.loads((CONFORMANCE / 'toolkit.json').read_text('utf-8'))['cases']
    return [one for one in found if one['kind'] == kind]


@pytest.fixture(scope='module')
def tokenizers(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, PreTrainedTokenizerFast]:
    """The recorded tokenizer with and without a start token."""
    found = {}
    for has_bos in (True, False):
        place = tmp_path_factory.mktemp('tiny') / 'llama'
        shutil.copytree(TINY, place)
        settings = place / 'tokenizer_config.json'
        settings.write_text(json.dumps(json.loads(settings.read_text()) | {'add_bos_token': has_bos}))
        found[has_bos] = load_tokenizer(str(place))
    return found


def test_documents(tokenizers: dict[bool, PreTrainedTokenizerFast]) -> None:
    """But for a start token spelled in a text after the tokenizer's own; texts of blanks are refused."""
    replayed = refused = 0
    for case in cases('clm_example'):
        encoder = TextEncoder(tokenizers['add_bos_token false' not in case['tokenizer']])
        if 'records' in case or not case['text'].strip():
            records = case.get('records', [{'content': case.get('text')}])
            assert all(attempt(one, encoder)[1] for one in records), case['id']
            refused += 1
            continue
        expected = case['expected']['input_ids']
        expected = expected[1:] if expected[:2] == [1, 1] else expected
        expected = expected[:-1] if expected[-2:] == [2, 2] else expected  # add_eos_token gave two
        found = encoder({'content': case['text']}).ids
        # The end beyond max_length was lost; here it goes into the next row.
        assert found[: len(expected)] == expected, case['id']
        assert len(found) == len(expected) or len(expected) == case['max_length'], case['id']
        replayed += 1
    assert (replayed, refused) == (20, 4)


def test_conversations_in_the_plain_format(tokenizers: dict[bool, PreTrainedTokenizerFast]) -> None:
    """But for a second start token before the answer, QLoRA's newline without input, and padding.

    Not compared: texts that spell `<s>`, which are letters here, and a tokenizer that ends every piece of text.
    """
    counts = {'equal': 0, 'refused': 0, 'left out': 0}
    for case in cases('sft_example'):
        encoder = ChatEncoder(tokenizers['add_bos_token false' not in case['tokenizer']], 'plain', case['max_length'])
        records = case['records'] if 'records' in case else [case['record']]
        example, fault = attempt(records[0], encoder)
        if fault:
            counts['refused'] += 1
        elif 'raises' in case or '<s>' in str(records) or 'add_eos' in case['tokenizer']:
            counts['left out'] += 1
        else:
            expected = case['expected']['train'][0] if 'train' in case['expected'] else case['expected']
            assert _is_equal(example, expected, case), case['id']
            counts['equal'] += 1
    assert counts == {'equal': 76, 'refused': 16, 'left out': 5}


def _is_equal(example: Example, expected: dict, case: dict) -> bool:
    """Whether an example begins as the recorded one, corrected; a corrected one that was cut has room for more."""
    size = expected['attention_mask']['ones'] if isinstance(expected['attention_mask'], dict) else None
    pairs = list(zip(expected['input_ids'], expected['labels'], strict=True))[:size]
    asked = next((place for place, (_, label) in enumerate(pairs) if label != -100), len(pairs))
    if 'add_bos_token false' not in case['tokenizer'] and pairs[asked : asked + 1] == [(1, 1)]:
        del pairs[asked]
    records = case['records'] if 'records' in case else [case['record']]
    if 'qlora' in case['script'] and not records[0].get('input') and pairs[asked - 1][0] == NEWLINE:
        del pairs[asked - 1]
    found = [(one, one if is_learned else -100) for one, is_learned in zip(example.ids, example.learned, strict=True)]
    return found[: len(pairs)] == pairs and (len(found) == len(pairs) or len(found) == case['max_length'])


def test_splits() -> None:
    found = [one for one in cases('split') if 'expected' in one]
    for case in found:
        size = round(TRAIN_SHARE * case['records'])
        assert {'train': size, 'validation': case['records'] - size} == case['expected']
    assert len(found) == 33  # of 1 and 2 records, 6 times, the original raised


def test_right_tokens_are_counted_among_learned_ones() -> None:
    """The original counted masked positions as wrong, and padding as right."""
    corrected = {'metrics-masked': 1.0}
    found = [one for one in cases('metrics') if 'predictions' in one]
    for case in found:
        right, count = tally(torch.tensor(case['predictions']), torch.tensor(case['labels']))
        expected = corrected.get(case['id'], case['expected']['accuracy'])
        assert right.item() / max(count.item(), 1) == expected, case['id']
    assert len(found) == 8


def test_batches() -> None:
    """A label before which nothing stands is never asked for, so it is left out here."""
    found = [one for one in cases('collate') if 'expected' in one]
    for case in found:
        batch = {name: values.tolist() for name, values in Collator(0, 'padded')(case['features']).items()}
        del batch['real_tokens']
        for row in case['expected']['labels']:
            row[0] = -100
        assert batch == case['expected'], case['id']
    assert len(found) == 3


@pytest.mark.parametrize('kind', [SFTConfig, PretrainConfig])
def test_flags(kind: type) -> None:
    [case] = [one for one in cases('fields') if one['dataclass'] == kind.__name__]
    types = typing.get_type_hints(kind)
    found = [
        {
            'name': one.name,
            'type': typing.get_args(types[one.name])[0].__name__ if one.default is None else types[one.name].__name__,
            'default': 'required' if one.default is dataclasses.MISSING else one.default,
        }
        for one in dataclasses.fields(kind)
    ]
    assert found[: len(case['expected'])] == case['expected']


def test_command_lines(tmp_path: Path) -> None:
    """A folder of files is read here, as the help says."""
    (tmp_path / 'dir').mkdir()
    write(tmp_path / 'dir' / 'data.jsonl', [{'instruction': 'a', 'output': 'b', 'content': 'a b c'}] * 3)
    shutil.copy(tmp_path / 'dir' / 'data.jsonl', tmp_path / 't.jsonl')
    found = [one for one in cases('train_args') if 'qlora' not in one['script']]
    for case in found:
        words = [word.replace('$TMP', str(tmp_path)) for word in case['argv']]
        words = [str(TINY) if word == 'models/tiny-llama' else word for word in words]
        run = sft if 'sft' in case['script'] else clm
        if 'raises' not in case or 'questionable' in case:
            run(words=[*words, '--max_steps', '1', '--report_to', 'none'])
            continue
        with pytest.raises(SystemExit) as ended:
            run(words=words)
        message = case['message'].replace('$TMP', str(tmp_path))
        assert str(ended.value) == (message if message == '2' else f'error: {message}')
    assert len(found) == 12
