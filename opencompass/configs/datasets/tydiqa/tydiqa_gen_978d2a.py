from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import TydiQADataset, TydiQAEvaluator

# language -> the request, and what passage, question and answer are called
prefixs_prompt = {
    'english': ('Answer the following question based on the information in the given passage.', 'Passage:', 'Question:', 'Answer:'),
    'arabic': ('أجب على السؤال التالي بناءً على المعلومات في المقطع المعطى.', 'المقطع:', 'السؤال:', 'الإجابة:'),
    'bengali': ('প্রদত্ত অধ্যায়ের তথ্যের উপর ভিত্তি করে নিম্নলিখিত প্রশ্নের উত্তর দিন।', 'অধ্যায়:', 'প্রশ্ন:', 'উত্তর:'),
    'finnish': ('Vastaa seuraavaan kysymykseen annetun kappaleen tiedon perusteella.', 'Kappale:', 'Kysymys:', 'Vastaus:'),
    'indonesian': ('Jawab pertanyaan berikut berdasarkan informasi di bagian yang diberikan.', 'Bagian:', 'Pertanyaan:', 'Jawaban:'),
    'korean': ('주어진 문단의 정보에 기반하여 다음 질문에 답하십시오.', '문단:', '질문:', '답변:'),
    'japanese': ('文脈に基づいて質問に答えてください。', 'ぶんしょう:', 'しつもん:', 'かいとう:'),
    'russian': ('Ответьте на следующий вопрос на основе информации в данном отрывке.', 'Отрывок:', 'Вопрос:', 'Ответ:'),
    'swahili': ('Jibu swali lifuatalo kulingana na habari kwenye kifungu kilichotolewa.', 'Kifungu:', 'Swali:', 'Jibu:'),
    'telugu': ('ఇచ్చిన పేరాలోని సమాచారం ఆధారంగా కింది ప్రశ్నకు సమాధానం ఇవ్వండి.', 'పేరా:', 'ప్రశ్న:', 'సమాధానం:'),
    'thai': ('ตอบคำถามต่อไปนี้โดยอิงตามข้อมูลในตอนข้อความที่กำหนด:', 'ตอนข้อความ:', 'คำถาม:', 'คำตอบ:'),
}

langs = sorted(prefixs_prompt)

tydiqa_reader_cfg = reader(
    ['passage_text', 'question_text'], 'answer', test_split='validation', train_split='validation')


def _infer_cfg(request, passage, question, answer):
    text = f'{request}\n\n</E>{passage}{{passage_text}}\n{question} {{question_text}}\n{answer} {{answer}}'
    infer_cfg = generate(text)
    return dict(infer_cfg, prompt_template=dict(infer_cfg['prompt_template'], ice_token='</E>'), max_out_len=50)


tydiqa_eval_cfg = scored(TydiQAEvaluator, ds_split='validation', ds_column='answer')

tydiqa_datasets = [
    dict(abbr=f'tyidqa-goldp_{lang}', type=TydiQADataset, path='khalidalt/tydiqa-goldp', name=lang,
         reader_cfg=tydiqa_reader_cfg, infer_cfg=_infer_cfg(*prefixs_prompt[lang]), eval_cfg=tydiqa_eval_cfg)
    for lang in langs
]

tydiqa_infer_cfg = tydiqa_datasets[-1]['infer_cfg']
