"""The life of the API server, from its port to its last answer."""

from __future__ import annotations

import asyncio
import socket
import sys
from types import FrameType
from typing import Any

import uvicorn

from apps._api_prompts import Served
from apps._api_routes import application
from utils.batching import Engine

#: Seconds that running answers have after the signal to end, and that they may take to notice that they are cut.
GRACE, NOTICE = 30, 10


def serve(served: Served, taken: socket.socket) -> None:
    """Answer requests until SIGINT or SIGTERM. Then running answers have time to finish; a second signal cuts them."""
    config = uvicorn.Config(
        application(served), server_header=False, ws='none', lifespan='off', timeout_graceful_shutdown=GRACE + NOTICE
    )
    host, port = taken.getsockname()[:2]
    print(f'Serving {served.names[0]} at http://{f"[{host}]" if ":" in host else host}:{port}/v1', flush=True)
    _Server(config, served.engine).run(sockets=[taken])
    served.engine.join(NOTICE)


class _Server(uvicorn.Server):
    """Ends with exit code 0, and its engine with it."""

    def __init__(self, config: uvicorn.Config, engine: Engine) -> None:
        super().__init__(config)
        self._engine = engine

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As the first signal, or a later one. Unlike uvicorn's it does not raise the signal again at the end."""
        if self.should_exit:
            self._engine.cut()
        elif self._engine.running:
            print('Finishing the answers that are running; another Ctrl-C cuts them.', file=sys.stderr)
        self.should_exit = True

    async def shutdown(self, sockets: Any = None) -> None:
        self._engine.close()
        timer = asyncio.get_running_loop().call_later(GRACE, self._engine.cut)
        await super().shutdown(sockets)
        timer.cancel()
