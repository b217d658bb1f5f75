"""Whole trainings of the embedded model, as their user starts them: what they learn, tell, save, refuse."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import datasets
import pytest
import torch
from training import clm, losses, sft, sums, texts, write
from transformers import AutoModelForCausalLM

from train.checkpoints import fault_of, newest
from utils.chat import ChatFormat, Turn
from utils.modeling_hack import get_model

ROOT = Path(__file__).resolve().parent.parent
CONFORMANCE = ROOT.parent / 'shared' / 'conformance'


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache of `datasets` but the test's."""
    monkeypatch.setattr(datasets.config, 'HF_DATASETS_CACHE', tmp_path_factory.mktemp('cache'))


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return write(tmp_path / 'sft.jsonl', sums(40))


@pytest.mark.slow
def test_a_fine_tuned_model_answers_in_the_chat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its folder opens with get_model and spells a chat as it was trained."""
    records = [{'instruction': 'Who are you?', 'output': 'A small tiger.'}] * 40
    data = write(tmp_path / 'me.jsonl', records)
    trainer = sft(tmp_path / 'out', data, max_steps=25, do_eval=True, save_strategy='steps', save_steps=25)
    told = capsys.readouterr().out
    assert '\n\n### Instruction:\nWho are you?\n\n### Response:\n⟦A small tiger.</s>⟧\n' in told
    evaluated = json.loads((tmp_path / 'out' / 'eval_results.json').read_text())
    assert evaluated['eval_accuracy'] == 1 and evaluated['eval_loss'] < 1
    assert evaluated['eval_perplexity'] == pytest.approx(math.exp(evaluated['eval_loss']))
    for folder in (tmp_path / 'out', tmp_path / 'out' / 'checkpoint-25'):
        loaded = get_model(str(folder), dtype='float32')
        assert loaded.model.config.use_cache is True
        chat = ChatFormat.of(loaded.tokenizer)
        ids = torch.tensor([chat.ids([Turn('user', 'Who are you?')])])
        said = loaded.model.generate(
            ids, generation_config=loaded.generation_config, max_new_tokens=30, do_sample=False
        )
        assert loaded.tokenizer.decode(said[0, ids.shape[1] :]) == 'A small tiger.</s>'
    logged = [one for one in trainer.state.log_history if 'loss' in one][-1]
    assert {'tokens_per_second', 'real_tokens', 'tflops', 'tflops_share', 'peak_memory_gib'} <= logged.keys()
    assert 0.9 < logged['real_tokens'] <= 1 and 0 < logged['tflops_share'] < 2 and 0.1 < logged['peak_memory_gib'] < 8
    pytest.importorskip('matplotlib')
    assert (tmp_path / 'out' / 'loss.png').read_bytes()[:4] == b'\x89PNG'


@pytest.mark.slow
@pytest.mark.parametrize('kind', ['sft', 'clm', 'streamed'])
def test_a_resumed_training_has_the_losses_of_an_uninterrupted_one(kind: str, tmp_path: Path) -> None:
    """Across the end of an epoch."""
    data = write(tmp_path / 'data.jsonl', sums(20) if kind == 'sft' else texts(60))
    run = sft if kind == 'sft' else clm
    more: dict[str, Any] = {'max_steps': 9, 'streaming': kind == 'streamed', 'lr_scheduler_type': 'cosine'}
    more |= {'gradient_accumulation_steps': 2 if kind == 'sft' else 1}
    whole = losses(run(tmp_path / 'whole', data, **more))
    run(tmp_path / 'out', data, **more, save_strategy='steps', save_steps=4, save_total_limit=1)
    for folder in (tmp_path / 'out').glob('checkpoint-*'):
        assert folder.name == 'checkpoint-9'  # save_total_limit
    more |= {'save_strategy': 'steps', 'save_steps': 4}
    first = run(tmp_path / 'halves', data, **more)
    assert losses(first) == whole
    (tmp_path / 'halves' / 'checkpoint-9').rename(tmp_path / 'gone')
    (tmp_path / 'halves' / 'checkpoint-8' / 'optimizer.pt').write_bytes(b'cut off')
    second = run(tmp_path / 'halves', data, **more, resume_from_checkpoint='auto')
    assert losses(second) == whole
    assert [one for one, _ in whole] == list(range(1, 10))


def test_no_loss_hangs_on_how_rows_are_laid_out(tmp_path: Path, questions: Path) -> None:
    """An evaluation gives each token the same weight, whatever batch it is in."""
    found = []
    for more in ({'per_device_eval_batch_size': 3}, {'per_device_eval_batch_size': 40}, {'packing': True}):
        trainer = sft(tmp_path / 'out', questions, max_steps=1, learning_rate=0, do_eval=True, **more)
        found.append(trainer.evaluate())
    for name in ('eval_loss', 'eval_accuracy', 'eval_perplexity'):
        assert [one[name] for one in found] == pytest.approx([found[0][name]] * 3, rel=1e-4)


@pytest.mark.parametrize(
    ('records', 'more', 'said'),
    [
        ([{'instruction': 'a', 'output': ''}], {}, 'no record of the training data can be learned from; see above'),
        (['{'], {}, 'line 2: broken JSON'),
        (sums(1), {'validate_file_path': None, 'do_eval': True}, '1 records of training leave none for validation'),
        (sums(3), {'train_file_path': '/none'}, 'Path: /none not exists!'),
        (sums(3), {'train_file_path': None}, 'One of --dataset_name or --train_file_path must be set'),
        (sums(3), {'dataset_name': 'nobody/nothing'}, 'data set nobody/nothing: '),
        (sums(3), {'streaming': True}, '--streaming does not know how much data there is; give --max_steps'),
        (['{"a'] * 3, {'streaming': True, 'max_steps': 1}, 'none of the first 3 records can be learned from'),
        (sums(3), {'resume_from_checkpoint': '/none'}, '--resume_from_checkpoint /none: no checkpoint of a training'),
        (sums(3), {'model_name_or_path': './none'}, 'model path ./none does not exist'),
        (sums(3), {'lerning_rate': '1'}, 'unknown flag --lerning_rate; did you mean --learning_rate?'),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused(records: list, more: dict, said: str, tmp_path: Path) -> None:
    data = write(tmp_path / 'data.jsonl', records)
    with pytest.raises(SystemExit) as ended:
        sft(tmp_path / 'out', data, **more)
    assert str(ended.value).startswith('error: ') and said in str(ended.value)
    assert not list(tmp_path.glob('out/checkpoint-*'))


def test_a_loss_that_is_no_number_ends_the_training(tmp_path: Path, questions: Path) -> None:
    """The learning rate alone does it here: 1e30 blows all weights up in one step. No checkpoint has such weights."""
    more = {'max_steps': 6, 'learning_rate': 1e30, 'warmup_steps': 2}
    with pytest.raises(SystemExit) as ended:
        sft(tmp_path / 'none', questions, **more)
    assert str(ended.value).startswith(
        'error: the loss is not a number at step 4. The last good checkpoint is the model'
    )
    with pytest.raises(SystemExit) as ended:
        sft(tmp_path / 'out', questions, **more, save_strategy='steps', save_steps=1)
    good = newest(tmp_path / 'out')
    said = str(ended.value)
    assert (
        'is not a number at step' in said and f'The last good checkpoint is {good}; go on from it with a lower' in said
    )
    weights = AutoModelForCausalLM.from_pretrained(good).state_dict()
    assert all(torch.isfinite(one).all() for one in weights.values())


def test_an_incomplete_checkpoint_is_told_of_and_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert newest(tmp_path) is None
    (tmp_path / 'checkpoint-5').mkdir()
    assert newest(tmp_path) is None
    assert (
        f'{tmp_path}/checkpoint-5 is passed over: it was not written to its end (no complete.json)'
        in capsys.readouterr().err
    )
    assert fault_of(tmp_path) == 'it was not written to its end (no complete.json)'


@pytest.mark.slow
def test_a_training_with_muon_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Its two optimizers are scheduled, saved and loaded as one."""
    data = write(tmp_path / 'data.jsonl', texts(60))
    more: dict[str, Any] = {
        'max_steps': 6,
        'save_strategy': 'steps',
        'save_steps': 3,
        'muon': True,
        'learning_rate': 3e-3,
    }
    whole = losses(clm(tmp_path / 'out', data, **more, save_dtype='bfloat16'))
    assert whole[-1][1] < whole[0][1] - 1
    (tmp_path / 'out' / 'checkpoint-6').rename(tmp_path / 'gone')
    saved = [AutoModelForCausalLM.from_pretrained(tmp_path / place, dtype='auto').dtype for place in ('out', 'gone')]
    assert saved == [torch.bfloat16, torch.float32]
    assert losses(clm(tmp_path / 'out', data, **more, resume_from_checkpoint='auto')) == whole
    assert losses(clm(tmp_path / 'adamw', data, **more | {'muon': False})) != whole


