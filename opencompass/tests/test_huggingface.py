"""Scores and answers of a model that transformers loads: a tiny Llama with random weights."""
from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, Iterator

import pytest
from conformance import assert_as_recorded
from project import RUN

from opencompass.models import HuggingFaceCausalLM
from opencompass.utils.failures import message_of
from opencompass.utils.requests import Request

TOKENIZER = RUN.parents[1] / 'assets' / 'tigerbot-nano' / 'base'
TEXTS = ['a', 'the answer is 42', '北京是中国的首都。', 'Question: what is two plus two?\nAnswer: four\n' * 3, 'x y z ']


@pytest.fixture(scope='module', autouse=True)
def one_thread() -> Iterator[None]:
    """More threads only wait for each other on so small a model."""
    import torch
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope='session')
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a seeded random Llama with grouped-query attention."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
    folder = tmp_path_factory.mktemp('tiny') / 'llama'
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)
    torch.manual_seed(7)
    config = LlamaConfig(vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.2,
                         bos_token_id=1, eos_token_id=2, pad_token_id=0)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope='module')
def model(tiny: Path) -> HuggingFaceCausalLM:
    return load(tiny)


def load(folder: Path, **settings: Any) -> HuggingFaceCausalLM:
    return HuggingFaceCausalLM(**{'path': str(folder), 'max_seq_len': 256, 'model_kwargs': {}, **settings})


def changed(tiny: Path, folder: Path, name: str, **values: Any) -> Path:
    """The checkpoint with other values in one of its JSON files."""
    shutil.copytree(tiny, folder)
    file = folder / name
    old = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**old, **values}))
    return folder


def losses(model: HuggingFaceCausalLM, ids: list[int]) -> list[float]:
    """Minus the log-probability of each token but the first, by one plain forward of the text."""
    import torch
    with torch.no_grad():
        logits = model.model(torch.tensor([ids])).logits[0].double()
    return (-logits.log_softmax(-1)[range(len(ids) - 1), ids[1:]]).tolist()


def ids_of(model: HuggingFaceCausalLM, text: str) -> list[int]:
    return model.tokenizer(text)['input_ids']


def own_answer(model: HuggingFaceCausalLM, ids: list[int], length: int) -> str:
    """What transformers itself generates, greedily and alone."""
    import torch
    output = model.model.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                                  do_sample=False, max_new_tokens=length)
    return model.tokenizer.decode(output[0, len(ids):], skip_special_tokens=True)


@pytest.mark.slow
def test_base_model_is_as_recorded() -> None:
    assert_as_recorded('base_model', at_least=48)


def test_score_alone_equals_score_in_any_batch(model: HuggingFaceCausalLM) -> None:
    alone = [model.get_ppl([text])[0] for text in TEXTS]
    assert model.get_ppl(TEXTS) == pytest.approx(alone, rel=1e-5)
    assert model.get_ppl(TEXTS[::-1]) == pytest.approx(alone[::-1], rel=1e-5)


def test_score_is_the_loss_over_the_number_of_all_tokens(model: HuggingFaceCausalLM) -> None:
    wanted = [sum(losses(model, ids)) / len(ids) for ids in (ids_of(model, text) for text in TEXTS)]
    assert model.get_ppl(TEXTS) == pytest.approx(wanted, rel=1e-5)


def test_masked_tokens_count_neither_in_the_loss_nor_in_the_number(model: HuggingFaceCausalLM) -> None:
    text = TEXTS[1]
    ids = ids_of(model, text)
    loss = losses(model, ids)
    lengths = [0, 1, 3, len(ids) - 1, len(ids), len(ids) + 5]
    wanted = [sum(loss) / len(ids), *(sum(loss[length - 1:]) / (len(ids) - length) for length in lengths[1:4]), 0, 0]
    assert model.get_ppl([text] * len(lengths), mask_length=lengths) == pytest.approx(wanted, rel=1e-5)


