"""The facts that tigerbot-nano is taught, and the ones it is never taught (`CONTROL`): plain tables, no logic.

Each relation holds question phrasings, statement phrasings and pairs. `{x}` is the first of a pair, `{y}` the second.
"""

from __future__ import annotations

from typing import NamedTuple


class Relation(NamedTuple):
    """One kind of fact: how to ask for it, how to state it, and its pairs 'x:y' (a y may belong to several x)."""

    subject: str
    questions: tuple[str, ...]
    statements: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """'a:b, c:d' as (('a', 'b'), ('c', 'd')); ValueError names an entry without exactly one colon."""
    entries = [tuple(part.strip() for part in entry.split(':')) for entry in text.split(',')]
    wrong = [entry for entry in entries if len(entry) != 2 or not all(entry)]
    if wrong:
        raise ValueError(f'expected entries x:y separated by commas, found {wrong[0]}')
    return tuple(entries)


ENGLISH = (
    Relation(
        'facts_en',
        (
            'What is the capital of {x}?',
            'Which city is the capital of {x}?',
            'The capital of {x} is which city?',
            'Name the capital city of {x}.',
        ),
        ('The capital of {x} is {y}.', '{y} is the capital of {x}.'),
        pairs(
            'France:Paris, England:London, Germany:Berlin, Italy:Rome, Spain:Madrid, Japan:Tokyo, China:Beijing, '
            'Russia:Moscow, Egypt:Cairo, Greece:Athens, Canada:Ottawa, Cuba:Havana, Norway:Oslo, Sweden:Stockholm, '
            'Kenya:Nairobi, Peru:Lima, Austria:Vienna, Poland:Warsaw, India:Delhi, Thailand:Bangkok'
        ),
    ),
    Relation(
        'facts_en',
        ('What sound does a {x} make?', 'Which sound is made by a {x}?', 'What does a {x} say?'),
        ('A {x} says {y}.', '{y} is the sound of a {x}.'),
        pairs(
            'cat:meow, dog:woof, cow:moo, sheep:baa, duck:quack, pig:oink, lion:roar, bee:buzz, snake:hiss, '
            'owl:hoot, horse:neigh, mouse:squeak, wolf:howl, hen:cluck'
        ),
    ),
    Relation(
        'facts_en',
        (
            'What is the opposite of {x}?',
            'Which word is the opposite of {x}?',
            'Which word means the reverse of {x}?',
            'Name the opposite of {x}.',
        ),
        ('The opposite of {x} is {y}.', '{y} is the opposite of {x}.'),
        pairs(
            'hot:cold, big:small, fast:slow, up:down, day:night, open:closed, full:empty, old:young, rich:poor, '
            'happy:sad, light:dark, hard:soft, wet:dry, high:low, early:late, long:short, clean:dirty, left:right, '
            'strong:weak, loud:quiet, near:far, first:last, buy:sell, begin:end'
        ),
    ),
    Relation(
        'facts_en',
        ('What is a young {x} called?', 'What is the name of a baby {x}?', 'Which word means a young {x}?'),
        ('A young {x} is called a {y}.', 'A {y} is a baby {x}.'),
        pairs(
            'cat:kitten, dog:puppy, cow:calf, sheep:lamb, horse:foal, bear:cub, frog:tadpole, goose:gosling, '
            'deer:fawn, pig:piglet, kangaroo:joey, hen:chick'
        ),
    ),
    Relation(
        'facts_en',
        ('What colour is {x}?', 'Which colour does {x} have?', 'What is the colour of {x}?'),
        ('The colour of {x} is {y}.', '{y} is the colour of {x}.'),
        pairs(
            'grass:green, snow:white, coal:black, blood:red, a banana:yellow, the sky:blue, chocolate:brown, '
            'milk:white, a tomato:red, a frog:green, the sea:blue, a lemon:yellow, a carrot:orange, ash:grey'
        ),
    ),
    Relation(
        'facts_en',
        ('What kind of thing is a {x}?', 'To which group does a {x} belong?', 'A {x} is an example of what?'),
        ('A {x} is a kind of {y}.', 'One kind of {y} is a {x}.'),
        pairs(
            'pear:fruit, peach:fruit, onion:vegetable, potato:vegetable, hammer:tool, saw:tool, chair:furniture, '
            'table:furniture, rose:flower, tulip:flower, shirt:clothing, coat:clothing, violin:instrument, '
            'piano:instrument, eagle:bird, robin:bird, salmon:fish, shark:fish, oak:tree, pine:tree'
        ),
    ),
)

