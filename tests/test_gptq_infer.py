"""Chats with GPTQ folders, new and old, on the CPU; a folder that would give random layers is refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import optional_packages
import pytest
import torch
from safetensors.torch import load_file, save_file

from utils.gptq import get_gptq

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano'
QUESTION = 'What is the capital of France?'
LAYER = 'model.layers.3.mlp.down_proj'
#: Of the fields that gptqmodel writes, those that AutoGPTQ knew.
OLD_FIELDS = ('bits', 'group_size', 'damp_percent', 'desc_act', 'static_groups', 'sym', 'true_sequential')
QUANTIZE = """
import json, os, sys
source, texts, target = sys.argv[1:]
os.chdir(os.path.dirname(target))  # gptqmodel writes logs where it runs
from gptqmodel import GPTQModel, QuantizeConfig
model = GPTQModel.load(source, QuantizeConfig(bits=4, group_size=128, device='cpu'))
model.quantize(json.loads(open(texts, encoding='utf-8').read()), batch_size=1)
model.save(target)
"""
REFUSALS = """
import json, sys
from utils.gptq import get_gptq
for folder in sys.argv[1:]:
    try:
        get_gptq(folder)
        print('loaded', file=sys.stderr)
    except (ValueError, OSError) as error:
        print(json.dumps(str(error)))
"""


def run(*command: object, given: str = '') -> str:
    """What a program says; it must end well."""
    # The first is for quantizing on a machine with one or two cores, the other spares it a compiler.
    settings = {'GPTQMODEL_CPU_WORKERS': '2', 'TORCHDYNAMO_DISABLE': '1', 'OMP_NUM_THREADS': '1'}
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        input=given,
        cwd=ROOT,
        env=optional_packages.environment(**settings),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def chat(folder: Path) -> str:
    """All that the script says to one question. The settings that gptqmodel saves would draw the answer."""
    return run('other_infer/gptq_infer.py', '--model_path', folder, '--temperature', '0', given=f'{QUESTION}\nexit\n')


def answer(said: str) -> str:
    found = re.search(r'={100}\n(.*)\n\[time: [\d.]+ sec, speed: [\d.]+ tok/sec\]\n={100}\n', said, re.S)
    assert found is not None, said
    return found[1]


@pytest.fixture(scope='module')
def quantized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded chat model, quantized by gptqmodel in a process of its own."""
    optional_packages.need('gptqmodel')
    folder = tmp_path_factory.mktemp('gptq')
    rows = [json.loads(line) for line in (NANO / 'benchmark' / 'instruct_test.jsonl').read_text('utf-8').splitlines()]
    texts = [f'\n\n### Instruction:\n{row["question"]}\n\n### Response:\n{row["answer"]}' for row in rows]
    (folder / 'texts.json').write_text(json.dumps(texts[:32]), encoding='utf-8')
    run('-c', QUANTIZE, NANO / 'chat', folder / 'texts.json', folder / 'model')
    return folder / 'model'


@pytest.fixture
def copied(quantized: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder as AutoGPTQ wrote it: no settings in config.json, weights under a name."""

    def copy(name: str, weights: str = 'model.safetensors', settings: bool = True) -> Path:
        folder = tmp_path / name
        shutil.copytree(quantized, folder)
        (folder / 'model.safetensors').rename(folder / weights)
        config = json.loads((folder / 'config.json').read_text())
        del config['quantization_config']
        (folder / 'config.json').write_text(json.dumps(config))
        file = folder / 'quantize_config.json'
        own = json.loads(file.read_text())
        file.write_text(json.dumps({field: own[field] for field in OLD_FIELDS if field in own}))
        if not settings:
            file.unlink()
        return folder

    return copy


@pytest.fixture(scope='module')
def said(quantized: Path) -> str:
    """The chat with the quantized folder, in another process."""
    return chat(quantized)


@pytest.mark.slow
def test_a_quantized_folder_chats_in_another_process(quantized: Path, said: str) -> None:
    plain = run('infer.py', '--model_path', NANO / 'chat', given=f'{QUESTION}\nexit\n')
    assert answer(said) == answer(plain)
    start = rf'Loading model from {quantized}\.\.\.\nDone\nweights: 1\.\d MB, 3\d% of the 2\.8 MB that 16 bit take\n'
    assert re.match(start, said), said


@pytest.mark.slow
@pytest.mark.parametrize('weights', ['gptq_model-4bit-128g.safetensors', 'model.safetensors'])
def test_folders_of_autogptq_answer_as_new_ones(weights: str, said: str, copied: Callable[..., Path]) -> None:
    assert answer(chat(copied('old', weights))) == answer(said)


@pytest.mark.slow
def test_layers_that_would_be_random_are_refused(copied: Callable[..., Path]) -> None:
    lost, bare, plain = copied('lost'), copied('bare'), copied('plain')
    tensors = load_file(lost / 'model.safetensors')
    for folder, start in ((lost, LAYER), (bare, 'model.norm')):
        kept = {name: tensor for name, tensor in tensors.items() if not name.startswith(start)}
        assert len(kept) < len(tensors)
        save_file(kept, folder / 'model.safetensors', {'format': 'pt'})
    shutil.copy(NANO / 'chat' / 'model.safetensors', plain / 'model.safetensors')
    said = [json.loads(line) for line in run('-c', REFUSALS, lost, bare, plain).splitlines()]
    # What lacks quantized weights gptqmodel itself refuses, from 7.6 on.
    assert [f'{LAYER}.qweight' in said[0], 'model.layers.0.self_attn.q_proj.qweight' in said[2]] == [True, True], said
    assert said[1] == (
        f'{bare} has no weights for 1 of the tensors of this model, such as model.norm.weight; they would be random. '
        'Its files are incomplete, or of another model than its config.json'
    )


def folder_of(to: Path, tensors: dict[str, torch.Tensor], **files: dict) -> str:
    """A folder with these weights and JSON files."""
    save_file(tensors, to / 'model.safetensors')
    for name, content in files.items():
        (to / f'{name}.json').write_text(json.dumps(content))
    return str(to)


def test_a_folder_without_settings_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    path = folder_of(tmp_path, {f'{LAYER}.qweight': torch.zeros(1)}, config={'model_type': 'llama'})
    with pytest.raises(ValueError, match=r'no settings of a quantization.*so copy quantize_config\.json, too'):
        get_gptq(path)
    with pytest.raises(ValueError, match=r'no settings of a quantization.*use infer\.py'):
        get_gptq(str(NANO / 'chat'))


def test_other_methods_and_formats_are_named(tmp_path: Path) -> None:
    settings = {'quantization_config': {'quant_method': 'awq', 'bits': 4}}
    path = folder_of(tmp_path, {f'{LAYER}.qweight': torch.zeros(1)}, config=settings)
    with pytest.raises(ValueError, match='is quantized by awq, not by gptq'):
        get_gptq(path)
    (tmp_path / 'model.safetensors').rename(tmp_path / 'pytorch_model.bin')
    with pytest.raises(OSError, match=r'has no \.safetensors file'):
        get_gptq(path)


def test_missing_gptqmodel_names_the_install_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'gptqmodel', None)
    path = folder_of(tmp_path, {f'{LAYER}.qweight': torch.zeros(1)}, quantize_config={'bits': 4})
    with pytest.raises(ImportError, match='a model quantized by GPTQ needs gptqmodel: pip install gptqmodel'):
        get_gptq(path)
