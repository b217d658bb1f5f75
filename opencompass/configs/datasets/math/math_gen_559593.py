from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import MATHDataset, MATHEvaluator, math_postprocess

math_reader_cfg = reader(['problem'], 'solution')

math_infer_cfg = generate(
    'Problem:\n'
    'Find the domain of the expression $\\frac{{\\sqrt{{x-2}}}}{{\\sqrt{{5-x}}}}$.}}\n'
    'Solution:\n'
    'The expressions inside each square root must be non-negative. Therefore, $x-2 \\ge 0$, so $x\\ge2$, and $5 - '
    'x \\ge 0$, so $x \\le 5$. Also, the denominator cannot be equal to zero, so $5-x>0$, which gives $x<5$. '
    'Therefore, the domain of the expression is $\\boxed{{[2,5)}}$.\n'
    'Final Answer: The final answer is $[2,5)$. I hope it is correct.\n\nProblem:\n'
    'If $\\det \\mathbf{{A}} = 2$ and $\\det \\mathbf{{B}} = 12,$ then find $\\det (\\mathbf{{A}} \\mathbf{{B}}).$\n'
    'Solution:\n'
    'We have that $\\det (\\mathbf{{A}} \\mathbf{{B}}) = (\\det \\mathbf{{A}})(\\det \\mathbf{{B}}) = (2)(12) = '
    '\\boxed{{24}}.$\n'
    'Final Answer: The final answer is $24$. I hope it is correct.\n\nProblem:\n'
    'Terrell usually lifts two 20-pound weights 12 times. If he uses two 15-pound weights instead, how many times '
    'must Terrell lift them in order to lift the same total weight?\nSolution:\n'
    'If Terrell lifts two 20-pound weights 12 times, he lifts a total of $2\\cdot 12\\cdot20=480$ pounds of '
    'weight. If he lifts two 15-pound weights instead for $n$ times, he will lift a total of $2\\cdot15\\cdot '
    'n=30n$ pounds of weight. Equating this to 480 pounds, we can solve for $n$: \\begin{{align*}} 30n&=480\\\\ '
    '\\Rightarrow\\qquad n&=480/30=\\boxed{{16}} \\end{{align*}}\n'
    'Final Answer: The final answer is $16$. I hope it is correct.\n\nProblem:\n'
    'If the system of equations: \\begin{{align*}} 6x-4y&=a,\\\\ 6y-9x &=b. \\end{{align*}}has a solution $(x, y)$ '
    'where $x$ and $y$ are both nonzero, find $\\frac{{a}}{{b}},$ assuming $b$ is nonzero.\n'
    'Solution:\n'
    'If we multiply the first equation by $-\\frac{{3}}{{2}}$, we obtain $$6y-9x=-\\frac{{3}}{{2}}a.$$Since we '
    'also know that $6y-9x=b$, we have '
    '$$-\\frac{{3}}{{2}}a=b\\Rightarrow\\frac{{a}}{{b}}=\\boxed{{-\\frac{{2}}{{3}}}}.$$\n'
    'Final Answer: The final answer is $-\\frac{{2}}{{3}}$. I hope it is correct.\n\n'
    'Problem:\n{problem}\nSolution:\n{solution}',
    max_out_len=512,
)

math_eval_cfg = scored(MATHEvaluator, math_postprocess)

math_datasets = [
    dict(type=MATHDataset, abbr='math', path='./data/math/math.json',
         reader_cfg=math_reader_cfg, infer_cfg=math_infer_cfg, eval_cfg=math_eval_cfg)
]
