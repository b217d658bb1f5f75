from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import GovRepcrsDataset
from opencompass.openicl.icl_evaluator import BleuEvaluator
from opencompass.utils.text_postprocessors import general_cn_postprocess

govrepcrs_reader_cfg = reader('content', 'summary', train_split='test', test_split='test')

govrepcrs_infer_cfg = generate(chat(
    '{content}',
    '{summary}',
    begin=[
        dict(role='SYSTEM', fallback_role='HUMAN', prompt='Please summarize the following English report in English:'),
    ],
), batch_size=4, max_out_len=500, max_seq_len=8192)

govrepcrs_eval_cfg = scored(BleuEvaluator, general_cn_postprocess, general_cn_postprocess, pred_role='BOT')

govrepcrs_datasets = [
    dict(type=GovRepcrsDataset, path='./data/govrep/', abbr='GovRepcrs',
         reader_cfg=govrepcrs_reader_cfg, infer_cfg=govrepcrs_infer_cfg, eval_cfg=govrepcrs_eval_cfg)
]
