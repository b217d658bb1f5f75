"""Chat with a model in the terminal.

    python infer.py --model_path tigerbot-13b-chat
    python infer.py --model_path tigerbot-13b-base --model_type base
    python infer.py --model_path tigerbot-13b-chat --rope_scaling yarn --rope_factor 8 --max_input_length 16000

`clear` forgets the conversation, `exit` or Ctrl-D ends, Ctrl-C stops an answer. The oldest turns are left out when the
conversation gets longer than --max_input_length.
"""

from __future__ import annotations

import argparse

from utils.settings import REPETITION_PENALTY, boolean, flags, load, loading_flags


def arguments() -> argparse.Namespace:
    parser = flags(__doc__)
    loading_flags(parser)
    parser.add_argument(
        '--model_type', type=str.lower, choices=('chat', 'base'), default='chat', help='base goes on with your text'
    )
    parser.add_argument(
        '--streaming', type=boolean, default=True, metavar='True', help='show an answer while it is written (True)'
    )
    parser.add_argument(
        '--chat_format',
        choices=('tigerbot', 'template'),
        help="spelling of a conversation; the checkpoint's own template where it has one, if left out",
    )
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    from utils.reply import reply_of
    from utils.terminal import terminal_chat

    style = 'plain' if asked.model_type == 'base' else asked.chat_format
    reply = reply_of(load(asked), asked, style, repetition_penalty=REPETITION_PENALTY)
    terminal_chat(reply, streams=asked.streaming)


if __name__ == '__main__':
    main()
