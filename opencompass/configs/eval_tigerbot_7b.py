from mmengine.config import read_base

with read_base():
    from .datasets.collections.tigerbot_base import *
    from .models.hf_tigerbot_7b_base import models