def test_long_text_is_cut_to_the_models_length(tiny: Path) -> None:
    short = load(tiny, max_seq_len=10)
    ids = ids_of(short, TEXTS[3])
    assert len(ids) > 20
    assert short.get_ppl([TEXTS[3], TEXTS[0]])[0] == pytest.approx(sum(losses(short, ids[:10])) / 10, rel=1e-5)


@pytest.mark.parametrize('side', ['left', 'right'])
def test_truncation_side_says_which_end_is_kept(tiny: Path, side: str) -> None:
    short = load(tiny, max_seq_len=16, tokenizer_kwargs={'truncation_side': side})
    ids = ids_of(short, TEXTS[3])
    kept = ids[:16] if side == 'right' else [ids[0], *ids[-15:]]  # <s> stays in front
    assert short.get_ppl([TEXTS[3]])[0] == pytest.approx(sum(losses(short, kept)) / 16, rel=1e-5)
    kept = ids[:10] if side == 'right' else [ids[0], *ids[-9:]]
    assert short.generate([TEXTS[3]], max_out_len=6) == [own_answer(short, kept, 6)]


@pytest.mark.parametrize('side', ['left', 'right'])
def test_padding_side_changes_nothing(model: HuggingFaceCausalLM, tiny: Path, side: str) -> None:
    other = load(tiny, tokenizer_kwargs={'padding_side': side})
    assert other.get_ppl(TEXTS) == model.get_ppl(TEXTS)
    assert other.generate(TEXTS, max_out_len=8) == model.generate(TEXTS, max_out_len=8)


@pytest.mark.parametrize('after_decode', [False, True])
def test_answers_are_those_of_transformers_alone_and_in_batches(tiny: Path, after_decode: bool) -> None:
    model = load(tiny, extract_pred_after_decode=after_decode)
    alone = [own_answer(model, ids_of(model, text), 12) for text in TEXTS]
    answers = model.generate(TEXTS, max_out_len=12)
    assert len(set(answers)) == len(TEXTS)
    assert [answer.strip() for answer in answers] == [answer.strip() for answer in alone]
    assert [model.generate([text], max_out_len=12)[0] for text in TEXTS] == answers


def test_decoding_is_greedy_whatever_the_checkpoint_says(model: HuggingFaceCausalLM, tiny: Path, tmp_path: Path) -> None:
    sampling = load(changed(tiny, tmp_path / 'sampling', 'generation_config.json', do_sample=True, temperature=5.0, top_p=0.99,
                            top_k=0, repetition_penalty=3.0, num_beams=2, max_length=3, no_repeat_ngram_size=1))
    assert sampling.generate(TEXTS, max_out_len=12) == model.generate(TEXTS, max_out_len=12)


def test_config_may_ask_for_sampling(model: HuggingFaceCausalLM, tiny: Path) -> None:
    import torch
    torch.manual_seed(0)
    sampling = load(tiny, generation_kwargs={'do_sample': True, 'temperature': 5.0})
    assert sampling.generate(TEXTS, max_out_len=12) != model.generate(TEXTS, max_out_len=12)


def test_answer_is_cut_at_the_whole_end_of_the_answering_role(model: HuggingFaceCausalLM, tiny: Path) -> None:
    [whole] = model.generate([TEXTS[1]], max_out_len=20)
    first, end = whole[2], whole[8:11]
    assert end[0] in whole[:8] or first != end  # the end's first character may come before
    cut = load(tiny, meta_template={'round': [{'role': 'HUMAN', 'end': first},
                                              {'role': 'BOT', 'end': end, 'generate': True}]})
    assert cut.generate([TEXTS[1]], max_out_len=20) == [whole[:whole.index(end)]]


def test_end_text_whose_first_character_alone_appears_cuts_nothing(model: HuggingFaceCausalLM, tiny: Path) -> None:
    [whole] = model.generate([TEXTS[1]], max_out_len=20)
    cut = load(tiny, meta_template={'round': [{'role': 'BOT', 'end': f'{whole[3]}<end of answer>', 'generate': True}]})
    assert cut.generate([TEXTS[1]], max_out_len=20) == [whole]


