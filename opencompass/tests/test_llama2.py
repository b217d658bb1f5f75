"""Llama 2 in Meta's own folder: a random model of transformers, written as Meta writes its checkpoints."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_llama import TEXTS, load
from transformers import LlamaConfig, LlamaForCausalLM

from conftest import TOKENIZER
from opencompass.models import Llama2, Llama2Chat
from opencompass.tasks import OpenICLInferTask
from opencompass.utils.build import build_model_from_cfg
from opencompass.utils.prompt import PromptList

pytestmark = pytest.mark.usefixtures('one_thread')
SENTENCEPIECE = TOKENIZER / 'tokenizer.model'
THETA = 5000.0
FLOAT32 = {'torch_dtype': 'float32'}
#: Meta's name of a weight of a layer: its name in transformers, and the axis along which files share it.
LAYER = {
    'attention.wq': ('self_attn.q_proj', 0),
    'attention.wk': ('self_attn.k_proj', 0),
    'attention.wv': ('self_attn.v_proj', 0),
    'attention.wo': ('self_attn.o_proj', 1),
    'feed_forward.w1': ('mlp.gate_proj', 0),
    'feed_forward.w2': ('mlp.down_proj', 1),
    'feed_forward.w3': ('mlp.up_proj', 0),
    'attention_norm': ('input_layernorm', None),
    'ffn_norm': ('post_attention_layernorm', None),
}
Written = Callable[..., Path]


def random_llama(kv_heads: int = 2, vocab_size: int = 1536) -> LlamaForCausalLM:
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=8,
        num_key_value_heads=kv_heads,
        rope_parameters={'rope_type': 'default', 'rope_theta': THETA},
        rms_norm_eps=1e-5,
        initializer_range=0.2,
    )
    model = LlamaForCausalLM(config).eval()
    for name, weight in model.named_parameters():
        if 'norm' in name:
            torch.nn.init.uniform_(weight, 0.5, 1.5)
    return model


def neighbours(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """The rows of each head so that those that are turned together, i and i + half, are neighbours."""
    rows = [half + i for i in range(weight.shape[0] // heads // 2) for half in (0, weight.shape[0] // heads // 2)]
    return torch.cat([head[rows] for head in weight.chunk(heads)])


def metas_weights(model: LlamaForCausalLM) -> dict[str, tuple[torch.Tensor, int | None]]:
    """Whole weights by Meta's names, and the axis along which files share them."""
    state, config = model.state_dict(), model.config
    found: dict[str, tuple[torch.Tensor, int | None]] = {
        'tok_embeddings.weight': (state['model.embed_tokens.weight'], 1),
        'norm.weight': (state['model.norm.weight'], None),
        'output.weight': (state['lm_head.weight'], 0),
    }
    heads = {'attention.wq': config.num_attention_heads, 'attention.wk': config.num_key_value_heads}
    for layer in range(config.num_hidden_layers):
        for theirs, (ours, axis) in LAYER.items():
            weight = state[f'model.layers.{layer}.{ours}.weight']
            weight = neighbours(weight, heads[theirs]) if theirs in heads else weight
            found[f'layers.{layer}.{theirs}.weight'] = weight, axis
    return found


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a model into a folder of Meta's kind, with other values in params.json if any are given."""

    def write(model: LlamaForCausalLM, files: int = 1, **params: Any) -> Path:
        folder = tmp_path / 'llama' / 'llama-2-tiny'
        folder.mkdir(parents=True)
        shutil.copy(SENTENCEPIECE, folder.parent)
        config = model.config
        given = {
            'dim': config.hidden_size,
            'multiple_of': 32,
            'ffn_dim_multiplier': 0.5,
            'n_layers': config.num_hidden_layers,
            'n_heads': config.num_attention_heads,
            'norm_eps': config.rms_norm_eps,
            'rope_theta': THETA,
            'vocab_size': -1,
        }
        if config.num_key_value_heads != config.num_attention_heads:
            given['n_kv_heads'] = config.num_key_value_heads
        (folder / 'params.json').write_text(json.dumps(given | params))
        whole = metas_weights(model).items()
        for number in range(files):
            part = {
                name: weight if axis is None else weight.chunk(files, axis)[number].clone()
                for name, (weight, axis) in whole
            }
            part['rope.freqs'] = torch.ones(4)
            torch.save(part, folder / f'consolidated.{number:02}.pth')
        return folder

    return write


