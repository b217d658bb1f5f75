"""Models that vLLM runs, on a stand-in for its package with real weights; and configs that are handed to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import fake_vllm
import pytest
from mmengine.config import Config
from project import make_project
from tiny_llama import TEXTS, changed, ids_of, load

from opencompass.cli import prepare
from opencompass.flags import parse_args
from opencompass.models import VLLM, HuggingFaceCausalLM, VLLMwithChatTemplate
from opencompass.tasks import OpenICLInferTask
from opencompass.utils.build import build_model_from_cfg
from opencompass.utils.logging import get_logger
from opencompass.utils.prompt import PromptList
from opencompass.utils.requests import Request

pytestmark = pytest.mark.usefixtures('one_thread')
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}\n{% endfor %}"
    '{% if add_generation_prompt %}<assistant>{% endif %}'
)


@pytest.fixture(autouse=True)
def vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_vllm.install(monkeypatch)


@pytest.fixture(scope='module')
def plain(tiny: Path) -> HuggingFaceCausalLM:
    return load(tiny)


def by_vllm(folder: Path, **settings: Any) -> Any:
    """As a task loads it: `settings` are what a config may say."""
    return build_model_from_cfg({'type': 'VLLM', 'path': str(folder), 'max_seq_len': 256, **settings})


def test_scores_and_answers_are_those_of_transformers(tiny: Path, plain: HuggingFaceCausalLM) -> None:
    model = by_vllm(tiny)
    texts = [*TEXTS, '']
    masks = [0, 3, 1, 5, 100, 0]
    assert model.get_ppl(texts) == pytest.approx(plain.get_ppl(texts), rel=1e-5)
    assert model.get_ppl(texts, masks) == pytest.approx(plain.get_ppl(texts, masks), rel=1e-5)
    assert model.generate(texts, max_out_len=12) == plain.generate(texts, max_out_len=12)
    assert (model.get_ppl([]), model.generate([], max_out_len=2)) == ([], [])
    assert model.get_token_len(TEXTS[1]) == plain.get_token_len(TEXTS[1])


@pytest.mark.parametrize('side', ['left', 'right'])
def test_what_is_too_long_is_cut_as_transformers_has_it(tiny: Path, side: str) -> None:
    settings = {'max_seq_len': 16, 'tokenizer_kwargs': {'truncation_side': side}}
    model, plain = by_vllm(tiny, **settings), load(tiny, **settings)
    assert model.get_ppl(TEXTS) == pytest.approx(plain.get_ppl(TEXTS), rel=1e-5)
    assert model.generate(TEXTS, max_out_len=6) == plain.generate(TEXTS, max_out_len=6)
    with pytest.raises(ValueError, match='max_out_len 16 leaves no room for a prompt in max_seq_len 16'):
        model.generate(['a'], max_out_len=16)


def test_choices_are_weighed_as_transformers_weighs_them(tiny: Path, plain: HuggingFaceCausalLM) -> None:
    import torch

    choices = tuple(plain.tokenizer.convert_tokens_to_ids(['A', 'B', '▁A']))
    requests = [Request(prompt, choices=choices) for prompt in ('Answer:', 'Answer: ', '答案：', TEXTS[3])]
    found, wanted = (dict(model.choice_logits(requests, None, 2, set())) for model in (by_vllm(tiny), plain))
    for place in range(len(requests)):
        mine, theirs = (torch.tensor(one[place]).softmax(0).tolist() for one in (found, wanted))
        assert mine == pytest.approx(theirs, rel=1e-4)


def test_a_prompt_as_long_as_the_model_leaves_room_for_a_choice(tiny: Path) -> None:
    model = by_vllm(tiny, max_seq_len=16)
    [(place, weights)] = model.choice_logits([Request(TEXTS[3], choices=(5, 6))], None, 1, set())
    assert (place, len(weights)) == (0, 2)


def test_all_requests_go_to_vllm_at_once_and_in_chunks(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = by_vllm(tiny)
    requests = [Request(text, group=place) for place, text in enumerate(TEXTS)]
    answers = dict(model.generate_stream([Request(text) for text in TEXTS], 4, 1, set()))
    scores = dict(model.score(requests, 1, set()))
    assert [len(params) for params in model.model.asked] == [5, 5]
    assert answers == dict(enumerate(model.generate(TEXTS, max_out_len=4)))
    assert scores == dict(enumerate(model.get_ppl(TEXTS)))
    monkeypatch.setattr('opencompass.models.vllm.CHUNK', 2)
    model.model.asked.clear()
    assert dict(model.score(requests, 1, {0, 1})) == {place: scores[place] for place in (2, 3, 4)}
    assert [len(params) for params in model.model.asked] == [2, 1]


def test_masked_and_whole_texts_are_scored_together(tiny: Path) -> None:
    model = by_vllm(tiny)
    requests = [Request(TEXTS[1], mask_length=3), Request(TEXTS[1])]
    assert dict(model.score(requests, 1, set())) == dict(enumerate(model.get_ppl([TEXTS[1]] * 2, [3, 0])))


def test_an_answer_ends_where_the_meta_template_and_stop_words_say(tiny: Path, plain: HuggingFaceCausalLM) -> None:
    [whole], [answer] = plain.generate([TEXTS[1]], 20), plain._continue([ids_of(plain, TEXTS[1])], 20)
    meta = {'round': [{'role': 'BOT', 'end': whole[8:11], 'generate': True}], 'eos_token_id': answer[15]}
    wanted = load(tiny, meta_template=meta).generate([TEXTS[1]], max_out_len=20)
    assert by_vllm(tiny, meta_template=meta).generate([TEXTS[1]], max_out_len=20) == wanted
    stopped = by_vllm(tiny, stop_words=['never', whole[8:11]])
    assert stopped.generate([TEXTS[1]], max_out_len=20) == [whole[: whole.index(whole[8:11])]]
    assert stopped.fingerprint() != by_vllm(tiny).fingerprint()


def test_the_engine_stops_early_at_all_that_ends_an_answer(tiny: Path) -> None:
    meta = {'round': [{'role': 'BOT', 'end': '\n', 'generate': True}], 'eos_token_id': 7}
    model = by_vllm(tiny, meta_template=meta, stop_words=['Q:', '</s>'], generation_kwargs={'stop_strings': 'A:'})
    model.generate(['a'], max_out_len=2)
    [[params]] = model.model.asked
    assert params.stop == ['Q:', '</s>', 'A:', '\n']
    assert params.ignore_eos
    assert params.stop_token_ids == [7, 2]  # a special token stands in no text


@pytest.mark.parametrize(
    ('asked', 'temperature', 'top_k', 'length'),
    [
        ({}, 0, 0, 4),
        ({'temperature': 0.7}, 0.7, 0, 4),
        ({'do_sample': False, 'temperature': 0.7, 'max_new_tokens': 3}, 0, 0, 3),
        ({'do_sample': True, 'num_beams': 1, 'pad_token_id': 0}, 1.0, 50, 4),
        ({'do_sample': True, 'temperature': 0.7, 'top_k': 5, 'max_tokens': 2}, 0.7, 5, 2),
    ],
)
def test_generation_kwargs_are_those_of_vllm_or_of_transformers(
    tiny: Path, asked: dict[str, Any], temperature: float, top_k: int, length: int
) -> None:
    model = by_vllm(tiny, generation_kwargs=asked)
    model.generate(['a'], max_out_len=4)
    [[params]] = model.model.asked
    assert (params.temperature, params.top_k, params.max_tokens) == (temperature, top_k, length)


def test_unknown_generation_kwargs_are_named(tiny: Path) -> None:
    with pytest.raises(ValueError, match="generation_kwargs has what vLLM does not know: .*'no_repeat_ngram_size'"):
        by_vllm(tiny, generation_kwargs={'no_repeat_ngram_size': 2}).generate(['a'], max_out_len=2)
    with pytest.raises(ValueError, match='num_beams=4: vLLM decodes without beams'):
        by_vllm(tiny, generation_kwargs={'num_beams': 4}).generate(['a'], max_out_len=2)


def test_a_drawn_answer_depends_on_its_prompt_and_the_seed_alone(tiny: Path) -> None:
    first, second = (by_vllm(tiny, generation_kwargs={'temperature': 2.0, 'seed': seed}) for seed in (1, 2))
    together = first.generate(TEXTS, max_out_len=6)
    assert [first.generate([text], max_out_len=6)[0] for text in reversed(TEXTS)] == together[::-1]
    assert second.generate(TEXTS, max_out_len=6) != together


def test_adapters_are_put_on(tiny: Path, tmp_path: Path, plain: HuggingFaceCausalLM) -> None:
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(3)
    tuned = get_peft_model(load(tiny).model, LoraConfig(r=20, target_modules=['q_proj'], init_lora_weights=False))
    tuned.save_pretrained(tmp_path / 'adapters')
    settings = {'lora_path': str(tmp_path / 'adapters')}
    model = by_vllm(tiny, **settings)
    assert model.model.max_lora_rank == 32
    wanted = load(tiny, peft_path=settings['lora_path'])
    assert model.get_ppl(TEXTS) == pytest.approx(wanted.get_ppl(TEXTS), rel=1e-5)
    assert model.get_ppl(TEXTS) != pytest.approx(plain.get_ppl(TEXTS), rel=1e-3)
    assert model.fingerprint()['adapter'] == wanted.fingerprint()['adapter']


def test_engine_arguments_come_from_the_config_and_from_what_the_task_sees(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 4)
    engine = by_vllm(tiny, model_kwargs={'gpu_memory_utilization': 0.5}).model
    assert (engine.tensor_parallel_size, engine.max_model_len) == (4, 256)
    assert (engine.enable_prefix_caching, engine.gpu_memory_utilization) == (True, 0.5)
    assert by_vllm(tiny, model_kwargs={'tensor_parallel_size': 2}).model.tensor_parallel_size == 2


def test_remote_code_is_trusted_for_the_tokenizer_too(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict] = []
    monkeypatch.setattr('opencompass.models._loading.tokenizer', lambda path, cache_dir, kwargs: asked.append(kwargs))
    by_vllm(tiny, model_kwargs={'trust_remote_code': True}, tokenizer_kwargs={'use_fast': False}, tokenizer_only=True)
    assert asked == [{'trust_remote_code': True, 'use_fast': False}]


def test_results_are_used_again_where_only_the_place_has_changed(tiny: Path, plain: HuggingFaceCausalLM) -> None:
    first, smaller, other = (
        by_vllm(tiny, model_kwargs=one).fingerprint()
        for one in ({}, {'gpu_memory_utilization': 0.5}, {'quantization': 'fp8'})
    )
    assert first == smaller != other
    assert first['dtype'] == 'float32'
    assert first['checkpoint'] == plain.fingerprint()['checkpoint']
    assert first != plain.fingerprint()


def test_without_its_package_the_install_command_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'vllm', None)
    with pytest.raises(ImportError, match='VLLM needs the package vllm: pip install vllm'):
        by_vllm(tiny)
    assert by_vllm(tiny, tokenizer_only=True).get_token_len('a') == 2


def test_logits_of_whole_texts_are_not_to_be_had(tiny: Path) -> None:
    with pytest.raises(NotImplementedError, match='vLLM gives no logits of whole texts; use HuggingFaceCausalLM'):
        by_vllm(tiny).get_logits(['a'])


def test_torchrun_does_not_start_what_starts_its_own_processes() -> None:
    model_cfg = {'type': 'VLLM', 'path': 'x', 'run_cfg': {'num_gpus': 2, 'num_procs': 2}}
    task = OpenICLInferTask({'models': [model_cfg], 'datasets': [[{'abbr': 'd'}]], 'work_dir': '.'})
    assert task.num_gpus == 2
    assert task.get_command('config.py', '{task_cmd}').startswith('python ')


@pytest.fixture(scope='module')
def chat(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint with a chat template, whose turns end with a token of their own."""
    folder = changed(tiny, tmp_path_factory.mktemp('chat') / 'llama', 'generation_config.json', eos_token_id=[2, 9])
    for file in folder.glob('chat_template*'):
        file.unlink()
    (folder / 'chat_template.jinja').write_text(TEMPLATE)
    return folder


