agieval_single_choice_sets = [
    'gaokao-chinese', 'gaokao-english', 'gaokao-geography', 'gaokao-history', 'gaokao-biology', 'gaokao-chemistry',
    'gaokao-physics', 'gaokao-mathqa', 'logiqa-zh', 'lsat-ar', 'lsat-lr', 'lsat-rc', 'logiqa-en', 'sat-math',
    'sat-en', 'sat-en-without-passage', 'aqua-rat',
]
agieval_multiple_choices_sets = ['jec-qa-kd', 'jec-qa-ca']
agieval_cloze_sets = ['gaokao-mathcloze', 'math']

agieval_gaokao_sets = agieval_single_choice_sets[:8]
agieval_chinese_sets = [*agieval_gaokao_sets, 'logiqa-zh', 'gaokao-mathcloze']
agieval_english_sets = [*agieval_single_choice_sets[9:], 'math']

# the beginning of a question
agieval_requests = {
    'gaokao-chinese': '以下是一道中国高考语文选择题，请选择正确的答案。',
    'gaokao-english': '以下是一道中国高考英语选择题，请选择正确的答案。',
    'gaokao-geography': '以下是一道中国高考地理选择题，请选择正确的答案。',
    'gaokao-history': '以下是一道中国高考历史选择题，请选择正确的答案。',
    'gaokao-biology': '以下是一道中国高考生物选择题，请选择正确的答案。',
    'gaokao-chemistry': '以下是一道中国高考化学选择题，请选择正确的答案。',
    'gaokao-physics': '以下是一道中国高考物理选择题，请选择正确的答案。',
    'gaokao-mathqa': '以下是一道中国高考数学选择题，请选择正确的答案。',
    'logiqa-zh': '以下是一道中国公务员考试题，请选择正确的答案。',
    'lsat-ar': 'The following is a LSAT Analytical Reasoning question. Please select the correct answer.',
    'lsat-lr': 'The following is a LSAT Logical Reasoning question. Please select the correct answer.',
    'lsat-rc': 'The following is a LSAT Reading Comprehension question. Please select the correct answer.',
    'logiqa-en': 'The following is a Logic Reasoning question. Please select the correct answer.',
    'sat-math': 'The following is a SAT Math question. Please select the correct answer.',
    'sat-en': 'The following is a SAT English question. Please select the correct answer.',
    'sat-en-without-passage': 'The following is a SAT English question. Please select the correct answer.',
    'aqua-rat': 'The following is a AQUA-RAT question. Please select the correct answer.',
    'jec-qa-kd': '以下是一道中国司法考试基础知识题，请选择正确的答案。',
    'jec-qa-ca': '以下是一道中国司法考试案例分析题，请选择正确的答案。',
    'gaokao-mathcloze': '以下是一道中国高考数学填空题，请填入正确的答案。',
    'math': 'The following is a Math question. Please select the correct answer.',
}
