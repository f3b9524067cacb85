"""What is on the canvas, and what is said if that is nothing."""

from typing import Any

from mnist_core.language.messages import _
from mnist_core.preprocessing.drawings import find_on_canvas
from mnist_core.preprocessing.found import Found
from mnist_core.preprocessing.preprocess import DrawingError


def read_canvas(drawing: dict[str, Any]) -> tuple[Found, str]:
    """The digits in a drawing as fabric.js has it, and a hint to show if there are none."""
    try:
        found = find_on_canvas(drawing)
    except DrawingError as error:
        return Found(), str(error)
    if (drawing or {}).get("objects"):
        return found, _("A single dot is not a digit: keep drawing.")
    return found, _("Draw a digit from 0 to 9.")
