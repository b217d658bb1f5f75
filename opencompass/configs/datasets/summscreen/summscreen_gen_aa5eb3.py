from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import SummScreenDataset
from opencompass.openicl.icl_evaluator import BleuEvaluator
from opencompass.utils.text_postprocessors import general_cn_postprocess

summscreen_reader_cfg = reader('content', 'summary', train_split='dev', test_split='dev')

summscreen_infer_cfg = generate(
    'Please summarize the following English report in English:{content}\n'
    '{summary}.',
    batch_size=4,
    max_out_len=500,
    max_seq_len=8192,
)

summscreen_eval_cfg = scored(BleuEvaluator, general_cn_postprocess, general_cn_postprocess)

summscreen_datasets = [
    dict(type=SummScreenDataset, path='./data/SummScreen/', abbr='SummScreen',
         reader_cfg=summscreen_reader_cfg, infer_cfg=summscreen_infer_cfg, eval_cfg=summscreen_eval_cfg)
]
