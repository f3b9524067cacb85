"""What was found out about a run that was brought in."""

from mnist_core.exchange.refusals import from_json
from mnist_core.language.messages import Message, message
from mnist_core.language.numbers import figure
from mnist_core.runs.run import Run
from pages.components.page.text import plain


def found(run: Run) -> list[Message]:
    """In sentences; none where nothing was."""
    origin, said = run.origin or {}, []
    if "scaled" in origin and "raw" in origin:
        shares = {way: figure(origin[way], ".2%") for way in ("scaled", "raw")}
        words = message(
            "With pixels from 0 to 1 it reads {scaled} of the test images, with pixels from 0 to 255 {raw}.",
            **shares,
        )
        used = message("It is used with pixels from 0 to 1.")
        if origin["pixels"] == "raw":
            used = message("It is used with pixels from 0 to 255.")
        said += [words, used]
    remarks = map(from_json, origin.get("remarks", ()))
    return [*said, *(message("{problem}", problem=plain(str(remark))) for remark in remarks)]
