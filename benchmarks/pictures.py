"""How well a run reads pictures of digits, by kind.

    python benchmarks/pictures.py FOLDER [--run ID] [--wrong] [--at-least SHARE] [--at-least-drawn SHARE]

FOLDER holds index.json: a JSON list of {"file", "right", "kind"}. `right` is the string of digits, with "/"
between rows and "?" for a mark that is not a digit, or, in brackets, any other expected result. A picture is
"read" if the whole string is right, "refused" if a digit is rejected, nothing was found or there were too many
marks, and "confidently wrong" if it is neither and no second digit is offered.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd

from mnist_core.home import home
from mnist_core.preprocessing.photo import find_in_picture
from mnist_core.preprocessing.photo_file import open_image
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.runs.answers import answers_of
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.store import RunStore


def read(path: Path, model: Classifier, knows_others: bool) -> tuple[str, bool]:
    """What is read, with "/" between rows, and whether a second digit is offered."""
    try:
        with path.open("rb") as file:
            found = find_in_picture(open_image(file), model.probabilities)
    except DrawingError as error:
        return f"({error})", True
    if not found.digits:
        return "", True
    said = answers_of(model, [digit.image() for digit in found.digits], knows_others)
    texts = iter(answer.text for answer in said)
    text = "/".join("".join(next(texts) for _ in row) for row in found.rows)
    return text, "?" in text or any(answer.second is not None for answer in said)


def is_right(text: str, right: str) -> bool:
    if right.startswith("("):
        return "there are" in text
    return text == right if "/" in right else text.replace("/", "") == right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", default="starter", metavar="ID")
    parser.add_argument("--wrong", action="store_true", help="name each picture that was not read")
    parser.add_argument("--at-least", type=float, default=0.0, help="fail where fewer real ones are read")
    parser.add_argument(
        "--at-least-drawn", type=float, default=0.0, help="fail where fewer drawn ones are read"
    )
    arguments = parser.parse_args()
    run = RunStore(home()).get(arguments.run)
    model, rows = Classifier.load(run), []
    for picture in json.loads((arguments.folder / "index.json").read_text("utf-8")):
        begin = time.perf_counter()
        text, doubt = read(arguments.folder / picture["file"], model, run.recipe.other_handwriting)
        right = is_right(text, picture["right"])
        refused = not right and ("?" in text or not text or text.startswith("("))
        sure = not right and not refused and not doubt
        kind = picture["kind"]
        rows.append((kind, 1, right, refused, sure, time.perf_counter() - begin))
        if arguments.wrong and not right:
            print(f"{picture['file']:48} {picture['right']:12} read as {text[:40]}{'  CONFIDENTLY' * sure}")
    table = pd.DataFrame(rows, columns=["kind", "pictures", "right", "refused", "confidently wrong", "seconds"])
    real = table[table.kind != "drawn"]
    by = table.groupby("kind").sum().drop(columns="seconds")
    for name, part in (("all real", real), ("all", table)):
        by.loc[name] = part.drop(columns=["kind", "seconds"]).sum()
    print(by.astype(int).to_string())
    print(f"median {table.seconds.median():.2f} s, longest {table.seconds.max():.2f} s")
    for name, part, least in (
        ("real", real, arguments.at_least),
        ("drawn", table[table.kind == "drawn"], arguments.at_least_drawn),
    ):
        if len(part) and part.right.mean() < least:
            sys.exit(f"error: {part.right.mean():.4f} of the {name} ones are read, less than {least}")


if __name__ == "__main__":
    main()
