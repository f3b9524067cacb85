"""The canvas as a game: random strokes, Undo, Redo and Clear, as fast as a hand can.

At the end of each game the browser's ink, the server's strokes and a model of the correct state must agree.

    python -m tests.e2e.test_canvas_game [NUMBER]

plays this many games, a quarter of them with a slow server, and says which game failed.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.preprocessing.drawings import from_text, to_text
from tests.conftest import MNIST_DIR
from tests.e2e.conftest import ROOT, Server, chromium, pen
from tests.e2e.steps import begins_with, expect_soon, lower_canvas

CELL, COLUMNS = 44, 6  # canvas pixels: each stroke has its own cell, which identifies it
MOVES, LONGEST_PAUSE = 8, 250  # moves in a game, and the most milliseconds between two of them
KEYS = {"undo": "Control+z", "redo": "Control+y", "clear": "Delete"}
CHANCES = {"draw": 9, "undo": 5, "redo": 3, "clear": 2, "undo while the pen is down": 1}
INKED = """(canvas, [cell, columns]) => [...Array(columns * columns).keys()].filter((i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)].map((at) => (at + 0.5) * cell);
    return canvas.getContext("2d").getImageData(x, y, 1, 1).data[0] > 0;
})"""
SLOW = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from pages.components.canvas import canvas as module

def slow(*given, **named):
    time.sleep(0.6)
    return module.quick(*given, **named)

if not hasattr(module, "quick"):
    module.quick, module.canvas = module.canvas, slow
exec(compile(open("pages/draw.py", encoding="utf-8").read(), "pages/draw.py", "exec"))
"""


@dataclass
class Model:
    """The correct state. Undo restores everything that Clear removed at once, Redo one stroke at a time."""

    drawn: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    cleared: list[int] = field(default_factory=list)

    def draw(self, cell: int) -> None:
        self.drawn.append(cell)
        self.undone, self.cleared = [], []

    def undo(self) -> None:
        if self.drawn:
            self.undone.append(self.drawn.pop())
        elif self.cleared:
            del self.undone[-len(self.cleared) :]
            self.drawn, self.cleared = self.cleared, []

    def redo(self) -> None:
        if self.undone:
            self.drawn.append(self.undone.pop())
            self.cleared = []

    def clear(self) -> None:
        if self.drawn:
            self.undone += reversed(self.drawn)
            self.drawn, self.cleared = [], self.drawn


