"""The embedded model on a few rows of real GSM8K, eight subjects of MMLU and CMRC. It needs their files in `data`."""
from mmengine.config import read_base

with read_base():
    from .datasets.CLUE_CMRC.CLUE_CMRC_gen import CMRC_datasets
    from .datasets.gsm8k.gsm8k_gen import gsm8k_datasets
    from .datasets.mmlu.mmlu_ppl import mmlu_datasets
    from .models.hf_tigerbot_nano_chat import models

mmlu_datasets = mmlu_datasets[::8]

datasets = [*gsm8k_datasets, *mmlu_datasets, *CMRC_datasets]
for dataset in datasets:
    dataset['reader_cfg'] = dict(dataset['reader_cfg'], test_range='[0:2]')

mmlu_summary_groups = [dict(name='mmlu', subsets=[dataset['abbr'] for dataset in mmlu_datasets])]

summarizer = dict(dataset_abbrs=['gsm8k', 'CMRC_dev', 'mmlu'], summary_groups=mmlu_summary_groups)
