"""The app without a mouse, or without sight: what axe-core finds, the keyboard, and what is read aloud."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mnist_core.data import sources
from mnist_core.data.my_digits import MyDigits
from mnist_core.preprocessing.drawings import from_text
from mnist_core.preprocessing.preprocess import from_strokes
from mnist_core.runs.attempt import Attempt
from tests.e2e.steps import ONE, SEVEN, begins_with, clear, draw, ended_run, ended_sweep
from tests.pictures import paper, write

SETTLED = "Promise.allSettled(document.getAnimations().map((animation) => animation.finished))"
# All buttons and links, with the name that a screen reader says; those of our own components, too.
NAMES = """() => {
    const name = (part) => part.ariaLabel ?? (part.innerText || part.querySelector("img")?.alt || "");
    const found = (root) => [...root.querySelectorAll("*")].flatMap((part) =>
        [...part.matches("button, a") && part.checkVisibility({visibilityProperty: true}) ? [name(part)] : [],
         ...part.shadowRoot ? found(part.shadowRoot) : []]);
    return found(document);
}"""
LISTEN = """() => {
    window.heard = [];
    const spoken = document.querySelector("body > .spoken");
    new MutationObserver(() => heard.push(spoken.textContent)).observe(spoken, {childList: true});
}"""


def draws(page: Page) -> None:
    expect(page.locator("canvas.upper-canvas")).to_be_visible()
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))


def brings_a_picture(page: Page) -> None:
    page.get_by_role("radio", name="Picture").click()
    file = io.BytesIO()
    write(paper(), "7").save(file, "PNG")
    content = {"name": "seven.png", "mimeType": "image/png", "buffer": file.getvalue()}
    page.locator("input[type=file]").set_input_files(content)


@dataclass(frozen=True)
class Look:
    """An address, what a visitor does there, and what is then to be seen."""

    path: str
    there: str
    act: Callable[[Page], None] = lambda page: None


def opens_the_code(page: Page) -> None:
    page.locator("[class*=st-key-details] summary").click()
    page.get_by_role("tab", name="As Keras code").click()
    expect(page.locator("[class*=st-key-details] code")).to_be_visible()


def runs_the_step(page: Page) -> None:
    page.get_by_role("button", name="Run and see").click()


def opens_the_plan(page: Page) -> None:
    page.locator("[class*=st-key-new-sweep] summary").click()
    expect(page.get_by_role("button", name="Start the sweep")).to_be_visible()


CHART = "[data-testid=stVegaLiteChart] svg"
LOOKS = {  # a new page is a new line
    "Draw": Look("/draw", ".bars", draws),
    "Draw, with a picture": Look("/draw", ".boxes button", brings_a_picture),
    "My digits": Look("/mine", "[class*=st-key-icon-drop] button"),
    "Train": Look("/train", ".curves .chart svg", opens_the_code),
    "Sweep": Look("/sweep?sweep={sweep}", f"{CHART} .mark-rect", opens_the_plan),
    "Gallery": Look("/gallery?run={run}", ".st-key-grid button"),
    "Gallery, digits": Look("/gallery?run={run}&view=digits", "[data-testid=stDataFrame]"),
    "Gallery, map": Look("/gallery?run={run}&view=map", ".st-key-grid button"),
    "Gallery, confidence": Look("/gallery?run={run}&view=confidence", CHART),
    "Gallery, compare": Look("/gallery?run={run}&other={other}&view=compare", ".st-key-grid button"),
    "Gallery, an image": Look("/gallery?run={run}&image=0", ".bars"),
    "Inside the network": Look("/network?image=0", ".network canvas"),
    "Learn": Look("/learn", ".st-key-card-zeros"),
    "Learn, a step": Look("/learn?lesson=softmax&step=one-hot", ".st-key-result", runs_the_step),
    "Words": Look("/words?run={run}", "[class*=st-key-term]"),
    "Data": Look("/data", CHART),
    "Class": Look("/classroom", ".st-key-limit-kept"),
}


@pytest.fixture
def labels(server, monkeypatch) -> np.ndarray:
    """The labels of the server's test images."""
    monkeypatch.setenv("MNIST_HOME", str(server.store.home))
    monkeypatch.setenv("KERAS_HOME", str(server.store.home))
    return sources.load(download=False).test.labels


