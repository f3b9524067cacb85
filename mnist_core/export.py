"""The program that makes an exported file that needs TensorFlow (exchange/formats.py lists them).

It is started as `python -m mnist_core.export` and reads one line from its standard input, which stays open as
a leash:

    {"run": "/home/ada/var/runs/2026…", "format": "onnx", "into": "/home/ada/var/exports/…/model.onnx"}

It prints its progress, 0 to 1, one number a line, and at last its answer, a JSON object: `bytes`, and for
"tflite-int8" also `accuracy` and `float_accuracy` on the whole test set, which are kept in `<into>.json`, too.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from mnist_core.data import sources
from mnist_core.exchange import formats
from mnist_core.files import whole, write_json
from mnist_core.jobs import leash
from mnist_core.jobs.tasks import Task, do
from mnist_core.language.messages import message
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run, RunError

Report = Callable[[float], None]
_IMPORTED, _MADE = 0.3, 0.7  # progress after importing TensorFlow, and once the model is converted


def write(run: Run, format_name: str, into: Path, report: Report = lambda share: None) -> dict[str, Any]:
    """Make the file in this process, write it in one step, and return the answer.

    RunError if the run lacks what the format holds, or was deleted meanwhile.
    """
    report(0.0)
    formats.check(format_name, run)
    made = MAKERS[format_name](run, report)
    report(_MADE)
    answer: dict[str, Any] = {"bytes": len(made)}
    if format_name == "tflite-int8":
        answer = {**_accuracies(run, made, report), **answer}
    if not (run.folder / "recipe.json").exists():  # its folder in exports/ would stay for ever
        raise RunError(message("Run {run} was deleted while the file was being made.", run=run.id))
    into.parent.mkdir(parents=True, exist_ok=True)
    if format_name == "tflite-int8":  # first, so that no file is without its accuracies
        write_json(into.with_name(f"{into.name}.json"), answer)
    with whole(into) as file:
        file.write(made)
    report(1.0)
    return answer


def in_a_process(
    run: Run, format_name: str, report: Report = lambda share: None
) -> tuple[bytes, dict[str, Any]]:
    """The file and the answer, made in a process that keeps TensorFlow and its messages out of this one.

    ValueError or RunError says why it failed.
    """
    formats.check(format_name, run)
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "made"
        answer = do(Task.of("export", run=str(run.folder), format=format_name, into=str(into)), report)
        return into.read_bytes(), answer


def onnx(run: Run, report: Report) -> bytes:
    """The run's model in ONNX (with tf2onnx); its input is float32 (n, 28, 28), 0 to 255."""
    import numpy as np

    model = _model(run, report)
    model(np.zeros((1, 28, 28), np.float32))  # Keras can only export a model that has been called
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        model.export(path, format="onnx", verbose=False)
        return path.read_bytes()


def int8(run: Run, report: Report) -> bytes:
    """The run's model for LiteRT with weights of 8 bits; inputs and outputs stay float32.

    A weight is an integer times a scale of its channel, and activations are quantized as they come (dynamic
    range quantization: https://ai.google.dev/edge/litert/models/post_training_quantization).
    """
    model = _model(run, report)
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with redirect_stdout(StringIO()):  # it prints the model's signature
        return converter.convert()


def tensorboard(run: Run, report: Report) -> bytes:
    """The run's metrics as a zip of TensorBoard's event files."""
    from mnist_core.training import event_log

    return event_log.as_zip(run)


MAKERS: dict[str, Callable[[Run, Report], bytes]] = {
    "onnx": onnx,
    "tflite-int8": int8,
    "tensorboard": tensorboard,
}


def _model(run: Run, report: Report) -> Any:
    import keras

    model = keras.saving.load_model(run.intact(run.model_path))
    report(_IMPORTED)
    return model


def _accuracies(run: Run, made: bytes, report: Report) -> dict[str, float]:
    """The test accuracy of the model `made`, and that of the run's own one."""
    test, found = sources.load(download=False).test, []
    for model in (Classifier(made), Classifier.load(run)):
        found.append(float((model.probabilities(test.images).argmax(1) == test.labels).mean()))
        report(_MADE + (1 - _MADE) * len(found) / 3)
    return dict(zip(("accuracy", "float_accuracy"), found))


def main() -> int:
    """Make the file. The exit status is 0 once it is written; otherwise standard error says why."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    line = json.loads(leash.lines(lambda: os._exit(1)).get())
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # keeps libraries' prints out of the answers
    try:
        run, into = Run(Path(line["run"])), Path(line["into"])
        answer = write(run, line["format"], into, lambda share: print(share, file=answers, flush=True))
        print(json.dumps(answer), file=answers, flush=True)
        return 0
    except Exception as error:
        print(str(error) or repr(error), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
