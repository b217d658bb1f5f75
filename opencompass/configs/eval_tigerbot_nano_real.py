"""The embedded model on real GSM8K, MMLU (57 subjects, 5-shot) and CMRC, a few rows of each. It needs their files in `data`."""
from mmengine.config import read_base

with read_base():
    from .datasets.CLUE_CMRC.CLUE_CMRC_gen import CMRC_datasets
    from .datasets.gsm8k.gsm8k_gen import gsm8k_datasets
    from .datasets.mmlu.mmlu_ppl import mmlu_datasets
    from .models.hf_tigerbot_nano_chat import models
    from .summarizers.groups.mmlu import mmlu_summary_groups

datasets = [*gsm8k_datasets, *mmlu_datasets, *CMRC_datasets]
for dataset in datasets:
    dataset['reader_cfg'] = dict(dataset['reader_cfg'], test_range='[0:2]')

summarizer = dict(dataset_abbrs=['gsm8k', 'CMRC_dev', 'mmlu'], summary_groups=mmlu_summary_groups)
