from mmengine.config import read_base

with read_base():
    from .datasets.collections.tigerbot_chat_2 import *
    from .models.hf_tigerbot_gptq import models
