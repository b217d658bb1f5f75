from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import HFDataset, HumanEvaluator, humaneval_postprocess

humaneval_reader_cfg = reader(['prompt'], 'task_id', train_split='test')

humaneval_infer_cfg = generate(chat(
    '{prompt}',
    begin=[dict(role='SYSTEM', fallback_role='HUMAN', prompt='Complete the following python code:')],
))

humaneval_eval_cfg = scored(HumanEvaluator, humaneval_postprocess, pred_role='BOT', k=[1, 10, 100])

humaneval_datasets = [
    dict(type=HFDataset, path='openai_humaneval',
         reader_cfg=humaneval_reader_cfg, infer_cfg=humaneval_infer_cfg, eval_cfg=humaneval_eval_cfg)
]
