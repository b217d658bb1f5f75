"""Serve a model to programs that speak OpenAI's API.

    python apps/openai_api.py --model_path tigerbot-13b-chat --port 8000
    python apps/openai_api.py --model_path tigerbot-13b-chat --host 0.0.0.0 --api_key SECRET

Then `OpenAI(base_url='http://127.0.0.1:8000/v1', api_key=...)` of the package openai, or any other client, has
/v1/chat/completions, /v1/completions and /v1/models. /health tells that the server is up. The flags of generation hold
where a request says nothing. Ctrl-C lets the answers that are running finish, for half a minute; another cuts them.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.settings import REPETITION_PENALTY, flags, generation, load, loading_flags, number, told

PACKAGES = ('pydantic', 'starlette', 'uvicorn')
KEY_VARIABLE = 'TIGERBOT_API_KEY'
LOCAL = ('127.0.0.1', '::1', 'localhost')


def arguments() -> argparse.Namespace:
    parser = flags(__doc__)
    loading_flags(parser)
    parser.add_argument(
        '--chat_format',
        choices=('tigerbot', 'template'),
        help="spelling of a conversation; the checkpoint's own template where it has one, if left out",
    )
    group = parser.add_argument_group('server')
    add = group.add_argument
    add('--host', default='127.0.0.1', metavar='H', help='address to listen at; 0.0.0.0 for all (127.0.0.1)')
    add('--port', type=number(int, 0, 65535), default=8000, metavar='P', help='0 takes a free one and tells it (8000)')
    add(
        '--api_key',
        metavar='KEY',
        help=f'that requests have to carry; better set ${KEY_VARIABLE}, which ps does not show',
    )
    add('--served_model_name', metavar='NAME', help='of the model in requests; the last part of its path, if left out')
    add(
        '--max_batch',
        type=number(int, 1),
        default=8,
        metavar='N',
        help='most requests of equal settings that are answered together; one with a seed is always alone (8)',
    )
    add('--max_waiting', type=number(int, 1), default=128, metavar='N', help='most requests that wait (128)')
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    with told():
        key = api_key(asked)
        check_packages()
        taken = bound(asked.host, asked.port)
    from apps._api_prompts import Served
    from apps._api_server import serve
    from utils.batching import Engine
    from utils.chat import ChatFormat

    model, tokenizer, own = load(asked)
    with told():
        chat_format = ChatFormat.of(tokenizer, asked.chat_format)
    plain = ChatFormat.of(tokenizer, 'plain')
    settings = generation(own, asked, chat_format.stop_ids, repetition_penalty=REPETITION_PENALTY)
    engine = Engine(model, tokenizer, asked.max_batch, asked.max_waiting)
    names = (asked.served_model_name or Path(asked.model_path).name, asked.model_path)
    serve(Served(engine, chat_format, plain, settings, names, asked.max_input_length, key, asked.seed), taken)


def api_key(asked: argparse.Namespace) -> str | None:
    """The key of the flag or else of the environment, with a warning where others can connect and there is none."""
    key = os.environ.get(KEY_VARIABLE) or None if asked.api_key is None else asked.api_key
    if key is not None and not (key.isascii() and key.isprintable() and key.strip() == key != ''):
        raise ValueError('an API key has letters, digits and signs of ASCII, and no blanks around it')
    if key is None and asked.host not in LOCAL:
        print(f'Whoever reaches {asked.host} can use this server: it has no --api_key.', file=sys.stderr)
    return key


def check_packages() -> None:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ImportError(f'the server needs {" and ".join(missing)}: pip install {" ".join(PACKAGES)}')


def bound(host: str, port: int) -> socket.socket:
    """A socket with its address taken, at which nobody can connect yet. Port 0 takes a free one."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        raise OSError(f'cannot listen at {host}, port {port}: {error}; choose another --host or --port') from error
    return made


if __name__ == '__main__':
    main()