def logits(model: Any, ids: list[list[int]]) -> torch.Tensor:
    with torch.inference_mode():
        return model(torch.tensor(ids)).logits


@pytest.mark.parametrize(('files', 'kv_heads'), [(1, 8), (2, 8), (4, 8), (8, 8), (1, 2), (2, 2)])
def test_the_model_is_the_one_that_was_written(written: Written, files: int, kv_heads: int) -> None:
    original = random_llama(kv_heads)
    model = Llama2(str(written(original, files)), model_kwargs=FLOAT32)
    assert model.model.config.num_key_value_heads == kv_heads
    ids = [[1, 7, 500, 3, 1535, 7, 20, 4]]
    torch.testing.assert_close(logits(model.model, ids), logits(original, ids), rtol=0, atol=0)


def test_weights_are_understood_as_llama_is_defined(written: Written) -> None:
    """Touvron et al. 2023: neighbouring rows of a head are turned together (Su et al. 2021)."""
    original = random_llama()
    model = Llama2(str(written(original)), model_kwargs=FLOAT32)
    weights = {name.removesuffix('.weight'): weight for name, (weight, _) in metas_weights(original).items()}
    ids = torch.tensor([1, 9, 4, 100, 33])
    angles = torch.arange(len(ids))[:, None] * THETA ** -(torch.arange(0, 8, 2) / 8)

    def normed(states: torch.Tensor, name: str) -> torch.Tensor:
        return states * (states.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * weights[name]

    def turned(states: torch.Tensor) -> torch.Tensor:
        pairs = torch.view_as_complex(states.unflatten(-1, (-1, 2)))
        return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)[:, None]).flatten(-2)

    states = weights['tok_embeddings'][ids]
    for layer in ('layers.0', 'layers.1'):
        seen = normed(states, f'{layer}.attention_norm')
        q, k, v = ((seen @ weights[f'{layer}.attention.w{one}'].T).unflatten(-1, (-1, 8)) for one in 'qkv')
        q, k, v = turned(q), turned(k).repeat_interleave(4, 1), v.repeat_interleave(4, 1)
        scores = torch.einsum('ihd,jhd->hij', q, k) / 8**0.5 + torch.full((5, 5), -torch.inf).triu(1)
        mixed = torch.einsum('hij,jhd->ihd', scores.softmax(-1), v).flatten(1)
        states = states + mixed @ weights[f'{layer}.attention.wo'].T
        seen = normed(states, f'{layer}.ffn_norm')
        gate, up = (seen @ weights[f'{layer}.feed_forward.{one}'].T for one in ('w1', 'w3'))
        states = states + (torch.nn.functional.silu(gate) * up) @ weights[f'{layer}.feed_forward.w2'].T
    torch.testing.assert_close(
        logits(model.model, [ids.tolist()])[0],
        normed(states, 'norm') @ weights['output'].T,
        rtol=1e-4,
        atol=1e-4,
    )


def test_scores_and_answers_are_those_of_the_converted_checkpoint(written: Written, tmp_path: Path) -> None:
    original, converted = random_llama(), tmp_path / 'converted'
    original.save_pretrained(converted)
    for name in ('tokenizer.json', 'tokenizer_config.json'):
        shutil.copy(TOKENIZER / name, converted)
    plain = load(converted)
    cfg = {'type': 'opencompass.models.Llama2', 'path': str(written(original, 2)), 'max_seq_len': 256}
    model = build_model_from_cfg({**cfg, 'model_kwargs': FLOAT32, 'batch_size': 2, 'max_out_len': 9})
    assert model.get_ppl(TEXTS) == pytest.approx(plain.get_ppl(TEXTS), rel=1e-6)
    assert model.get_ppl(TEXTS[:1]) == pytest.approx(plain.get_ppl(TEXTS)[:1], rel=1e-6)
    assert model.generate(TEXTS, max_out_len=9) == plain.generate(TEXTS, max_out_len=9)
    assert [model.get_token_len(text) for text in TEXTS] == [plain.get_token_len(text) for text in TEXTS]


