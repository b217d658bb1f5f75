"""What is learned of a record, token by token, across tokenizers; and what is wrong with records that teach nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from train.encode import ChatEncoder, Example, TextEncoder, shown
from train.records import BadRecord, parsed, turns_of
from utils.modeling_hack import load_tokenizer

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano' / 'chat'
CONFORMANCE = ROOT.parent / 'shared' / 'conformance'
RECORD = {'instruction': 'Add', 'input': '2 3', 'output': '5'}
SEVERAL = {
    'conversations': [
        {'from': 'system', 'value': 'Be short.'},
        {'from': 'human', 'value': 'Hi'},
        {'from': 'gpt', 'value': 'Hello'},
        {'from': 'human', 'value': 'Bye'},
        {'from': 'gpt', 'value': 'See you'},
    ]
}


def tokenizer_named(name: str, folder: Path) -> PreTrainedTokenizerFast:
    """nano, one whose pad token is the end token, one with a chat template, GPT-2's kind without BOS."""
    if name == 'gpt2':
        if not CONFORMANCE.exists():
            pytest.skip('needs ../shared/conformance')
        return load_tokenizer(str(CONFORMANCE / 'models' / 'tiny-gpt2'))
    found = AutoTokenizer.from_pretrained(NANO)
    if name == 'sentencepiece':
        shutil.copy(NANO / 'tokenizer.model', folder)
        found = load_tokenizer(str(folder))
    if name == 'pad-is-end':
        found.pad_token = found.eos_token
    if name == 'template':
        found.chat_template = (
            '{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{{ eos_token }}\n{% endfor %}'
            '{% if add_generation_prompt %}<|assistant|>\n{% endif %}'
        )
    return found


@pytest.mark.parametrize('name', ['nano', 'sentencepiece', 'pad-is-end', 'template', 'gpt2'])
@pytest.mark.parametrize('record', [RECORD, SEVERAL])
def test_only_answers_and_their_ends_are_learned(name: str, record: dict, tmp_path: Path) -> None:
    tokenizer = tokenizer_named(name, tmp_path)
    style = 'template' if name == 'template' else 'tigerbot'
    example = ChatEncoder(tokenizer, style, 1024)(record)
    spelled = shown(tokenizer, example)
    bos = '<s>' if name != 'gpt2' else ''
    end = tokenizer.eos_token
    blank = ' ' if name in ('nano', 'pad-is-end', 'sentencepiece') else ''  # SentencePiece's, at the start
    if name == 'template' and record is RECORD:
        expected = f'<s> <|user|>\nAdd\n2 3{end}\n<|assistant|>\n⟦5{end}⟧\n'
    elif name == 'template':
        expected = (
            f'<s> <|system|>\nBe short.{end}\n<|user|>\nHi{end}\n<|assistant|>\n⟦Hello{end}⟧\n<|user|>\nBye{end}\n'
            f'<|assistant|>\n⟦See you{end}⟧\n'
        )
    elif record is RECORD:
        expected = f'{bos}{blank}\n\n### Instruction:\nAdd\n2 3\n\n### Response:\n⟦5{end}⟧'
    else:
        expected = (
            f'{bos}{blank}\n\n### Instruction:\nBe short.\nHi\n\n### Response:\n⟦Hello{end}⟧\n\n### Instruction:\nBye'
            f'\n\n### Response:\n⟦See you{end}⟧'
        )
    # Llama tokenizers with `legacy` put a blank after special tokens, in a chat as in training.
    assert spelled.replace('⟧ ', '⟧').replace(f'{end} ', end) == expected
    assert example.ids.count(tokenizer.bos_token_id) == (
        1 if name != 'gpt2' else example.ids.count(tokenizer.eos_token_id)
    )
    ends = [is_learned for one, is_learned in zip(*example[:2], strict=True) if one == tokenizer.eos_token_id]
    answers = 1 if record is RECORD else 2
    assert sum(ends) == answers


def test_a_mask_token_by_token() -> None:
    tokenizer = AutoTokenizer.from_pretrained(NANO)
    ids, learned, is_cut = ChatEncoder(tokenizer)(RECORD)
    prompt = tokenizer('\n\n### Instruction:\nAdd\n2 3\n\n### Response:\n')['input_ids']
    whole = tokenizer('\n\n### Instruction:\nAdd\n2 3\n\n### Response:\n5')['input_ids'] + [2]
    assert (ids, learned, is_cut) == (whole, [False] * len(prompt) + [True] * (len(whole) - len(prompt)), False)


