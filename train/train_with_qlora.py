"""Fine-tune adapters (LoRA) on questions and answers, over a base model in 4 bits (QLoRA), 8, 16 or 32.

    python train_with_qlora.py --model_name_or_path TigerResearch/tigerbot-7b-base --data_files dev_sft.json \
        --do_train --do_eval --output_dir ./ckpt-qlora --num_train_epochs 5 --learning_rate 1e-4 --bf16 True \
        --per_device_train_batch_size 2 --gradient_checkpointing True --save_steps 100 --logging_steps 10

The adapters are in output_dir and in each checkpoint-N. `merge_lora.py` makes a plain checkpoint of them.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from transformers import TrainingArguments  # noqa: E402

from train.encode import ChatEncoder  # noqa: E402
from train.flags import parse  # noqa: E402
from train.lora import PeftConfig, load_for_adapters  # noqa: E402
from train.run import train  # noqa: E402


def use_adam8bit(args: TrainingArguments) -> None:
    """As --optim adamw_bnb_8bit. The program ends where DeepSpeed's settings name another one, which would win."""
    if args.deepspeed and 'optimizer' in args.hf_deepspeed_config.config:
        sys.exit(
            f'error: --adam8bit and the optimizer in {args.deepspeed} exclude each other; leave --adam8bit out, or '
            'take settings without an optimizer, such as ds_config_zero2.json'
        )
    args.optim = 'adamw_bnb_8bit'


def main() -> None:
    """Train as the flags say."""
    flags, args = parse(PeftConfig)
    if not (args.do_train or args.do_eval):
        sys.exit('error: nothing to do; give --do_train, --do_eval or both')
    if flags.adam8bit:
        use_adam8bit(args)
    train(
        flags,
        args,
        lambda tokenizer, flags: ChatEncoder(tokenizer, flags.prompt_format, flags.max_length),
        load_for_adapters,
        always=False,
    )
    if args.do_train and args.should_save:
        (Path(args.output_dir) / 'completed').touch()


if __name__ == '__main__':
    main()