def test_tokens_are_those_of_sentencepiece(written: Written) -> None:
    import sentencepiece

    own = sentencepiece.SentencePieceProcessor(model_file=str(SENTENCEPIECE))
    model = Llama2('nowhere', tokenizer_path=str(SENTENCEPIECE), tokenizer_only=True)
    for text in [*TEXTS, '  two blanks', 'a <s> in a text', '🦙\n', '']:
        assert model.tokenizer([text])['input_ids'] == [[1, *own.encode(text)]]
        assert model.tokenizer.decode([1, *own.encode(text), 2]) == own.decode(own.encode(text))
    assert model._token_ids(['a b c d e f'], 4) == [[1, *own.encode('a b c d e f')[-3:]]]


def test_weights_are_of_the_type_that_the_config_gives(written: Written) -> None:
    folder = str(written(random_llama().half()))
    places = {'model.layers': 'cpu', 'model': 'cpu', 'lm_head': 'cpu'}
    types = [{'torch_dtype': 'bfloat16'}, {'torch_dtype': 'auto', 'device_map': places}, {'dtype': 'float32'}]
    found = [Llama2(folder, model_kwargs=kwargs).model for kwargs in types]
    assert [one.dtype for one in found] == [torch.bfloat16, torch.float16, torch.float32]
    for model in found:
        assert {weight.dtype for weight in model.parameters()} == {model.dtype}
    with pytest.raises(ValueError, match='takes torch_dtype and device_map, not low_cpu_mem_usage'):
        Llama2(folder, model_kwargs={'low_cpu_mem_usage': True})


def test_the_same_files_are_the_same_model_wherever_they_lie(written: Written, tmp_path: Path) -> None:
    folder = written(random_llama())
    before = Llama2(str(folder), model_kwargs=FLOAT32).fingerprint()
    shutil.copytree(folder.parent, tmp_path / 'copy')
    copy = tmp_path / 'copy' / 'llama-2-tiny'
    assert Llama2(str(copy), model_kwargs=FLOAT32).fingerprint() == before
    params = json.loads((copy / 'params.json').read_text())
    (copy / 'params.json').write_text(json.dumps(params | {'rope_theta': 10000.0}))
    assert Llama2(str(copy), model_kwargs=FLOAT32).fingerprint() != before


def test_a_folder_that_is_not_complete_is_told_what_is_missing(written: Written, tmp_path: Path) -> None:
    folder = written(random_llama(8), 4)
    (folder / 'consolidated.03.pth').unlink()
    with pytest.raises(FileNotFoundError, match='consolidated.03.pth is missing, the weights are in 4 files'):
        Llama2(str(folder), model_kwargs=FLOAT32)
    (folder / 'consolidated.03.pth').write_bytes((folder / 'consolidated.00.pth').read_bytes()[:5000])
    with pytest.raises(OSError, match='consolidated.03.pth is damaged or holds no weights, copy it again'):
        Llama2(str(folder), model_kwargs=FLOAT32)
    (folder / 'params.json').unlink()
    with pytest.raises(FileNotFoundError, match="has no params.json; put Meta's there, beside consolidated"):
        Llama2(str(folder), model_kwargs=FLOAT32)
    (folder / 'config.json').write_text('{}')
    with pytest.raises(FileNotFoundError, match='There is a config.json: use HuggingFaceCausalLM'):
        Llama2(str(folder), model_kwargs=FLOAT32)
    with pytest.raises(FileNotFoundError, match='For a name on the hub use HuggingFaceCausalLM'):
        Llama2('meta-llama/Llama-2-7b', tokenizer_path=str(SENTENCEPIECE))


def test_a_tokenizer_that_does_not_fit_is_named(written: Written, tmp_path: Path) -> None:
    folder = written(random_llama(vocab_size=1600))
    with pytest.raises(ValueError, match='for 1600 tokens, the tokenizer has 1536, .* name in tokenizer_path'):
        Llama2(str(folder), model_kwargs=FLOAT32)
    (folder.parent / 'tokenizer.model').write_text('YWFh 0\n')
    with pytest.raises(ValueError, match='is no SentencePiece model .* Llama 3 is of another kind'):
        Llama2(str(folder), model_kwargs=FLOAT32)
    (folder.parent / 'tokenizer.model').unlink()
    with pytest.raises(FileNotFoundError, match='no tokenizer.model in .* or in the folder above'):
        Llama2(str(folder), model_kwargs=FLOAT32)
    with pytest.raises(FileNotFoundError, match='tokenizer_path tok.model: there is no such file'):
        Llama2(str(folder), tokenizer_path='tok.model')


