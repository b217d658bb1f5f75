from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import NarrativeQADataset, TriviaQAEvaluator

narrativeqa_reader_cfg = reader(['question', 'evidence'], 'answer', train_split='valid', test_split='valid')

narrativeqa_infer_cfg = generate(chat('{evidence}\nAnswer these questions:\nQ: {question}?A:', ''), max_out_len=50, max_seq_len=8192, batch_size=4)

narrativeqa_eval_cfg = scored(TriviaQAEvaluator, pred_role='BOT')

narrativeqa_datasets = [
    dict(type=NarrativeQADataset, abbr='NarrativeQA', path='./data/narrativeqa/',
         reader_cfg=narrativeqa_reader_cfg, infer_cfg=narrativeqa_infer_cfg, eval_cfg=narrativeqa_eval_cfg)
]
