"""What Streamlit lacks for visitors who use a keyboard or a screen reader, or who see little contrast.

A button that shows only an icon still has a label, which gives it a name. If its key begins with "icon-", the
label is not visible.
"""

import json
from pathlib import Path

import streamlit as st

from mnist_core.language.catalogues import ENGLISH, current
from mnist_core.language.messages import _
from pages.components.page.theme import GREY

_SCRIPT = (Path(__file__).parent / "accessibility.js").read_text("utf-8")
# Where Streamlit's own colours are too faint, however the theme is set: text at 3 to 1, controls at 1.3 to 1.
_STYLE = """<style>
[data-testid=stApp] :is(a, button, summary, input[type=range], [tabindex]):focus-visible,
[data-testid=stApp] label:has(input:is([type=radio], [type=checkbox]):focus-visible) {
    outline: 2px solid BLUE; outline-offset: 2px }
[data-testid=stApp] :is([data-testid=stSliderThumbValue], [data-variant=pills][data-selected]),
[data-testid=stApp] button[role=radio][aria-checked=true],
[data-testid=stApp] button:not([kind=primary]):is(:hover, :focus, :active) { color: inherit !important }
[data-testid=stRadioOption]:not([data-selected]) > div > div:first-child,
[data-testid=stCheckbox] label:has(input:not(:checked)) > span + div { box-shadow: 0 0 0 1px GREY }
[data-testid=stCaptionContainer] { opacity: 1; color: color-mix(in srgb, currentColor 70%, transparent) }
[data-testid=stCode] .token:is(.comment, .punctuation) {
    color: color-mix(in srgb, currentColor 70%, transparent) }
[data-testid=stCode] .token:is(.keyword, .function, .class-name, .boolean, .builtin) { color: BLUE }
[data-testid=stCode] .token:is(.string, .constant, .triple-quoted-string) { color: GREEN }
[data-testid=stCode] .token:is(.number, .operator, .decorator, .property, .variable) { color: ORANGE }
body > .spoken, [class*=st-key-icon-] button [data-testid=stMarkdownContainer] {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
</style>"""


def common_style() -> str:
    """The style for all pages."""
    style = _STYLE.replace("GREY", GREY)
    for name in ("blue", "green", "orange"):
        light, dark = (st.get_option(f"theme.{theme}.{name}TextColor") for theme in ("light", "dark"))
        style = style.replace(name.upper(), f"light-dark({light}, {dark})")
    return style


def screen_reader_script() -> str:
    """The script that translates the names of Streamlit's own buttons, and has the answer read aloud."""
    words = {} if current() == ENGLISH else _words()
    return f"<script>{_SCRIPT.strip()}({json.dumps(words, ensure_ascii=False)})</script>"


def _words() -> dict[str, str]:
    """Streamlit's names in the visitor's language; {} stands for a part that stays."""
    return {
        "Skip to main content": _("Skip to main content"),
        "App pages": _("Pages of the app"),
        "Main menu": _("Main menu"),
        "Open": _("Open"),
        "Close": _("Close"),
        "Clear value": _("Clear value"),
        "Decrement": _("Decrease"),
        "Increment": _("Increase"),
        "Help for {}": _("Help: {name}", name="{}"),
        "Shortcut {}": _("Key: {name}", name="{}"),
        "Pagination": _("Choice of a page"),
        "Previous page": _("Previous page"),
        "Next page": _("Next page"),
        "Page {}": _("Page {number}", number="{}"),
        "Fullscreen": _("Full screen"),
        "Close fullscreen": _("Close full screen"),
        "Show/hide columns": _("Show or hide columns"),
        "Download as CSV": _("Download as CSV"),
        "Search": _("Search"),
        "Show data": _("Show data"),
        "Show chart": _("Show chart"),
        "Download as PNG": _("Download as PNG"),
        "Copy Vega-Lite spec": _("Copy the chart's description (Vega-Lite)"),
        "Copy to clipboard": _("Copy"),
        "Link to heading": _("Link to this heading"),
        "file upload": _("File"),
        "Add files": _("Add files"),
        "Remove {}": _("Remove {name}", name="{}"),
        "progress": _("Progress"),
    }
