"""exllamav2 itself, as far as it goes without a GPU: it has the parameters of the stand-in, and takes our calls."""

from __future__ import annotations

import json
import subprocess
import sys

import optional_packages
import pytest


@pytest.mark.slow
def test_the_stand_in_has_the_parameters_of_the_package() -> None:
    assert with_package(COMPARE) == '14 signatures compared'


@pytest.mark.slow
def test_the_package_takes_the_calls_up_to_its_first_kernel() -> None:
    assert json.loads(with_package(CALLS)) == {
        'lengths': [512, 512, 512],
        'generator': [False, 1],
        'jobs': [1, 0],
        'taken': [[2], 1.1, 0.3, 50],
    }


def with_package(script: str) -> str:
    """The last line that a script says with exllamav2, whose extension, which would be built for a GPU, is empty."""
    optional_packages.need('exllamav2')
    done = subprocess.run(
        [sys.executable, '-c', f'{EMPTY}{script}'],
        capture_output=True,
        text=True,
        cwd=optional_packages.ROOT / 'tests',
        env=optional_packages.environment(),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


EMPTY = """
import sys, types
sys.modules['exllamav2_ext'] = types.ModuleType('exllamav2_ext')
import exllamav2, exllamav2.attn, exllamav2.generator
"""
#: Parameters, not annotations, must agree.
COMPARE = """
import dataclasses, inspect
import fake_exllamav2

def parameters(function):
    return [(one.name, one.kind, one.default) for one in inspect.signature(function).parameters.values()]

compared = 0
for name, module in fake_exllamav2.modules().items():
    real = sys.modules[name]
    for cls in [one for one in vars(module).values() if isinstance(one, type)]:
        for method, function in vars(cls).items():
            if inspect.isfunction(function) and (method == '__init__' or method[0] != '_'):
                theirs = parameters(getattr(getattr(real, cls.__name__), method))
                assert theirs == parameters(function), (cls.__name__, method, theirs, parameters(function))
                compared += 1
fields = {one.name: one.default for one in dataclasses.fields(exllamav2.generator.ExLlamaV2Sampler.Settings)}
for one in dataclasses.fields(fake_exllamav2.Settings):
    assert fields[one.name] == one.default, one.name
greedy, ours = exllamav2.generator.ExLlamaV2Sampler.Settings.greedy(), fake_exllamav2.Settings.greedy()
assert vars(ours).items() <= vars(greedy).items()
assert exllamav2.attn.has_flash_attn_with_paged in (True, False)
print(compared, 'signatures compared')
"""

#: Loading is left out: it needs a GPU.
CALLS = """
import json, torch
from utils.exllama import ExllamaReply, load
from utils.chat import Turn
from utils.settings import flags

torch.cuda.is_available = lambda: True
exllamav2.ExLlamaV2.load_autosplit = lambda model, cache: None
path = '../assets/tigerbot-nano/chat'
asked = flags('').parse_args(
    ['--model_path', path, '--max_input_length', '200', '--max_generate_length', '100', '--temperature', '0.3',
     '--repetition_penalty', '1.1', '--seed', '3']
)
engine, spelling = load(path, asked)
jobs, generator = [], engine.generator

def iterate():
    jobs.append(generator.num_remaining_jobs())
    [job] = generator.pending_jobs
    sampled = job.gen_settings
    taken.extend([sorted(job.stop_tokens), sampled.token_repetition_penalty, sampled.temperature, sampled.top_k])
    raise KeyboardInterrupt

taken = []
generator.iterate = iterate
reply = ExllamaReply(
    engine, spelling.tokenizer, spelling.generation_config, spelling.chat_format, asked.max_input_length, asked.seed
)
try:
    list(reply([Turn('user', 'What is 12 + 5?')]))
except KeyboardInterrupt:
    jobs.append(generator.num_remaining_jobs())
print(json.dumps({
    'lengths': [engine.length, engine.cache.max_seq_len, engine.model.config.max_seq_len],
    'generator': [generator.paged, generator.max_batch_size],
    'jobs': jobs,
    'taken': taken,
}))
"""
