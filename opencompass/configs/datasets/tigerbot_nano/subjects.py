nano_path = '../assets/tigerbot-nano/benchmark'

nano_choice_subjects = ['arithmetic', 'comparison', 'ordering', 'facts_en', 'facts_zh']
# its answers are in no training text, so that a score above chance here would show a leak
nano_control_subject = 'control'
nano_open_subjects = ['addition', 'sorting', 'facts_open', 'instruct']
nano_claim_subject = 'statements'
