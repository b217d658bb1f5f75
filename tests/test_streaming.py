"""Streamed text: the whole answer and nothing else, as soon as it can be printed, until the reader has enough."""

from __future__ import annotations

import _thread
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, TextIteratorStreamer

from utils.streaming import Decoder, StopTexts, TextStream, generate_stream

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano' / 'base'
CONFORMANCE = ROOT.parent / 'shared' / 'conformance'
TEXTS = [
    'Two words.',
    'def f(x):\n    if x:\n        return  x\n\n\n  y',
    '  a blank in front, and two after  ',
    '法国的首都是巴黎。\n 🐯👨‍👩‍👧 naïve 龘',
    '\n\n### Instruction:\n',
    'a \ufffd b',
    '',
]
ENDLESS = GenerationConfig(max_new_tokens=900, pad_token_id=0, do_sample=False)


@pytest.fixture(scope='module')
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(NANO)


@pytest.fixture(scope='module')
def model() -> Iterator[Any]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    found = AutoModelForCausalLM.from_pretrained(NANO, dtype='float32')
    found.generation_config.eos_token_id = None
    yield found
    torch.set_num_threads(threads)


def put(ids: list[int], stop_texts: tuple[str, ...] = (), tokenizer: Any = None) -> TextStream:
    """A stream into which a generation puts these tokens one by one, after a prompt."""

    def run(streamer: Any, _: Any) -> None:
        for one in ([5, 6], *([one] for one in ids)):
            streamer.put(torch.tensor(one))

    return TextStream(run, Decoder(tokenizer), stop_texts)


def threads_of_streams() -> int:
    return sum('fill' in thread.name for thread in threading.enumerate())


@pytest.mark.parametrize('text', TEXTS)
@pytest.mark.parametrize('kind', ['sentencepiece', 'bytes'])
def test_pieces_together_are_the_decoded_answer(tokenizer: Any, text: str, kind: str) -> None:
    if kind == 'bytes':
        tokenizer = byte_level()
    ids = tokenizer(text, add_special_tokens=False)['input_ids']
    pieces = list(put(ids, tokenizer=tokenizer))
    assert ''.join(pieces) == tokenizer.decode(ids)
    assert '' not in pieces


