"""The untrained tigerbot-nano: a checkpoint of random weights that the training scripts open like any other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nano_tokenizer import save_tokenizer

if TYPE_CHECKING:
    import torch
    from transformers import LlamaForCausalLM

MATCH_SCALE = 0.7
SHAPE = {
    'hidden_size': 128,
    'intermediate_size': 384,
    'num_hidden_layers': 6,
    'num_attention_heads': 4,
    'num_key_value_heads': 2,
    'head_dim': 32,
    'max_position_embeddings': 1024,
    'tie_word_embeddings': True,
}


def new_model(vocabulary: int, seed: int) -> LlamaForCausalLM:
    """An untrained model that answers greedily."""
    import torch
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    model = LlamaForCausalLM(
        LlamaConfig(vocab_size=vocabulary, bos_token_id=1, eos_token_id=2, pad_token_id=0, **SHAPE)
    )
    for layer in model.model.layers:
        attend_to_same(layer.self_attn)
    model.generation_config = GenerationConfig(
        do_sample=False, bos_token_id=1, eos_token_id=2, pad_token_id=0, max_new_tokens=64
    )
    return model


def attend_to_same(attention: torch.nn.Module) -> None:
    """Let queries start equal to keys, so that a token attends to earlier tokens like it (mimetic initialization).

    Most answers take something over from the question; with this start that is learned in fewer steps.
    https://arxiv.org/abs/2305.09828
    """
    import torch

    size, groups = attention.head_dim, attention.num_key_value_groups
    keys = attention.k_proj.weight.data
    torch.nn.init.normal_(keys, std=MATCH_SCALE * keys.shape[1] ** -0.5)
    heads = keys.view(-1, size, keys.shape[1]).repeat_interleave(groups, dim=0)
    attention.q_proj.weight.data = heads.reshape(-1, keys.shape[1]).clone()


def write_start(folder: Path, pieces: bytes, vocabulary: int, seed: int) -> int:
    """Write the checkpoint with its tokenizer; gives the number of parameters."""
    model = new_model(vocabulary, seed)
    model.save_pretrained(folder)
    save_tokenizer(pieces, folder)
    return model.num_parameters()
