from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import QASPERDataset, TriviaQAEvaluator

qasper_reader_cfg = reader(['question', 'evidence'], 'answer', train_split='dev', test_split='dev')

qasper_infer_cfg = generate(
    '{evidence}\nAnswer these questions:\nQ: {question}?\nA:',
    max_out_len=50,
    max_seq_len=8192,
    batch_size=4,
)

qasper_eval_cfg = scored(TriviaQAEvaluator)

qasper_datasets = [
    dict(type=QASPERDataset, abbr='QASPER', path='./data/QASPER/',
         reader_cfg=qasper_reader_cfg, infer_cfg=qasper_infer_cfg, eval_cfg=qasper_eval_cfg)
]
