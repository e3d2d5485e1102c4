"""The wait page in headless Chromium, as on a small old telephone: no script, 320 px wide."""

import os
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from desk_page import CHROMIUM, DRIVER, needs_browser
from running import wait_until
from served_hall import served_hall

pytestmark = needs_browser
WIDTH, HEIGHT = 320, 568


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    with served_hall(tmp_path_factory.mktemp("b")) as hall:
        yield hall


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    folder = tmp_path_factory.mktemp("chromium")
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
        f"--user-data-dir={folder}", "--lang=zh-CN",
    ):  # fmt: skip
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"webkit.webprefs.javascript_enabled": False})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(DRIVER))
    metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    yield browser
    browser.quit()


def said(browser):
    """What is to be read; nothing at the moment when the page renews itself."""
    try:
        return browser.find_element(By.TAG_NAME, "body").text
    except (StaleElementReferenceException, NoSuchElementException):
        return ""


def overflowing(browser):
    """Elements that reach beyond the screen's edge, with the page's own width."""
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    wide = [
        element.text
        for element in browser.find_elements(By.CSS_SELECTOR, "body *")
        if element.rect["x"] < 0 or element.rect["x"] + element.rect["width"] > WIDTH
    ]
    return [] if size["width"] <= WIDTH and not wide else [size["width"], *wide]


def shoot(browser, name):
    """A picture for a person to look at, where the environment names a folder for it."""
    folder = os.environ.get("HALLCTL_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(Path(folder) / f"{name}.png"))


def test_the_page_turns_by_itself_from_waiting_to_the_window(hall, browser):
    before = [hall.take_ticket() for _ in range(2)]
    ticket = hall.take_ticket()
    browser.get(f"{hall.address}/t/{ticket['code']}")
    assert ticket["label"] in said(browser)
    assert "前面还有 2 人" in said(browser)
    assert overflowing(browser) == []
    shoot(browser, "waiting")
    for window in (1, 2, 3):
        hall.post({"type": "CallNext", "window": window}, "chief")
    wait_until(lambda: "请到 3 号窗口" in said(browser))  # by its own refresh: nobody reloads
    assert ticket["label"] in said(browser)
    assert not [other for other in before if other["label"] in said(browser)]
    large = browser.find_element(By.CSS_SELECTOR, ".now .main")
    assert float(large.value_of_css_property("font-size").removesuffix("px")) >= 40
    assert large.value_of_css_property("color") == "rgba(255, 255, 255, 1)"
    assert overflowing(browser) == []
    shoot(browser, "called")
    severe = [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    assert [line for line in severe if "favicon" not in line["message"]] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_cut_off_on_a_narrow_screen_in_any_state(hall, browser, language):
    ticket = hall.take_ticket(queue="B", language=language)
    others = [hall.take_ticket(queue="B", language=language) for _ in range(5)]

    def shown(name, code, words):
        def seen():
            browser.get(f"{hall.address}/t/{code}")
            return words in said(browser)

        wait_until(seen)
        assert overflowing(browser) == [], name
        shoot(browser, f"{name}-{language}")

    def act(name):
        assert hall.post({"type": name, "window": 6}, "chief").status == 200

    shown("range", others[-1]["code"], "约 ")
    act("CallNext")
    shown("called", ticket["code"], "请到 6 号窗口")
    act("Start")
    shown("serving", ticket["code"], "正在 6 号窗口办理")
    act("Hold")
    shown("held", ticket["code"], "号给您留着")
    act("CallBack")
    act("Start")
    act("Finish")
    shown("finished", ticket["code"], "已办完")
    hall.post({"type": "CancelTicket", "visit": others[0]["visit"]}, "desk")
    shown("void", others[0]["code"], "号已作废")
    hall.post({"type": "StartEvacuation", "place": "desk"}, "desk")
    shown("leave", others[1]["code"], "正在紧急疏散")
    hall.post({"type": "EndEvacuation", "place": "desk"}, "desk")
    shown("unknown", "nobody-has-this-code", "没有这个页面")
    for other in others[1:]:
        hall.post({"type": "CancelTicket", "visit": other["visit"]}, "desk")


def test_a_silent_hall_is_said_on_the_page_that_is_open_and_goes_by_itself(hall, browser):
    ticket = hall.take_ticket(queue="C")
    browser.get(f"{hall.address}/t/{ticket['code']}")
    assert "前面没有人了" in said(browser)
    hall.daemon.kill()
    wait_until(lambda: "起没有更新" in said(browser))
    assert "前面" not in said(browser)
    assert overflowing(browser) == []
    shoot(browser, "stale")
    hall.daemon.start()
    wait_until(lambda: "前面没有人了" in said(browser))
