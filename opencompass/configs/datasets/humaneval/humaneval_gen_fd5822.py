from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import HFDataset, HumanEvaluator, humaneval_postprocess

humaneval_reader_cfg = reader(['prompt'], 'task_id', train_split='test')

humaneval_infer_cfg = generate('{prompt}', max_out_len=512)

humaneval_eval_cfg = scored(HumanEvaluator, humaneval_postprocess, k=[1, 10, 100])

humaneval_datasets = [
    dict(type=HFDataset, path='openai_humaneval',
         reader_cfg=humaneval_reader_cfg, infer_cfg=humaneval_infer_cfg, eval_cfg=humaneval_eval_cfg)
]
