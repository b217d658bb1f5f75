from mmengine.config import read_base

with read_base():
    from ...datasets.bbh.bbh_gen_5b92b0 import bbh_datasets as _datasets

bbh_summary_groups = [dict(name='bbh', subsets=[dataset['abbr'] for dataset in _datasets])]
