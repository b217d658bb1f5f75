from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import winograndeDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

winogrande_reader_cfg = reader(['opt1', 'opt2'], 'label', test_split='validation')

winogrande_infer_cfg = generate(chat('Which of the following is a good sentence:\nA. {opt1}\nB. {opt2}\nAnswer:'))

winogrande_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

winogrande_datasets = [
    dict(abbr='winogrande', type=winograndeDataset_V2, path='winogrande', name='winogrande_xs',
         reader_cfg=winogrande_reader_cfg, infer_cfg=winogrande_infer_cfg, eval_cfg=winogrande_eval_cfg)
]
