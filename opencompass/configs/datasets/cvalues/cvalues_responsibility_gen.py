from mmengine.config import read_base

with read_base():
    from .cvalues_responsibility_gen_4aec9f import cvalues_datasets  # noqa: F401
