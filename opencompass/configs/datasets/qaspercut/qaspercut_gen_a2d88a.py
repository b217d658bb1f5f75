from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import QASPERCUTDataset, TriviaQAEvaluator

qaspercut_reader_cfg = reader(['question', 'evidence'], 'answer', train_split='dev', test_split='dev')

qaspercut_infer_cfg = generate(
    '{evidence}\nAnswer these questions:\nQ: {question}?\nA:',
    max_out_len=50,
    max_seq_len=8192,
    batch_size=4,
)

qaspercut_eval_cfg = scored(TriviaQAEvaluator)

qaspercut_datasets = [
    dict(type=QASPERCUTDataset, abbr='qaspercut', path='./data/QASPER/',
         reader_cfg=qaspercut_reader_cfg, infer_cfg=qaspercut_infer_cfg, eval_cfg=qaspercut_eval_cfg)
]
