"""Chat with an EXL2 model on a web page, on a CUDA GPU with the package exllamav2.

    streamlit run apps/exllamav2_web_demo.py -- --model_path TigerResearch/tigerbot-70b-chat-v4-4bit-exl2

The flags of an answer are where the page's settings begin. The model is loaded when the page is first opened.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parent.parent)


def load_reply(asked: Namespace) -> Any:
    from utils import exllama
    from utils.settings import told

    print(f'Loading model from {asked.model_path}...')
    with told():
        reply = exllama.load_reply(asked.model_path, asked)
    print('Done')
    return reply


def main() -> None:
    # This file runs anew at each click, in the same process.
    sys.path[:] = dict.fromkeys([ROOT, *sys.path])
    from apps.chat_page import page
    from utils.settings import flags

    page(flags(__doc__), load_reply)


if __name__ == '__main__':
    main()
