from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import TriviaQADataset, TriviaQAEvaluator

triviaqa_reader_cfg = reader(['question'], 'answer', train_split='dev', test_split='dev')

triviaqa_infer_cfg = generate('Answer these questions:\nQ: {question}\nA:{answer}', max_out_len=50)

triviaqa_eval_cfg = scored(TriviaQAEvaluator, pred_role='BOT')

triviaqa_datasets = [
    dict(type=TriviaQADataset, abbr='triviaqa', path='./data/triviaqa/',
         reader_cfg=triviaqa_reader_cfg, infer_cfg=triviaqa_infer_cfg, eval_cfg=triviaqa_eval_cfg)
]
