"""ONNX files that tf2onnx writes of small AlexNets in Keras and TensorFlow, and what TensorFlow computes.

    python make_onnx_imports_tensorflow.py OUTPUT_FOLDER

writes tensorflow.json.gz: pictures with channels last, Flatten in that order, convolutions in groups as towers, LRN,
batch normalisation. Needs tensorflow-cpu and tf2onnx (the versions used stand in the file); shares no code with this
project.
"""

import os
import pathlib
import sys
from importlib.metadata import version

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from onnx_import_cases import Cases, coarse, picture, weights_for

L = keras.layers
CLASSES = 3


def fill(model):
    """The same small numbers for everybody."""
    for seed, variable in enumerate(model.weights):
        shape = tuple(variable.shape)
        if "variance" in variable.name:
            values = 1 + abs(coarse(seed, shape, 0.5))
        elif len(shape) > 1:
            # [..., in, out]: fans are counted with the outputs first.
            values = np.moveaxis(weights_for(seed, (shape[-1], *shape[:-1])), 0, -1)
        else:
            values = coarse(seed, shape, 0.5) + ("gamma" in variable.name)
        variable.assign(values)
    return model


def plain():
    """A chain of Keras layers, SAME and VALID, tanh, dropout, softmax."""
    return keras.Sequential([
        keras.Input((67, 67, 3)),
        L.Conv2D(4, 11, strides=4, activation="relu"),
        L.MaxPool2D(3, 2),
        L.Conv2D(6, 5, padding="same", activation="relu"),
        L.MaxPool2D(3, 2, padding="same"),
        L.Conv2D(8, 3, padding="same", activation="relu"),
        L.Conv2D(6, 3, padding="same", activation="relu"),
        L.Conv2D(6, 3, padding="same", activation="relu"),
        L.MaxPool2D(3, 2, padding="same"),
        L.Flatten(),
        L.Dense(16, activation="relu"),
        L.Dropout(0.5),
        L.Dense(16, activation="tanh"),
        L.Dropout(0.5),
        L.Dense(CLASSES, activation="softmax"),
    ])


def normalized():
    """Batch normalisation behind pools and dense layers, as in the Keras version; a padded start; scaled pictures."""
    return keras.Sequential([
        keras.Input((40, 40, 3)),
        L.Rescaling(1 / 127.5, offset=-1),
        L.ZeroPadding2D(((1, 2), (2, 1))),
        L.Conv2D(4, 5, strides=2),
        L.BatchNormalization(),
        L.Activation("relu"),
        L.MaxPool2D(2, 2),
        L.BatchNormalization(epsilon=1e-2),
        L.Conv2D(6, 3, padding="same", activation="relu"),
        L.AveragePooling2D(2, 2, padding="same"),
        L.BatchNormalization(),
        L.Conv2D(6, 3, activation="relu"),
        L.GlobalAveragePooling2D(),
        L.Dense(8, activation="relu"),
        L.BatchNormalization(),
        L.Dropout(0.4),
        L.Dense(CLASSES),
        L.BatchNormalization(),
    ])


class Towers(keras.Model):
    """kratzert's and guerzhoy's AlexNet: tf.nn.lrn, and groups as tf.split, two convolutions and tf.concat."""

    def __init__(self):
        super().__init__()
        conv = {"padding": "same", "use_bias": False}
        self.conv1 = L.Conv2D(4, 11, strides=4, padding="valid")
        self.conv2 = [L.Conv2D(3, 5, **conv) for _ in range(2)]
        self.conv3 = L.Conv2D(8, 3, padding="same")
        self.conv4 = [L.Conv2D(4, 3, **conv) for _ in range(2)]
        self.conv5 = [L.Conv2D(2, 3, **conv) for _ in range(2)]
        self.fc = [L.Dense(16), L.Dense(16), L.Dense(CLASSES)]

    def build(self, _):
        shapes = [("b2", 6), ("b4", 8), ("b5", 4)]
        self.biases = {name: self.add_weight(shape=(n,), name=name) for name, n in shapes}

    def grouped(self, x, convs, bias):
        parts = tf.split(x, 2, axis=3)
        joined = tf.concat([conv(part) for conv, part in zip(convs, parts)], axis=3)
        return tf.nn.relu(tf.nn.bias_add(joined, tf.convert_to_tensor(self.biases[bias])))

    def call(self, x):
        def norm(x):
            return tf.nn.local_response_normalization(x, depth_radius=2, alpha=2e-5, beta=0.75, bias=1.0)

        def pool(x):
            return tf.nn.max_pool2d(x, 3, 2, "VALID")

        x = pool(norm(tf.nn.relu(self.conv1(x * 64))))
        x = pool(norm(self.grouped(x, self.conv2, "b2")))
        x = tf.nn.relu(self.conv3(x))
        x = self.grouped(x, self.conv4, "b4")
        x = pool(self.grouped(x, self.conv5, "b5"))
        x = tf.reshape(x, [-1, 6 * 6 * 4])
        x = tf.nn.relu(self.fc[0](x))
        x = tf.nn.relu(self.fc[1](x))
        return self.fc[2](x)


def main(folder):
    cases = Cases()

    def add(name, model, size, opset, *, channels_first=False, batch=None):
        image = picture((2, 3, size, size))
        last = np.ascontiguousarray(image.transpose(0, 2, 3, 1))
        expected = model(last, training=False).numpy()
        signature = [tf.TensorSpec((batch, size, size, 3), tf.float32, name="x")]
        function = tf.function(lambda x: model(x, training=False), input_signature=signature)
        first = {"inputs_as_nchw": ["x"]} if channels_first else {}
        proto, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=opset, **first)
        cases.add(name, proto.SerializeToString(), expected, (2, 3, size, size), by="TensorFlow, float32")

    model = fill(plain())
    for opset in (9, 13, 18):
        add(f"Keras, opset {opset}", model, 67, opset)
    add("Keras, channels first, batch fixed", model, 67, 15, channels_first=True, batch=2)
    model = fill(normalized())
    for opset in (9, 13, 17):
        add(f"Keras with batch normalisation, opset {opset}", model, 40, opset)
    model = Towers()
    model(np.zeros((1, 227, 227, 3), np.float32))
    fill(model)
    for opset in (9, 13, 18):
        add(f"TensorFlow in towers, opset {opset}", model, 227, opset)

    names = ("tensorflow-cpu", "keras", "tf2onnx", "onnx", "numpy")
    cases.write(folder / "tensorflow.json.gz", {name: version(name) for name in names})


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
