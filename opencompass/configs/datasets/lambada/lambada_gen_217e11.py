from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import LambadaEvaluator, lambadaDataset

lambada_reader_cfg = reader(['prompt'], 'label', train_split='test', test_split='test')

lambada_infer_cfg = generate(chat('Please complete the following sentence:\n{prompt}'), max_out_len=5)

lambada_eval_cfg = scored(LambadaEvaluator)

lambada_datasets = [
    dict(abbr='lambada', type=lambadaDataset, path='craffel/openai_lambada',
         reader_cfg=lambada_reader_cfg, infer_cfg=lambada_infer_cfg, eval_cfg=lambada_eval_cfg)
]
