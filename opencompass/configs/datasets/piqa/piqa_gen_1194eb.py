from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import piqaDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

piqa_reader_cfg = reader(['goal', 'sol1', 'sol2'], 'answer', test_split='validation')

piqa_infer_cfg = generate(chat('{goal}\nA. {sol1}\nB. {sol2}\nAnswer:'))

piqa_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

piqa_datasets = [
    dict(abbr='piqa', type=piqaDataset_V2, path='piqa',
         reader_cfg=piqa_reader_cfg, infer_cfg=piqa_infer_cfg, eval_cfg=piqa_eval_cfg)
]
