"""Word overlap of two short texts."""

from __future__ import annotations

import re
import string
from collections import Counter

PUNCTUATION = str.maketrans('', '', string.punctuation)


def squad_words(text: str) -> list[str]:
    """Lower-case words without ASCII punctuation and English articles, as the SQuAD script compares them."""
    return re.sub(r'\b(a|an|the)\b', ' ', text.lower().translate(PUNCTUATION)).split()


def word_f1(prediction: str, answer: str) -> float:
    """F1 of the words of both texts; 0 if they share none, also if both are empty."""
    given, wanted = squad_words(prediction), squad_words(answer)
    common = (Counter(given) & Counter(wanted)).total()
    return 2 * common / (len(given) + len(wanted)) if common else 0.0
