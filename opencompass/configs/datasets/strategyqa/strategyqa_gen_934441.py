from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, generate, reader

from opencompass.datasets import HFDataset, strategyqa_dataset_postprocess, strategyqa_pred_postprocess

strategyqa_reader_cfg = reader(['question'], 'answer', train_split='test', test_split='test')

strategyqa_infer_cfg = generate(
    'Yes or no: Q: Do hamsters provide food for any animals?\n'
    'A: Hamsters are prey animals. Prey are food for predators. Thus, hamsters provide food for some animals.\n'
    'So the answer is yes.\n\n'
    'Q: Yes or no: Could Brooke Shields succeed at University of Pennsylvania?\n'
    'A: Brooke Shields went to Princeton University. Princeton University is about as academically rigorous as the '
    'University of Pennsylvania. Thus, Brooke Shields could also succeed at the University of Pennsylvania.\n'
    'So the answer is yes.\n\n'
    "Q: Yes or no: Hydrogen's atomic number squared exceeds number of Spice Girls?\n"
    "A: Hydrogen has an atomic number of 1. 1 squared is 1. There are 5 Spice Girls. Thus, Hydrogen's atomic "
    'number squared is less than 5.\nSo the answer is no.\n\n'
    'Q: Yes or no: Is it common to see frost during some college commencements?\n'
    'A: College commencement ceremonies can happen in December, May, and June. December is in the winter, so there '
    'can be frost. Thus, there could be frost at some commencements.\nSo the answer is yes.\n\n'
    'Q: Yes or no: Could a llama birth twice during War in Vietnam (1945-46)?\n'
    'A: The War in Vietnam was 6 months. The gestation period for a llama is 11 months, which is more than 6 '
    'months. Thus, a llama could not give birth twice during the War in Vietnam.\n'
    'So the answer is no.\n\n'
    'Q: Yes or no: Would a pear sink in water?\n'
    'A: The density of a pear is about 0.6g/cm3, which is less than water. Objects less dense than water float. '
    'Thus, a pear would float.\nSo the answer is no.\n\nQ: {question}{answer}\n',
    max_out_len=512,
)

strategyqa_eval_cfg = accuracy(strategyqa_pred_postprocess, strategyqa_dataset_postprocess)

strategyqa_datasets = [
    dict(abbr='strategyqa', type=HFDataset, path='wics/strategy-qa',
         reader_cfg=strategyqa_reader_cfg, infer_cfg=strategyqa_infer_cfg, eval_cfg=strategyqa_eval_cfg)
]
