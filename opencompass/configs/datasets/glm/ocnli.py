from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

ocnli_reader_cfg = reader(['sentence1', 'sentence2'], 'label')

_question = (
    '{sentence1}\n'
    'Keeping in mind the above text, consider: {sentence2}？\n'
    'Is this "always", "sometimes", or "never" correct? '
)

ocnli_infer_cfg = rank({
    'contradiction': _question + '[MASK]never',
    'entailment': _question + '[MASK]always',
    'neutral': _question + '[MASK]sometimes',
})

ocnli_eval_cfg = accuracy()

ocnli_datasets = [
    dict(type=HFDataset, abbr='ocnli', path='json', split='train', data_files='./data/CLUE/OCNLI/dev.json',
         reader_cfg=ocnli_reader_cfg, infer_cfg=ocnli_infer_cfg, eval_cfg=ocnli_eval_cfg)
]
