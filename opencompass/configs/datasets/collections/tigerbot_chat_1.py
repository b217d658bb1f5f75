"""The suites that TigerBot asks its chat models without the chat format."""
from mmengine.config import read_base

with read_base():
    from ..humaneval.humaneval_gen_8e312c import humaneval_datasets
    from ..hellaswag.hellaswag_ppl_47bff9 import hellaswag_datasets
    from ..winogrande.winogrande_ppl_55a66e import winogrande_datasets
    from ..obqa.obqa_gen_9069e4 import obqa_datasets

datasets = sum((value for name, value in locals().items() if name.endswith('_datasets')), [])
