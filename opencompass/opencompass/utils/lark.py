"""Messages to a chat robot of Lark (Feishu)."""

from __future__ import annotations

from typing import Any

from opencompass.utils.logging import get_logger

TIMEOUT = 30


class LarkReporter:
    """Posts messages to the web hook of a Lark robot."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, content: str | list[list[dict[str, Any]]], title: str | None = None) -> None:
        """Send plain text or, with a title, a rich text: a list of paragraphs, each a list of tags.

        A refusal by the robot is only logged; no connection is an OSError of `requests`.
        """
        try:
            import requests
        except ImportError as error:
            raise ImportError('messages to Lark need requests: pip install requests') from error

        reply = requests.post(self.url, json=_message(content, title), timeout=TIMEOUT)
        if reply.status_code >= 400:
            get_logger().warning('The Lark robot refused a message: %s %s', reply.status_code, reply.text)


def tell(url: str, content: str, title: str | None = None) -> None:
    """Post a message if that is possible; the work goes on without."""
    try:
        LarkReporter(url).post(content, title)
    except (OSError, ImportError) as error:
        get_logger().warning('No message was sent to Lark: %s: %s', type(error).__name__, error)


def _message(content: str | list[list[dict[str, Any]]], title: str | None) -> dict[str, Any]:
    if title is None:
        assert isinstance(content, str), f'a message without title is a text, not {type(content).__name__}'
        return {'msg_type': 'text', 'content': {'text': content}}
    paragraphs = [[{'tag': 'text', 'text': content}]] if isinstance(content, str) else content
    return {'msg_type': 'post', 'content': {'post': {'zh_cn': {'title': title, 'content': paragraphs}}}}
