"""What the harness itself costs: an evaluation like 5-shot MMLU, with a model that answers at once.

    python benchmarks/bench_overhead.py [--questions 1000 4000 14000] [--subjects 57 1] [--mode ppl gen]

Runs the programs that a runner starts, the inference task and then the evaluation task, and prints what each took: time,
processor time and the most memory, in all and for 1,000 questions. A prompt has about 5,500 characters (1,400 tokens);
with `ppl` a question has four, one for each label. The questions are in 57 data sets, as MMLU's are; `--subjects 1` puts
all into one, which is harder on memory. Data is made up, nothing is downloaded.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1] / 'opencompass'
sys.path.insert(0, str(ROOT))  # the package of this repository, whatever is installed

from opencompass.models import BaseModel  # noqa: E402

LABELS, SHOTS = 'ABCD', 5
QUESTION_WORDS, CHOICE_WORDS = 96, 4
QUESTION = '{input}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nAnswer: '
EXAMPLES = {label: f'{QUESTION}{label}\n' for label in LABELS}
HEAD = 'The following are multiple choice questions (with answers).\n\n</E>' + QUESTION


class InstantModel(BaseModel):
    """Answers without looking."""

    def get_token_len(self, prompt: str) -> int:
        return len(prompt) // 4

    def get_ppl(self, inputs: list[str], mask_length: list[int] | None = None) -> list[float]:
        return [float(ord(text[-1])) for text in inputs]

    def generate(self, inputs: list[str], max_out_len: int) -> list[str]:
        return ['A'] * len(inputs)


class Cost(NamedTuple):
    """What a program took."""

    seconds: float
    cpu_seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f'{self.seconds:7.2f} s {self.cpu_seconds:7.2f} s CPU {self.megabytes:7,.0f} MB'


def made_rows(count: int, chance: random.Random) -> Iterator[list[str]]:
    """Questions of made-up words, with four choices and the right label."""
    words = [''.join(chance.choices('abcdefghijklmnopqrstuvwxyz', k=length)) for length in range(4, 10) for _ in range(99)]
    for _ in range(count):
        choices = [' '.join(chance.choices(words, k=CHOICE_WORDS)) for _ in LABELS]
        yield [' '.join(chance.choices(words, k=QUESTION_WORDS)), *choices, chance.choice(LABELS)]


def make_data(folder: Path, questions: int, subjects: int) -> list[str]:
    """Files like MMLU's; the names of the subjects."""
    chance = random.Random(0)
    names = [f'subject_{number}' for number in range(subjects)]
    for number, name in enumerate(names):
        for split, count in (('dev', SHOTS), ('test', questions * (number + 1) // subjects - questions * number // subjects)):
            path = folder / split / f'{name}_{split}.csv'
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open('w', encoding='utf-8', newline='') as file:
                csv.writer(file).writerows(made_rows(count, chance))
    return names


def config(folder: Path, names: Sequence[str], mode: str) -> dict:
    """What both tasks read."""
    inferencer = dict(type='PPLInferencer') if mode == 'ppl' else dict(type='GenInferencer', max_out_len=5)
    template = {label: HEAD + label for label in LABELS} if mode == 'ppl' else HEAD
    settings = dict(
        type='MMLUDataset',
        path=str(folder / 'data'),
        reader_cfg=dict(input_columns=['input', *LABELS], output_column='target', train_split='dev'),
        infer_cfg=dict(
            ice_template=dict(type='PromptTemplate', template=EXAMPLES),
            prompt_template=dict(type='PromptTemplate', template=template, ice_token='</E>'),
            retriever=dict(type='FixKRetriever'),
            inferencer=dict(inferencer, fix_id_list=list(range(SHOTS))),
        ),
        eval_cfg=dict(evaluator=dict(type='AccEvaluator')),
    )
    model = dict(type='bench_overhead.InstantModel', abbr='instant', path='instant', max_seq_len=2048, batch_size=8)
    return dict(models=[model], datasets=[[dict(settings, abbr=name, name=name) for name in names]], work_dir=str(folder))


def cost(task: str, path: Path) -> Cost:
    """Run a task as a program of its own."""
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(ROOT), str(Path(__file__).parent)])}
    start = time.perf_counter()
    program = subprocess.Popen(
        [sys.executable, str(ROOT / 'opencompass' / 'tasks' / f'{task}.py'), str(path)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert program.stderr is not None
    said = program.stderr.read()
    _, status, used = os.wait4(program.pid, 0)
    if status:
        raise RuntimeError(f'{task} failed:\n{said.decode()[-3000:]}')
    return Cost(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def measure(mode: str, subjects: int, questions: int) -> None:
    """Run both tasks on so many questions and print a line for each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / 'config.py'
        for key, value in config(folder, make_data(folder / 'data', questions, subjects), mode).items():
            with path.open('a', encoding='utf-8') as file:
                file.write(f'{key} = {value!r}\n')
        for task in ('openicl_infer', 'openicl_eval'):
            took = cost(task, path)
            written = size(folder / ('predictions' if task == 'openicl_infer' else 'results'))
            thousand = f'{took.seconds * 1000 / questions:6.2f} s {took.megabytes * 1000 / questions:6,.0f} MB'
            print(f'{mode:4} {subjects:3} {questions:7,} {task:14} {took} | {thousand} | {written:7,.1f} MB', flush=True)


def size(folder: Path) -> float:
    """Megabytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob('*.json')) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--questions', type=int, nargs='+', default=[1000, 4000, 14000])
    parser.add_argument('--subjects', type=int, nargs='+', default=[57, 1], help='data sets that the questions are in')
    parser.add_argument('--mode', nargs='+', default=['ppl', 'gen'], choices=['ppl', 'gen'])
    asked = parser.parse_args()
    print('mode sets questions task               seconds       CPU      memory |      of 1,000     | written')
    for mode in asked.mode:
        for subjects in asked.subjects:
            for questions in asked.questions:
                measure(mode, subjects, questions)


if __name__ == '__main__':
    main()