def serious(page: Page) -> list[str]:
    """What axe-core finds on the page as it is, where it is and why."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", LOOKS)
def test_axe_finds_nothing_serious_in_both_themes(open_page, server, labels, tmp_path, name):
    look, curves = LOOKS[name], server.store.get("starter").folder / "metrics.jsonl"
    runs = [ended_run(server, labels, {0: 3, 1: 3}, title) for title in ("One", "Another")]
    (runs[0].folder / "metrics.jsonl").write_bytes(curves.read_bytes())
    Attempt(1, 1.0, None).claim(runs[0].folder)  # so that the Train page shows it
    MyDigits(server.store.home).add(7, from_strokes(SEVEN))
    sweep = ended_sweep(server, tmp_path).id if name == "Sweep" else ""
    page = open_page(look.path.format(run=runs[0].id, other=runs[1].id, sweep=sweep))
    look.act(page)
    expect(page.locator(look.there).first).to_be_visible()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.locator(".stApp")).to_have_css("color-scheme", theme)
        expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
        page.evaluate(SETTLED)
        assert serious(page) == []
    names = page.evaluate(NAMES)
    assert [said for said in names if not said.strip() or said.endswith(" icon")] == []


def test_streamlits_own_buttons_have_names_in_japanese(open_page):
    page = open_page("/data", locale="ja-JP")
    expect(page.get_by_role("button", name="メインメニュー")).to_be_visible()
    expect(page.get_by_role("button", name="CSV でダウンロード: データセットの 4 つの配列")).to_be_attached()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Main menu")).to_be_visible()


def test_a_digit_is_drawn_and_undone_with_the_keyboard_alone(open_page):
    page = open_page("/draw")
    answer, press = page.locator(".answer"), page.keyboard.press
    canvas = page.get_by_role("application", name="Canvas for drawing a digit")
    expect(canvas).to_be_visible()
    while not canvas.evaluate("(part) => part.getRootNode().activeElement === part"):
        press("Tab")
    keys = ["Space", *["ArrowRight"] * 5, "Space", *["ArrowDown"] * 8, *["ArrowLeft"] * 3]
    for key in (*["ArrowLeft"] * 3, *keys):
        press(key)
    expect(page.locator(".canvas-root [role=status]")).to_have_text("column 7, row 12")
    expect(answer).to_have_text(begins_with("–"))
    press("Enter")
    expect(answer).to_have_text(begins_with("7"))
    page.reload()
    expect(answer).to_have_text(begins_with("7"))
    canvas.focus()
    press("Control+z")
    expect(answer).to_have_text(begins_with("–"))
    press("Control+y")
    expect(answer).to_have_text(begins_with("7"))


def test_a_line_that_is_dropped_leaves_no_stroke(open_page):
    page = open_page("/draw")
    canvas = page.get_by_role("application", name="Canvas for drawing a digit")
    expect(canvas).to_be_visible()
    canvas.focus()
    for key in ("Space", "ArrowDown", "ArrowDown", "Escape", "Enter", "Space", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".answer")).not_to_have_text(begins_with("–"))
    page.locator(".st-key-icon-share button").first.click()
    link = page.get_by_test_id("stPopoverBody").locator("code")
    expect(link).to_be_visible()
    (stroke,) = from_text(link.inner_text().split("drawing=")[1].strip())
    assert np.ptp(np.array(stroke), axis=0).tolist() == [20, 0]


def test_each_new_answer_is_read_aloud_once(open_page):
    page = open_page("/draw")
    expect(page.locator("body > .spoken")).to_have_text("Draw a digit from 0 to 9.")
    page.evaluate(LISTEN)
    draws(page)
    page.locator(".st-key-brush input").press("ArrowRight")  # the page runs again, with the same answer
    expect(page.locator(".st-key-brush")).to_contain_text("21")
    clear(page)
    draw(page, ONE)
    expect(page.locator(".answer")).to_have_text(begins_with("1"))
    first, hint, second = page.evaluate("heard")
    assert first.startswith("7, ") and first.endswith("sure")
    assert hint == "Draw a digit from 0 to 9."
    assert second.startswith("1, ") and second.endswith("sure")
