from mmengine.config import read_base

with read_base():
    from .agieval_gen_397d81 import agieval_datasets  # noqa: F401
