from mmengine.config import read_base

with read_base():
    from ._recipes import api_meta_template

from opencompass.models import Llama2Chat

models = [
    dict(abbr='llama-2-70b-chat', type=Llama2Chat, path='./models/llama2/llama/llama-2-70b-chat/',
         tokenizer_path='./models/llama2/llama/tokenizer.model', meta_template=api_meta_template,
         max_out_len=100, max_seq_len=2048, batch_size=16, run_cfg=dict(num_gpus=8, num_procs=8))
]
