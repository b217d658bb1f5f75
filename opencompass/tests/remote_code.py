"""A model whose code lies in its folder, written as such code was for earlier releases of transformers: it makes its
causal mask itself, knows masks of two dimensions only, and keeps the cache in tuples."""

import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast


class OldConfig(PretrainedConfig):
    model_type = 'old'

    def __init__(self, vocab_size=64, hidden_size=32, num_attention_heads=4, **kwargs):
        self.vocab_size, self.hidden_size, self.num_attention_heads = vocab_size, hidden_size, num_attention_heads
        super().__init__(**kwargs)


class OldModel(PreTrainedModel):
    config_class = OldConfig

    def __init__(self, config):
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.W_pack = nn.Linear(config.hidden_size, 3 * config.hidden_size, bias=False)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def forward(self, input_ids, attention_mask=None, position_ids=None, past_key_values=None, use_cache=None, **_):
        batch, length = input_ids.shape
        heads = self.config.num_attention_heads
        hidden = self.embed_tokens(input_ids)
        packed = self.W_pack(hidden).view(batch, length, 3, heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = packed
        if past_key_values is not None:
            key = torch.cat([past_key_values[0][0], key], 2)
            value = torch.cat([past_key_values[0][1], value], 2)
        seen = torch.ones(length, key.shape[2], dtype=torch.bool).tril(key.shape[2] - length)
        if attention_mask is not None:
            seen = seen & attention_mask[:, None, None, :].bool()
        distance = torch.arange(key.shape[2]) - key.shape[2]
        scores = query @ key.transpose(2, 3) / query.shape[-1] ** 0.5 + 0.1 * distance
        weights = scores.masked_fill(~seen, torch.finfo(scores.dtype).min).softmax(-1)
        hidden = hidden + (weights @ value).transpose(1, 2).reshape(batch, length, -1)
        cache = ((key, value),) if use_cache else None
        return CausalLMOutputWithPast(logits=self.lm_head(hidden), past_key_values=cache)