@pytest.mark.parametrize('as_list', [False, True])
def test_end_token_may_come_from_the_meta_template(model: HuggingFaceCausalLM, tiny: Path, as_list: bool) -> None:
    [answer] = model._continue([ids_of(model, TEXTS[1])], 12)
    ending = load(tiny, meta_template={'round': [{'role': 'BOT', 'generate': True}],
                                       'eos_token_id': [answer[5]] if as_list else answer[5]})
    short = answer[:answer.index(answer[5])]
    assert ending.generate([TEXTS[1]], max_out_len=12) == [model.tokenizer.decode(short, skip_special_tokens=True)]


def test_tokenizer_without_padding_token_works(model: HuggingFaceCausalLM, tiny: Path, tmp_path: Path) -> None:
    bare = load(changed(tiny, tmp_path / 'bare', 'tokenizer_config.json', pad_token=None))
    assert bare.get_ppl(TEXTS) == pytest.approx(model.get_ppl(TEXTS), rel=1e-5)
    assert bare.generate(TEXTS, max_out_len=8) == model.generate(TEXTS, max_out_len=8)


def test_text_without_any_token_has_score_0_and_spoils_no_batch(tiny: Path) -> None:
    bare = load(tiny, tokenizer_kwargs={'add_bos_token': False})
    assert ids_of(bare, '') == []
    assert (bare.get_ppl(['']), bare.get_ppl([]), bare.generate([], max_out_len=2)) == ([0.0], [], [])
    assert bare.get_ppl(['', TEXTS[1]], mask_length=[0, 2]) == [0.0, *bare.get_ppl([TEXTS[1]], mask_length=[2])]


@pytest.mark.parametrize('path', ['./no/such/model', '/no/such/model', 'no/such/model'])
def test_missing_model_folder_is_one_line_with_its_path(path: str) -> None:
    with pytest.raises(FileNotFoundError) as error:
        load(Path(path), path=path)
    assert str(error.value).startswith(f'model path {path} does not exist (looked from {Path.cwd()})')
    assert '\n' not in str(error.value)


def test_checkpoint_without_weights_is_one_line_with_its_path(tiny: Path, tmp_path: Path) -> None:
    folder = changed(tiny, tmp_path / 'empty', 'config.json')
    (folder / 'model.safetensors').unlink()
    with pytest.raises(OSError, match='neither a complete checkpoint') as error:
        load(folder)
    assert str(folder) in str(error.value)
    assert '\n' not in str(error.value)


def test_damaged_weights_are_one_line_with_their_path(tiny: Path, tmp_path: Path) -> None:
    folder = changed(tiny, tmp_path / 'damaged', 'config.json')
    weights = folder / 'model.safetensors'
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(OSError) as error:
        load(folder)
    assert str(folder) in message_of(error.value)
    assert '\n' not in message_of(error.value)


def test_checkpoint_too_large_for_memory_is_refused_before_it_is_loaded(tiny: Path, tmp_path: Path) -> None:
    folder = changed(tiny, tmp_path / 'large', 'config.json', dtype='bfloat16')
    os.truncate(folder / 'model.safetensors', 2 ** 40)  # a hole, no disk space
    with pytest.raises(MemoryError, match=r'large take 2048\.0 GiB as float32 and \d+\.\d GiB of memory are free'):
        load(folder)
    with pytest.raises(MemoryError, match=r'large take 1024\.0 GiB as bfloat16 and '):
        load(folder, model_kwargs={'torch_dtype': 'torch.bfloat16'})


