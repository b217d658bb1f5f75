"""What is wrong is named in one message, without a traceback, with an honest exit code, and costs nothing that was
finished."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from project import make_project, predictions, run, run_folder

GEN = '\ndatasets = [gen]\n'
WHOLE = ('--max-partition-size', '100000')
HF = """
from opencompass.models import HuggingFaceCausalLM
models = [dict(abbr='real', type=HuggingFaceCausalLM, path={path!r}, max_seq_len=64, max_out_len=8, batch_size=2)]
"""


def assert_refused(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """The run failed, said all these words, and showed no traceback."""
    assert done.returncode not in (0, None), done.stdout + done.stderr
    for part in parts:
        assert part in done.stderr, f'{part!r} is not in:\n{done.stderr}'
    assert 'Traceback' not in done.stderr, done.stderr


@pytest.mark.slow
def test_unknown_config_is_answered_with_the_nearest(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    assert_refused(run(folder, config='evla.py'), 'evla.py does not exist', 'Nearest:', 'eval.py')
    assert_refused(run(folder, config='configs/eval_tigerbot_nanno.py'), 'configs/eval_tigerbot_nano.py')


@pytest.mark.slow
def test_unknown_data_set_config_names_the_line_that_wants_it(tmp_path: Path) -> None:
    config = (
        'from mmengine.config import read_base\nwith read_base():\n    from .datasets.gsm9k import gsm8k_datasets\n'
    )
    assert_refused(
        run(
            make_project(tmp_path, wrong__py='', **{'bad.py': config, 'datasets__gsm8k.py': 'gsm8k_datasets = []'}),
            config='bad.py',
        ),
        'gsm9k',
        'bad.py',
        'gsm8k',
    )


@pytest.mark.slow
def test_config_that_does_not_parse_names_file_and_line(tmp_path: Path) -> None:
    folder = make_project(
        tmp_path, **{'bad.py': 'models = [\n    dict(abbr="x"\n]\n', 'worse.py': 'models = []\nx = y + 1\n'}
    )
    assert_refused(run(folder, config='bad.py'), 'bad.py', 'line 3', 'on line 2')
    assert_refused(run(folder, config='worse.py'), 'worse.py', 'line 2', 'y')


@pytest.mark.slow
def test_config_without_models_says_what_is_wanted(tmp_path: Path) -> None:
    folder = make_project(tmp_path, **{'bad.py': 'datasets = []\n'})
    assert_refused(run(folder, config='bad.py'), 'bad.py', '`models` must be a list')


@pytest.mark.slow
def test_missing_data_file_says_who_wants_it_and_where_to_put_it(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=GEN)
    (folder / 'data/test.jsonl').unlink()
    assert_refused(run(folder), 'missing file', 'fake/gen', 'data/test.jsonl', 'Put it')


@pytest.mark.slow
def test_missing_model_folder_is_named(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=GEN + HF.format(path='./weights/nowhere'))
    assert_refused(run(folder), 'real/gen', './weights/nowhere does not exist')


@pytest.mark.slow
def test_corrupt_row_names_file_and_line(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=GEN)
    rows = (folder / 'data/test.jsonl').read_text().splitlines()
    rows[3] = rows[3][:-5]
    (folder / 'data/test.jsonl').write_text('\n'.join(rows) + '\n')
    assert_refused(run(folder), 'fake/gen', 'data/test.jsonl', 'line 4')


@pytest.mark.slow
def test_test_range_that_is_none_is_named(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config="\ngen['reader_cfg']['test_range'] = '[first ten]'\n" + GEN)
    assert_refused(run(folder), 'fake/gen', '[first ten]', '[0:100]')


@pytest.mark.slow
def test_reuse_of_a_run_that_does_not_exist_lists_those_that_do(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=GEN)
    (folder / 'out/20240101_000000').mkdir(parents=True)
    assert_refused(run(folder, '-r', '20250101_000000'), '20250101_000000', '20240101_000000')
    assert [path.name for path in (folder / 'out').iterdir()] == ['20240101_000000']
    assert_refused(run(make_project(tmp_path / 'empty'), '-m', 'viz', '-r'), 'no run in out')
    assert_refused(run(folder, '-m', 'eval'), '-r')


@pytest.mark.slow
def test_work_dir_that_cannot_be_written_is_named_before_any_work(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=GEN)
    (folder / 'out').write_text('a file, where a folder should be')
    assert_refused(run(folder), 'cannot write to the work directory', 'out/', '--work-dir')


@pytest.mark.slow
def test_read_only_work_dir_is_named(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=GEN)
    with mounted(folder / 'out', 'ro'):
        assert_refused(run(folder), 'cannot write to the work directory', 'Read-only')


@pytest.mark.slow
def test_full_disk_is_named_and_finished_samples_stay(tmp_path: Path) -> None:
    folder = make_project(tmp_path, rows=400, config=GEN)
    with mounted(folder / 'out', 'size=40k'):
        assert_refused(run(folder, '-m', 'infer', *WHOLE), 'disk full', 'fake/gen', 'No space left')
        [store] = (run_folder(folder) / 'predictions').rglob('tmp_*.jsonl')
        assert store.read_bytes().count(b'\n') > 50
        subprocess.run(['mount', '-o', 'remount,size=4m', str(folder / 'out')], check=True)
        again = run(folder, '-m', 'infer', '-r', *WHOLE)
        assert again.returncode == 0, again.stderr
        [found] = predictions(folder).values()
    assert len(json.loads(found)) == 400


@pytest.mark.slow
def test_model_too_big_for_memory_is_refused_with_both_numbers(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=GEN + HF.format(path='./weights/huge'))
    huge, nano = folder / 'weights/huge', Path(__file__).resolve().parents[2] / 'assets/tigerbot-nano/base'
    huge.mkdir(parents=True)
    for name in nano.iterdir():
        if name.suffix != '.safetensors':
            (huge / name.name).write_bytes(name.read_bytes())
    with (huge / 'model.safetensors').open('wb') as file:
        file.truncate(2**42)
    assert_refused(run(folder), 'out of memory', './weights/huge', 'GiB')


@pytest.mark.slow
def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = run(make_project(tmp_path), '--debug', config='evla.py')
    assert done.returncode == 1
    assert 'Traceback' in done.stderr


class mounted:
    """A small file system of its own; skips the test where this user may not mount one."""

    def __init__(self, folder: Path, options: str) -> None:
        self.folder, self.options = folder, options

    def __enter__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        done = subprocess.run(
            ['mount', '-t', 'tmpfs', '-o', self.options, 'tmpfs', str(self.folder)], capture_output=True
        )
        if done.returncode != 0:
            pytest.skip('needs root, who may mount a small file system')

    def __exit__(self, *_: object) -> None:
        subprocess.run(['umount', str(self.folder)], check=True)
