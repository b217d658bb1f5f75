"""Let a pre-trained model go on with your text, in the terminal.

    python other_infer/infer_pretrain.py --model_path tigerbot-13b-base

Each text stands alone. `exit` or Ctrl-D ends, Ctrl-C stops a text.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.settings import flags, load, loading_flags


def main() -> None:
    parser = flags(__doc__)
    loading_flags(parser)
    asked = parser.parse_args()
    from utils.reply import reply_of
    from utils.terminal import terminal_chat

    reply = reply_of(load(asked), asked, 'plain', no_repeat_ngram_size=4)
    terminal_chat(reply, keeps_session=False, echo=True)


if __name__ == '__main__':
    main()
