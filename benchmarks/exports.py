"""How far exported models agree with the app on the whole test set, and how large they are.

    python benchmarks/exports.py [RUN ...]

Exports each run (by default the starter) as the program mnist_core/export.py does, and answers all test images
in each format's own runtime. Prints a table: size, the largest difference of a probability from the app's, and
accuracy. The app reads the LiteRT model.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import onnxruntime

from mnist_core import export
from mnist_core.data import sources
from mnist_core.home import home
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run
from mnist_core.runs.store import STARTER, RunStore
from mnist_core.training import inference


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("runs", nargs="*", default=[STARTER], metavar="RUN")
    arguments = parser.parse_args()
    dataset = sources.load()
    assert dataset.is_mnist, "this needs real MNIST: set $MNIST_DIR to its folder"
    images, labels = dataset.test
    print("| run | format | KB | largest difference | accuracy |")
    print("| --- | --- | ---: | ---: | ---: |", flush=True)
    for name in arguments.runs:
        run = RunStore(home()).get(name)
        app = Classifier.load(run).probabilities(images)
        for kind, size, answers in answers_of(run, images):
            cells = (name, kind, f"{size / 1000:.1f}", f"{np.abs(answers - app).max():.1e}")
            accuracy = (answers.argmax(1) == labels).mean()
            print(f"| {' | '.join(cells)} | {accuracy:.4f} |", flush=True)


def answers_of(run: Run, images: np.ndarray):
    """Each format with its size in bytes and its answers float32 (n, 10)."""
    lite = run.lite_path.read_bytes()
    yield "LiteRT", len(lite), Classifier(lite).probabilities(images)
    model = keras.saving.load_model(run.model_path)
    yield "Keras", run.model_path.stat().st_size, inference.predict(model, images)
    content = export.onnx(run, lambda share: None)
    session = onnxruntime.InferenceSession(content)
    name = session.get_inputs()[0].name
    chunks = [images[first : first + 500].astype(np.float32) for first in range(0, len(images), 500)]
    yield "ONNX", len(content), np.concatenate([session.run(None, {name: of})[0] for of in chunks])
    content = export.int8(run, lambda share: None)
    yield "LiteRT, int8", len(content), Classifier(content).probabilities(images)


if __name__ == "__main__":
    main()
