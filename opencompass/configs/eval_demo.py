"""Two small models on two benchmarks."""
from mmengine.config import read_base

with read_base():
    from .datasets.siqa.siqa_gen import siqa_datasets
    from .datasets.winograd.winograd_ppl import winograd_datasets

from opencompass.models import HuggingFaceCausalLM


def _opt(size, batch_size):
    path = f'facebook/opt-{size}'
    return dict(
        type=HuggingFaceCausalLM, abbr=f'opt{size}', path=path, tokenizer_path=path,
        tokenizer_kwargs=dict(padding_side='left', truncation_side='left', proxies=None, trust_remote_code=True),
        model_kwargs=dict(device_map='auto'), max_seq_len=2048, max_out_len=100, batch_size=batch_size,
        run_cfg=dict(num_gpus=1))


opt350m = _opt('350m', 64)
opt125m = _opt('125m', 128)

datasets = [*siqa_datasets, *winograd_datasets]
models = [opt350m, opt125m]
