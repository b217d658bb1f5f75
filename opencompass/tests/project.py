"""A small project in a folder, and run.py on it as a person would start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

RUN = Path(__file__).resolve().parents[1] / 'run.py'
TOOLS = RUN.parent / 'tools'

CONFIG = """
from opencompass.datasets import HFDataset
from opencompass.models import FakeModel
from opencompass.openicl.icl_evaluator import AccEvaluator
from opencompass.openicl.icl_inferencer import CLPInferencer, GenInferencer, PPLInferencer
from opencompass.openicl.icl_prompt_template import PromptTemplate
from opencompass.openicl.icl_retriever import FixKRetriever, ZeroRetriever


def _dataset(abbr, inferencer, retriever=None, **templates):
    return dict(abbr=abbr, type=HFDataset, path='json',
                data_files=dict(train='data/train.jsonl', test='data/test.jsonl'),
                reader_cfg=dict(input_columns=['question'], output_column='answer'),
                infer_cfg=dict(retriever=retriever or dict(type=ZeroRetriever), inferencer=inferencer, **templates),
                eval_cfg=dict(evaluator=dict(type=AccEvaluator)))


gen = _dataset('gen', dict(type=GenInferencer, max_out_len=20),
               prompt_template=dict(type=PromptTemplate, template='Q: {question}'))
ppl = _dataset('ppl', dict(type=PPLInferencer, fix_id_list=[0, 1]), dict(type=FixKRetriever),
               ice_template=dict(type=PromptTemplate, template='{question} {answer}'),
               prompt_template=dict(type=PromptTemplate, ice_token='</E>',
                                    template=dict(A='</E>{question} A', B='</E>{question} B')))
clp = _dataset('clp', dict(type=CLPInferencer), prompt_template=dict(type=PromptTemplate, template='{question} '))
clp['eval_cfg'] = dict(evaluator=dict(type='parts.CountEvaluator'))
datasets = [gen, ppl, clp]
models = [dict(abbr='fake', type=FakeModel, path='fake', max_seq_len=400, max_out_len=8, batch_size=4,
               run_cfg=dict(num_gpus=0))]
"""

PARTS = '''
from opencompass.models import FakeModel


class CountEvaluator:
    """Counts."""

    def score(self, predictions, references):
        return {'n': len(predictions)}


class NoEvaluator:
    """Gives up."""

    def score(self, predictions, references):
        return {'error': 'the judge is out'}


class LoggingModel(FakeModel):
    """Writes down every text that it is asked about."""

    def _think(self, text):
        with open('asked.txt', 'a') as file:
            file.write(repr(text) + chr(10))
        return super()._think(text)
'''


#: A task that does not end by itself writes its process number.
STUCK = '''
import os
import time

from opencompass.models import FakeModel


class StuckModel(FakeModel):
    """Stays at its first text; dies of it where the file `die` says by which signal."""

    def _think(self, text):
        with open(f'{os.getpid()}.pid', 'w'):
            pass
        if os.path.exists('die'):
            os.kill(os.getpid(), int(open('die').read()))
        time.sleep(100)
'''
STUCK_CONFIG = "\nmodels = [dict(models[0], type='stuck.StuckModel')]\ndatasets = [gen]\n"


def make_project(folder: Path, rows: int = 10, config: str = '', **files: str) -> Path:
    """A folder with `eval.py` (CONFIG and `config`), data and `parts.py`; further files by keyword, `__` for `/`."""
    items = [
        {'question': f'what is {number}?', 'answer': 'AB'[number % 2], 'choices': ['A', 'B']} for number in range(rows)
    ]
    text = ''.join(json.dumps(item) + '\n' for item in items)
    written = {
        'data/train.jsonl': text,
        'data/test.jsonl': text,
        'parts.py': PARTS,
        'eval.py': CONFIG + config,
        **{name.replace('__', '/'): content for name, content in files.items()},
    }
    for name, content in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding='utf-8')
    return folder


def command(*arguments: str) -> list[str]:
    """The words that start run.py."""
    return [sys.executable, str(RUN), *arguments]


def run(folder: Path, *arguments: str, config: str = 'eval.py', **env: str) -> subprocess.CompletedProcess[str]:
    """run.py in a folder, with the work directory `out`."""
    return subprocess.run(
        command(config, '-w', 'out', *arguments),
        cwd=folder,
        env={**os.environ, **env},
        text=True,
        capture_output=True,
        timeout=300,
    )


def tool_command(name: str, *arguments: str) -> list[str]:
    """The words that start a script of `tools`."""
    return [sys.executable, str(TOOLS / name), *arguments]


def tool(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A script of `tools` in a folder, without a terminal."""
    return subprocess.run(tool_command(name, *arguments), cwd=folder, text=True, capture_output=True, timeout=300)


def started(folder: Path, *arguments: str, **env: str) -> subprocess.Popen[str]:
    """run.py at work in a folder, with the work directory `out`."""
    return subprocess.Popen(
        command('eval.py', '-w', 'out', *arguments),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **env},
    )


def stuck(folder: Path) -> list[psutil.Process]:
    """The processes of stuck tasks, once there is one."""
    end = time.monotonic() + 60
    while not list(folder.glob('*.pid')):
        assert time.monotonic() < end, 'no task has started'
        time.sleep(0.05)
    return [psutil.Process(int(path.stem)) for path in folder.glob('*.pid')]


def run_folder(folder: Path) -> Path:
    """The only run in `out`."""
    [found] = [one for one in (folder / 'out').iterdir() if one.is_dir()]
    return found


def predictions(folder: Path) -> dict[str, bytes]:
    """Every predictions file of the only run, by name."""
    root = run_folder(folder) / 'predictions'
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob('*.json*'))}
