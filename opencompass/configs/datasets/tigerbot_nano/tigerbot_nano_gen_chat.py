from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader
    from .subjects import nano_open_subjects, nano_path

from opencompass.datasets import TigerBotNanoDataset, tigerbot_nano_postprocess

nano_gen_chat_datasets = [
    dict(abbr=f'nano_{subject}_chat', type=TigerBotNanoDataset, path=nano_path, subject=subject,
         reader_cfg=reader(['question'], 'answer', train_split='dev'),
         infer_cfg=generate(chat('{question}'), max_out_len=12),
         eval_cfg=accuracy(tigerbot_nano_postprocess, pred_role='BOT'))
    for subject in nano_open_subjects
]
