"""Go on with the pre-training of a model on plain texts.

    deepspeed --include="localhost:0,1,2,3" ./train_clm.py --deepspeed ./ds_config/ds_config_zero3.json \
        --model_name_or_path TigerResearch/tigerbot-7b-base --dataset_name TigerResearch/dev_pretrain \
        --do_train --output_dir ./ckpt-clm --num_train_epochs 5 --learning_rate 1e-5 --bf16 True \
        --eval_strategy steps --eval_steps 10 --save_steps 10 --save_total_limit 2 --logging_steps 10
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from train.encode import TextEncoder  # noqa: E402
from train.flags import PretrainConfig, parse  # noqa: E402
from train.run import train  # noqa: E402


def main() -> None:
    """Train as the flags say."""
    flags, args = parse(PretrainConfig)
    train(flags, args, lambda tokenizer, flags: TextEncoder(tokenizer, flags.text_key_name))


if __name__ == '__main__':
    main()
