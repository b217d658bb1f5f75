"""The embedded model, base and chat, compared answer by answer by a judge: less than a minute on two cores."""
from mmengine.config import read_base

with read_base():
    from .datasets.tigerbot_nano.tigerbot_nano_gen_chat import nano_gen_chat_datasets
    from .models.hf_tigerbot_nano_base import models as nano_base
    from .models.hf_tigerbot_nano_chat import models as nano_chat

from opencompass.models import FakeModel
from opencompass.partitioners import ComparisonPartitioner
from opencompass.runners import LocalRunner
from opencompass.tasks import ModelEvaluator

datasets = [dict(dataset, reader_cfg=dict(dataset['reader_cfg'], test_range='[:20]'))
            for dataset in nano_gen_chat_datasets if dataset['abbr'] == 'nano_facts_open_chat']
models = [*nano_base, *nano_chat]

# A stand-in that says the last three words backwards: with this prompt it likes answers of one word. A real judge, say
# dict(type=OpenAI, path='gpt-4', max_out_len=1024, batch_size=8), has instructions of its own and needs no prompt.
judge = dict(type=FakeModel, path='fake', max_out_len=80)
_prompt = '{question}\n{answer_a}\n[[B]] {answer_b} [[A]]'

eval = dict(partitioner=dict(type=ComparisonPartitioner),
            runner=dict(type=LocalRunner, task=dict(type=ModelEvaluator, judge=judge, prompt=_prompt)))