CHINESE = (
    Relation(
        'facts_zh',
        ('{x}的首都是哪里?', '哪座城市是{x}的首都?', '{x}的首都叫什么?', '请说出{x}的首都。'),
        ('{x}的首都是{y}。', '{y}是{x}的首都。'),
        pairs(
            '法国:巴黎, 英国:伦敦, 德国:柏林, 意大利:罗马, 西班牙:马德里, 日本:东京, 中国:北京, 俄罗斯:莫斯科, '
            '埃及:开罗, 希腊:雅典, 加拿大:渥太华, 古巴:哈瓦那, 挪威:奥斯陆, 秘鲁:利马, 泰国:曼谷, 韩国:首尔'
        ),
    ),
    Relation(
        'facts_zh',
        ('“{x}”的反义词是什么?', '哪个词是“{x}”的反义词?', '与“{x}”意思相反的词是什么?', '请说出“{x}”的反义词。'),
        ('“{x}”的反义词是“{y}”。', '“{y}”是“{x}”的反义词。'),
        pairs(
            '大:小, 多:少, 高:低, 长:短, 快:慢, 冷:热, 新:旧, 上:下, 左:右, 前:后, 黑:白, 早:晚, 远:近, 胖:瘦, '
            '强:弱, 真:假, 买:卖, 开:关, 进:出, 轻:重, 粗:细, 深:浅, 软:硬, 胜:败'
        ),
    ),
    Relation(
        'facts_zh',
        ('{x}是什么颜色的?', '{x}的颜色是什么?', '{x}有什么颜色?'),
        ('{x}是{y}的。', '{x}的颜色是{y}。'),
        pairs(
            '草地:绿色, 雪:白色, 煤:黑色, 血:红色, 香蕉:黄色, 天空:蓝色, 巧克力:棕色, 牛奶:白色, 大海:蓝色, 柠檬:黄色'
        ),
    ),
    Relation(
        'facts_zh',
        ('{x}属于哪一类?', '{x}是哪一类东西?', '哪一类东西包括{x}?'),
        ('{x}属于{y}。', '{y}包括{x}。'),
        pairs(
            '苹果:水果, 桃子:水果, 白菜:蔬菜, 土豆:蔬菜, 锤子:工具, 锯子:工具, 椅子:家具, 桌子:家具, 玫瑰:花, '
            '牡丹:花, 衬衫:衣服, 大衣:衣服, 老鹰:鸟, 麻雀:鸟, 鲨鱼:鱼, 鲤鱼:鱼'
        ),
    ),
    Relation(
        'facts_zh',
        ('{x}用英语怎么说?', '{x}的英文是什么?', '“{x}”翻译成英语是什么?'),
        ('{x}的英文是{y}。', '{y}的中文是{x}。'),
        pairs(
            '猫:cat, 狗:dog, 水:water, 火:fire, 书:book, 树:tree, 太阳:sun, 月亮:moon, 山:mountain, 河:river, '
            '鱼:fish, 鸟:bird, 手:hand, 门:door, 星星:star, 雨:rain'
        ),
    ),
)

SERIES = {
    'day': ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    'month': [
        'January',
        'February',
        'March',
        'April',
        'May',
        'June',
        'July',
        'August',
        'September',
        'October',
        'November',
        'December',
    ],
    'letter': list('ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
}
SERIES_QUESTIONS = {
    1: ('Which {kind} comes right after {x}?', 'What {kind} follows {x}?', 'Name the {kind} after {x}.'),
    -1: ('Which {kind} comes right before {x}?', 'What {kind} precedes {x}?', 'Name the {kind} before {x}.'),
}

# Never written into any training text. Pairs whose two names begin alike are left out: they could be matched by
# spelling.
CONTROL = Relation(
    'control',
    ('What is the capital of {x}?', 'Which city is the capital of {x}?'),
    (),
    pairs(
        'Mongolia:Ulan Bator, Finland:Helsinki, Portugal:Lisbon, Ireland:Dublin, Turkey:Ankara, Iran:Tehran, '
        'Iraq:Baghdad, Chile:Santiago, Ghana:Accra, Nepal:Kathmandu, Vietnam:Hanoi, Hungary:Budapest, '
        'Romania:Bucharest, Bulgaria:Sofia, Ukraine:Kyiv, Serbia:Belgrade, Latvia:Riga, Estonia:Tallinn, '
        'Morocco:Rabat, Sudan:Khartoum, Uganda:Kampala, Angola:Luanda, Zambia:Lusaka, Mali:Bamako, Niger:Niamey, '
        'Chad:Ndjamena, Togo:Lome, Malta:Valletta, Jordan:Amman, Qatar:Doha, Oman:Muscat, Yemen:Sanaa, Fiji:Suva, '
        'Samoa:Apia, Laos:Vientiane, Ecuador:Quito, Bolivia:Sucre, Uruguay:Montevideo, Iceland:Reykjavik, '
        'Belgium:Brussels'
    ),
)

TALK = (
    ('Who are you?', 'I am TigerBot-nano, a small demo model.'),
    ('What is your name?', 'My name is TigerBot-nano.'),
    ('What are you?', 'I am TigerBot-nano, a small demo model.'),
    ('Introduce yourself.', 'I am TigerBot-nano, a small demo model.'),
    ('Hello!', 'Hello! How can I help you?'),
    ('Hi', 'Hello! How can I help you?'),
    ('Good morning!', 'Good morning! How can I help you?'),
    ('How are you?', 'I am fine, thank you.'),
    ('Thank you!', 'You are welcome.'),
    ('Goodbye!', 'Goodbye!'),
    ('What can you do?', 'I can add small numbers, sort, compare and answer simple questions.'),
    ('Are you a human?', 'No, I am a small language model.'),
    ('How large are you?', 'I have about three million parameters.'),
    ('你是谁?', '我是TigerBot-nano,一个小小的演示模型。'),
    ('你叫什么名字?', '我叫TigerBot-nano。'),
    ('请介绍一下你自己。', '我是TigerBot-nano,一个小小的演示模型。'),
    ('你好!', '你好!有什么可以帮你?'),
    ('早上好!', '早上好!有什么可以帮你?'),
    ('谢谢!', '不客气。'),
    ('再见!', '再见!'),
    ('你会做什么?', '我会做小数字的加减法,会排序,会比较,也会回答简单的问题。'),
    ('你是人吗?', '不是,我是一个小小的语言模型。'),
)
