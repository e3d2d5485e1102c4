"""The technician's menu before a real daemon, which alone knows the PIN."""

import time

import pytest

from hallctl.asked import Answer
from hallctl.client import HallClient
from hallctl.pin import Pin
from running import RunningDaemon, wait_until
from screens.kiosk.pages import MenuPage, PinPage
from screens.kiosk.screen import KioskScreen
from screens.kit.sight import Sight

PRINTER = """devices:
  printer-1:
    driver: escpos
    link: {tcp: 127.0.0.1:9}
    serves: [kiosk-1]
"""


@pytest.fixture
def daemon(tmp_path):
    running = RunningDaemon(tmp_path, PRINTER)
    running.start()
    yield running
    running.stop()


class Kiosk:
    """A kiosk on the bus of a real daemon, without glass."""

    def __init__(self, daemon):
        self.client = HallClient(daemon.state / "bus", "kiosk", "kiosk-1")
        self.screen = KioskScreen(
            "kiosk-1", self.client.ask, landscape=False,
            ask_as=lambda command, pin: self.client.ask(command, pin=pin),
        )  # fmt: skip
        wait_until(lambda: self.heard() and self.client.hall.rules and self.client.now())

    @property
    def sight(self):
        client = self.client
        return Sight(client.hall, client.now(), client.stale_since_s, time.monotonic())

    def heard(self):
        for message in self.client.poll(0.05):
            if isinstance(message, Answer):
                self.screen.answered(
                    message.id, message.ok, message.result, message.words, self.sight
                )
        return True

    def page(self):
        self.heard()
        return self.screen.show(self.sight)

    def touch(self, *targets):
        for target in targets:
            self.screen.model.locked_until_s = 0.0
            self.screen.touched(target, self.sight)

    def type(self, pin):
        self.touch("seal", *(f"key:{digit}" for digit in pin), "key:enter")


def test_without_a_pin_there_is_no_menu_and_with_it_the_daemon_does_what_is_asked(daemon):
    kiosk = Kiosk(daemon)
    kiosk.type("270451")
    page = wait_until(lambda: (page := kiosk.page()).tone == "warn" and page)
    assert isinstance(page, PinPage)
    assert "没有设置维修密码" in page.words

    Pin(daemon.state / "pin", time.monotonic).set("270451")
    kiosk.type("270452")
    assert isinstance(wait_until(lambda: (page := kiosk.page()).tone == "warn" and page), PinPage)
    kiosk.type("270451")
    wait_until(lambda: isinstance(kiosk.page(), MenuPage))

    kiosk.touch("menu:paper")
    wait_until(lambda: kiosk.page().tone == "ok")
    wait_until(lambda: kiosk.page() and "printer-1" in kiosk.client.hall.paper)
    assert any(words.startswith("约还能打") for _, words, _ in kiosk.page().facts)
    kiosk.touch("menu:test")
    wait_until(lambda: kiosk.page() and kiosk.screen.model.menu.test)
    kiosk.touch("menu:slip")
    wait_until(lambda: kiosk.page() and kiosk.screen.model.menu.job)
    kiosk.client.close()
