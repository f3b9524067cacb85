"""A grid of small clickable images, sent as one picture and some text: fast even with hundreds.

An st.image and an st.button for each would take the browser seconds and ten times as much data.
"""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import streamlit as st
from PIL import Image

_COLUMNS = 20  # images in a row of the combined picture

_CSS = """
.tiles { display: grid; gap: 0.5rem;
    grid-template-columns: repeat(auto-fill, minmax(calc(var(--side) + 0.75rem), 1fr));
    font-family: var(--st-font); color: var(--st-text-color) }
button { all: unset; box-sizing: border-box; cursor: pointer; padding: 0.3rem; text-align: center;
    display: flex; flex-direction: column; align-items: center;
    border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
    background: var(--st-secondary-background-color) }
button:hover { border-color: var(--st-primary-color) }
button:is(.first, .second) { border-width: 3px; padding: calc(0.3rem - 2px) }
button.first { border-color: var(--st-blue-color) }
button.second { border-color: var(--st-orange-color); border-style: dashed }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px }
.picture { display: block; width: var(--side); height: var(--side); margin: 0 0 0.2rem; border-radius: 3px;
    image-rendering: pixelated; background-repeat: no-repeat }
.says { display: block; font-size: 0.95rem; font-weight: 650; line-height: 1.3 }
.true { color: var(--st-blue-text-color) }
.wrong { color: var(--st-red-text-color) }
.note { display: block; font-size: 0.75rem; line-height: 1.25; opacity: 0.75 }
"""
_JS = """
export default function ({ parentElement, data, setTriggerValue }) {
    const {side} = data, rows = Math.ceil(data.tiles.length / data.columns);
    const tiles = parentElement.querySelector(".tiles");
    tiles.style.setProperty("--side", `${side}rem`);
    tiles.replaceChildren(...data.tiles.map((tile, place) => {
        const button = document.createElement("button");
        button.type = "button";
        button.title = button.ariaLabel = tile.label;
        button.dataset.index = tile.index;
        button.className = tile.frame;
        button.onclick = () => setTriggerValue("opened", tile.index);
        const add = (kind, text) => {
            const part = document.createElement("span");
            part.className = kind;
            part.textContent = text;
            button.append(part);
            return part;
        };
        const picture = add("picture", "");
        picture.style.backgroundImage = `url(${data.sheet})`;
        picture.style.backgroundSize = `${data.columns * side}rem ${rows * side}rem`;
        const x = place % data.columns, y = Math.floor(place / data.columns);
        picture.style.backgroundPosition = `${-x * side}rem ${-y * side}rem`;
        const says = add("says", "");
        for (const [kind, text] of tile.says) {
            const word = document.createElement("span");
            word.className = kind;
            word.textContent = text;
            says.append(word);
        }
        tile.notes.forEach((note) => add("note", note));
        return button;
    }));
}
"""
_tiles = st.components.v2.component("mnist_studio_tiles", html='<div class="tiles"></div>', css=_CSS, js=_JS)


@dataclass(frozen=True)
class Tile:
    """One image of the grid: the index that a click returns, texts below it, a label for screen readers.

    `frame` is "first" or "second", in the colour of the first or second of two runs, or "".
    """

    index: int
    label: str
    says: Sequence[tuple[str, str]]  # ("true" or "wrong" or "", text): blue, red or the default colour
    notes: Sequence[str] = ()
    frame: str = ""


def show_tiles(
    images: np.ndarray, tiles: Sequence[Tile], key: str, opened: Callable[[int], None], side: float = 4.5
) -> None:
    """The images uint8 (n, 28, 28) with their tiles; `opened` is called with the index of a clicked one.

    `side` is that of an image, in rem.
    """
    shown = [asdict(tile) for tile in tiles]
    data = {"sheet": _sheet(images), "columns": _COLUMNS, "tiles": shown, "side": side}

    def clicked() -> None:
        if (index := st.session_state[key].opened) is not None:
            opened(int(index))

    _tiles(data=data, key=key, on_opened_change=clicked)


def _sheet(images: np.ndarray) -> str:
    """All images as one PNG in a data URL, in rows of _COLUMNS."""
    rows = -(-len(images) // _COLUMNS)
    full = np.zeros((rows * _COLUMNS, 28, 28), np.uint8)
    full[: len(images)] = images
    sheet = full.reshape(rows, _COLUMNS, 28, 28).swapaxes(1, 2).reshape(rows * 28, _COLUMNS * 28)
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
