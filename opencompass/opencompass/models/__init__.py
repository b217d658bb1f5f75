"""Models: text in, text or scores out."""

from .base import BaseModel, LMTemplateParser
from .base_api import APITemplateParser, BaseAPIModel
from .exllama import ExllamaCausalLM
from .fake import FakeModel
from .glm import GLM130B
from .gptq import GPTQCausalLM
from .huggingface import HuggingFace, HuggingFaceCausalLM
from .llama2 import Llama2, Llama2Chat
from .openai_api import OpenAI
from .vllm import VLLM, VLLMwithChatTemplate

__all__ = [
    'APITemplateParser',
    'BaseAPIModel',
    'BaseModel',
    'ExllamaCausalLM',
    'FakeModel',
    'GLM130B',
    'GPTQCausalLM',
    'HuggingFace',
    'HuggingFaceCausalLM',
    'LMTemplateParser',
    'Llama2',
    'Llama2Chat',
    'OpenAI',
    'VLLM',
    'VLLMwithChatTemplate',
]
