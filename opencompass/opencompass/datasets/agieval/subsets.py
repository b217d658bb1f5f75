"""What AGIEval's subsets are, by name."""

from __future__ import annotations

ENGLISH_CHOICE = (
    *('lsat-ar', 'lsat-lr', 'lsat-rc', 'logiqa-en', 'sat-math', 'sat-en', 'sat-en-without-passage', 'aqua-rat'),
    'gaokao-english',  # a Chinese exam with its questions in English
)
CHINESE_CHOICE = (
    *('logiqa-zh', 'jec-qa-kd', 'jec-qa-ca', 'gaokao-chinese', 'gaokao-geography', 'gaokao-history'),
    *('gaokao-biology', 'gaokao-chemistry', 'gaokao-physics', 'gaokao-mathqa'),
)
ENGLISH_CLOZE = ('math',)
CHINESE_CLOZE = ('gaokao-mathcloze',)

CLOZE = ENGLISH_CLOZE + CHINESE_CLOZE
#: Choices of which several may be right.
SEVERAL_RIGHT = ('jec-qa-kd', 'jec-qa-ca', 'gaokao-physics')