@pytest.mark.slow
@pytest.mark.parametrize(
    'more',
    [
        {'train_sampling_strategy': 'group_by_length'},
        {'gradient_checkpointing': True, 'bf16': True, 'attn_implementation': 'eager'},
        {'pad_to_max_length': True},
        {'dataloader_num_workers': 2, 'streaming': True},
        {'label_smoothing_factor': 0.1},
    ],
    ids=lambda more: next(iter(more)),
)
def test_other_settings_learn_too(more: dict, tmp_path: Path, questions: Path) -> None:
    found = [loss for _, loss in losses(sft(tmp_path / 'out', questions, max_steps=8, **more))]
    assert found[-1] < found[0] / 2 and all(math.isfinite(one) for one in found)


@pytest.mark.slow
def test_a_model_of_another_kind_is_trained(tmp_path: Path, questions: Path) -> None:
    """GPT-2: no start token, padding is the end token, positions are learned."""
    if not CONFORMANCE.exists():
        pytest.skip('needs ../shared/conformance')
    gpt2 = {'model_name_or_path': CONFORMANCE / 'models' / 'tiny-gpt2', 'do_eval': True, 'learning_rate': 1e-2}
    alone = sft(tmp_path / 'alone', questions, **gpt2, max_steps=20, per_device_eval_batch_size=1)
    packed = sft(tmp_path / 'rows', questions, **gpt2, max_steps=20, packing=False)
    assert packed.evaluate()['eval_loss'] == pytest.approx(alone.evaluate()['eval_loss'], rel=1e-3)
    assert losses(packed)[-1][1] < losses(packed)[0][1]
