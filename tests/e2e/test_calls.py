"""Streamlit may call a component for old data after that for new data; then it ends the old call."""

from importlib.util import find_spec
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import ROOT

FRONT_END = Path(find_spec("streamlit_drawable_canvas").origin).parent / "frontend" / "build"
CALL_TWICE = """async ([js, html, data]) => {
    const parentElement = document.body.appendChild(document.createElement("div"));
    parentElement.innerHTML = html;
    const {default: call} = await import(URL.createObjectURL(new Blob([js], {type: "text/javascript"})));
    const component = {parentElement, data, setStateValue: () => {}, setTriggerValue: () => {}};
    await call(component);
    (await call(component))();
}"""


def call_twice(page: Page, files: list[str], html: str, data: dict | list[dict]) -> None:
    js = "".join((ROOT / "pages" / "components" / name).read_text("utf-8") for name in files)
    page.evaluate(CALL_TWICE, [js, html, data])


def test_the_polls_of_a_training_go_on_when_an_old_call_ends(open_page):
    page = open_page("/words")
    poll = {"at": 0, "language": "en", "words": ["training"], "fraction": 0, "every": 0.01, "key": ""}
    with page.expect_request("**/live/a-run?lang=en"):
        call_twice(page, ["training/live.js"], "", {"run": "a-run", "poll": poll})


def test_the_canvas_stays_when_an_old_call_ends(open_page):
    page = open_page("/words")
    front = {
        "strokeWidth": 20,
        "strokeColor": "#ffffff",
        "backgroundColor": "#000000",
        "drawingMode": "freedraw",
    }
    served = "_stcore/bidi-components/streamlit-drawable-canvas.streamlit_drawable_canvas"
    data = {
        "address": f"{served}/{next(FRONT_END.glob('*.js')).name}",
        "begun": {"behind": None, "objects": [], "isLinked": False},
        "tools": ["#ffffff", "#000000"],
        "words": dict.fromkeys(("canvas", "keys", "place", "point"), "–"),
        "front": {**front, "canvasWidth": 300, "canvasHeight": 300},
    }
    files = ["canvas/keyboard.js", "canvas/canvas.js"]
    call_twice(page, files, '<div class="canvas-root"></div>', [data])
    expect(page.locator("canvas.upper-canvas")).to_have_count(1)
