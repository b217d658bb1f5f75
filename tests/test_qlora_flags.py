"""Flags of train_with_qlora.py: their recorded defaults, and what makes no sense is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from train.lora import PeftConfig

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ('flags', 'said'),
    [
        ({'bits': 3}, '--bits is one of 4, 8, 16, 32, not 3'),
        ({'quant_type': 'int4'}, "--quant_type is nf4 or fp4, not 'int4'"),
        ({'full_finetune': True}, '--full_finetune trains the weights themselves, which 4-bit ones do not allow'),
        ({'muon': True}, '--muon is for the matrices of whole models, not for adapters'),
        ({'lora_r': 0}, '--lora_r is at least 1, not 0'),
        ({'lora_dropout': 1.0}, '--lora_dropout is from 0 to below 1, not 1.0'),
        ({'data_files': 'a', 'data_path': 'b'}, '--data_files, --data_path and --train_file_path mean the same'),
    ],
)
def test_flags_that_make_no_sense_are_refused(flags: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PeftConfig(model_name_or_path='m', **flags)


def test_flags_have_their_recorded_defaults() -> None:
    recorded = ROOT.parent / 'shared' / 'conformance' / 'toolkit.json'
    if not recorded.is_file():
        pytest.skip('needs ../shared/conformance')
    cases = json.loads(recorded.read_text('utf-8'))['cases']
    (fields,) = [case['expected'] for case in cases if case['id'] == 'fields-PeftConfig']
    made = vars(PeftConfig(model_name_or_path='m'))
    different = {one['name'] for one in fields if one['default'] not in ('required', made[one['name']])}
    # Rows padded to max_length give the same loss, many times slower.
    assert (len(fields), different) == (14, {'pad_to_max_length'})
