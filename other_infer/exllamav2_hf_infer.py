"""Chat in the terminal with a model in EXL2 format, by the generation of transformers on exllamav2. It needs a GPU.

    python other_infer/exllamav2_hf_infer.py --model_path tigerbot-70b-chat-v4-4bit-exl2

Every generation setting of transformers holds, which exllamav2's own generator (exllamav2_infer.py) knows only in part;
that one is quicker. `clear` forgets the conversation, `exit` or Ctrl-D ends, Ctrl-C stops an answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.settings import flags, told


def main() -> None:
    asked = flags(__doc__, max_generate_length=2048).parse_args()
    with told():
        from utils.exllama_hf import load_hf_reply
        from utils.terminal import terminal_chat

        print(f'Loading model: {asked.model_path}')
        reply = load_hf_reply(asked.model_path, asked)
    terminal_chat(reply)


if __name__ == '__main__':
    main()
