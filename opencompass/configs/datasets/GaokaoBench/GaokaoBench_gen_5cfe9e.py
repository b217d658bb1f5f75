from mmengine.config import read_base

with read_base():
    from .._recipes import as_example, chat, generate, reader
    from .papers import gaokao_papers as _papers

from opencompass.datasets import GaokaoBenchDataset

GaokaoBench_datasets = [
    dict(type=GaokaoBenchDataset, abbr=f'GaokaoBench_{name}', path=f'./data/GAOKAO-BENCH/data/{folder}/{name}.json',
         reader_cfg=reader(['question'], 'answer'),
         infer_cfg=as_example(generate(chat(prompt), max_out_len=1024)),
         eval_cfg=dict(evaluator=dict(type=f'GaokaoBenchEvaluator_{evaluator}'), pred_role='BOT'))
    for folder, evaluator, name, prompt in _papers
]
