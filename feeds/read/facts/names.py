"""Names of persons as lists write them: padded to three characters, with marks for sex and nationality behind."""

from __future__ import annotations

import re

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤"
    "滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭"
    "梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松"
    "井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻"
    "莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳"
    "沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公岳帅缑亢况郈有琴商牟佘佴伯赏墨哈谯笪年爱阳佟肖闫覃"
    "付代仝冼区卿原召由禤粟亓位来修侍兰初化南历占及同嘉门隋战逢户揭操麦靖苟苑先信才但占仉降冮门么丘仁佐库依楚尉迟钦展泽才让旦拉巴格桑尼玛达娃其敏阿布白央苗"
    "邝刀翦折庹冶妥帕扎热次冒保端宝海玉召岩官木图吐艾努迪库买依萨麻昂才仁多增索罗其米塔图哈斯孟那朝莎乌娜其苏铁锁虎牟逯郄郗郐郏鄢郇勵厉卜邸底邢那鹿雒伊苑苟寸尕冉亓亢仵仲伍佴侍储僧兆冷凡凤刑初卞危双口台史同呙员咎哀唱啜喜嘎囊坚垄堪塞墙奕奉妙姒姬孛宇宛宾寒封尧尉居展岐岱岳峁崇嵩巢巨布帖干庆库应庭延弋弥归录徒德忻念思恩恽悟情惠慈慕戚扆扬承抗拜揣撒操支改敏敬斛斯旷昝昌明昔星晋普景智暴曲有望未术朴来松析枚柳柱查栗栾根格桐桓棕森楚楼橄欧止步武殳毋毓母比水永汝汪沃沐沙河泉波洛洪洼海涂涉淡清渠温湛溥滑滕满漆漕潮澄濯火灵炎烟照燕爨爽牛特犹狐独献玄玉王珊班琚瑞理甄瓮甘生用田由甲盈盖盘相眭矫矿矢石碧磨祁禅秋秘程税种积穆空窦章竹笃符筱简管米粘粟素索红纳练终维罗义羌羿老耿聂聪肇胥自舍良艳芦花芮若苇苏苔英茆茹荀荆草荐莎莫莱菅萨董蒋蒙蔚蔡薄薛虎虞蚁衣衡裔褟襄西要解言计訾诏诚谈谌谙谭豆豹负贝贡贲贵贾费贺赏赖赞赫路辉边达迎迟迪逄通逯道遆遇邓邝邡那郁郄郅郎郜郝郦郭郸鄂鄢酒酆里野金钊钦钱铁锁镇镐长门问闪闭闰闻阎陀随隆隗隽雀雍雪雷霍青静靖鞠韩韶项须顿颉颜风飞饶香马驹骆高魁魏鱼鲁鲍鲜鲜鹿麴麻黄黎黑默鼓齐龙龚"
)
_FIRST = f"[{''.join(sorted(set(_SURNAMES)))}甲乙丙丁戊某]"
_COMPOUND = "(?:欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|端木|呼延|夏侯|南宫|长孙|宇文|鲜于|闾丘|轩辕|万俟|完颜|淳于|单于|太史|申屠|公冶|濮阳|澹台|宗政|仲孙|钟离|拓跋)"
_HAN = "[一-鿿㐀-䶿𠀀-𫟿]"
_FOREIGN = rf"{_HAN}{{1,8}}(?:[·•・‧]{_HAN}{{1,8}}){{1,3}}"
_BEHIND = f"(?!(?![的为任同辞因代出当提不已于并]){_HAN})"
"""Behind a padded name no further character of it stands, only a word that goes on with it."""
NAME = (
    rf"(?:{_FOREIGN}|{_COMPOUND} {{0,4}}{_HAN}{{1,2}}|{_FIRST} {_HAN} {_HAN}(?! ?(?![的为任同辞因代出当提不已于并]){_HAN})"
    rf"|{_FIRST} {{1,6}}{_HAN}{{1,2}}?{_BEHIND}|{_HAN}{{4,6}}(?= ?\([^()]{{0,6}}族\))|{_FIRST}{_HAN}{{1,2}})"
)
MARKS = r"(?: {0,2}\([^()\d]{1,12}\)){0,2}"
"""(女), (满族), (女,满族)."""
_SAID, _LISTED = r" {0,3}(?:、|和|及|以及) {0,3}", r"(?: {0,3}(?:、|,|和|及|以及) {0,3}| {1,16}|(?<=\)))"
ANY_NAME = rf"(?:{NAME}|{_HAN} {{1,4}}{_HAN}{_BEHIND}|{_HAN}{{2,4}})"
"""Where only a name can stand, one of four characters without a known surname too: 扎西东周."""
NAMES = rf"(?:{NAME}{MARKS}(?:{_SAID}{ANY_NAME}{MARKS}){{0,120}})"
"""Names in a sentence."""
NAME_LIST = rf"(?:{NAME}{MARKS}(?:{_LISTED}{NAME}{MARKS}){{0,200}})"
"""Names on a line of their own."""
LOOSE_LIST = rf"(?:{ANY_NAME}{MARKS}(?:{_LISTED}{ANY_NAME}{MARKS}){{0,200}})"
"""Names on a line of their own where nothing but names can stand."""
_MARK = re.compile(r"\([^()]*\)")
_APART = re.compile(r"[、,;。\n]|(?<=[^ ][^ ])(?:以及|及|和)(?=[^ ][^ ])|\([^()]*\)")
_TOKEN = re.compile(r"[^ ]+")
_NO_NAME = re.compile(
    r"[的其等]|同志|职务|委员|主任|代表|会议|任命|免去|决定|通过|名单|市长|院长|区长|县长|局长|处长|人员|姓名|有关|工作|常委|人大|政府|法院|"
    r"各位|全体|全市|任期|本人|下列|上述|以下|以上|接受|辞去|组成|公布|现将|关于|根据|依照|按照|公告|特此|现予|此复|经过|因为|提请|提名|当选|补选|选举|选区|街道"
)


def split_names(text: str) -> list[tuple[str, int, int]]:
    """Return the names of a list of names in order, without padding and marks, each with its span."""
    names: list[tuple[str, int, int]] = []
    start = 0
    for end, behind in (*((found.start(), found.end()) for found in _APART.finditer(text)), (len(text), len(text))):
        tokens = [(found[0], start + found.start(), start + found.end()) for found in _TOKEN.finditer(text[start:end])]
        names += [one for one in _join_padded(tokens) if _is_name(one[0])]
        start = behind
    return names


def _join_padded(tokens: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Return the names that tokens apart by one space are: 尹 明, 汤 克 俭, 杨 雪梅, or several whole ones."""
    singles = [len(token[0]) == 1 for token in tokens]
    if len(tokens) == 3 and all(singles):
        return [("".join(token[0] for token in tokens), tokens[0][1], tokens[-1][2])]
    names: list[tuple[str, int, int]] = []
    place = 0
    while place < len(tokens):
        word, start, end = tokens[place]
        place += 1
        padded = len(word) == 1 or re.fullmatch(_COMPOUND, word)
        if padded and place < len(tokens) and len(tokens[place][0]) <= 2:
            word, end = word + tokens[place][0], tokens[place][2]
            place += 1
        names.append((word, start, end))
    return names


def _is_name(name: str) -> bool:
    return (
        2 <= len(name) <= 24
        and _NO_NAME.search(name) is None
        and re.fullmatch(rf"(?:{_HAN}|[·•・‧])+", name) is not None
    )
