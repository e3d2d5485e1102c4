"""What the screens of the hall say beyond `zh.py`: Chinese."""

TEXTS = {
    # Everybody must leave: the same page on every screen.
    "leave.title": "请马上离开",
    "leave.sub": "走最近的安全出口，不要坐电梯",
    "leave.more": "听从工作人员指挥，不要拿东西",
    # The hall's board.
    "hall.calling": "正在叫号",
    "hall.more_calls": "还有 {n} 个刚叫的号",
}
