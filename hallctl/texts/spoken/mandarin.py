"""普通话. Source: domain.md (b): digits one by one, 一 (or 幺, by setting), 二 and never 两."""

JOIN, PAUSE = "", "，"
LETTERS_BY = "english"
"""Letters are read as in English."""

CLIPS: dict[str, tuple[str, str]] = {
    "0": ("零", "ling2"),
    "1": ("一", "yi1"),
    "2": ("二", "er4"),
    "3": ("三", "san1"),
    "4": ("四", "si4"),
    "5": ("五", "wu3"),
    "6": ("六", "liu4"),
    "7": ("七", "qi1"),
    "8": ("八", "ba1"),
    "9": ("九", "jiu3"),
    "10": ("十", "shi2"),
    "100": ("百", "bai3"),
    "yao": ("幺", "yao1"),
    "please": ("请", "qing3"),
    "number": ("号", "hao4"),
    "to": ("到", "dao4"),
    "quickly-to": ("尽快到", "jin3 kuai4 dao4"),
    "window": ("号窗口", "hao4 chuang1 kou3"),
    "serve": ("办理", "ban4 li3"),
    "missed": ("已过号", "yi3 guo4 hao4"),
    "to-guide": ("请到导办台", "qing3 dao4 dao3 ban4 tai2"),
    "rehearsal": ("演练", "yan3 lian4"),
    "lunch": ("上午服务结束", "shang4 wu3 fu2 wu4 jie2 shu4"),
    "lunch-until": ("下午继续", "xia4 wu3 ji4 xu4"),
    "evacuation": ("请马上离开大厅", "qing3 ma3 shang4 li2 kai1 da4 ting1"),
    "evacuation-calm": ("请听从工作人员指引", "qing3 ting1 cong2 gong1 zuo4 ren2 yuan2 zhi3 yin3"),
    "test": ("声音测试", "sheng1 yin1 ce4 shi4"),
}

PHRASES: dict[str, str] = {
    "call": "please {label} number pause:250 to {window} window serve",
    "recall": "please {label} number pause:250 quickly-to {window} window",
    "short": "{label} number pause:150 {window} window",
    "missed": "{label} number missed pause:250 to-guide",
    "rehearsal": "rehearsal pause:250 to {window} window",
    "lunch": "lunch pause:250 lunch-until",
    "evacuation": "evacuation pause:250 evacuation-calm",
    "test": "test pause:250 1 2 3",
}
