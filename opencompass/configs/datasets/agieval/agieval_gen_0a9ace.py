from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader, scored
    from .subjects import agieval_cloze_sets, agieval_single_choice_sets

from opencompass.datasets import AGIEvalDataset, AGIEvalEvaluator
from opencompass.utils.text_postprocessors import first_capital_postprocess

agieval_reader_cfg = reader(['problem_input'], 'label')

agieval_multiple_choices_sets = []


def _datasets(names, infer_cfg, eval_cfg):
    return [
        dict(type=AGIEvalDataset, path='./data/AGIEval/data/v1/', name=name, abbr=f'agieval-{name}',
             setting_name='zero-shot', reader_cfg=agieval_reader_cfg, infer_cfg=infer_cfg, eval_cfg=eval_cfg)
        for name in names
    ]


agieval_datasets = [
    *_datasets(agieval_single_choice_sets, generate(chat('{problem_input}'), labels=['A', 'B', 'C', 'D']),
               accuracy(first_capital_postprocess)),
    *_datasets(agieval_cloze_sets, generate(chat('{problem_input}')), scored(AGIEvalEvaluator, pred_role='BOT')),
]
