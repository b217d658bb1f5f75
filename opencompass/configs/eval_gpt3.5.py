from mmengine.config import read_base

with read_base():
    from .datasets.collections.chat_medium import datasets
    from .models._recipes import api_meta_template
    from .summarizers.medium import summarizer

from opencompass.models import OpenAI
from opencompass.partitioners import NaivePartitioner
from opencompass.runners import LocalRunner
from opencompass.tasks import OpenICLInferTask

# key='ENV' takes the key from $OPENAI_API_KEY
models = [
    dict(abbr='GPT-3.5-turbo-0613', type=OpenAI, path='gpt-3.5-turbo-0613', key='ENV',
         meta_template=api_meta_template, query_per_second=1, max_out_len=2048, max_seq_len=2048, batch_size=8)
]

infer = dict(partitioner=dict(type=NaivePartitioner),
             runner=dict(type=LocalRunner, max_num_workers=8, task=dict(type=OpenICLInferTask)))
