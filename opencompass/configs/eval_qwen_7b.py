from mmengine.config import read_base

with read_base():
    from .datasets.collections.tigerbot_base import *
    from .models.hf_qwen_7b import models
