from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import SummScreenDataset
from opencompass.openicl.icl_evaluator import BleuEvaluator
from opencompass.utils.text_postprocessors import general_cn_postprocess

summscreen_reader_cfg = reader('content', 'summary', train_split='dev', test_split='dev')

summscreen_infer_cfg = generate(chat(
    '{content}',
    '{summary}',
    begin=[
        dict(
            role='SYSTEM',
            fallback_role='HUMAN',
            prompt='Please summarize the following English play script in English:',
        ),
    ],
), batch_size=4, max_out_len=500, max_seq_len=8192)

summscreen_eval_cfg = scored(BleuEvaluator, general_cn_postprocess, general_cn_postprocess, pred_role='BOT')

summscreen_datasets = [
    dict(type=SummScreenDataset, path='./data/SummScreen/', abbr='SummScreen',
         reader_cfg=summscreen_reader_cfg, infer_cfg=summscreen_infer_cfg, eval_cfg=summscreen_eval_cfg)
]
