"""The last step of a network in numbers and words: from ten sums to ten probabilities, and the loss."""

import math
from typing import Any

import numpy as np

from mnist_core.explain.inside import Inside
from mnist_core.language.figures import share
from mnist_core.language.messages import _
from pages.components.network.rounding import number_words, percent


def output_sum(
    inside: Inside, digit: int, looks: np.ndarray | None, products: list[list[str]], texts: list[str]
) -> dict[str, Any]:
    """From the ten sums to the probability of `digit`, and the loss if that is what the image shows.

    `products` are the lines of the digit's own sum, `texts` what is said about it, `looks` as in `sum_of`.
    """
    softmax, with_temperature = inside.softmax, inside.temperature != 1.0
    columns, shown = [_("digit"), _("logit")], [softmax.logits]
    if with_temperature:
        columns.append(_("/ {temperature}", temperature=number_words(inside.temperature)))
        shown.append(softmax.divided)
    columns += [_("e^(logit − largest)"), _("probability")]
    rows = [
        [
            f"{d}",
            *(number_words(of[d]) for of in (*shown, softmax.exponentials)),
            percent(softmax.probabilities[d]),
        ]
        for d in range(10)
    ]
    probability = float(softmax.probabilities[digit])
    lines = [*products[:-1], [_name_of_logit(inside), products[-1][1]]]
    lines.append(
        [
            _(
                "exponential / sum of all: {own} / {all}",
                own=number_words(softmax.exponentials[digit]),
                all=number_words(softmax.exponentials.sum()),
            ),
            percent(probability),
        ]
    )
    if looks is not None:
        shares = ", ".join(percent(of) for of in looks[:, digit])
        probability = float(looks[:, digit].mean())
        lines.append([_("mean over the four shifted copies: {shares}", shares=shares), percent(probability)])
    loss = _("loss if it is a {digit}: −log({probability})", digit=digit, probability=number_words(probability))
    lines.append([loss, number_words(-math.log(max(probability, 1e-37)))])
    title = _("Why {digit}: {share}", share=share(probability), digit=digit)
    return {
        "title": title,
        "lines": lines,
        "softmax": {"columns": columns, "rows": rows, "chosen": digit},
        "texts": [*texts, *_about_temperature(inside)],
        "words": f"{title} " + " ".join(": ".join(line).strip(": ") + "." for line in lines),
    }


def _about_temperature(inside: Inside) -> list[str]:
    if inside.temperature == 1.0:
        return []
    return [
        _(
            "After the training all logits were divided by one number, the temperature {temperature}, so that "
            "the model is as sure as it is right on images that it had not seen. The weights here include "
            "that.",
            temperature=number_words(inside.temperature),
        )
    ]


def _name_of_logit(inside: Inside) -> str:
    if inside.temperature == 1.0:
        return _("= logit")
    return _("= logit / temperature {temperature}", temperature=number_words(inside.temperature))
