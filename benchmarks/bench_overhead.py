"""What the harness itself costs: an evaluation like 5-shot MMLU, with a model that answers at once.

    python benchmarks/bench_overhead.py [--questions 1000 4000 14000] [--sets 57 1] [--kinds ppl gen chat]

Runs the programs that a runner starts, the inference task, then the evaluation task, and prints what each took: time,
processor time and the most memory, in all and for 1,000 questions. A prompt has about 5,200 characters (1,300 tokens);
`ppl` and `chat`, the same with chats for prompts, have one for each of four labels, `gen` one a question. The questions
are in 57 data sets, as MMLU's are, or in one, which is harder on memory. Data is made up, nothing is downloaded.
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
from string import ascii_lowercase
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1] / 'opencompass'
sys.path.insert(0, str(ROOT))  # the package of this repository, whatever is installed

from opencompass.models import BaseModel  # noqa: E402

LABELS, SHOTS = 'ABCD', 5
QUESTION_WORDS, CHOICE_WORDS = 96, 4
HEAD = 'The following are multiple choice questions (with answers).\n\n'
QUESTION = '{input}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nAnswer: '


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
        return f'{self.seconds:7.2f} s {self.cpu_seconds:7.2f} s CPU {self.megabytes:6,.0f} MB'


def made_rows(count: int, chance: random.Random) -> Iterator[list[str]]:
    """Questions of made-up words, with four choices and the right label."""
    words = [''.join(chance.choices(ascii_lowercase, k=length)) for length in range(4, 10) for _ in range(99)]
    for _ in range(count):
        choices = [' '.join(chance.choices(words, k=CHOICE_WORDS)) for _ in LABELS]
        yield [' '.join(chance.choices(words, k=QUESTION_WORDS)), *choices, chance.choice(LABELS)]


def make_data(folder: Path, questions: int, sets: int) -> list[str]:
    """Files like MMLU's; the names of the subjects."""
    chance = random.Random(0)
    names = [f'subject_{number}' for number in range(sets)]
    for number, name in enumerate(names):
        count = questions * (number + 1) // sets - questions * number // sets
        for split, rows in (('dev', SHOTS), ('test', count)):
            path = folder / split / f'{name}_{split}.csv'
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open('w', encoding='utf-8', newline='') as file:
                csv.writer(file).writerows(made_rows(rows, chance))
    return names


def templates(kind: str) -> dict:
    """The templates of an example and of a question."""
    example, question = f'{QUESTION}{{target}}\n', f'{HEAD}</E>{QUESTION}'
    if kind == 'gen':
        return {'ice_template': template(example), 'prompt_template': template(question, ice_token='</E>')}
    if kind == 'ppl':
        by_label = {label: question + label for label in LABELS}
        return {'ice_template': template(example), 'prompt_template': template(by_label, ice_token='</E>')}
    rounds = {label: [turn('HUMAN', QUESTION), turn('BOT', label)] for label in LABELS}
    return {
        'ice_template': template({label: {'round': turns} for label, turns in rounds.items()}),
        'prompt_template': template(
            {label: {'begin': [HEAD, '</E>'], 'round': turns} for label, turns in rounds.items()}, ice_token='</E>'
        ),
    }


def template(content: str | dict, **settings: str) -> dict:
    """A prompt template."""
    return {'type': 'PromptTemplate', 'template': content, **settings}


def turn(role: str, text: str) -> dict:
    """What a role says."""
    return {'role': role, 'prompt': text}


def config(folder: Path, names: Sequence[str], kind: str) -> dict:
    """What both tasks read."""
    inferencer = {'type': 'GenInferencer', 'max_out_len': 5} if kind == 'gen' else {'type': 'PPLInferencer'}
    settings = {
        'type': 'MMLUDataset',
        'path': str(folder / 'data'),
        'reader_cfg': {'input_columns': ['input', *LABELS], 'output_column': 'target', 'train_split': 'dev'},
        'infer_cfg': {
            **templates(kind),
            'retriever': {'type': 'FixKRetriever'},
            'inferencer': {**inferencer, 'fix_id_list': list(range(SHOTS))},
        },
        'eval_cfg': {'evaluator': {'type': 'AccEvaluator'}},
    }
    roles = [
        {'role': 'HUMAN', 'begin': 'Q: ', 'end': '\n'},
        {'role': 'BOT', 'begin': 'A: ', 'end': '\n', 'generate': True},
    ]
    model = {
        'type': 'bench_overhead.InstantModel',
        'abbr': 'instant',
        'path': 'instant',
        'max_seq_len': 2048,
        'batch_size': 8,
        'meta_template': {'round': roles},
    }
    datasets = [{**settings, 'abbr': name, 'name': name} for name in names]
    return {'models': [model], 'datasets': [datasets], 'work_dir': str(folder)}


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


def measure(kind: str, sets: int, questions: int) -> None:
    """Run both tasks on so many questions and print a line for each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / 'config.py'
        content = config(folder, make_data(folder / 'data', questions, sets), kind)
        path.write_text(''.join(f'{key} = {value!r}\n' for key, value in content.items()), encoding='utf-8')
        for task, written in (('openicl_infer', 'predictions'), ('openicl_eval', 'results')):
            took, size = cost(task, path), sum(one.stat().st_size for one in (folder / written).rglob('*.json'))
            thousand = f'{took.seconds * 1000 / questions:5.2f} s {took.megabytes * 1000 / questions:4,.0f} MB'
            print(
                f'{kind:4} {sets:4} {questions:9,}  {task:13} {took} | {thousand} | {size / 1e6:6,.1f} MB', flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--questions', type=int, nargs='+', default=[1000, 4000, 14000])
    parser.add_argument('--sets', type=int, nargs='+', default=[57, 1], help='data sets that the questions are in')
    parser.add_argument('--kinds', nargs='+', default=['ppl', 'gen', 'chat'], choices=['ppl', 'gen', 'chat'])
    asked = parser.parse_args()
    print(
        f'{"kind sets questions  task":30} {"seconds":>9} {"processor":>13} {"memory":>10} | {"of 1,000":>15} | written'
    )
    for kind in asked.kinds:
        for sets in asked.sets:
            for questions in asked.questions:
                measure(kind, sets, questions)


if __name__ == '__main__':
    main()
