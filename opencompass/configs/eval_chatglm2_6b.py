from mmengine.config import read_base

with read_base():
    from .datasets.collections.tigerbot_base import *
    from .models.hf_chatglm2_6b import models
