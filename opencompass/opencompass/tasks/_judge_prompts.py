"""What a judge is told. `{question}`, `{criteria}`, `{answer_a}` and `{answer_b}` are filled in; `{reference}` too, in
a part that is left out where the judge sees no reference."""

from typing import NamedTuple


class JudgePrompt(NamedTuple):
    """The words of one language."""

    text: str
    criteria: str
    #: Stands for `{reference_part}` in the text.
    reference_part: str


ENGLISH = JudgePrompt(
    text="""\
Two assistants, A and B, were given the same task. Decide which of their answers is better.

{criteria}
Neither the order in which the answers are shown nor their length says anything about their quality.

<task>
{question}
</task>
{reference_part}
<answer A>
{answer_a}
</answer A>

<answer B>
{answer_b}
</answer B>

Say in a few sentences what speaks for and against each answer. Then write your verdict as the last line, and nothing \
after it: [[A]] if answer A is better, [[B]] if answer B is better, [[C]] if neither is.""",
    criteria='A good answer is correct, does what the task asks, leaves out nothing that matters, and is clear.',
    reference_part="""
<reference answer>
{reference}
</reference answer>
The reference answer is correct. An answer that says the same in other words is correct, too.
""",
)

CHINESE = JudgePrompt(
    text="""\
助手甲和助手乙完成了同一个任务。甲的回答记为 A，乙的回答记为 B，请判断哪一个更好。

{criteria}
两个回答的先后顺序和篇幅长短都与质量无关。

【任务】
{question}
【任务结束】
{reference_part}
【回答 A】
{answer_a}
【回答 A 结束】

【回答 B】
{answer_b}
【回答 B 结束】

先用几句话说明两个回答各自的优点和缺点，然后在最后一行只写结论：A 更好写 [[A]]，B 更好写 [[B]]，不分上下写 [[C]]。""",
    criteria='好的回答内容正确、切合任务要求、没有重要遗漏，并且表达清楚。',
    reference_part="""
【参考答案】
{reference}
【参考答案结束】
参考答案是正确的；用不同的说法表达同样意思的回答也算正确。
""",
)

PROMPTS = {'en': ENGLISH, 'zh': CHINESE}
