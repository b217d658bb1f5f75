from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

AX_g_reader_cfg = reader(['hypothesis', 'premise'], 'label', test_split='train')

AX_g_infer_cfg = rank({
    'entailment': '{premise}?entailment, {hypothesis}',
    'not_entailment': '{premise}?not_entailment, {hypothesis}',
})

AX_g_eval_cfg = accuracy()

AX_g_datasets = [
    dict(type=HFDataset, abbr='AX_g', path='json', data_files='./data/SuperGLUE/AX-g/AX-g.jsonl', split='train',
         reader_cfg=AX_g_reader_cfg, infer_cfg=AX_g_infer_cfg, eval_cfg=AX_g_eval_cfg)
]
