from mmengine.config import read_base

with read_base():
    from .._recipes import choose, few_shot, reader, scored
    from .subjects import nano_claim_subject, nano_path

from opencompass.datasets import TigerBotNanoDataset
from opencompass.openicl.icl_evaluator import AUCROCEvaluator

_statement = 'Statement: {statement}\nAnswer:'

nano_clp_datasets = [
    dict(abbr=f'nano_{nano_claim_subject}', type=TigerBotNanoDataset, path=nano_path, subject=nano_claim_subject,
         reader_cfg=reader(['statement', 'answer'], 'label', train_split='dev'),
         infer_cfg=few_shot(choose(f'</E>{_statement}'), _statement + ' {answer}'),
         eval_cfg=scored(AUCROCEvaluator))
]
