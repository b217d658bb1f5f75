from mmengine.config import read_base

with read_base():
    from .groups.agieval import agieval_summary_groups
    from .groups.mmlu import mmlu_summary_groups
    from .groups.ceval import ceval_summary_groups
    from .groups.bbh import bbh_summary_groups
    from .groups.GaokaoBench import GaokaoBench_summary_groups
    from .groups.flores import flores_summary_groups

summarizer = dict(
    summary_groups=sum((value for name, value in locals().items() if name.endswith('_summary_groups')), []),
    prompt_db=dict(database_path='configs/datasets/log.json', config_dir='configs/datasets', blacklist='.promptignore'),
)
