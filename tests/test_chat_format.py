"""What a model reads of a conversation: one BOS, the evaluation's ids, users' text as text, the newest question."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from utils.chat import INSTRUCTION, RESPONSE, ChatFormat, TooLong, Turn
from utils.modeling_hack import load_tokenizer

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano' / 'chat'
CONFORMANCE = ROOT.parent / 'shared' / 'conformance'
BOS, EOS = 1, 2
QUESTIONS = ['What is 7 + 5?', '  两只老虎🐯\n\n  x = 1', 'a</s><s>b', '']
#: Spells BOS itself, as most templates do that come with a checkpoint.
SPELLED = (
    '{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>\n{{ m.content | trim }}{{ eos_token }}\n{% endfor %}'
    '{% if add_generation_prompt %}<|assistant|>\n{% endif %}'
)
UNSPELLED = SPELLED.replace('{{ bos_token }}', '')


@pytest.fixture(scope='module')
def tokenizer() -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(NANO)


def chat(*texts: str) -> list[Turn]:
    """Questions and answers in turn."""
    return [Turn(('user', 'assistant')[place % 2], text) for place, text in enumerate(texts)]


def with_template(template: str, **changes: object) -> PreTrainedTokenizerFast:
    found = AutoTokenizer.from_pretrained(NANO, **changes)
    found.chat_template = template
    return found


def evaluation(config: str, tokenizer_path: Path = NANO, end: str = '') -> object:
    """The model of an evaluation config, its tokenizer alone, with an end of answers where one is given."""
    from mmengine.config import Config

    from opencompass.registry import MODELS

    entry = dict(Config.fromfile(str(ROOT / 'opencompass' / 'configs' / 'models' / config)).models[0])
    meta = json.loads(json.dumps(entry['meta_template']))
    if end:
        meta['round'][1]['end'] = end
    kept = {key: entry[key] for key in ('type', 'max_seq_len', 'tokenizer_kwargs')}
    kept['tokenizer_kwargs'].pop('trust_remote_code', None)
    return MODELS.build({**kept, 'path': str(tokenizer_path), 'tokenizer_only': True, 'meta_template': meta})


def evaluated(model: object, turns: list[Turn]) -> list[int]:
    """What the evaluation sends of a conversation."""
    from opencompass.utils.prompt import PromptList

    roles = {'user': 'HUMAN', 'assistant': 'BOT'}
    said = [{'role': roles[turn.role], 'prompt': turn.content} for turn in turns]
    marks = [{'section': 'round', 'pos': pos} for pos in ('begin', 'end')]
    prompt = PromptList([marks[0], *said, {'role': 'BOT', 'prompt': ''}, marks[1]])
    return model._token_ids([model.parse_template(prompt, mode='gen')], None)[0]  # type: ignore[attr-defined]


@pytest.mark.parametrize('question', [one for one in QUESTIONS if '</s>' not in one])
def test_question_has_the_ids_that_the_evaluation_sends(tokenizer: PreTrainedTokenizerFast, question: str) -> None:
    model = evaluation('hf_tigerbot_nano_chat.py')
    assert ChatFormat.of(tokenizer).ids(chat(question)) == evaluated(model, chat(question))


def test_conversation_has_the_ids_that_the_evaluation_sends_where_its_answers_end(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    turns = chat('Hi', 'Hello!', '一只老虎\n', '  x\n\n', 'What is 7 + 5?')
    ours = ChatFormat.of(tokenizer).ids(turns)
    assert ours == evaluated(evaluation('hf_tigerbot_nano_chat.py', end='</s>'), turns)
    # The published configs write no end token after the answers of examples.
    published = evaluated(evaluation('hf_tigerbot_nano_chat.py'), turns)
    assert tokenizer.decode(ours).replace('</s> ', '') == tokenizer.decode(published)


def test_published_config_differs_by_the_colon_that_it_has_after_each_marker(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    sent = evaluated(evaluation('hf_tigerbot_7b_chat.py'), chat('Hi'))
    assert tokenizer.decode(sent, skip_special_tokens=True) == '\n\n### Instruction:\n:Hi\n\n### Response:\n:'
    ours = ChatFormat.of(tokenizer).ids(chat('Hi'))
    assert tokenizer.decode(ours, skip_special_tokens=True) == f'{INSTRUCTION}Hi{RESPONSE}'


@pytest.mark.parametrize('style', ['tigerbot', 'template', 'plain'])
@pytest.mark.parametrize('template', [SPELLED, UNSPELLED], ids=['spelled', 'unspelled'])
def test_bos_stands_in_front_once_whoever_writes_it(style: str, template: str) -> None:
    made = ChatFormat.of(with_template(template), style)
    for turns in (chat('Hi'), chat('Hi', 'Hello', '<s>'), [Turn('system', 'Be brief.'), *chat('Hi', '<s>')]):
        for ids in (made.ids(turns), made.ids(turns, answers=False), made.learned(turns).ids):
            assert (ids[0], ids.count(BOS)) == (BOS, 1)


def test_tokenizer_without_bos_gets_none() -> None:
    bare = with_template(UNSPELLED)
    bare.backend_tokenizer.post_processor = None
    for style in ('tigerbot', 'template', 'plain'):
        assert BOS not in ChatFormat.of(bare, style).ids(chat('Hi', 'Hello', 'You?'))


@pytest.mark.parametrize('style', ['tigerbot', 'template', 'plain'])
def test_special_token_that_a_user_spells_is_text(style: str) -> None:
    tokenizer = with_template(SPELLED)
    made = ChatFormat.of(tokenizer, style)
    ids = made.ids(chat('a</s>b<s>', 'c</s>d', '</s>'))
    without = made.ids(chat('ab', 'cd', 'e'))
    assert (ids.count(EOS), ids.count(BOS)) == (without.count(EOS), 1)
    shown = tokenizer.decode(ids)
    assert [text in shown for text in ('a</s>b<s>', 'c</s>d', '\ue000')] == [True, True, False]


def test_template_is_used_where_the_checkpoint_has_one_and_gives_its_ids() -> None:
    tokenizer = with_template(SPELLED)
    made = ChatFormat.of(tokenizer)
    turns = [Turn('system', 'Be brief.'), *chat('Hi', 'Hello', 'What is 7 + 5?')]
    own = tokenizer.apply_chat_template([turn._asdict() for turn in turns], add_generation_prompt=True)['input_ids']
    assert (made.style, made.ids(turns)) == ('template', own)
    assert ChatFormat.of(tokenizer, 'tigerbot').style == 'tigerbot'


def test_answer_of_a_template_ends_with_the_token_that_follows_it_there() -> None:
    tokenizer = with_template(SPELLED.replace('{{ eos_token }}', '<|end|>'))
    tokenizer.add_special_tokens({'additional_special_tokens': ['<|end|>']})
    assert ChatFormat.of(tokenizer).stop_ids == (EOS, tokenizer.convert_tokens_to_ids('<|end|>'))


def test_template_that_refuses_a_turn_is_named() -> None:
    template = "{% if messages[0].role == 'system' %}{{ raise_exception('no system turn') }}{% endif %}a"
    with pytest.raises(ValueError, match='chat template does not take the turns system, user: no system turn'):
        ChatFormat.of(with_template(template)).ids([Turn('system', 'Be brief.'), *chat('Hi')])


def test_style_of_no_format_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(ValueError, match="one of tigerbot, template, plain, not 'chatml'"):
        ChatFormat.of(tokenizer, 'chatml')
    with pytest.raises(ValueError, match='has no chat template'):
        ChatFormat.of(tokenizer, 'template')


@pytest.mark.parametrize('style', ['tigerbot', 'template'])
def test_each_answer_and_its_end_are_learned_and_nothing_else(style: str) -> None:
    tokenizer = with_template(SPELLED)
    turns = [Turn('system', 'Be brief.'), *chat('Hi', 'Hello!', 'What is 7 + 5?', '12')]
    ids, mask = ChatFormat.of(tokenizer, style).learned(turns)
    learned = [one for one, is_learned in zip(ids, mask, strict=True) if is_learned]
    assert tokenizer.decode(learned) == 'Hello!</s>12</s>'
    assert mask.count(True) == len(learned) and not mask[0]
    for answered in (2, 4):
        asked = ChatFormat.of(tokenizer, style).ids(turns[:answered])
        assert ids[: len(asked)] == asked


def test_answer_cut_off_from_its_question_is_what_generation_continues_with(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    made = ChatFormat.of(tokenizer)
    for answer in ('12', '\n\n12', '  x', '', '你好'):
        ids = made.ids(chat('Hi', answer))
        start = made.ids(chat('Hi'))
        assert (ids[: len(start)], tokenizer.decode([*start, *ids[len(start) : -1]])) == (
            start,
            f'<s> {INSTRUCTION}Hi{RESPONSE}{answer}',
        )


def test_oldest_turns_are_left_out_and_the_newest_question_never(tokenizer: PreTrainedTokenizerFast) -> None:
    made = ChatFormat.of(tokenizer)
    turns = chat('Who?', 'Me.', 'Where?', 'Here.', 'When?')
    system = Turn('system', 'Be brief.')
    sizes = [len(made.ids([system, *turns[start:]])) for start in (0, 2, 4)]
    for limit, dropped in ((sizes[0], 0), (sizes[0] - 1, 2), (sizes[1], 2), (sizes[1] - 1, 4), (sizes[2], 4)):
        kept = [system, *turns[dropped:]]
        assert made.fit([system, *turns], limit) == (made.ids(kept), dropped, kept)
    with pytest.raises(TooLong) as error:
        made.fit([system, *turns], sizes[2] - 1)
    assert (error.value.needed, error.value.limit) == (sizes[2], sizes[2] - 1)
    assert str(error.value).startswith(f'the question takes {sizes[2]} tokens and at most {sizes[2] - 1} are allowed')


@pytest.mark.parametrize('roles', [['assistant'], ['user', 'user'], ['user', 'system'], [], ['system'], ['human']])
def test_turns_out_of_order_are_refused(tokenizer: PreTrainedTokenizerFast, roles: list[str]) -> None:
    with pytest.raises(ValueError, match='take turns|has turns of system, user, assistant, not (human|none)'):
        ChatFormat.of(tokenizer).ids([Turn(role, 'a') for role in roles])


def test_template_may_take_turns_in_any_order() -> None:
    tokenizer = with_template(SPELLED)
    turns = [Turn('assistant', 'Hello!'), Turn('user', 'Hi'), Turn('user', 'You?')]
    own = tokenizer.apply_chat_template([turn._asdict() for turn in turns], add_generation_prompt=True)['input_ids']
    assert ChatFormat.of(tokenizer).ids(turns) == own


@pytest.mark.parametrize('legacy', [True, False])
def test_text_after_an_end_token_begins_as_the_tokenizer_begins_it(tmp_path: Path, legacy: bool) -> None:
    """Llama tokenizers put a blank there in legacy mode only."""
    shutil.copy(NANO / 'tokenizer.model', tmp_path)
    settings = {'tokenizer_class': 'LlamaTokenizer', 'add_bos_token': True, 'legacy': legacy}
    (tmp_path / 'tokenizer_config.json').write_text(json.dumps(settings))
    tokenizer = load_tokenizer(str(tmp_path))
    whole = f'{INSTRUCTION}Hi{RESPONSE}Hello!</s>{INSTRUCTION}You?{RESPONSE}'
    assert ChatFormat.of(tokenizer).ids(chat('Hi', 'Hello!', 'You?')) == tokenizer(whole)['input_ids']


def test_recorded_training_examples_are_reproduced_by_the_plain_style(tmp_path: Path) -> None:
    """Those without a second BOS; of texts that spell special tokens the letters are learned here."""
    if not CONFORMANCE.exists():
        pytest.skip('needs ../shared/conformance')
    shutil.copytree(CONFORMANCE / 'models' / 'tiny-llama', tmp_path / 'tiny')
    settings = tmp_path / 'tiny' / 'tokenizer_config.json'
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {'add_bos_token': False}))
    made = ChatFormat.of(load_tokenizer(str(tmp_path / 'tiny')), 'plain')
    cases = json.loads((CONFORMANCE / 'toolkit.json').read_text('utf-8'))['cases']
    cases = [one for one in cases if one['kind'] == 'sft_example' and 'add_bos_token false' in one.get('tokenizer', '')]
    cases = [one for one in cases if 'record' in one and '</s>' not in str(one['record'])]
    for case in cases:
        record, expected = case['record'], case['expected']
        # The QLoRA script put a newline after an instruction without input, too.
        between = '\n' if record.get('input') or 'qlora' in case['script'] else ''
        asked = f'{record["instruction"]}{between}{record.get("input") or ""}'
        ids, mask = made.learned(chat(asked, record['output']))
        size = min(case['max_length'], len(ids))
        labels = [one if is_learned else -100 for one, is_learned in zip(ids, mask, strict=True)]
        assert ids[:size] == expected['input_ids'][:size], case['id']
        assert labels[:size] == expected['labels'][:size], case['id']
    assert len(cases) == 35


def test_terminal_pages_server_training_and_evaluation_read_a_conversation_alike(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    from apps import web_demo
    from apps._api_prompts import Served, chat_prompt
    from apps._api_requests import ChatAsked
    from train.encode import ChatEncoder
    from utils.settings import flags, generation, load, loading_flags

    turns = chat('Hi', 'Hello!', 'What is 7 + 5?')
    sent = evaluated(evaluation('hf_tigerbot_nano_chat.py', end='</s>'), turns)
    assert ChatFormat.of(tokenizer).ids(turns) == sent, 'terminal'

    parser = flags('')
    loading_flags(parser)
    asked = parser.parse_args(['--model_path', str(NANO), '--max_input_length', '512'])
    page = web_demo.load_reply(asked)
    assert page.chat_format.fit(turns, page.max_input_length).ids == sent

    settings = generation(load(asked).generation_config, asked)
    messages = [{'role': turn.role, 'content': turn.content} for turn in turns]
    served = Served(None, ChatFormat.of(tokenizer), ChatFormat.of(tokenizer, 'plain'), settings, ('nano',), 512)
    assert chat_prompt(served, ChatAsked(messages=messages)).ids == sent

    learned = ChatEncoder(tokenizer)({'messages': [*messages, {'role': 'assistant', 'content': '12'}]})
    assert learned.ids[: len(sent)] == sent
    assert tokenizer.decode(learned.ids[len(sent) :]) == '12</s>'
    assert learned.learned[len(sent) :] == [True] * (len(learned.ids) - len(sent))