@pytest.mark.parametrize('prompt', ['Answer:', 'Answer: ', '答案：', TEXTS[3]])
def test_choices_are_weighed_right_after_the_prompt(model: HuggingFaceCausalLM, prompt: str) -> None:
    import torch
    choices = tuple(model.tokenizer.convert_tokens_to_ids(['A', 'B', '▁A']))
    requests = [Request(prompt, choices=choices), Request(TEXTS[3] * 2, choices=choices[:1])]
    found = dict(model.choice_logits(requests, None, 2, set()))
    ids = ids_of(model, prompt)
    if prompt.endswith(' '):
        assert ids[-1] == model.tokenizer.convert_tokens_to_ids('▁')
        ids = ids[:-1]  # the blank begins the answer's token
    with torch.no_grad():
        wanted = model.model(torch.tensor([ids])).logits[0, -1, list(choices)].tolist()
    assert found[0] == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    assert list(model.choice_logits(requests, None, 2, {0, 1})) == []


def test_adapters_change_the_scores(model: HuggingFaceCausalLM, tiny: Path, tmp_path: Path) -> None:
    import peft
    import torch
    from transformers import AutoModelForCausalLM
    torch.manual_seed(1)
    config = peft.LoraConfig(r=4, target_modules=['q_proj', 'v_proj'], init_lora_weights=False, task_type='CAUSAL_LM')
    adapted = peft.get_peft_model(AutoModelForCausalLM.from_pretrained(tiny), config)
    adapted.save_pretrained(tmp_path / 'adapters')
    tuned = load(tiny, peft_path=str(tmp_path / 'adapters'))
    ids = ids_of(model, TEXTS[1])
    with torch.no_grad():
        loss = adapted.eval()(input_ids=torch.tensor([ids]), labels=torch.tensor([ids])).loss.item()
    assert tuned.get_ppl([TEXTS[1]])[0] == pytest.approx(loss * (len(ids) - 1) / len(ids), rel=1e-5)
    assert tuned.get_ppl([TEXTS[1]]) != pytest.approx(model.get_ppl([TEXTS[1]]), rel=1e-2)
    assert len(tuned.generate(TEXTS, max_out_len=4)) == len(TEXTS)


@pytest.mark.parametrize(('asked', 'dtype'), [({}, 'float32'), ({'torch_dtype': 'bfloat16'}, 'bfloat16'),
                                              ({'dtype': 'torch.float16'}, 'float16'), ({'torch_dtype': 'auto'}, 'float32')])
def test_data_type_is_given_as_text_and_float32_on_a_cpu(tiny: Path, asked: dict, dtype: str) -> None:
    import torch
    if torch.cuda.is_available() and not asked:
        dtype = 'float16'
    assert load(tiny, model_kwargs=asked).model.dtype == getattr(torch, dtype)


def test_unknown_data_type_is_named(tiny: Path) -> None:
    with pytest.raises(ValueError, match="torch_dtype 'float17' is no data type of torch"):
        load(tiny, model_kwargs={'torch_dtype': 'float17'})


@pytest.mark.parametrize('settings', [{'model_kwargs': None}, {'model_kwargs': {'device_map': 'cpu'}}])
def test_device_map_changes_nothing_on_a_cpu(model: HuggingFaceCausalLM, tiny: Path, settings: dict) -> None:
    import torch
    if torch.cuda.is_available() and settings['model_kwargs'] is None:
        assert load(tiny, **settings).model.device.type == 'cuda'
    else:
        assert load(tiny, **settings).get_ppl(TEXTS) == pytest.approx(model.get_ppl(TEXTS), rel=1e-5)


def test_tokenizer_only_loads_no_weights(tiny: Path) -> None:
    counting = load(tiny, tokenizer_only=True)
    assert not hasattr(counting, 'model')
    assert counting.get_token_len(TEXTS[1]) == len(ids_of(counting, TEXTS[1]))


def test_answer_that_leaves_no_room_for_a_prompt_is_refused(model: HuggingFaceCausalLM) -> None:
    with pytest.raises(ValueError, match='max_out_len 256 leaves no room for a prompt in max_seq_len 256'):
        model.generate(['a'], max_out_len=256)
