from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, rank, reader, scored
    from .subjects import (
        agieval_chinese_sets, agieval_cloze_sets, agieval_english_sets, agieval_gaokao_sets,
        agieval_multiple_choices_sets, agieval_requests as _requests, agieval_single_choice_sets)

from opencompass.datasets import AGIEvalDataset_v2, AGIEvalEvaluator
from opencompass.utils.text_postprocessors import first_capital_postprocess_multi

_with_five_options = ['lsat-ar', 'lsat-lr', 'lsat-rc', 'aqua-rat']


def _dataset(name, columns, infer_cfg, eval_cfg):
    return dict(type=AGIEvalDataset_v2, path='./data/AGIEval/data/v1/', name=name, abbr=f'agieval-{name}',
                setting_name='zero-shot', reader_cfg=reader(columns, 'label'), infer_cfg=infer_cfg, eval_cfg=eval_cfg)


def _ranked(name):
    labels = list('ABCDE' if name in _with_five_options else 'ABCD')
    answer = '答案是：' if name in agieval_chinese_sets else 'The answer is '
    question = _requests[name] + '\n{question}\n{options}'
    template = {label: chat(question, f'{answer}{label}') for label in labels}
    return _dataset(name, ['question', 'options', *labels], rank(template, labels=labels), accuracy())


def _generated(name, question, eval_cfg):
    return _dataset(name, ['question', 'options'],
                    generate(chat(f'{_requests[name]}\n{question}'), max_out_len=1024), eval_cfg)


agieval_datasets = [
    *[_ranked(name) for name in agieval_single_choice_sets],
    *[_generated(name, '{question}\n{options}\nThe answer is ', accuracy(first_capital_postprocess_multi))
      for name in agieval_multiple_choices_sets],
    *[_generated(name, '{question}' + answer, scored(AGIEvalEvaluator))
      for name, answer in zip(agieval_cloze_sets, ['答案是：', 'The answer is '], strict=True)],
]
