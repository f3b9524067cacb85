"""A picture with a box around each digit; boxes can be removed by a click and added by dragging.

Also pictures from the clipboard, which the browser gives only to a script of the page.
"""

import base64
import io
from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from PIL import Image

from mnist_core.language.messages import _
from mnist_core.preprocessing.found import Box

_LARGEST = 20_000_000  # bytes of a pasted picture, as for uploads
_CSS = """
.boxes { position: relative; width: fit-content; touch-action: pan-y; user-select: none;
    line-height: 0 }
.boxes > img { width: auto; max-width: 100%; border-radius: var(--st-base-radius);
    -webkit-user-drag: none }
.boxes i { position: absolute; border: 2px solid #3557d6; outline: 1px solid white; border-radius: 2px;
    pointer-events: none }
.boxes button { all: unset; position: absolute; left: -2px; top: -20px; padding: 0 5px; height: 20px;
    font: 600 13px/20px var(--st-font); color: white; background: #3557d6; cursor: pointer;
    pointer-events: auto; white-space: nowrap; border-radius: 2px }
.boxes button:hover, .boxes button:focus-visible { background: #b3273b }
.boxes button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px }
"""
_JS = """
export default function ({ parentElement, data, setTriggerValue }) {
    const field = parentElement.querySelector(".boxes"), picture = field.querySelector("img");
    if (picture.src !== data.picture) picture.src = data.picture;
    picture.alt = data.alt;
    picture.draggable = false;
    picture.style.maxHeight = data.fixed ? "14rem" : "26rem";
    field.style.cursor = data.fixed ? "default" : "crosshair";
    // Show the visitor's changes at once. The server's answers come later; ignore those from before it received
    // the last change.
    if (data.heard >= (field.changes ?? 0)) {
        field.changes = data.heard;
        field.wanted = data.boxes.map((box, i) => ({ box, word: data.words[i], says: data.away[i] }));
    }
    const want = (wanted) => {
        field.wanted = wanted;
        field.changes += 1;
        show();
        setTriggerValue("changed", { boxes: wanted.map((one) => one.box), changes: field.changes });
    };
    const show = () => {
        field.querySelectorAll("i").forEach((box) => box.remove());
        field.wanted.forEach(put);
    };
    const put = (one) => {
        const { box, word, says } = one, shown = document.createElement("i");
        const [left, top, right, bottom] = box.map((share) => share * 100);
        Object.assign(shown.style, { left: `${left}%`, top: `${top}%`,
            width: `${right - left}%`, height: `${bottom - top}%` });
        if (word !== undefined) {
            const away = document.createElement("button");
            away.type = "button";
            away.textContent = data.fixed ? word : `${word} ×`;
            away.disabled = data.fixed;
            if (!data.fixed) away.title = away.ariaLabel = says;
            if (top < 8) away.style.top = "0";
            away.onpointerdown = (event) => event.stopPropagation();
            away.onclick = () => want(field.wanted.filter((other) => other !== one));
            shown.append(away);
        }
        field.append(shown);
        return shown;
    };
    show();
    const at = (event) => {
        const frame = picture.getBoundingClientRect();
        return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height]
            .map((share) => Math.min(1, Math.max(0, share)));
    };
    field.onpointerdown = (down) => {
        if (down.button || data.fixed) return;
        const from = at(down);
        let shown = null, box = null;
        field.setPointerCapture(down.pointerId);
        field.onpointermove = (event) => {
            const to = at(event);
            box = [Math.min(from[0], to[0]), Math.min(from[1], to[1]),
                Math.max(from[0], to[0]), Math.max(from[1], to[1])];
            shown?.remove();
            shown = put({ box });
        };
        field.onpointerup = field.onpointercancel = (event) => {
            field.onpointermove = field.onpointerup = field.onpointercancel = null;
            const isLarge = box && box[2] - box[0] > 0.01 && box[3] - box[1] > 0.01;
            if (event.type === "pointerup" && isLarge) want([...field.wanted, { box, word: "…" }]);
            else shown?.remove();
        };
    };
}
"""
_PASTE = """
export default function ({ data, setTriggerValue }) {
    const paste = (event) => {
        const item = [...event.clipboardData.items].find((item) => item.type.startsWith("image/"));
        if (!item) return;
        const file = item.getAsFile(), reader = new FileReader();
        if (file.size > data.largest) return setTriggerValue("pasted", "too large");
        reader.onload = () => setTriggerValue("pasted", reader.result);
        reader.readAsDataURL(file);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
}
"""
_HTML = '<div class="boxes"><img></div>'
_boxes = st.components.v2.component("mnist_studio_boxes", html=_HTML, css=_CSS, js=_JS)
_paste = st.components.v2.component("mnist_studio_paste", html="<span></span>", js=_PASTE)


def show_boxes(
    whole: np.ndarray,
    boxes: Sequence[Box],
    words: Sequence[str],
    changed: Callable[[list], None] | None = None,
) -> None:
    """Show the picture uint8 (height, width) or (height, width, 3) with a word at each box.

    `changed` is called with all current boxes after the visitor removed or drew one; without it the boxes
    cannot be changed.
    """

    def heard() -> None:
        came = st.session_state["boxes"].changed
        if came is not None and changed is not None:
            st.session_state["boxes-heard"] = came["changes"]
            changed([tuple(float(np.clip(side, 0, 1)) for side in box) for box in came["boxes"]][:100])

    data = {
        "picture": _url(whole),
        "boxes": boxes,
        "words": words,
        "alt": _("where each of the digits was found"),
        "away": [_("Remove the box around the {digit}", digit=word) for word in words],
        "fixed": changed is None,
        "heard": st.session_state.get("boxes-heard", 0),
    }
    _boxes(data=data, key="boxes", on_changed_change=heard)


def pasted(came: Callable[[io.BytesIO], None]) -> None:
    """Listen for a picture from the clipboard; `came` is called with the file."""

    def heard() -> None:
        text = st.session_state["paste"].pasted
        if text == "too large":
            words = _("The pasted picture is larger than 20 MB: paste a smaller one.")
            st.toast(words, icon=":material/error:")
        elif text:
            came(io.BytesIO(base64.b64decode(text.partition(",")[2])))

    _paste(data={"largest": _LARGEST}, key="paste", on_pasted_change=heard, height=1)


def _url(whole: np.ndarray) -> str:
    file = io.BytesIO()
    image = Image.fromarray(whole)
    image.thumbnail((1000, 1000))
    if (factor := 400 // max(image.size)) > 1:
        image = image.resize([factor * side for side in image.size], Image.Resampling.NEAREST)
    image.save(file, "PNG" if whole.ndim == 2 else "JPEG", quality=85)
    kind = "png" if whole.ndim == 2 else "jpeg"
    return f"data:image/{kind};base64," + base64.b64encode(file.getvalue()).decode("ascii")
