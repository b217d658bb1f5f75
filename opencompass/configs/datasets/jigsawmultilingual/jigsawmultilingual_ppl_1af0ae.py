from mmengine.config import read_base

with read_base():
    from .._recipes import choose, reader, scored

from opencompass.datasets import JigsawMultilingualDataset
from opencompass.openicl.icl_evaluator import AUCROCEvaluator

jigsawmultilingual_reader_cfg = reader(['text'], 'label', train_split='test', test_split='test')

jigsawmultilingual_infer_cfg = choose(
    'Text: {text}\n'
    'Question: Does the above text contain rude, hateful, aggressive, disrespectful or unreasonable language?\n'
    'Answer:'
)

jigsawmultilingual_eval_cfg = scored(AUCROCEvaluator)

jigsawmultilingual_datasets = [
    dict(abbr=f'jigsaw_multilingual_{lang}', type=JigsawMultilingualDataset, path='data/jigsawmultilingual/test.csv',
         label='data/jigsawmultilingual/test_labels.csv', lang=lang,
         reader_cfg=jigsawmultilingual_reader_cfg, infer_cfg=jigsawmultilingual_infer_cfg,
         eval_cfg=jigsawmultilingual_eval_cfg)
    for lang in ['es', 'fr', 'it', 'pt', 'ru', 'tr']
]
