from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader
    from .labels import tnews_labels

from opencompass.datasets import TNewsDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

tnews_reader_cfg = reader('sentence', 'label_desc2')

_letters = 'ABCDEFGHIJKLMNO'
_options = ''.join(f'{letter}. {label}\n' for letter, label in zip(_letters, tnews_labels, strict=True))
_choice = '，'.join(f'“{letter}”' for letter in _letters)

tnews_infer_cfg = generate(chat(
    f'{{sentence}}\n请判断上述内容属于什么新闻？\n{_options}请从{_choice}中进行选择。\n答：'))

tnews_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

tnews_datasets = [
    dict(type=TNewsDataset_V2, abbr=f'tnews-{split}', path=f'./data/FewCLUE/tnews/{file}.json',
         reader_cfg=tnews_reader_cfg, infer_cfg=tnews_infer_cfg, eval_cfg=tnews_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
