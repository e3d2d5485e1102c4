"""The acts that the page opens: the keypad's keys, a window's menu, the guide desk, alerts."""

import re
import time

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from desk_page import needs_browser, opened_page

pytestmark = needs_browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with opened_page(tmp_path_factory.mktemp("a"), undo_s=100) as page:
        yield page


def keypad(page, window):
    return page.device("keypads")["state"]["windows"][str(window)]


def acts(page, window):
    """Open the menu of a window."""
    page.click(f'[data-more="{window}"]')
    page.until(lambda: page.one("#more").is_displayed(), "the menu")


def act(page, name, **fields):
    """One act of the open menu; fields by their names."""
    form = f'#more form[data-act="{name}"]'
    for field, value in fields.items():
        element = page.one(f'{form} [name="{field}"]')
        if element.tag_name == "select":
            Select(element).select_by_visible_text(value)
        else:
            element.send_keys(value)
    page.click(f"{form} button")


def toast(page):
    return page.one("#toast").text


def test_keys_of_the_keypad_go_over_the_wire_and_act(page):
    first, second = page.issue("A"), page.issue("A")
    presses = (
        ("call", f"3 号窗口叫 {first}"),
        ("cancel", f"3 号窗口叫 {first} 已撤回（按错），回到队列"),
        ("call", f"3 号窗口叫 {first}"),
        ("confirm", f"3 号窗口开始办理 {first}"),
        ("hold", f"3 号窗口挂起 {first}"),
        ("resume", f"3 号窗口叫 {first}：回呼挂起的号"),
        ("transfer", f"3 号窗口把 {first} 转到综合队列"),
    )
    for key, words in presses:
        sent, since = keypad(page, 3)["sent"], page.log_end()
        page.key(3, key)
        page.until_log(re.escape(words), since)
        assert keypad(page, 3)["sent"] == sent + 1, key
    page.until(lambda: keypad(page, 3)["pending"] == 0, "the echo of the last press")
    assert keypad(page, 3)["unanswered"] == 0
    assert first != second


def test_digits_before_transfer_are_a_window_and_cancel_clears_digits(page):
    since = page.log_end()
    page.key(1, "call")
    page.until_log("1 号窗口叫 A", since)
    label = page.until(lambda: page.one("#window-1 .no").text, "the label")
    sent = keypad(page, 1)["sent"]
    page.key(1, "5")
    assert "›5" in page.one("#window-1 .lcd").text
    page.key(1, "cancel")
    assert "›" not in page.one("#window-1 .lcd").text
    assert keypad(page, 1)["sent"] == sent, "nothing went out"
    page.key(1, "4")
    page.key(1, "transfer")
    page.until_log(f"1 号窗口把 {label} 转到4 号窗口", since)
    page.key(4, "call")
    page.until_log(f"4 号窗口叫 {label}：转到本窗口", since)
    page.key(4, "confirm")
    page.until_log(f"4 号窗口开始办理 {label}", since)


def test_a_clerk_signs_on_and_off_with_the_number_and_confirm(page):
    for words in ("6 号窗口 工号 0601 登录（A 岗）", "6 号窗口 工号 0601 退出"):
        since = page.log_end()
        for digit in "0601":
            page.key(6, digit)
        page.key(6, "confirm")
        page.until_log(words, since)
        time.sleep(1)  # the same frame in the rhythm of its repeats would be taken for one


def test_the_menu_of_a_window_opens_what_is_on_no_key(page):
    since = page.log_end()
    acts(page, 9)
    act(page, "ServeWalkUp")
    page.until_log("9 号窗口直接受理 Q001（不叫号）", since)
    page.until(lambda: not page.one("#more").is_displayed(), "the menu's end")
    page.until(lambda: page.one("#window-9 .no").text == "Q001", "the ticket")
    for name, fields, words in (
        ("SetItem", {"item": "SB01"}, "Q001 办“"),
        ("AddMatter", {"item": "sb02 more words"}, "Q001 加办“"),
        ("RaiseStuck", {}, "取号 F001（办不成事），前面 0 人，Q001 没办成"),
        ("Hold", {"reason": "去复印"}, "9 号窗口挂起 Q001：去复印"),
        ("CallBack", {"label": "Q001"}, "9 号窗口叫 Q001：回呼挂起的号"),
        ("Transfer", {"goal": "综合队列"}, "9 号窗口把 Q001 转到综合队列"),
        ("SetWindowQueues", {"queues": "Q，a"}, "9 号窗口今天办：企业、综合"),
        ("Pause", {"reason": "取材料"}, "9 号窗口暂停：取材料"),
        ("Resume", {}, "9 号窗口恢复"),
    ):
        if name == "CallBack":
            page.until(lambda: "挂1" in page.one("#window-9 header").text, "the held visit")
        if name == "Resume":
            page.until(lambda: "暂停" in page.one("#window-9 header").text, "the pause")
        since = page.log_end()
        acts(page, 9)
        act(page, name, **fields)
        page.until_log(re.escape(words), since)
        page.until(lambda: not page.one("#more").is_displayed(), "the menu's end")


