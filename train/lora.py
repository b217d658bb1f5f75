"""Adapters (LoRA) on a base model in 4, 8, 16 or 32 bits: their flags, and how they are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedModel, TrainingArguments, set_seed
from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled

from train.adapters import adapter_folder
from train.flags import DataFlags
from train.run import attention, load_full
from utils.modeling_hack import checkpoint
from utils.quantization import IN_BLOCK, four_bit_layers, keep_layout, quieten

if TYPE_CHECKING:
    from peft import PeftModel

BITS = (4, 8, 16, 32)


@dataclass
class PeftConfig(DataFlags):
    """Flags of train_with_qlora.py."""

    preprocess_num_workers: int = field(default=4, metadata={'help': 'processes that tokenize'})
    data_files: str | None = field(default=None, metadata={'help': 'as --train_file_path'})
    data_path: str | None = field(default=None, metadata={'help': 'as --train_file_path'})
    bits: int = field(default=4, metadata={'help': 'of each frozen weight: 4, 8, 16 or 32'})
    double_quant: bool = field(default=True, metadata={'help': 'quantize the constants of 4-bit weights too'})
    quant_type: str = field(default='nf4', metadata={'help': '4-bit format: nf4 or fp4'})
    lora_r: int = field(default=64, metadata={'help': 'rank of the adapters'})
    lora_alpha: float = field(default=16, metadata={'help': 'adapters count times lora_alpha / lora_r'})
    lora_dropout: float = field(default=0.0, metadata={'help': 'share of an adapter input set to 0 in training'})
    full_finetune: bool = field(
        default=False, metadata={'help': 'train all weights instead of adapters; needs --bits 16 or 32'}
    )
    adam8bit: bool = field(default=False, metadata={'help': 'AdamW with 8-bit state, as --optim adamw_bnb_8bit'})

    do_infer: bool = field(default=False, metadata={'help': 'does nothing; chat by infer.py after merge_lora.py'})

    def __post_init__(self) -> None:
        given = {one for one in (self.train_file_path, self.data_files, self.data_path) if one is not None}
        if len(given) > 1:
            raise ValueError('--data_files, --data_path and --train_file_path mean the same; give one of them')
        self.train_file_path = given.pop() if given else None
        if self.bits not in BITS:
            raise ValueError(f'--bits is one of {", ".join(map(str, BITS))}, not {self.bits}')
        if self.quant_type not in ('nf4', 'fp4'):
            raise ValueError(f'--quant_type is nf4 or fp4, not {self.quant_type!r}')
        if self.full_finetune and self.is_quantized:
            raise ValueError(
                f'--full_finetune trains the weights themselves, which {self.bits}-bit ones do not allow; '
                'add --bits 16 or --bits 32, or leave it out to train adapters'
            )
        if self.muon and not self.full_finetune:
            raise ValueError('--muon is for the matrices of whole models, not for adapters; leave it out')
        if self.lora_r < 1:
            raise ValueError(f'--lora_r is at least 1, not {self.lora_r}')
        if not 0 <= self.lora_dropout < 1:
            raise ValueError(f'--lora_dropout is from 0 to below 1, not {self.lora_dropout}')

    @property
    def is_quantized(self) -> bool:
        return self.bits in (4, 8)


def compute_dtype(flags: PeftConfig, args: TrainingArguments) -> torch.dtype:
    """What unquantized weights are held in, and what 4-bit ones are unpacked to.

    --bf16 and --fp16 say it, except that --bits 32 means float32; --bits 16 alone means bfloat16.
    """
    if flags.bits == 32:
        return torch.float32
    if args.fp16:
        return torch.float16
    return torch.bfloat16 if args.bf16 or flags.bits == 16 else torch.float32


def quantization(flags: PeftConfig, dtype: torch.dtype) -> BitsAndBytesConfig | None:
    """The `quantization_config` of `from_pretrained`; None for 16 and 32 bits."""
    if flags.bits == 8:
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=6.0)
    if flags.bits == 4:
        return BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type=flags.quant_type,
            bnb_4bit_use_double_quant=flags.double_quant,
            bnb_4bit_compute_dtype=dtype,
            # ZeRO-3 splits weights of this type only; the bits in them are the same.
            bnb_4bit_quant_storage=dtype if is_deepspeed_zero3_enabled() else torch.uint8,
        )
    return None


def devices(args: TrainingArguments) -> dict[str, Any] | str | None:
    """The `device_map` of the base: one device a process, or all GPUs for a single process. DeepSpeed places itself."""
    if is_deepspeed_zero3_enabled():
        return None
    if args.use_cpu or args.world_size > 1:
        return {'': args.device}
    return 'auto' if torch.cuda.is_available() else None


def load_for_adapters(flags: PeftConfig, args: TrainingArguments) -> PreTrainedModel:
    """The base model with fresh adapters, or all of it to be trained with --full_finetune."""
    if flags.full_finetune:
        return load_full(flags, args)
    quieten()
    place, dtype = checkpoint(flags.model_name_or_path), compute_dtype(flags, args)
    model = AutoModelForCausalLM.from_pretrained(
        # The adapters name their base, and are used from other folders too.
        str(Path(place).resolve()) if Path(place).is_dir() else place,
        dtype=dtype,
        quantization_config=quantization(flags, dtype),
        device_map=devices(args),
        attn_implementation=attention(flags, args),
        trust_remote_code=flags.trust_remote_code,
    )
    keep_packing(model)
    if not args.do_train:
        return trained(model, args)
    set_seed(args.seed)  # of the adapters' first weights
    model = with_adapters(model, flags)
    if args.process_index == 0:
        print(counted(model))
    return model


def trained(model: PreTrainedModel, args: TrainingArguments) -> PreTrainedModel:
    """The model with the adapters to be evaluated: those of a checkpoint that is named, else those in output_dir."""
    from peft import PeftModel

    asked = args.resume_from_checkpoint or ''
    folder = adapter_folder(asked if Path(asked).is_dir() and asked else args.output_dir)
    if args.process_index == 0:
        print(f'Evaluating the adapters in {folder}')
    return PeftModel.from_pretrained(model, str(folder))


def keep_packing(model: PreTrainedModel) -> None:
    """Have 4-bit weights on a CPU stay as they are; call it before the first forward pass.

    On processors with AVX512-BF16 bitsandbytes packs them anew at the first evaluation, after which gradients, saved
    weights and merges are wrong without a word. ValueError for widths that its CPU code unpacks wrongly.
    """
    keep_layout(model)
    for name, layer in four_bit_layers(model).items():
        if layer.weight.device.type == 'cpu' and layer.in_features % IN_BLOCK:
            raise ValueError(
                f'{name} has {layer.in_features} inputs, and 4-bit weights on a CPU are right only for multiples '
                f'of {IN_BLOCK}; use --bits 8 or 16'
            )


def with_adapters(model: PreTrainedModel, flags: PeftConfig) -> PeftModel:
    """The model with fresh adapters on all linear maps but the output layer. Only they are trained, in float32."""
    from peft import LoraConfig, get_peft_model

    model.requires_grad_(False)
    if model.dtype != torch.float32 and flags.is_quantized:
        _norms_to_float32(model)
    # Without it checkpointed layers see no input that wants a gradient, and nothing is learned.
    model.enable_input_require_grads()
    config = LoraConfig(
        task_type='CAUSAL_LM',
        r=flags.lora_r,
        lora_alpha=flags.lora_alpha,
        lora_dropout=flags.lora_dropout,
        target_modules='all-linear',
    )
    return get_peft_model(model, config)


def _norms_to_float32(model: PreTrainedModel) -> None:
    for name, layer in model.named_modules():
        if 'norm' in name.rsplit('.', 1)[-1]:
            layer.float()


def counted(model: PeftModel) -> str:
    """How many weights are trained, and of how many; two 4-bit ones in a byte are two."""
    trained, everything = model.get_nb_trainable_parameters()
    return f'trainable params: {trained} || all params: {everything} || trainable: {100 * trained / everything:.4f}%'