class Player:
    """A page with the canvas, and the model of its content."""

    def __init__(self, page: Page) -> None:
        self.page, self.model = page, Model()
        self.find()

    def find(self) -> None:
        """Locate the canvas and buttons; the moves use the bare mouse, which does not wait for anything."""
        expect(self.page.locator(".st-key-clear button")).to_be_visible()
        self.canvas = self.page.locator("canvas.upper-canvas").first.bounding_box()
        boxes = {name: self.page.locator(f".st-key-{name} button").bounding_box() for name in KEYS}
        self.buttons = {
            name: (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for name, box in boxes.items()
        }

    def play(self, random: Random) -> None:
        for _ in range(MOVES):
            self.move(random.choices([*CHANCES], CHANCES.values())[0], random)
            self.page.wait_for_timeout(random.uniform(0, LONGEST_PAUSE))

    def move(self, name: str, random: Random) -> None:
        model, page = self.model, self.page
        if name in KEYS:
            self.do(name, "button" if random.random() < 0.5 else "key")
        elif free := {*range(COLUMNS**2)} - {*model.drawn, *model.undone}:
            cell = random.choice(sorted(free))
            if name == "draw":
                self.draw(cell)
            else:
                model.draw(cell)
                model.undo()
                self.stroke(cell, lambda: page.keyboard.press(KEYS["undo"]))

    def do(self, name: str, how: str) -> None:
        getattr(self.model, name)()
        if how == "button":
            self.page.mouse.click(*self.buttons[name])
        else:
            self.page.keyboard.press(KEYS[name])

    def draw(self, cell: int) -> None:
        self.model.draw(cell)
        self.stroke(cell)

    def stroke(self, cell: int, meanwhile: Callable[[], None] = lambda: None) -> None:
        mouse, (row, column) = self.page.mouse, divmod(cell, COLUMNS)
        x, y = self.canvas["x"] + (column + 0.5) * CELL, self.canvas["y"] + (row + 0.5) * CELL
        mouse.move(x - 6, y)
        mouse.down()
        mouse.move(x, y)
        meanwhile()
        mouse.move(x + 6, y)
        mouse.up()

    def expect_agreement(self) -> None:
        """The canvas's ink and the server's strokes must equal the model's."""
        drawn, canvas = self.model.drawn, lower_canvas(self.page)
        expect_soon(lambda: canvas.evaluate(INKED, [CELL, COLUMNS]) == sorted(drawn))
        self.page.locator(".st-key-icon-share button").first.click()
        told = self.page.get_by_test_id("stPopoverBody")
        expect_soon(lambda: told_strokes(told.inner_text()) == drawn)
        expect_soon(lambda: self.close(told))

    def close(self, popover: Locator) -> bool:
        """Whether it is closed: on a slow server, one press has been seen to leave it open."""
        self.page.keyboard.press("Escape")
        self.page.wait_for_timeout(200)
        return popover.count() == 0

    def begin_anew(self, how: str) -> None:
        """The drawing and its history are there again."""
        if how == "reload":
            self.page.reload()
        else:
            self.page.get_by_role("link", name="Gallery").click()
            expect(self.page.get_by_role("heading", name="Gallery")).to_be_visible()
            self.page.get_by_role("link", name="Draw").click()
        self.find()
        self.expect_agreement()


def told_strokes(text: str) -> list[int]:
    """The cells of the strokes in the server's link to the drawing."""
    link = re.search(r"drawing=([\w-]+)", text)
    return [
        int(stroke[0][1] // CELL) * COLUMNS + int(stroke[0][0] // CELL)
        for stroke in (from_text(link[1]) if link else [])
    ]


def play(page: Page, seeds: Iterable[int], ways: tuple[str, ...]) -> None:
    """Play games one after another, each continuing the drawing of the last; sometimes reopen the page."""
    player = Player(page)
    for seed in seeds:
        random = Random(seed)
        if seed % 4 == 3:
            player.begin_anew(random.choice(ways))
        player.play(random)
        try:
            player.expect_agreement()
        except AssertionError as error:
            raise AssertionError(f"game {seed}: {player.model}") from error
    page.wait_for_timeout(1500)  # late events must not change anything
    player.expect_agreement()


def slow_server(folder: Path) -> Server:
    """A server with only the canvas's page, each run of which takes 600 ms longer."""
    (folder / "slow.py").write_text(SLOW)
    return Server(folder, MNIST_DIR, app=f"{folder / 'slow.py'}")


KINDS = (  # kinds of servers; how many games the test plays, and how the page may be reopened between them
    (lambda folder: Server(folder, MNIST_DIR), 6, ("reload", "visit")),
    (slow_server, 2, ("reload",)),
)


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server of the kind that the test names."""
    made = request.param(tmp_path)
    yield made
    made.end()


@pytest.mark.parametrize(
    ("server", "games", "ways"), KINDS, indirect=["server"], ids=["the app", "a slow server"]
)
def test_browser_server_and_model_agree_after_each_game(open_page, server, games, ways):
    play(open_page("/"), range(games), ways)


@pytest.mark.parametrize("server", [slow_server], indirect=True)
@pytest.mark.parametrize("path", ["/", f"/?drawing={to_text([[(22, 22), (30, 22)]])}"], ids=["new", "linked"])
def test_a_reload_while_the_server_is_busy_loses_nothing(open_page, server, path):
    player = Player(open_page(path))
    if "drawing" in path:
        player.model.draw(0)
        player.expect_agreement()
    for cell in (7, 14):
        player.draw(cell)
    player.begin_anew("reload")
    for name in ("undo", "clear"):
        player.do(name, "key")
    player.begin_anew("reload")
    for name in ("undo", "redo"):
        player.do(name, "button")
        player.expect_agreement()


@pytest.mark.parametrize("server", [slow_server], indirect=True)
def test_a_stroke_drawn_while_the_server_is_busy_with_quick_undos_stays(open_page, server):
    player = Player(open_page("/"))
    for how in ("button", "key"):
        for _ in range(4):
            player.draw(len(player.model.drawn))
        for _ in range(3):
            player.do("undo", how)
        player.draw(20)
        player.do("undo", how)
        player.draw(21)
        player.expect_agreement()
        player.do("clear", how)


@pytest.mark.parametrize("server", [slow_server], indirect=True)
def test_a_tool_is_in_the_hand_as_soon_as_it_is_chosen(open_page, server, mnist):
    page = open_page("/?behind=2")  # a 1
    answer, tool = page.locator(".answer"), page.locator(".st-key-tool")
    expect(answer).to_have_text(begins_with("1"))
    for name, strokes, text in (
        ("Eraser", [[(2, y), (278, y)] for y in range(6, 280, 12)], "There is nothing left to read"),
        ("Pen", [[(145, 50), (140, 230)]], "1"),
    ):
        tool.get_by_text(name).click()
        expect(tool.get_by_role("radio", name=name)).to_be_checked()
        with pen(page) as stroke:
            for points in strokes:
                stroke(points)
        expect(answer).to_contain_text(text)


def main(number: int) -> None:
    for start, games, ways in KINDS:
        with tempfile.TemporaryDirectory() as home, chromium() as browser:
            server = start(Path(home))
            try:
                page = browser.new_page(viewport={"width": 1280, "height": 844})
                page.goto(server.address)
                play(page, range(number * games // 8), ways)
                print(f"{number * games // 8} games: all agreed", flush=True)
            finally:
                server.end()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
