"""What the page says, in English and Chinese, and how it shows what a model says."""

from __future__ import annotations

import re
from dataclasses import dataclass

TITLE = 'TigerBot chat'


@dataclass(frozen=True)
class Words:
    """All texts of the page in one language."""

    ask: str
    loading: str
    thinking: str
    waiting: str
    stop: str
    stopping: str
    clear: str
    stopped: str
    dropped: str
    speed: str
    nothing: str
    too_long: str
    failed: str
    returned: str
    settings: str
    temperature: str
    temperature_help: str
    top_p: str
    top_p_help: str
    top_k: str
    top_k_help: str
    repetition_penalty: str
    repetition_penalty_help: str
    max_length: str
    max_length_help: str
    seed: str
    seed_help: str
    save: str
    user: str
    assistant: str


ENGLISH = Words(
    ask='Input here',
    loading='Loading the model …',
    thinking='Thinking …',
    waiting='Waiting: {} before you',
    stop='Stop',
    stopping='Stopping …',
    clear='Clear',
    stopped='stopped',
    dropped='the oldest {} messages were left out: with them the conversation is too long for the model',
    speed='tokens: {}, {:.1f}/s',
    nothing='(The model said nothing.)',
    too_long='The message takes {} tokens and at most {} are allowed.',
    failed='The model failed.',
    returned='Your message is in the box below: edit it and send it again.',
    settings='Settings',
    temperature='Temperature',
    temperature_help='Higher is more varied; 0 always takes the likeliest word.',
    top_p='Top p',
    top_p_help='Draw from the likeliest words of this total probability.',
    top_k='Top k',
    top_k_help='Draw from so many likeliest words; 0 from all.',
    repetition_penalty='Repetition penalty',
    repetition_penalty_help='Above 1 avoids what was said; 1 does nothing.',
    max_length='Longest answer (tokens)',
    max_length_help='An answer is cut there.',
    seed='Seed',
    seed_help='The same draws for the same conversation; empty draws anew each time.',
    save='Save the conversation as {}',
    user='You',
    assistant='Assistant',
)
CHINESE = Words(
    ask='在此输入',
    loading='正在加载模型……',
    thinking='正在思考……',
    waiting='排队中：前面还有 {} 个',
    stop='停止',
    stopping='正在停止……',
    clear='清空',
    stopped='已停止',
    dropped='对话过长，模型没有读最早的 {} 条消息',
    speed='token：{}，每秒 {:.1f} 个',
    nothing='（模型没有回答。）',
    too_long='这条消息有 {} 个 token，最多允许 {} 个。',
    failed='模型出错。',
    returned='您的消息已放回下面的输入框，修改后可以重新发送。',
    settings='设置',
    temperature='温度',
    temperature_help='越高越多样；0 表示总是选最可能的词。',
    top_p='Top p',
    top_p_help='只从累计概率达到此值的最可能的词中抽取。',
    top_k='Top k',
    top_k_help='只从这么多个最可能的词中抽取；0 表示全部。',
    repetition_penalty='重复惩罚',
    repetition_penalty_help='大于 1 时避免重复；1 表示不起作用。',
    max_length='回答的最大长度（token）',
    max_length_help='回答到此为止。',
    seed='随机种子',
    seed_help='同样的对话得到同样的结果；留空则每次不同。',
    save='把对话保存为 {}',
    user='我',
    assistant='助手',
)
LANGUAGES = {'English': ENGLISH, '中文': CHINESE}

#: Code, in which nothing is changed: a block, closed or not yet, or some words in a line.
CODE = re.compile(
    r'^ {0,3}(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}).*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)|(?P<ticks>`+)[^`\n]+(?P=ticks)',
    re.M | re.S,
)
#: A formula between dollars: no blank inside next to them, no digit after. Everything else is a price.
FORMULA = re.compile(r'(\$\$.+?\$\$|(?<![\\$])\$(?![\s$])[^$\n]*?(?<![\s\\])\$(?![\d$]))', re.S)
#: What Streamlit's Markdown takes for a colour or a box, and swallows of `key:list[int]`; and the dollars of prices.
SPECIAL = re.compile(r'(?<!\\)(\$|:(?=[A-Za-z][\w-]*[\[{])|^:(?=:))', re.M)


def language_of(locale: str | None) -> str:
    """The language of LANGUAGES for a browser's, such as 'zh-CN'."""
    return '中文' if (locale or '').lower().startswith('zh') else 'English'


def markdown(text: str) -> str:
    """An answer as Streamlit's Markdown should have it: lines stay lines, prices prices, and nothing is lost."""
    shown, end = [], 0
    for code in CODE.finditer(text):
        shown += [_prose(text[end : code.start()]), code.group()]
        end = code.end()
    return ''.join([*shown, _prose(text[end:])])


def _prose(text: str) -> str:
    r"""Text without code. `\(x\)` and `\[x\]`, as many models write formulas, get the dollars that the page knows."""
    text = re.sub(r'\\\((.+?)\\\)', lambda found: f'${found[1].strip()}$', text)
    text = re.sub(r'\\\[(.+?)\\\]', lambda found: f'$${found[1]}$$', text, flags=re.S)
    parts = FORMULA.split(text)
    parts[::2] = [SPECIAL.sub(r'\\\1', part).replace('\n', '  \n') for part in parts[::2]]
    return ''.join(parts)
