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
)
_FIRST = f"[{''.join(sorted(set(_SURNAMES)))}甲乙丙丁戊某]"
_COMPOUND = "(?:欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|端木|呼延|夏侯|南宫|长孙|宇文|鲜于|闾丘|轩辕|万俟|完颜|淳于|单于|太史|申屠|公冶|濮阳|澹台|宗政|仲孙|钟离|拓跋)"
_HAN = "[一-鿿㐀-䶿𠀀-𫟿]"
_FOREIGN = rf"{_HAN}{{1,8}}(?:[·•・‧]{_HAN}{{1,8}}){{1,3}}"
_BEHIND = f"(?!(?![的为任同辞因代出当提不已于并]){_HAN})"
"""Behind a padded name no further character of it stands, only a word that goes on with it."""
NAME = (
    rf"(?:{_FOREIGN}|{_COMPOUND}{_HAN}{{1,2}}|{_FIRST} {_HAN} {_HAN}(?! ?(?![的为任同辞因代出当提不已于并]){_HAN})"
    rf"|{_FIRST} {{1,6}}{_HAN}{{1,2}}?{_BEHIND}|{_HAN}{{4,6}}(?= ?\([^()]{{0,6}}族\))|{_FIRST}{_HAN}{{1,2}})"
)
MARKS = r"(?: {0,2}\([^()\d]{1,12}\)){0,2}"
"""(女), (满族), (女,满族)."""
_SAID, _LISTED = r" {0,3}(?:、|和|及|以及) {0,3}", r"(?: {0,3}(?:、|,|和|及|以及) {0,3}| {1,12})"
ANY_NAME = rf"(?:{NAME}|{_HAN}{{2,4}})"
"""Where only a name can stand, one of four characters without a known surname too: 扎西东周."""
NAMES = rf"(?:{NAME}{MARKS}(?:{_SAID}{ANY_NAME}{MARKS}){{0,120}})"
"""Names in a sentence."""
NAME_LIST = rf"(?:{NAME}{MARKS}(?:{_LISTED}{NAME}{MARKS}){{0,200}})"
"""Names on a line of their own."""
_ONE = re.compile(rf"(?:{NAME}|(?:(?<=^)|(?<=、)|(?<=和)){_HAN}{{2,4}}(?= ?[、(]|$)){MARKS}")
_MARK = re.compile(r"\([^()]*\)")
_NO_NAME = re.compile(
    r"[的为是在与和及由对于其等,、]|同志|职务|委员|主任|代表|会议|任命|免去|决定|通过|名单|市长|院长|区长|县长|局长|处长|人员|姓名|有关|工作|常委|人大|政府|法院|"
    r"各位|全体|全市|任期|本人|下列|上述|以下|以上|接受|辞去|组成|公布|现将|关于|根据|依照|按照|经过|因为|提请|提名"
)


def split_names(text: str) -> list[tuple[str, int, int]]:
    """Return the names of a list of names in order, without padding and marks, each with its span."""
    names: list[tuple[str, int, int]] = []
    for found in _ONE.finditer(text):
        name = clean_name(found[0])
        if name:
            names.append((name, found.start(), found.end()))
    return names


def clean_name(text: str) -> str:
    """Return a name without padding and marks; nothing where it is no name."""
    bare = "".join(_MARK.sub("", text).split())
    return "" if len(bare) < 2 or _NO_NAME.search(bare) else bare
