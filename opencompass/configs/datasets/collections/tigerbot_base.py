"""The thirteen suites that TigerBot compares base models on, most of them ranked."""
from mmengine.config import read_base

with read_base():
    from ..humaneval.humaneval_gen_8e312c import humaneval_datasets
    from ..piqa.piqa_ppl_1cf9f0 import piqa_datasets
    from ..siqa.siqa_ppl_ced5f6 import siqa_datasets
    from ..hellaswag.hellaswag_ppl_47bff9 import hellaswag_datasets
    from ..winogrande.winogrande_ppl_55a66e import winogrande_datasets
    from ..obqa.obqa_gen_9069e4 import obqa_datasets
    from ..SuperGLUE_BoolQ.SuperGLUE_BoolQ_ppl_314b96 import BoolQ_datasets
    from ..gsm8k.gsm8k_gen_1d7fe4 import gsm8k_datasets
    from ..mmlu.mmlu_ppl_ac766d import mmlu_datasets
    from ..CLUE_CMRC.CLUE_CMRC_gen_1bd3c8 import CMRC_datasets
    from ..CLUE_ocnli.CLUE_ocnli_ppl_fdc6de import ocnli_datasets
    from ..CLUE_C3.CLUE_C3_ppl_e24a31 import C3_datasets
    from ..ceval.ceval_ppl_578f8d import ceval_datasets

datasets1 = [
    *humaneval_datasets, *piqa_datasets, *siqa_datasets, *hellaswag_datasets, *winogrande_datasets, *obqa_datasets,
    *BoolQ_datasets, *gsm8k_datasets, *mmlu_datasets,
]

datasets2 = [*CMRC_datasets, *ocnli_datasets, *C3_datasets, *ceval_datasets]

datasets = [*datasets1, *datasets2]
