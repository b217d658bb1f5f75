"""Where a result comes from stands in its file, and two runs on the same inputs write the same bytes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from project import make_project, run, run_folder

from opencompass.models import FakeModel, HuggingFaceCausalLM
from opencompass.utils import hashes, provenance
from opencompass.utils.predictions import store_path


def results(folder: Path) -> dict[str, bytes]:
    root = run_folder(folder) / 'results'
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob('*.json'))}


def test_two_runs_in_two_places_write_the_same_result_files(tmp_path: Path) -> None:
    one, other = (make_project(tmp_path / name) for name in ('here', 'far/away'))
    for folder in (one, other):
        assert run(folder, '--debug').returncode == 0
    assert results(one) == results(other)
    assert set(results(one)) == {'fake/gen.json', 'fake/ppl.json', 'fake/clp.json'}


def test_a_result_tells_versions_model_prompt_settings_and_seed(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config='\ndatasets = [gen]\n')
    assert run(folder, '--debug').returncode == 0
    [text] = results(folder).values()
    [origin] = json.loads(text)['provenance']
    assert origin['versions'].keys() >= {'opencompass', 'python', 'torch', 'transformers', 'datasets', 'numpy'}
    assert origin['model']['type'] == 'opencompass.models.fake.FakeModel'
    assert origin['inferencer'] == {'type': 'GenInferencer', 'max_out_len': 20}
    assert len(origin['prompt']) == 64
    assert origin['seed'] == 0
    assert str(tmp_path) not in text.decode()


def test_parts_of_a_data_set_give_the_provenance_of_the_whole(tmp_path: Path) -> None:
    whole, parts = (make_project(tmp_path / name, config='\ndatasets = [gen]\n') for name in ('whole', 'parts'))
    assert run(whole, '--debug').returncode == 0
    assert run(parts, '--debug', '--max-partition-size', '40').returncode == 0
    assert (run_folder(parts) / 'predictions/fake/gen_1.yaml').exists()
    assert results(whole) == results(parts)


def test_predictions_from_elsewhere_are_scored_without_a_provenance(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config='\ndatasets = [gen]\n')
    assert run(folder, '--debug', '-m', 'infer').returncode == 0
    (run_folder(folder) / 'predictions/fake/gen.yaml').unlink()
    assert run(folder, '--debug', '-m', 'eval', '-r').returncode == 0
    [text] = results(folder).values()
    assert json.loads(text).keys() == {'accuracy', 'statistics', 'samples', 'data'}


def test_predictions_resumed_with_other_versions_tell_both(tmp_path: Path) -> None:
    final = tmp_path / 'gen.json'
    provenance.note(final, {'versions': {'torch': '1'}})
    store_path(final).touch()
    for _ in range(2):
        provenance.note(final, {'versions': {'torch': '2'}})
    assert provenance.of_predictions([final]) == [{'versions': {'torch': '1'}}, {'versions': {'torch': '2'}}]
    store_path(final).unlink()
    provenance.note(final, {'versions': {'torch': '2'}})
    assert yaml.safe_load((tmp_path / 'gen.yaml').read_text()) == [{'versions': {'torch': '2'}}]


def test_folders_of_this_machine_are_cut_to_their_name() -> None:
    found = provenance.of_inference(FakeModel('/home/me/llama'), {}, _dataset(), None, 0)
    assert found['model']['path'] == 'llama'


def _dataset() -> object:
    from mmengine.config import ConfigDict

    return ConfigDict(infer_cfg={'inferencer': {'type': 'GenInferencer'}}, reader_cfg={})


@pytest.mark.slow
def test_a_checkpoint_is_known_by_its_content_not_by_its_folder(tiny: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny, tmp_path / 'another name'))
    original = HuggingFaceCausalLM(str(tiny)).fingerprint()
    assert HuggingFaceCausalLM(str(copy)).fingerprint() == original
    assert original['checkpoint']['weights'].keys() == {'model.safetensors'}
    assert original['dtype'] == 'float32'
    weights = copy / 'model.safetensors'
    weights.write_bytes(weights.read_bytes()[:-1] + b'\x01')
    assert HuggingFaceCausalLM(str(copy)).fingerprint() != original


def test_a_large_file_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    monkeypatch.setattr(hashes, 'KEPT_FROM', 3)
    file = tmp_path / 'weights'
    file.write_bytes(b'abc')
    wanted = {'weights': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'}
    assert hashes.sha256_of([file]) == wanted
    read, reads = hashes._read, []
    monkeypatch.setattr(hashes, '_read', lambda path: reads.append(path) or read(path))
    assert hashes.sha256_of([file]) == wanted
    assert reads == []
    file.write_bytes(b'abcd')
    assert hashes.sha256_of([file]) != wanted
    assert reads == [file]


def test_a_file_of_the_hub_cache_is_named_by_its_hash(tmp_path: Path) -> None:
    blob = tmp_path / 'blobs' / ('5e' * 32)
    blob.parent.mkdir()
    blob.write_bytes(b'x')
    (tmp_path / 'model.safetensors').symlink_to(blob)
    assert hashes.sha256_of([tmp_path / 'model.safetensors']) == {'model.safetensors': '5e' * 32}
