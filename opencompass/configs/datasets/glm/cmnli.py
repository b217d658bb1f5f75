from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

cmnli_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

_question = (
    '{sentence1}\n'
    'Keeping in mind the above text, consider: {sentence2}？\n'
    'Is this "always", "sometimes", or "never" correct? '
)

cmnli_infer_cfg = rank({
    'contradiction': _question + '[MASK]never',
    'entailment': _question + '[MASK]always',
    'neutral': _question + '[MASK]sometimes',
})

cmnli_eval_cfg = accuracy()

cmnli_datasets = [
    dict(type=HFDataset, abbr='cmnli', path='json', split='train',
         data_files='./data/CLUE/cmnli/cmnli_public/dev.json',
         reader_cfg=cmnli_reader_cfg, infer_cfg=cmnli_infer_cfg, eval_cfg=cmnli_eval_cfg)
]
