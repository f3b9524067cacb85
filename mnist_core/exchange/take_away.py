"""Test images with a model's answers as files to download: a table, pictures, a contact sheet."""

import io
import math
import zipfile
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from mnist_core.data.mnist import Split
from mnist_core.evaluation.evaluation import Evaluation

_TILE, _TEXT, _GAP = 84, 14, 6  # pixels of a contact sheet
_INK, _PAPER, _TRUE, _WRONG = "#1a2233", "#ffffff", "#2546c4", "#c1273c"


def as_csv(answers: Evaluation, indices: np.ndarray, judgements: Mapping[int, str]) -> str:
    """A row for each image: index, true and predicted digit, confidence, loss, probabilities, judgement."""
    table = pd.DataFrame(
        {
            "index": indices,
            "true": answers.labels[indices],
            "predicted": answers.predictions[indices],
            "confidence": answers.confidences[indices],
            "loss": answers.losses[indices],
            **{f"probability_{digit}": answers.probabilities[indices, digit] for digit in range(10)},
            "judgement": [judgements.get(int(index), "") for index in indices],
        }
    )
    return table.to_csv(index=False, float_format="%.6g")


def as_zip(test: Split, answers: Evaluation, indices: np.ndarray) -> bytes:
    """A 28 x 28 PNG for each image, named by its index, its true digit and the prediction."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for index in indices:
            picture = io.BytesIO()
            Image.fromarray(test.images[index]).save(picture, "PNG")
            name = f"{index:05}-true-{answers.labels[index]}-read-as-{answers.predictions[index]}.png"
            archive.writestr(name, picture.getvalue())
    return file.getvalue()


def contact_sheet(test: Split, answers: Evaluation, indices: Sequence[int]) -> bytes:
    """One PNG with all images, each above its true digit, the prediction and its index."""
    columns = max(1, min(len(indices), math.ceil(math.sqrt(len(indices) * 1.4))))
    rows = max(1, -(-len(indices) // columns))
    width, height = _TILE + _GAP, _TILE + _TEXT + _GAP
    sheet = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, index in enumerate(indices):
        x, y = _GAP + place % columns * width, _GAP + place // columns * height
        large = Image.fromarray(test.images[index]).resize((_TILE, _TILE), Image.Resampling.NEAREST)
        sheet.paste(large, (x, y))
        true, predicted = answers.labels[index], answers.predictions[index]
        draw.text((x, y + _TILE + 1), f"{true}", _TRUE)
        draw.text((x + 10, y + _TILE + 1), f"> {predicted}", _INK if true == predicted else _WRONG)
        draw.text((x + _TILE, y + _TILE + 1), f"{index}", _INK, anchor="ra")
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()