TURNS = PromptList(
    [
        {'section': 'begin', 'pos': 'begin'},
        {'role': 'SYSTEM', 'fallback_role': 'HUMAN', 'prompt': 'Be brief.'},
        {'section': 'begin', 'pos': 'end'},
        {'section': 'round', 'pos': 'begin'},
        {'role': 'HUMAN', 'prompt': 'Two?'},
        {'role': 'BOT', 'prompt': '2'},
        {'role': 'HUMAN', 'prompt': 'Three?'},
        {'role': 'BOT', 'prompt': ''},
        {'section': 'round', 'pos': 'end'},
    ]
)


def test_chats_go_through_the_checkpoints_own_template(chat: Path, plain: HuggingFaceCausalLM) -> None:
    model = VLLMwithChatTemplate(str(chat))
    spelled = '<system>Be brief.\n<user>Two?\n<assistant>2\n<user>Three?\n<assistant>'
    ids = model._token_ids([model.parse_template(TURNS, 'gen')], None)[0]
    assert ids == ids_of(plain, spelled)
    assert ids.count(plain.tokenizer.bos_token_id) == 1
    assert model.generate_from_template([TURNS], 6) == plain.generate([spelled], 6)
    assert model.generate(['hi'], 6) == plain.generate(['<user>hi\n<assistant>'], 6)
    assert model.model.asked[0][0].stop_token_ids == [2, 9]


