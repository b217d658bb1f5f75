from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import TriviaQADataset, TriviaQAEvaluator

triviaqa_reader_cfg = reader(['question'], 'answer', train_split='dev', test_split='dev')

triviaqa_infer_cfg = generate(chat(
    'Answer the final question, your answer should be as simple as possible.\n'
    'Q: Where in England was Dame Judi Dench born?\nA: York, England\n'
    'Q: From which country did Angola achieve independence in 1975?\nA: Portugal\n'
    "Q: What is Bruce Willis' real first name?\nA: Walter\nQ: Who won Super Bowl XX?\n"
    'A: Chicago Bears\nQ: How is Joan Molinsky better known?\nA: Joan Rivers\n'
    'Q: {question}?',
    'A: ',
), max_out_len=50)

triviaqa_eval_cfg = scored(TriviaQAEvaluator, pred_role='BOT')

triviaqa_datasets = [
    dict(type=TriviaQADataset, abbr='triviaqa', path='./data/triviaqa_wiki',
         reader_cfg=triviaqa_reader_cfg, infer_cfg=triviaqa_infer_cfg, eval_cfg=triviaqa_eval_cfg)
]