@pytest.mark.parametrize(
    ('params', 'complaint'),
    [
        ({'use_scaled_rope': True}, 'params.json asks for use_scaled_rope: no Llama 1 or 2'),
        ({'n_layers': 3}, 'has no weight layers.2'),
        ({'n_layers': 1}, 'weights that Llama 2 has not, such as layers.1'),
        ({'n_kv_heads': 4}, r'attention.wk.weight of shapes \[\(16, 64\)\] do not make the \(32, 64\)'),
        ({'vocab_size': 32000}, 'vocab_size in params.json is 32000'),
    ],
)
def test_weights_that_params_json_does_not_describe_are_refused(
    written: Written, params: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Llama2(str(written(random_llama(), **params)), model_kwargs=FLOAT32)


@pytest.fixture
def chat(written: Written) -> Llama2Chat:
    return Llama2Chat(str(written(random_llama(), 2)), max_seq_len=200)


DIALOG = PromptList(
    [
        {'role': 'SYSTEM', 'prompt': 'be brief'},
        {'role': 'HUMAN', 'prompt': ' hi '},
        {'role': 'BOT', 'prompt': 'hello'},
        {'role': 'HUMAN', 'prompt': 'and now'},
    ]
)


def test_dialogs_are_spelled_as_llama_2_was_trained(chat: Llama2Chat) -> None:
    """The format of its documentation: <s>[INST] <<SYS>>...<</SYS>> question [/INST] answer </s><s>[INST]..."""
    encode = chat.tokenizer.encode
    first = '[INST] <<SYS>>\nbe brief\n<</SYS>>\n\n hi [/INST] hello '
    ids = [*encode(first, True, True), *encode('[INST] and now [/INST]', True, False)]
    chat.generation_kwargs = {'temperature': 0}
    llama = chat.generator.llama
    wanted = llama.tokenizer.decode(llama.model.generate(torch.tensor([ids]), max_new_tokens=8)[0, len(ids) :].tolist())
    assert chat.generate([DIALOG], max_out_len=8) == [wanted]


def test_a_drawn_answer_does_not_depend_on_neighbours_and_runs(chat: Llama2Chat) -> None:
    alone = chat.generate([DIALOG], max_out_len=8)
    assert chat.generate(['who?', DIALOG, 'how?'], max_out_len=8)[1:2] == alone
    assert len({*chat.generate(['a', 'b', 'c'], max_out_len=8)}) == 3
    assert chat.generate([], max_out_len=8) == []


def test_a_dialog_that_cannot_be_answered_costs_only_its_own_answer(chat: Llama2Chat) -> None:
    ended = PromptList([{'role': 'HUMAN', 'prompt': 'hi'}, {'role': 'BOT', 'prompt': 'hello'}])
    answers = chat.generate(['hi', 'far too long' * 99, ended], max_out_len=8)
    assert answers == [*chat.generate(['hi'], max_out_len=8), '', '']
    with pytest.raises(ValueError, match='leaves no room for a prompt in max_seq_len 200'):
        chat.generate(['hi'], max_out_len=200)


def test_a_chat_model_counts_the_marks_of_a_dialog(chat: Llama2Chat) -> None:
    assert chat.get_token_len('hi') == len(chat.tokenizer.encode('hi', True, True)) + 100
    assert Llama2Chat('nowhere', tokenizer_only=True, tokenizer_path=str(SENTENCEPIECE)).get_token_len('') == 102


def test_a_chat_model_says_which_settings_of_answers_it_knows(chat: Llama2Chat) -> None:
    chat.generation_kwargs = {'top_k': 5}
    with pytest.raises(ValueError, match='takes temperature in generation_kwargs, not top_k'):
        chat.generate(['hi'])


@pytest.mark.parametrize('model', ['Llama2', 'Llama2Chat'])
def test_one_process_uses_all_gpus(model: str) -> None:
    """Meta's package wants a process for each file; configs for it ask for eight."""
    run_cfg = {'num_gpus': 8, 'num_procs': 8}
    model_cfg = {'type': f'opencompass.models.{model}', 'path': 'x', 'run_cfg': run_cfg}
    task = OpenICLInferTask({'models': [model_cfg], 'datasets': [[{'abbr': 'd'}]], 'work_dir': '.'})
    assert '--nproc_per_node 1 ' in task.get_command('config.py', '{task_cmd}')