def byte_level() -> Any:
    """A tokenizer whose tokens are bytes, and one pair of bytes that belong to two characters."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: place for place, letter in enumerate(letters)}
    pairs = [('«', 'ç')]  # the last byte of 猫 and its first
    vocabulary |= {''.join(pair): len(letters) + place for place, pair in enumerate(pairs)}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=made)


def test_each_character_is_shown_with_its_last_byte(tokenizer: Any) -> None:
    ids = tokenizer('猫🐯龘 ok', add_special_tokens=False)['input_ids']
    decoder = Decoder(tokenizer)
    shown, so_far = [], []
    for one in ids:
        so_far.append(one)
        shown.append(decoder.text([one]))
        whole = bytes_of(tokenizer, so_far).decode('utf-8', 'ignore')
        assert ''.join(shown) == whole.removeprefix(' ')
    assert decoder.rest() == ''


def bytes_of(tokenizer: Any, ids: list[int]) -> bytes:
    pieces = tokenizer.convert_ids_to_tokens(ids)
    return b''.join(
        bytes([int(one[3:5], 16)]) if one.startswith('<0x') else one.replace('▁', ' ').encode() for one in pieces
    )


def test_character_that_the_end_cuts_is_left_out_and_no_more(tokenizer: Any) -> None:
    for cut in (1, 2, 3):
        ids = tokenizer('ok 龘🐯', add_special_tokens=False)['input_ids'][:-cut]
        assert ''.join(put(ids, tokenizer=tokenizer)) == 'ok 龘'
    # One token may hold the end of a character and the beginning of the next.
    bytewise = byte_level()
    ids = bytewise('猫猫', add_special_tokens=False)['input_ids']
    ends_inside = next(end for end in range(len(ids)) if bytewise.decode(ids[:end]).startswith('猫'))
    assert ''.join(put(ids[:ends_inside], tokenizer=bytewise)) == '猫'
    assert list(put(ids[:ends_inside], ('猫',), tokenizer=bytewise)) == []


def test_many_broken_bytes_are_shown_and_do_not_hold_the_text_back(tokenizer: Any) -> None:
    broken = tokenizer.convert_tokens_to_ids('<0xE4>')
    decoder = Decoder(tokenizer)
    shown = [decoder.text([broken]) for _ in range(40)]
    assert ''.join(shown) == '\ufffd' * 40


def test_special_tokens_are_neither_shown_nor_counted(tokenizer: Any) -> None:
    hi = tokenizer('hi', add_special_tokens=False)['input_ids']
    stream = put([1, *hi, 2, *hi, 2], tokenizer=tokenizer)
    assert (''.join(stream), stream.tokens) == (tokenizer.decode([*hi, *hi]), 2 * len(hi))


def test_recorded_streams_give_the_decoded_text() -> None:
    if not CONFORMANCE.exists():
        pytest.skip('needs ../shared/conformance')
    tokenizer = AutoTokenizer.from_pretrained(CONFORMANCE / 'models' / 'tiny-llama')
    cases = [one for one in recorded() if one['kind'] == 'stream' and one.get('token_ids')]
    assert len(cases) == 11
    for case in cases:
        whole = case['expected']['full_decode'].replace('</s>', '').replace('<s>', '')
        assert ''.join(put(case['token_ids'], tokenizer=tokenizer)) == whole, case['id']


def recorded() -> list[dict]:
    return json.loads((CONFORMANCE / 'toolkit.json').read_text('utf-8'))['cases']


def test_cost_of_a_token_does_not_grow_with_the_answer(tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = tokenizer(' 猫 the tiger is x' * 300, add_special_tokens=False)['input_ids']
    sizes: list[int] = []
    decode = tokenizer.decode
    monkeypatch.setattr(tokenizer, 'decode', lambda ids, **how: sizes.append(len(ids)) or decode(ids, **how))
    decoder = Decoder(tokenizer)
    text = ''.join(decoder.text([one]) for one in ids)
    assert (text, max(sizes) < 12) == (decode(ids), True)


@pytest.mark.parametrize('stop', ['\nQ:', 'Q', ' a', 'tiger\nQ: tiger'])
def test_stop_text_is_never_shown_and_only_its_beginning_waits(tokenizer: Any, stop: str) -> None:
    text = 'A: tiger\nQ tiger\nQ: tiger'
    ids = tokenizer(text, add_special_tokens=False)['input_ids']
    assert ''.join(put(ids, (stop, 'never'), tokenizer)) == text.split(stop)[0]
    held = StopTexts([stop])
    for end in range(1, len(text) + 1):
        held.shown(text[end - 1])
        if held.is_reached:
            break
        assert not held.rest() or stop.startswith(held.rest())


def test_beginning_of_a_stop_text_is_shown_where_the_answer_ends_with_it(tokenizer: Any) -> None:
    ids = tokenizer('an end\n\n##', add_special_tokens=False)['input_ids']
    assert ''.join(put(ids, ('\n\n### Instruction:',), tokenizer)) == 'an end\n\n##'


def test_streamed_answer_is_what_generate_gives(model: Any, tokenizer: Any) -> None:
    ids = tokenizer('Question: What is 7 + 5?\nAnswer:')['input_ids']
    config = GenerationConfig(max_new_tokens=60, pad_token_id=0)
    whole = model.generate(torch.tensor([ids]), generation_config=config)[0, len(ids) :].tolist()
    shapes = (ids, torch.tensor(ids), torch.tensor([ids]))
    streams = [generate_stream(model, tokenizer, one, generation_config=config) for one in shapes]
    assert [''.join(stream) for stream in streams] == [tokenizer.decode(whole)] * 3
    assert [stream.tokens for stream in streams] == [60] * 3
    mask = torch.ones(1, len(ids), dtype=torch.long)
    follows = ''.join(generate_stream(model, tokenizer, ids, mask, config, continues=True))
    assert tokenizer.decode(ids) + follows == tokenizer.decode([*ids, *whole])


def test_closing_ends_generation_at_its_next_token(model: Any, tokenizer: Any) -> None:
    steps: list[int] = []
    hook = model.register_forward_hook(lambda *_: steps.append(1))
    with generate_stream(model, tokenizer, [1, 326], generation_config=ENDLESS) as stream:
        for _ in range(5):
            next(stream)
    done = len(steps)
    assert (threads_of_streams(), list(stream)) == (0, [])
    time.sleep(0.05)
    hook.remove()
    assert len(steps) == done < 400


def test_stop_text_ends_generation_too(model: Any, tokenizer: Any) -> None:
    ids = tokenizer('Question: What is 7 + 5?\nAnswer:')['input_ids']
    stream = generate_stream(model, tokenizer, ids, generation_config=ENDLESS, stop_texts=['\nQuestion'])
    assert (''.join(stream), stream.tokens < 30, threads_of_streams()) == ('12', True, 0)


def test_interrupt_ends_generation(model: Any, tokenizer: Any) -> None:
    threading.Timer(0.1, _thread.interrupt_main).start()
    endless = GenerationConfig(max_new_tokens=100_000, pad_token_id=0)
    with pytest.raises(KeyboardInterrupt), generate_stream(model, tokenizer, [1], generation_config=endless) as stream:
        list(stream)
    assert (threads_of_streams(), 0 < stream.tokens < 2000) == (0, True)


def test_stream_that_nobody_holds_any_more_ends(model: Any, tokenizer: Any) -> None:
    stream = generate_stream(model, tokenizer, [1, 326], generation_config=ENDLESS)
    next(stream)
    assert threads_of_streams() == 1
    del stream
    assert threads_of_streams() == 0


def test_exception_in_generation_reaches_the_reader_at_once(model: Any, tokenizer: Any) -> None:
    start = time.perf_counter()
    with pytest.raises(ValueError, match='beam'):
        list(generate_stream(model, tokenizer, [1], generation_config=GenerationConfig(num_beams=2, max_new_tokens=5)))
    hook = model.register_forward_hook(lambda *_: (_ for _ in ()).throw(RuntimeError('out of something')))
    with pytest.raises(RuntimeError, match='out of something'):
        list(generate_stream(model, tokenizer, [1], generation_config=ENDLESS))
    hook.remove()
    assert (time.perf_counter() - start < 2, threads_of_streams()) == (True, 0)


def test_end_is_told_from_the_limit_of_the_length(model: Any, tokenizer: Any) -> None:
    ids = tokenizer('Question: What is 7 + 5?\nAnswer:')['input_ids']
    newline = tokenizer.convert_tokens_to_ids('<0x0A>')

    def finished(length: int, stop: str = '') -> tuple[str, int, bool]:
        config = GenerationConfig(max_new_tokens=length, pad_token_id=0, eos_token_id=[2, newline])
        stream = generate_stream(model, tokenizer, ids, generation_config=config, stop_texts=[stop])
        return ''.join(stream), stream.tokens, stream.is_finished

    # A token that ends the answer is not shown, though it be an ordinary one.
    assert tokenizer.tokenize('12') == ['▁', '1', '2']
    assert [finished(20), finished(2), finished(20, '2')] == [('12', 3, True), ('1', 2, False), ('1', 3, True)]


def test_seed_gives_the_same_answer_again(model: Any, tokenizer: Any) -> None:
    config = GenerationConfig(max_new_tokens=30, pad_token_id=0, do_sample=True, temperature=2.0)
    texts = [''.join(generate_stream(model, tokenizer, [1], generation_config=config, seed=one)) for one in (3, 3, 4)]
    assert (texts[0] == texts[1], texts[0] == texts[2]) == (True, False)


def test_nothing_of_transformers_is_changed() -> None:
    assert TextIteratorStreamer.put.__module__ == 'transformers.generation.streamers'
