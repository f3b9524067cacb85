"""Short Python scripts that read an image file with an exported model, with nothing of this project imported.

They prepare the image as MNIST's were: white on black, the longer side 20 pixels, the centre of mass in the
middle of 28 x 28. The app's own preprocessing does more (several digits, shadows, rules, the width of the pen).
"""

import re

from mnist_core.language.messages import N_, _

_ABOUT = N_("Reads one digit, dark ink on light paper: python {script} picture.png")
_PREPARED = N_("MNIST: white ink on black, the longer side 20 pixels")
_CENTRED = N_("the centre of mass in the middle of 28 x 28")
_NEEDS = N_("It needs: pip install {packages}")

_SCRIPT = '''\
"""{about}

{needs}
"""
import sys
from pathlib import Path

import numpy as np
{imports}
from PIL import Image, ImageOps

paper = ImageOps.autocontrast(ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("L"))
ink = ImageOps.invert(paper)  # {prepared}
ink = ImageOps.contain(ink.crop(ink.point(lambda grey: 255 * (grey > 127)).getbbox()), (20, 20))
digit, image = np.asarray(ink, np.float32), np.zeros((1, 28, 28), np.float32)
middles = [digit.sum(1 - axis) @ np.arange(n) / digit.sum() for axis, n in enumerate(digit.shape)]
y, x = np.clip(14.5 - np.array(middles), 0, 28 - np.array(digit.shape)).astype(int)
# {centred}
image[0, y : y + digit.shape[0], x : x + digit.shape[1]] = digit
model = str(Path(__file__).with_name({file!r}))
{answer}
print(probabilities.argmax(), f"{{probabilities.max():.1%}}")
'''

_LITE = (
    "ai-edge-litert",
    "from ai_edge_litert.interpreter import Interpreter",
    """\
read = Interpreter(model).get_signature_runner()
probabilities = read(**dict.fromkeys(read.get_input_details(), image))["output_0"][0]""",
)
# For each format: the package of its runtime, the import, and the lines from `model` and `image` to the answer.
_RUNTIMES = {
    "keras": (
        "keras tensorflow",
        "import keras",
        "probabilities = keras.saving.load_model(model).predict(image, verbose=0)[0]",
    ),
    "tflite": _LITE,
    "tflite-int8": _LITE,
    "onnx": (
        "onnxruntime",
        "import onnxruntime",
        """\
session = onnxruntime.InferenceSession(model)
probabilities = session.run(None, {session.get_inputs()[0].name: image})[0][0]""",
    ),
}


def has_script(format_name: str) -> bool:
    """Whether this format is a model that a script can read an image with."""
    return format_name in _RUNTIMES


def script_name(file_name: str) -> str:
    """The name of the script beside the file: model.onnx -> model_onnx.py."""
    return re.sub(r"\W", "_", file_name) + ".py"


def reading_script(format_name: str, file_name: str) -> str:
    """The script that reads an image with the model `file_name`, which lies beside it.

    KeyError for a format that is not a model.
    """
    packages, imports, answer = _RUNTIMES[format_name]
    packages = f"numpy pillow {packages}"
    return _SCRIPT.format(
        about=_(_ABOUT, script=script_name(file_name)),
        needs=_(_NEEDS, packages=packages),
        prepared=_(_PREPARED),
        centred=_(_CENTRED),
        imports=imports,
        file=file_name,
        answer=answer,
    )