def test_a_chat_model_is_as_long_as_its_checkpoint_and_keeps_the_end_of_a_chat(
    chat: Path, plain: HuggingFaceCausalLM
) -> None:
    assert VLLMwithChatTemplate(str(chat), tokenizer_only=True).max_seq_len == 512
    short = VLLMwithChatTemplate(str(chat), max_seq_len=20, tokenizer_only=True)
    ids = short._token_ids([TEXTS[3]], 12)[0]
    assert ids == ids_of(plain, f'<user>{TEXTS[3]}\n<assistant>')[-12:]


def test_a_chat_model_only_generates(chat: Path, tiny: Path) -> None:
    model = VLLMwithChatTemplate(str(chat))
    for ask in (
        lambda: model.get_ppl(['a']),
        lambda: [*model.choice_logits([Request('a', choices=(5, 6))], None, 1, set())],
    ):
        with pytest.raises(NotImplementedError, match='choose data set configs that generate, or use VLLM'):
            ask()
    with pytest.raises(ValueError, match='the tokenizer has no chat template; use VLLM with a meta_template'):
        VLLMwithChatTemplate(str(tiny))


MODELS = """
from opencompass.models import GPTQCausalLM, HuggingFace, HuggingFaceCausalLM

_hf = dict(type=HuggingFaceCausalLM, path='p', max_seq_len=64, max_out_len=5, batch_size=3, run_cfg=dict(num_gpus=2))
models = [
    dict(_hf, abbr='a', tokenizer_kwargs=dict(trust_remote_code=True), peft_path='adapters', batch_padding=True,
         model_kwargs=dict(device_map='auto', torch_dtype='torch.bfloat16'), meta_template=dict(round=[]),
         generation_kwargs=dict(temperature=0.7)),
    dict(_hf, type=HuggingFace),
    dict(_hf, abbr='quantized', model_kwargs=dict(load_in_8bit=True, device_map='auto')),
    dict(_hf, abbr='cpu', run_cfg=dict(num_gpus=0)),
    dict(_hf, abbr='gptq', type=GPTQCausalLM),
    dict(_hf, abbr='already', type='opencompass.models.VLLM'),
]
datasets = [gen]
"""


