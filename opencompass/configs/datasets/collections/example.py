"""How benchmarks are collected."""
from mmengine.config import read_base

with read_base():
    from ..nq.nq_gen_c788f6 import nq_datasets
    from ..piqa.piqa_gen import piqa_datasets

datasets = [*piqa_datasets, *nq_datasets]
