from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, few_shot, generate, reader
    from .subjects import nano_open_subjects, nano_path

from opencompass.datasets import TigerBotNanoDataset, tigerbot_nano_postprocess

_question = 'Question: {question}\nAnswer:'

nano_gen_datasets = [
    dict(abbr=f'nano_{subject}', type=TigerBotNanoDataset, path=nano_path, subject=subject,
         reader_cfg=reader(['question'], 'answer', train_split='dev'),
         infer_cfg=few_shot(generate(f'</E>{_question}', max_out_len=12), _question + ' {answer}'),
         eval_cfg=accuracy(tigerbot_nano_postprocess))
    for subject in nano_open_subjects
]
