from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import HFDataset, HumanEvaluator, humaneval_postprocess

apps_reader_cfg = reader(['question'], 'problem_id', train_split='test')

apps_infer_cfg = generate('{question}', max_out_len=512)

apps_eval_cfg = scored(HumanEvaluator, humaneval_postprocess, k=[1, 10, 100])

apps_datasets = [
    dict(type=HFDataset, path='codeparrot/apps',
         reader_cfg=apps_reader_cfg, infer_cfg=apps_infer_cfg, eval_cfg=apps_eval_cfg)
]
