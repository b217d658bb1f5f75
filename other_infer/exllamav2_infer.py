"""Chat in the terminal with a model in EXL2 format, by the dynamic generator of exllamav2. It needs a GPU.

    python other_infer/exllamav2_infer.py --model_path tigerbot-70b-chat-v4-4bit-exl2

Where neither a flag nor the checkpoint says otherwise, tokens are drawn at a temperature of 0.3 with a repetition
penalty of 1.1. `clear` forgets the conversation, `exit` or Ctrl-D ends, Ctrl-C stops an answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.settings import flags, told

USUAL = {'do_sample': True, 'temperature': 0.3, 'repetition_penalty': 1.1}


def main() -> None:
    asked = flags(__doc__, max_generate_length=2048).parse_args()
    with told():
        from utils.exllama import load_reply
        from utils.terminal import terminal_chat

        print(f'Loading model: {asked.model_path}')
        reply = load_reply(asked.model_path, asked, **USUAL)
    terminal_chat(reply)


if __name__ == '__main__':
    main()
