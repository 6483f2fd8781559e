"""Files that Keras saves, of every version that saves differently, and what their networks compute.

    python3.7  make_weights_keras.py keras1 OUTPUT_FOLDER      # keras 1.2.2, theano 1.0.5, h5py 2.10.0
    python3.7  make_weights_keras.py keras2 OUTPUT_FOLDER      # keras 2.3.1, tensorflow 1.15.5, theano 1.0.5, h5py 2.10.0
    python3.10 make_weights_keras.py keras212 OUTPUT_FOLDER    # tensorflow-cpu 2.12.1 with keras 2.12.0, h5py 3.16.0
    python3.11 make_weights_keras.py keras3 OUTPUT_FOLDER      # keras 3.15.1, tensorflow-cpu 2.21.0, h5py 3.14.0
    python3.11 make_weights_keras.py torch OUTPUT_FOLDER       # keras 3.15.1, torch 2.15.0

Each call writes its files and `<mode>.json`: the shapes of the pictures and what Keras makes of them. Weights and
pictures follow from what each case says of them (`hashed` of reference_recipe.py). Shares no code with this project.
"""

from __future__ import print_function

import json
import os
import sys

import numpy as np
from reference_recipe import hashed

MODE, FOLDER = sys.argv[1], sys.argv[2]
BACKENDS = {"keras1": "theano", "keras2": os.environ.get("KERAS_BACKEND", "tensorflow"), "torch": "torch"}
os.environ["KERAS_BACKEND"] = BACKENDS.get(MODE, "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("THEANO_FLAGS", "cxx=,optimizer=None,floatX=float32")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "0")
PICTURES = 2
SIDE = 39
KERAS1_ORDER = [None]


def recipe(model):
    """How each array of a model is made: scales and variances near 1, kernels so that signals keep their size."""
    arrays = []
    # Keras 1 and 2 sort `weights` by whether they are trained; `get_weights` goes by layers in all versions.
    weights = [weight for layer in model.layers for weight in layer.weights] if MODE in ("keras1", "keras2") else model.weights
    for number, array in enumerate(model.get_weights()):
        name = weights[number].name
        outputs = array.shape[0] if name.endswith("_W") and is_first(array.shape) else array.shape[-1]
        fan_in = array.size // outputs
        bound = 2.0 ** -round(np.log2(np.sqrt(fan_in) / 2)) if array.ndim > 1 else 0.25
        is_scale = any(word in name for word in ("gamma", "variance", "_std"))
        shape = [int(length) for length in array.shape]
        arrays.append({"shape": shape, "seed": number + 1, "bound": bound, "offset": 1 if is_scale else 0})
    return arrays


def is_first(shape):
    """Whether a kernel of Keras 1 is OIHW: those here have their 3 channels or fewer filters in front."""
    return len(shape) == 4 and KERAS1_ORDER[0] == "th"


def values(array):
    shape, count = array["shape"], int(np.prod(array["shape"]))
    return hashed(array["seed"], count, array["bound"]).reshape(shape) + np.float32(array["offset"])


def fill(model):
    model.set_weights([values(array) for array in recipe(model)])
    return model


def record(cases, model, *names, **options):
    """What a model computes, for the files that hold it."""
    shape = [PICTURES] + [int(length) for length in model.input_shape[1:]]
    image = {"shape": shape, "seed": 1000, "bound": 1.0, "offset": 0}
    outputs = np.asarray(model.predict(values(image), **options), dtype="float64").tolist()
    arrays = recipe(model)
    for name in names:
        cases.append({"file": MODE_NAME + "-" + name, "image": image, "arrays": arrays, "output": outputs})


def write(cases, versions):
    with open(os.path.join(FOLDER, MODE_NAME + ".json"), "w") as file:
        json.dump({"versions": versions, "cases": cases}, file)
        file.write("\n")


MODE_NAME = MODE if MODE != "keras2" else "keras2-" + os.environ["KERAS_BACKEND"]


def path(name):
    return os.path.join(FOLDER, MODE_NAME + "-" + name)


def keras1():
    """Keras 1.2.2 with Theano: channels first, kernels OIHW and turned round."""
    import h5py
    import keras
    import theano
    import theano.ifelse
    from keras.layers import Activation, BatchNormalization, Convolution2D, Dense, Dropout, Flatten
    from keras.layers import MaxPooling2D, ZeroPadding2D
    from keras.models import Sequential

    cases = []
    for order, shape, axis in (("th", (3, 27, 25), 1), ("tf", (27, 25, 3), 3)):
        keras.backend.set_image_dim_ordering(order)
        KERAS1_ORDER[0] = order
        model = Sequential(
            [
                Convolution2D(4, 7, 5, subsample=(2, 2), input_shape=shape, name="conv_1"),
                Activation("relu"),
                MaxPooling2D((3, 3), strides=(2, 2)),
                BatchNormalization(axis=axis, name="norm_1"),
                ZeroPadding2D((1, 2)),
                Convolution2D(6, 3, 3, activation="relu", border_mode="valid", name="conv_2"),
                Flatten(),
                Dense(8, activation="tanh", name="dense_1"),
                Dropout(0.5),
                Dense(5, name="dense_2"),
                Activation("softmax"),
            ]
        )
        fill(model)
        model.save(path(order + ".h5"))
        model.save_weights(path(order + "-weights.h5"))
        record(cases, model, order + ".h5", order + "-weights.h5")
    write(cases, {"keras": keras.__version__, "theano": theano.__version__, "h5py": h5py.__version__})


def alexnet(layers, models, **conv2):
    """The order of an AlexNet's layers, with all that Keras has two ways for."""
    return models.Sequential(
        [
            layers.Conv2D(4, 7, strides=2, padding="same", activation="relu", input_shape=(SIDE, SIDE, 3), name="conv1"),
            layers.MaxPooling2D(3, 2, name="pool1"),
            layers.BatchNormalization(epsilon=2e-3, momentum=0.9, name="bn1"),
            layers.Conv2D(6, 5, padding="same", name="conv2", **conv2),
            layers.Activation("relu", name="relu2"),
            layers.MaxPooling2D(3, 2, padding="same", name="pool2"),
            layers.ZeroPadding2D(((1, 0), (2, 1)), name="pad3"),
            layers.Conv2D(4, 3, activation="relu", use_bias=False, name="conv3"),
            layers.AveragePooling2D(3, 1, padding="same", name="pool3"),
            layers.Flatten(name="flatten"),
            layers.Dense(8, activation="relu", name="fc6"),
            layers.Dropout(0.5, name="drop6"),
            layers.Dense(8, activation="tanh", name="fc7"),
            layers.Dense(5, activation="softmax", name="fc8"),
        ]
    )


def keras2():
    import h5py
    import keras
    from keras import layers, models

    model = fill(alexnet(layers, models))
    model.save(path("model.h5"))
    model.save_weights(path("weights.h5"))
    cases = []
    record(cases, model, "model.h5", "weights.h5")
    backend = __import__(os.environ["KERAS_BACKEND"])
    versions = {"keras": keras.__version__, "h5py": h5py.__version__, backend.__name__: backend.__version__}
    write(cases, versions)


def keras212():
    """The first .keras files, weights under "_layer_checkpoint_dependencies", and functions of TensorFlow's as layers."""
    import h5py
    import keras
    import tensorflow as tf
    from tensorflow.keras import layers, models

    cases = []
    model = fill(alexnet(layers, models, groups=2))
    model.save(path("model.keras"), save_format="keras_v3")
    model.save(path("model.h5"))
    # What `save_weights` writes from 2.13 on when the name ends in .weights.h5.
    from keras.saving import saving_lib

    saving_lib.save_weights_only(model, path("model.weights.h5"))
    record(cases, model, "model.keras", "model.h5", "model.weights.h5")

    inputs = layers.Input((15, 15, 3), name="image")
    values_ = layers.Conv2D(6, 3, strides=2, activation="relu", name="conv1")(inputs)
    values_ = tf.nn.local_response_normalization(values_, depth_radius=2, bias=2.0, alpha=2e-3, beta=0.75)
    values_ = layers.MaxPooling2D(3, 2, name="pool1")(values_)
    values_ = layers.Flatten(name="flatten")(values_)
    model = fill(models.Model(inputs, layers.Dense(5, name="fc8")(values_), name="with-lrn"))
    model.save(path("lrn.h5"))
    record(cases, model, "lrn.h5")
    write(cases, {"keras": keras.__version__, "tensorflow": tf.__version__, "h5py": h5py.__version__})


def keras3():
    import h5py
    import keras
    import tensorflow as tf
    from keras import layers, models

    cases = []
    model = fill(alexnet(layers, models, groups=2))
    model.save(path("model.keras"))
    model.save(path("model.h5"))
    model.save_weights(path("model.weights.h5"))
    record(cases, model, "model.keras", "model.h5", "model.weights.h5")

    features = models.Sequential(
        [
            layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False, name="conv"),
            layers.BatchNormalization(center=False, name="norm"),
            layers.ReLU(name="relu"),
            layers.ZeroPadding2D(1, name="pad"),
            layers.MaxPooling2D(3, 2, name="pool"),
        ],
        name="features",
    )
    inside = layers.Input((7, 7, 4), name="maps")
    top = layers.Conv2D(6, 1, activation="relu", name="conv")(inside)
    top = layers.BatchNormalization(scale=False, name="last")(top)
    top = models.Model(inside, layers.GlobalAveragePooling2D(name="mean")(top), name="top")
    inputs = layers.Input((25, 27, 3), name="pictures")
    values_ = layers.RandomFlip("horizontal", name="flip")(inputs)
    values_ = layers.Rescaling(1 / 4, offset=-0.5, name="scale")(values_)
    values_ = layers.Dropout(0.25, name="drop")(top(features(values_)))
    model = fill(models.Model(inputs, layers.Dense(5, name="logits")(values_), name="nested"))
    model.save(path("nested.keras"))
    model.save(path("nested.h5"))
    model.save_weights(path("nested.weights.h5"))
    record(cases, model, "nested.keras", "nested.h5", "nested.weights.h5")

    for dtype in ("float16", "bfloat16", "float64"):
        model = models.Sequential(
            [layers.Input((6,)), layers.Dense(4, activation="relu", dtype=dtype, name="fc6"),
             layers.Dense(3, dtype=dtype, name="fc7")]
        )
        fill(model)
        model.save_weights(path(dtype + ".weights.h5"))
        model.save(path(dtype + ".h5"))
    model = models.Sequential([layers.Input((6,)), layers.Dense(4, name="fc6")])
    model.compile("adam", "mse")
    model.fit(np.zeros((2, 6)), np.zeros((2, 4)), verbose=0)
    fill(model)
    model.save(path("trained.keras"))
    model.save(path("trained.h5"))
    record(cases, model, "trained.keras", "trained.h5")
    model.quantize("int8")
    model.save_weights(path("int8.weights.h5"))
    # Compiled by hand: the name of the file that holds a function is saved with it.
    twice = eval(compile("lambda x: x * 2", "twice.py", "eval"))
    model = models.Sequential([layers.Input((6,)), layers.Dense(4, name="fc6"), layers.Lambda(twice, name="twice")])
    model.save(path("lambda.keras"))
    model.save(path("lambda.h5"))
    write(cases, {"keras": keras.__version__, "tensorflow": tf.__version__, "h5py": h5py.__version__})


def torch():
    """Channels first, which TensorFlow cannot compute without a GPU."""
    import h5py
    import keras
    import torch as backend
    from keras import layers, models

    cases = []
    for name, flatten in (("first", "channels_first"), ("flat", "channels_last")):
        first = {"data_format": "channels_first"}
        model = models.Sequential(
            [
                layers.Input((3, 17, 19)),
                layers.Conv2D(4, 5, strides=2, padding="same", activation="relu", name="conv1", **first),
                layers.BatchNormalization(axis=1, name="bn1"),
                layers.MaxPooling2D(3, 2, name="pool1", **first),
                layers.Conv2D(4, 3, groups=2, name="conv2", **first),
                layers.Flatten(data_format=flatten, name="flatten"),
                layers.Dense(5, name="fc8"),
            ]
        )
        fill(model)
        model.save(path(name + ".keras"))
        record(cases, model, name + ".keras")
    write(cases, {"keras": keras.__version__, "torch": backend.__version__, "h5py": h5py.__version__})


if __name__ == "__main__":
    if not os.path.isdir(FOLDER):
        os.makedirs(FOLDER)
    {"keras1": keras1, "keras2": keras2, "keras212": keras212, "keras3": keras3, "torch": torch}[MODE]()
