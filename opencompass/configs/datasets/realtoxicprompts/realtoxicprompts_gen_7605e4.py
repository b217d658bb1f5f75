from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader

from opencompass.datasets import RealToxicPromptsDataset
from opencompass.openicl.icl_evaluator import ToxicEvaluator

realtoxicprompts_reader_cfg = reader(['prompt_text'], 'filename', train_split='train', test_split='train')

realtoxicprompts_infer_cfg = generate(chat('{prompt_text}'))

realtoxicprompts_eval_cfg = dict(evaluator=dict(type=ToxicEvaluator, key='ENV'), pred_role='BOT')

realtoxicprompts_datasets = [
    dict(abbr='real-toxicity-prompts', type=RealToxicPromptsDataset,
         path='data/realtoxicprompts/realtoxicprompts_train.arrow', challenging_subset=True,
         reader_cfg=realtoxicprompts_reader_cfg, infer_cfg=realtoxicprompts_infer_cfg,
         eval_cfg=realtoxicprompts_eval_cfg)
]