def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *flags: str) -> Config:
    """What a run with these flags begins with."""
    monkeypatch.chdir(make_project(tmp_path, config=MODELS))
    return prepare(parse_args(['eval.py', '-w', 'out', *flags]))[0]


def test_the_flag_hands_models_of_transformers_to_vllm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(get_logger(), 'warning', warned.append)
    first, second, *others = prepared(tmp_path, monkeypatch, '-a', 'vllm').models
    assert first.to_dict() == {
        'type': 'opencompass.models.VLLM',
        'abbr': 'a',
        'path': 'p',
        'max_seq_len': 64,
        'max_out_len': 5,
        'batch_size': 3,
        'run_cfg': {'num_gpus': 2},
        'tokenizer_kwargs': {'trust_remote_code': True},
        'lora_path': 'adapters',
        'model_kwargs': {'dtype': 'bfloat16', 'trust_remote_code': True},
        'meta_template': {'round': []},
        'generation_kwargs': {'do_sample': False, 'temperature': 0.7},
    }
    assert second.abbr == f'opencompass.models.HuggingFace_{tmp_path.name}_p'
    assert (second.type, second.model_kwargs.to_dict()) == ('opencompass.models.VLLM', {'dtype': 'float16'})
    kinds = ['HuggingFaceCausalLM', 'HuggingFaceCausalLM', 'GPTQCausalLM', 'VLLM']
    assert [one.type.rsplit('.')[-1] for one in others] == kinds
    assert [one.removeprefix('-a vllm: ').split(': ')[0] for one in warned] == [
        f'{name} stays as it is' for name in ('quantized', 'cpu', 'gptq')
    ]
    assert 'model_kwargs load_in_8bit' in warned[0]


@pytest.mark.parametrize('flags', [(), ('-a', 'hf')])
def test_without_the_flag_models_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...]
) -> None:
    found = prepared(tmp_path, monkeypatch, *flags).models
    assert [one.type.rsplit('.')[-1] for one in found].count('VLLM') == 1


def test_a_model_that_was_handed_over_is_built_and_answers_as_before(tiny: Path) -> None:
    from opencompass.utils.accelerator import by_vllm as handed_over

    cfg = {'type': 'HuggingFaceCausalLM', 'path': str(tiny), 'max_seq_len': 64, 'max_out_len': 5, 'batch_size': 2}
    gpu = {'run_cfg': {'num_gpus': 1}, 'model_kwargs': {'torch_dtype': 'float32'}, 'extract_pred_after_decode': True}
    [model_cfg] = handed_over([{**cfg, **gpu}])
    models = [build_model_from_cfg(one) for one in (model_cfg, {**cfg, **gpu})]
    assert [type(one) for one in models] == [VLLM, HuggingFaceCausalLM]
    assert models[0].generate(TEXTS, 6) == models[1].generate(TEXTS, 6)
