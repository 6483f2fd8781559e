"""Layers models of TensorFlow.js, plain and quantised, by its converter, and what Keras computes with them.

    python make_weights_tfjs.py OUTPUT_FOLDER

writes a folder for each way to store the weights, and tfjs.json: TF-slim's alexnet_v2 as narrow as it gets. What is
expected of quantised weights is what the converter's own loader makes of them. Needs tensorflowjs, tf_keras and
tensorflow-cpu (the versions used stand in the file); packages for decision forests and JAX, which Keras models do not
need, are left out. Shares no code with this project.
"""

import json
import os
import pathlib
import sys
import types
from importlib.metadata import version

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"


class Absent(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(name)


for name in ("tensorflow_decision_forests", "jax", "jax.experimental", "jax.experimental.jax2tf"):
    sys.modules[name] = Absent(name)

import numpy as np
import tf_keras
import tensorflowjs
from reference_recipe import hashed

SIZE = 75
CLASSES = 5
SHARD_BYTES = 3001  # arrays, and numbers, reach over the ends of files


def alexnet():
    layers = tf_keras.layers
    random = np.random.default_rng(2018)
    model = tf_keras.Sequential(
        [
            tf_keras.Input((SIZE, SIZE, 3)),
            layers.Conv2D(2, 11, strides=4, activation="relu", name="conv1"),
            layers.MaxPooling2D(3, strides=2, name="pool1"),
            layers.Conv2D(4, 5, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(3, strides=2, name="pool2"),
            layers.Conv2D(6, 3, padding="same", activation="relu", name="conv3"),
            layers.Conv2D(6, 3, padding="same", activation="relu", name="conv4"),
            layers.Conv2D(4, 3, padding="same", activation="relu", name="conv5"),
            layers.MaxPooling2D(3, strides=1, name="pool5"),
            layers.Flatten(name="flatten"),
            layers.Dense(12, activation="relu", name="fc6"),
            layers.Dropout(0.5, name="drop6"),
            layers.Dense(12, activation="relu", name="fc7"),
            layers.Dropout(0.5, name="drop7"),
            layers.Dense(CLASSES, name="fc8"),
        ],
        name="alexnet",
    )
    values = []
    for weight in model.weights:
        shape = weight.shape.as_list()
        bound = 0.5 if len(shape) == 1 else np.sqrt(6 / np.prod(shape[:-1]))
        values.append(random.uniform(-bound, bound, shape).astype(np.float32))
    model.set_weights(values)
    return model


def lambda_model():
    layers = tf_keras.layers
    return tf_keras.Sequential(
        [tf_keras.Input((4,)), layers.Lambda(lambda x: x * 2, name="twice"), layers.Dense(2, name="fc")]
    )


def main(folder):
    folder = pathlib.Path(folder)
    model = alexnet()
    bound = 2.0
    shape = [2, 3, SIZE, SIZE]
    pixels = hashed(1, int(np.prod(shape)), bound).reshape(shape).transpose(0, 2, 3, 1)
    cases = []
    for name in ("float32", "float16", "uint16", "uint8"):
        quantised = None if name == "float32" else {name: "*"}
        target = folder / name
        tensorflowjs.converters.save_keras_model(
            model, str(target), quantization_dtype_map=quantised, weight_shard_size_bytes=SHARD_BYTES
        )
        tf_keras.backend.clear_session()
        loaded = tensorflowjs.converters.load_keras_model(str(target / "model.json"))
        arrays = {}
        for weight in loaded.weights:
            values = weight.numpy().astype(np.float64)
            arrays[weight.name.removesuffix(":0")] = {
                "shape": list(values.shape),
                "values": values.ravel()[:4].tolist(),
                "sum": values.sum(),
            }
        expected = loaded.predict(pixels, verbose=0).astype(float).ravel().tolist()
        cases.append({"name": name, "arrays": arrays, "expected": expected})
    tensorflowjs.converters.save_keras_model(lambda_model(), str(folder / "lambda"))
    # The bytecode of the function depends on the interpreter: the class is what matters.
    file = folder / "lambda" / "model.json"
    text = json.loads(file.read_text())
    for layer in text["modelTopology"]["model_config"]["config"]["layers"]:
        if layer["class_name"] == "Lambda":
            layer["config"]["function"] = "code"
    file.write_text(json.dumps(text))
    document = {
        "by": {name: version(name) for name in ("tensorflowjs", "tf_keras", "tensorflow-cpu", "numpy")},
        "image": {"shape": shape, "seed": 1, "bound": bound},
        "cases": cases,
    }
    folder.joinpath("tfjs.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