def test_records_of_all_conventions_teach_the_same() -> None:
    spelled = [
        RECORD,
        {'instruction': 'Add\n2 3', 'input': None, 'output': '5'},
        {'messages': [{'role': 'user', 'content': 'Add\n2 3'}, {'role': 'assistant', 'content': '5'}]},
        {
            'messages': [
                {'role': 'user', 'content': [{'type': 'text', 'text': 'Add\n2 3'}]},
                {'role': 'assistant', 'content': '5'},
            ]
        },
        {'conversations': [{'from': 'human', 'value': 'Add\n2 3'}, {'from': 'gpt', 'value': '5'}], 'instruction': None},
        {
            'conversations': [
                *(
                    {'from': who, 'value': text}
                    for who, text in (('user', 'Add\n2 3'), ('assistant', '5'), ('user', 'Go on'))
                )
            ]
        },
        {'instruction': '\n\n### Instruction:\nAdd\n2 3', 'input': None, 'output': '\n\n### Response:\n5'},
        {'instruction': '\n\n### Instruction:\nAdd\n2 3', 'output': '\n\n### Response:\n\n\n### Response:\n5'},
    ]
    assert [turns_of(one) for one in spelled] == [turns_of(RECORD)] * len(spelled)


def test_turns_that_are_spelled_with_markers_become_turns() -> None:
    record = {
        'instruction': '\n\n### Instruction:\nHi\n\n### Response:\nHello\n\n### Instruction:\nBye',
        'output': '\n\n### Response:\nSee you',
    }
    assert [tuple(one) for one in turns_of(record)] == [
        ('user', 'Hi'), ('assistant', 'Hello'), ('user', 'Bye'), ('assistant', 'See you'),
    ]  # fmt: skip
    assert len(turns_of(record, marked=False)) == 2


@pytest.mark.parametrize(
    ('line', 'fault'),
    [
        ('{"instruction": "a", "output": "b"', 'broken JSON'),
        ('["a"]', 'a record is an object in braces, not a list'),
        ('{"instruction": "a"}', "no key 'output', nor messages or conversations"),
        ('{"text": "a"}', "no key 'instruction', nor messages or conversations"),
        ('{"instruction": null, "output": "b"}', "'instruction' is no text"),
        ('{"instruction": "a", "input": ["b"], "output": "c"}', "'input' is no text"),
        ('{"instruction": "a", "output": " "}', 'an answer is empty'),
        ('{"messages": []}', 'a conversation without an answer'),
        ('{"messages": [{"role": "tool", "content": "a"}]}', "a message of 'tool'; expected human, user, gpt,"),
        ('{"messages": [{"role": "user", "content": 3}]}', "a message without a text under 'content'"),
        ('{"conversations": "a"}', 'a conversation is a list of objects'),
        ('{"messages": [{"role": "assistant", "content": "a"}]}', 'questions and answers do not take turns'),
        ('{"instruction": "' + 'long ' * 60 + '", "output": "a"}', 'the question alone takes 32 tokens or more'),
    ],
)  # fmt: skip
def test_a_bad_record_says_what_is_wrong(line: str, fault: str) -> None:
    encoder = ChatEncoder(AutoTokenizer.from_pretrained(NANO), max_length=32)
    with pytest.raises(BadRecord) as raised:
        encoder(parsed(line))
    assert str(raised.value).startswith(fault)


def test_an_answer_too_long_is_cut_and_its_begin_learned() -> None:
    encoder = ChatEncoder(AutoTokenizer.from_pretrained(NANO), max_length=60)
    example = encoder({'instruction': 'a', 'output': 'tiger ' * 100})
    assert (len(example.ids), example.is_cut, example.learned[-1], example.ids[-1] == 2) == (60, True, True, False)


def test_a_document_has_one_start_and_one_end() -> None:
    tokenizer = AutoTokenizer.from_pretrained(NANO)
    encoder = TextEncoder(tokenizer, 'text')
    expected = [*tokenizer('A tiger')['input_ids'], 2]
    for spelled in ('A tiger', '<s>A tiger', 'A tiger</s>', 'A tiger</s></s>'):
        found = encoder({'text': spelled})
        assert found == Example(found.ids, [True] * len(found.ids))
        assert (found.ids[:1], found.ids[-1:], found.ids.count(1), found.ids.count(2)) == ([1], [2], 1, 1)
    assert encoder({'text': 'A tiger'}).ids == expected
    for record, fault in (
        ({}, "no key 'text'"),
        ({'text': None}, "'text' is no text"),
        ({'text': ' '}, "'text' is empty"),
    ):
        with pytest.raises(BadRecord, match=fault):
            encoder(record)
