from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import TriviaQAEvaluator, TriviaQArcDataset

triviaqarc_reader_cfg = reader(['question', 'evidence'], 'answer', train_split='dev', test_split='dev')

triviaqarc_infer_cfg = generate(
    '{evidence}\nAnswer these questions:\nQ: {question}?\nA:',
    max_out_len=50,
    max_seq_len=8192,
    batch_size=4,
)

triviaqarc_eval_cfg = scored(TriviaQAEvaluator)

triviaqarc_datasets = [
    dict(type=TriviaQArcDataset, abbr='triviaqarc', path='./data/triviaqa-rc/',
         reader_cfg=triviaqarc_reader_cfg, infer_cfg=triviaqarc_infer_cfg, eval_cfg=triviaqarc_eval_cfg)
]
