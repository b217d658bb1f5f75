"""Chat in the terminal with a model that GPTQ has quantized, on a GPU or a CPU.

    python other_infer/gptq_infer.py --model_path tigerbot-13b-chat-8bit

The folder is one that gptqmodel or AutoGPTQ has written. `clear` forgets the conversation, `exit` or Ctrl-D ends,
Ctrl-C stops an answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.settings import flags, told


def main() -> None:
    parser = flags(__doc__, model_path='TigerResearch/tigerbot-13b-chat-8bit')
    parser.add_argument(
        '--trust_remote_code', action='store_true', help='run Python code that comes with the checkpoint'
    )
    asked = parser.parse_args()
    from utils.gptq import get_gptq
    from utils.modeling_hack import warn_of_length
    from utils.quantization import memory
    from utils.reply import reply_of
    from utils.terminal import terminal_chat

    print(f'Loading model from {asked.model_path}...')
    with told():
        loaded = get_gptq(asked.model_path, asked.trust_remote_code)
    print(f'Done\n{memory(loaded.model)}')
    warn_of_length(loaded.model.config, asked.max_input_length + asked.max_generate_length)
    terminal_chat(reply_of(loaded, asked))


if __name__ == '__main__':
    main()
