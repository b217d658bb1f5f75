"""Chat in the terminal with a model that GPTQ has quantized, on a GPU or a CPU.

    python other_infer/gptq_infer.py --model_path tigerbot-13b-chat-8bit

The folder is one that gptqmodel or AutoGPTQ has written. `clear` forgets the conversation, `exit` or Ctrl-D ends,
Ctrl-C stops an answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.settings import flags, generation, told


def main() -> None:
    parser = flags(__doc__, model_path='TigerResearch/tigerbot-13b-chat-8bit')
    parser.add_argument(
        '--trust_remote_code', action='store_true', help='run Python code that comes with the checkpoint'
    )
    asked = parser.parse_args()
    from utils.chat import ChatFormat
    from utils.gptq import get_gptq
    from utils.modeling_hack import warn_of_length
    from utils.quantization import memory
    from utils.reply import Reply
    from utils.terminal import terminal_chat

    print(f'Loading model from {asked.model_path}...')
    with told():
        model, tokenizer, own = get_gptq(asked.model_path, asked.trust_remote_code)
    print(f'Done\n{memory(model)}')
    warn_of_length(model.config, asked.max_input_length + asked.max_generate_length)
    chat_format = ChatFormat.of(tokenizer)
    settings = generation(own, asked, chat_format.stop_ids)
    terminal_chat(Reply(model, tokenizer, settings, chat_format, asked.max_input_length, seed=asked.seed))


if __name__ == '__main__':
    main()
