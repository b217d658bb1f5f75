from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader, scored
    from .subjects import (
        agieval_chinese_sets, agieval_cloze_sets, agieval_english_sets, agieval_gaokao_sets,
        agieval_multiple_choices_sets, agieval_requests as _requests, agieval_single_choice_sets)

from opencompass.datasets import AGIEvalDataset_v2, AGIEvalEvaluator
from opencompass.utils.text_postprocessors import first_capital_postprocess, first_capital_postprocess_multi

agieval_reader_cfg = reader(['question', 'options'], 'label')


def _datasets(names, question, eval_cfg, chinese=agieval_chinese_sets):
    ends = {name: '答案是： ' if name in chinese else 'The answer is ' for name in names}
    return [
        dict(type=AGIEvalDataset_v2, path='./data/AGIEval/data/v1/', name=name, abbr=f'agieval-{name}',
             setting_name='zero-shot', reader_cfg=agieval_reader_cfg,
             infer_cfg=generate(chat(f'{_requests[name]}\n{question}\n{ends[name]}'), max_out_len=1024),
             eval_cfg=eval_cfg)
        for name in names
    ]


agieval_datasets = [
    *_datasets(agieval_single_choice_sets, '{question}\n{options}', accuracy(first_capital_postprocess)),
    *_datasets(agieval_multiple_choices_sets, '{question}\n{options}', accuracy(first_capital_postprocess_multi)),
    *_datasets(agieval_cloze_sets, '{question}', scored(AGIEvalEvaluator)),
]
