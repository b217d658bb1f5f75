from opencompass.models import OpenAI

models = [
    # put your key in the environment as OPENAI_API_KEY and say key='ENV', rather than write it here
    dict(abbr='GPT-3.5-turbo', type=OpenAI, path='gpt-3.5-turbo', key='sk-xxx',
         max_out_len=2048, max_seq_len=2048, batch_size=1)
]
