"""A model's answer to images: the digit, its confidence, the ten bars, and the image itself."""

import html
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.language.figures import share
from mnist_core.language.messages import _
from mnist_core.preprocessing.found import Found
from mnist_core.runs.answers import Answer
from pages.components.images.boxes import show_boxes
from pages.components.images.pictures import picture

STYLE = """<style>
.answer > :first-child { font-weight: 700 }
.answer > :last-child { min-height: 4.5rem; opacity: 0.8 }
.input { margin: 0.9rem 0 0 }
.input img { width: 140px; max-width: 100%; border-radius: 0.25rem }
.input figcaption { margin-top: 0.4rem; font-size: 0.875rem; line-height: 1.25; opacity: 0.7 }
</style>"""
_OR = "|"  # stands in large letters for the word between the two digits that it may be


def show_answer(
    read: Sequence[np.ndarray],
    images: Sequence[np.ndarray],
    answers: Sequence[Answer],
    hint: str,
    found: Found,
    with_boxes: bool,
    number: object,
) -> int:
    """What one or two models read, in large type, and the input; "–" and the hint if there is none.

    `read` are the probabilities (n, 10) of each model for the images, uint8 (28, 28) each, and `answers` those
    of the first model. Of several digits the visitor chooses the one to look at, and `with_boxes` shows where
    each was found. `number` is that of the drawing. Returns the place of the chosen digit, 0 if there is only
    one.
    """
    if len(images) < 2:
        st.html(numbered(answer_and_input(read, images, answers, hint), number))
        return 0
    st.html(numbered(_answer(read, answers, hint, [len(row) for row in found.rows]), number))
    texts = [answer.text for answer in answers]
    if with_boxes:
        show_boxes(found.whole, [digit.box for digit in found.digits], texts)
    place = st.segmented_control(
        _("Digit to look at"),
        range(len(images)),
        default=0,
        required=True,
        format_func=lambda i: f"{i + 1}: {texts[i]} · {share(answers[i].probability)}",
        key=f"place-{'-'.join(texts)}",
        wrap=True,
    )
    st.html(_input(images[place]))
    return place


def numbered(part: str, number: object) -> str:
    """A part of the page with the number of its drawing, which the browser has given (canvas.js)."""
    return f'<div data-number="{number if isinstance(number, int) and 0 < number < 1e15 else 0}">{part}</div>'


def answer_and_input(
    read: Sequence[np.ndarray], images: Sequence[np.ndarray], answers: Sequence[Answer], hint: str
) -> str:
    """The same of at most one digit, as HTML."""
    return _answer(read, answers, hint, []) + _input(images[0] if images else np.zeros((28, 28), np.uint8))


def _answer(read: Sequence[np.ndarray], answers: Sequence[Answer], hint: str, rows: Sequence[int]) -> str:
    """The digits and the words below them. Screen readers say it when it has changed (accessibility.js).

    An answer that is not a digit is shown as "?". `rows` are the numbers of digits in each row. The height is
    the same in all cases.
    """
    texts = [answer.text for answer in answers]
    if not answers:
        big, small = "–", hint
    elif len(answers) > 1:
        big = "<br>".join(_lines(texts, rows))
        small = _of_several(answers)
    else:
        big, small = _of_one(answers[0])
    if len(read) > 1 and answers and not np.array_equal(read[0].argmax(1), read[1].argmax(1)):
        others = " ".join(_lines(list(map(str, read[1].argmax(1))), rows))
        small = " ".join([small, _("The other model reads {digits}.", digits=others)])
    says = small
    if answers and _OR not in big and all(answer.is_digit for answer in answers):
        says = _("{digits}, {words}", digits=" ".join(texts), words=small)
    between = _("or")
    shown = big.replace(_OR, f'<span style="font-size:0.4em;font-weight:400;line-height:0"> {between} </span>')
    style = f"font-size:{_size(big):.2f}rem;line-height:{_line_height(big)}"
    return (
        f'<div class="answer" data-says="{html.escape(says)}"><div style="{style}">{shown}</div>'
        f"<div>{html.escape(small)}</div></div>"
    )


def _input(image: np.ndarray) -> str:
    """The model's input, enlarged."""
    words, seen = _("the image as the model sees it, 28 by 28 pixels"), _("What the model sees: 28 × 28")
    return (
        f'<figure class="input"><img src="{picture(image, 5)}" alt="{html.escape(words)}">'
        f"<figcaption>{html.escape(seen)}</figcaption></figure>"
    )


def _lines(texts: Sequence[str], rows: Sequence[int]) -> list[str]:
    """The text of each row."""
    left = iter(texts)
    return ["".join(islice(left, number)) for number in rows or [len(texts)]]


def _size(big: str) -> float:
    """The font size in rem at which the longest line fits its column; "or" is set in small type."""
    lines = big.split("<br>")
    longest = max(len(line.replace(_OR, " ")) for line in lines)
    return (5.5 if longest < 3 else 16 / longest) / len(lines) ** 0.5


def _line_height(big: str) -> str:
    return "1.1" if "<br>" in big else "5.8rem"


def _of_one(answer: Answer) -> tuple[str, str]:
    """The answer to a single digit: in large type, and in words."""
    sure, digit = share(answer.probability), answer.digit
    if not answer.is_digit:
        words = _(
            "This does not look like a digit. If it is one, it is most likely {digit} ({share}).",
            digit=digit,
            share=sure,
        )
        return "?", words
    if answer.second is None:
        return f"{digit}", _("{share} sure", share=sure)
    values = {"digit": digit, "share": sure, "second": answer.second, "less": share(answer.second_probability)}
    if answer.is_doubtful:
        words = _(
            "{digit} ({share}) or {second} ({less}): some people write these two digits the same way.", **values
        )
        return f"{digit}{_OR}{answer.second}", words
    return f"{digit}", _("{share} sure · or {second}? {less}", **values)


def _of_several(answers: Sequence[Answer]) -> str:
    if not all(answer.is_digit for answer in answers):
        return _("A question mark stands for something that does not look like a digit.")
    least = min(answers, key=lambda answer: answer.probability)
    values: dict[str, Any] = {"count": len(answers), "digit": least.digit, "share": share(least.probability)}
    if least.second is None:
        return _("{count} digits; the least certain is the {digit}: {share}", **values)
    values["second"] = least.second
    return _("{count} digits; the least certain is the {digit}: {share} · or {second}?", **values)
