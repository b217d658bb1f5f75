from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import hellaswagDataset

hellaswag_reader_cfg = reader(['ctx', 'A', 'B', 'C', 'D'], 'label', train_split='validation', test_split='validation')

hellaswag_infer_cfg = rank({
    0: chat('{ctx}', '{A}'),
    1: chat('{ctx}', '{B}'),
    2: chat('{ctx}', '{C}'),
    3: chat('{ctx}', '{D}'),
})

hellaswag_eval_cfg = accuracy()

hellaswag_datasets = [
    dict(type=hellaswagDataset, path='hellaswag',
         reader_cfg=hellaswag_reader_cfg, infer_cfg=hellaswag_infer_cfg, eval_cfg=hellaswag_eval_cfg)
]