def test_a_refused_act_is_said_in_words_and_the_menu_stays(page):
    acts(page, 7)
    act(page, "Undo")
    page.until(lambda: "没有可以撤回的操作" in toast(page), "the words")
    assert page.one("#more").is_displayed()
    page.one("#more").send_keys(Keys.ESCAPE)
    page.until(lambda: not page.one("#more").is_displayed(), "the menu's end")


def test_the_guide_desk_acts_on_a_ticket_clicked_in_the_log(page):
    since = page.log_end()
    label = page.issue("C")
    page.until_log(f"{label} 的号票打出来了", since)
    cuts = page.device("printer-1")["state"]["cuts"]
    page.until(
        lambda: [b for b in page.browser.find_elements(By.CSS_SELECTOR, "#log .label")
                 if b.text == label], "the label"
    )[0].click()  # fmt: skip
    assert page.one("#guide-label").get_property("value") == label
    page.click('[data-visit="priority"]')
    page.until_log(f"{label} 改为优先", since)
    page.click('[data-visit="reprint"]')
    page.until(lambda: page.device("printer-1")["state"]["cuts"] == cuts + 1, "the copy")
    assert any("补打" in line for line in page.slips()[-1]["text"])
    page.click('[data-visit="rejoin"]')
    page.until(lambda: "不能重新排队" in toast(page), "the refusal")
    page.until(lambda: page.one("#guide-hall").is_displayed(), "the page")
    page.click('[data-visit="cancel"]')
    page.until_log(f"{label} 作废：居民取消", since)


def test_a_call_for_help_is_answered_from_the_page(page):
    since = page.log_end()
    page.ask_help()
    page.until_log("kiosk-1 有人叫帮忙", since)
    page.until(lambda: page.browser.find_elements(By.CSS_SELECTOR, "[data-help]"), "the button")
    page.click('[data-help="kiosk-1"]')
    page.until_log("有人去 kiosk-1 了", since)
    page.until(
        lambda: not page.browser.find_elements(By.CSS_SELECTOR, "[data-help]"), "the button's end"
    )


def test_what_holds_for_the_hall_today_is_set_from_its_menu(page):
    for name, fields, words in (
        ("CloseQueue", {"queue": "领证", "reason": "系统维护"}, "领证今天不再取号：系统维护"),
        ("OpenQueue", {"queue": "领证"}, "领证恢复取号"),
        ("SetNotices", {"notice": "今天下午停电"}, "大屏通知改为 1 条"),
        ("ExtendHours", {"until": "18:30"}, "延时服务到 18:30"),
    ):
        since = page.log_end()
        page.click("#guide-hall")
        act(page, name, **fields)
        page.until_log(words, since)
        page.until(lambda: not page.one("#more").is_displayed(), "the menu's end")


def test_alerts_stand_on_the_page_and_all_of_them_in_a_list(page):
    assert not page.one("#alerts").is_displayed()
    for _ in range(4):
        page.click("[data-clock*=minutes]")
    page.until(lambda: "分钟" in page.one("#alerts").text, "the alert")
    page.click("#alerts")
    page.until(lambda: page.browser.find_elements(By.CSS_SELECTOR, "#more .alert"), "the list")
    told = {a["words"] for a in page.state()["hall"]["alerts"]}
    shown = {p.text for p in page.browser.find_elements(By.CSS_SELECTOR, "#more .alert")}
    assert shown & told
    page.one("#more").send_keys(Keys.ESCAPE)


def test_nothing_went_wrong_in_the_browser_but_what_was_refused(page):
    severe = [x["message"] for x in page.browser.get_log("browser") if x["level"] == "SEVERE"]
    assert [x for x in severe if "409 (Conflict)" not in x] == []
