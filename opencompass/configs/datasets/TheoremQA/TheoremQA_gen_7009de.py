from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import TheoremQADataset, TheoremQA_postprocess

TheoremQA_reader_cfg = reader(['Question', 'Answer_type'], 'Answer', train_split='test')

TheoremQA_prompt1 = (
    'You are a mathematician, you are supposed to answer the given question. You need to output the answer in your '
    'final sentence like "Therefore, the answer is ...". The answer can only be one of the following forms:\n'
    '1. a numerical value like 0.1, no symbol and no unit at all.\n2. a list of number like [2, 3, 4].\n'
    '3. True/False.\n4. an option like (a), (b), (c), (d)\n'
)

TheoremQA_prompt2 = "Question: {Question}\nLet's think step by step."

TheoremQA_infer_cfg = generate(
    chat(TheoremQA_prompt2, begin=[dict(role='SYSTEM', fallback_role='HUMAN', prompt=TheoremQA_prompt1)]),
    max_out_len=512,
)

TheoremQA_eval_cfg = accuracy(TheoremQA_postprocess)

TheoremQA_datasets = [
    dict(abbr='TheoremQA', type=TheoremQADataset, path='./data/TheoremQA/test.csv',
         reader_cfg=TheoremQA_reader_cfg, infer_cfg=TheoremQA_infer_cfg, eval_cfg=TheoremQA_eval_cfg)
]
