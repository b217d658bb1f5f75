from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

AX_b_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

AX_b_infer_cfg = rank({
    'entailment': '{sentence1}?entailment, {sentence2}',
    'not_entailment': '{sentence1}?not_entailment, {sentence2}',
})

AX_b_eval_cfg = accuracy()

AX_b_datasets = [
    dict(type=HFDataset, abbr='AX_b', path='json', data_files='./data/SuperGLUE/AX-b/AX-b.jsonl', split='train',
         reader_cfg=AX_b_reader_cfg, infer_cfg=AX_b_infer_cfg, eval_cfg=AX_b_eval_cfg)
]
