from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

ocnli_fc_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

ocnli_fc_infer_cfg = rank({
    'contradiction': '阅读文章：{sentence1}\n根据上文，回答如下问题： {sentence2}？\n答：错',
    'entailment': '阅读文章：{sentence1}\n根据上文，回答如下问题： {sentence2}？\n答：对',
    'neutral': '如果{sentence1}为真，那么{sentence2}也为真吗?可能',
})

ocnli_fc_eval_cfg = accuracy()

ocnli_fc_datasets = [
    dict(type=HFDataset, abbr=f'ocnli_fc-{split}', path='json', split='train',
         data_files=f'./data/FewCLUE/ocnli/{file}.json',
         reader_cfg=ocnli_fc_reader_cfg, infer_cfg=ocnli_fc_infer_cfg, eval_cfg=ocnli_fc_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
