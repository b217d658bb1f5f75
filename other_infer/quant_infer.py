"""Chat in the terminal with a model in 8 or 4 bit, which takes half or a third of the memory, on a GPU or a CPU.

    python other_infer/quant_infer.py --model_path tigerbot-13b-chat --wbit 8
    python other_infer/quant_infer.py --model_path tigerbot-13b-chat --wbit 4

The weights are quantized while the checkpoint is loaded; the settings of answers are those of infer.py. `clear` forgets
the conversation, `exit` or Ctrl-D ends, Ctrl-C stops an answer.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.settings import REPETITION_PENALTY, flags, load, loading_flags


def main() -> None:
    parser = flags(__doc__)
    loading_flags(parser)
    parser.add_argument('--wbit', type=int, choices=(8, 4), default=8, help='bits of a weight (8)')
    asked = parser.parse_args()
    from utils.quantization import get_quantized, memory
    from utils.reply import reply_of
    from utils.terminal import terminal_chat

    loaded = load(asked, partial(get_quantized, wbit=asked.wbit))
    print(memory(loaded.model))
    terminal_chat(reply_of(loaded, asked, repetition_penalty=REPETITION_PENALTY))


if __name__ == '__main__':
    main()
