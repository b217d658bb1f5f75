"""The embedded model, base and chat, on its own benchmark: two to three minutes on two cores."""
from mmengine.config import read_base

with read_base():
    from .datasets.tigerbot_nano.subjects import nano_choice_subjects, nano_open_subjects
    from .datasets.tigerbot_nano.tigerbot_nano_clp import nano_clp_datasets
    from .datasets.tigerbot_nano.tigerbot_nano_gen import nano_gen_datasets
    from .datasets.tigerbot_nano.tigerbot_nano_gen_chat import nano_gen_chat_datasets
    from .datasets.tigerbot_nano.tigerbot_nano_ppl import nano_ppl_datasets
    from .models.hf_tigerbot_nano_base import models as nano_base
    from .models.hf_tigerbot_nano_chat import models as nano_chat

from opencompass.partitioners import SizePartitioner
from opencompass.runners import LocalRunner
from opencompass.tasks import OpenICLInferTask

datasets = [*nano_ppl_datasets, *nano_clp_datasets, *nano_gen_datasets, *nano_gen_chat_datasets]
models = [*nano_base, *nano_chat]

# loading such a small model costs more than it saves to split its work
infer = dict(partitioner=dict(type=SizePartitioner, max_task_size=100_000),
             runner=dict(type=LocalRunner, task=dict(type=OpenICLInferTask)))

nano_summary_groups = [
    dict(name='nano_mc', subsets=[f'nano_{subject}' for subject in nano_choice_subjects]),
    dict(name='nano_gen', subsets=[f'nano_{subject}' for subject in nano_open_subjects]),
    dict(name='nano_gen_chat', subsets=[f'nano_{subject}_chat' for subject in nano_open_subjects]),
    dict(name='nano_clp', subsets=['nano_statements']),
]

summarizer = dict(
    dataset_abbrs=['nano_mc', 'nano_clp', 'nano_gen', 'nano_gen_chat', *[dataset['abbr'] for dataset in datasets]],
    summary_groups=nano_summary_groups,
)
