"""Chat with a model on a web page.

    streamlit run apps/web_demo.py -- --model_path tigerbot-13b-chat
    streamlit run apps/web_demo.py -- --model_path tigerbot-70b-chat-v6 --rope_scaling yarn --rope_factor 8 \\
        --max_input_length 37888 --max_generate_length 62112

The flags of an answer are where the page's settings begin. The model is loaded when the page is first opened.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parent.parent)


def load_reply(asked: Namespace) -> Any:
    from utils.reply import reply_of
    from utils.settings import load

    return reply_of(load(asked), asked)


def main() -> None:
    # This file runs anew at each click, in the same process.
    sys.path[:] = dict.fromkeys([ROOT, *sys.path])
    from apps.chat_page import page
    from utils.settings import flags, loading_flags

    parser = flags(__doc__)
    loading_flags(parser)
    page(parser, load_reply)


if __name__ == '__main__':
    main()
