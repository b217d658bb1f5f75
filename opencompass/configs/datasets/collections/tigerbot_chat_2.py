"""The suites that TigerBot asks its chat models in the chat format."""
from mmengine.config import read_base

with read_base():
    from ..piqa.piqa_ppl_1cf9f0 import piqa_datasets
    from ..siqa.siqa_ppl_ced5f6 import siqa_datasets
    from ..SuperGLUE_BoolQ.SuperGLUE_BoolQ_ppl_314b96 import BoolQ_datasets
    from ..gsm8k.gsm8k_gen_1d7fe4 import gsm8k_datasets
    from ..mmlu.mmlu_ppl_ac766d import mmlu_datasets
    from ..CLUE_CMRC.CLUE_CMRC_gen_3749cd import CMRC_datasets
    from ..CLUE_ocnli.CLUE_ocnli_ppl_fdc6de import ocnli_datasets
    from ..CLUE_C3.CLUE_C3_ppl_e24a31 import C3_datasets
    from ..ceval.ceval_ppl_578f8d import ceval_datasets

datasets = sum((value for name, value in locals().items() if name.endswith('_datasets')), [])
