"""Forward results of AlexNets written with TensorFlow: NHWC, HWIO, SAME padding, Keras, TF-slim, tflearn.

    python make_reference_tensorflow.py OUTPUT_FOLDER

writes tensorflow.json.gz. Needs numpy, tensorflow, keras, tf-slim, tflearn and pillow < 10 (the versions used
stand in the file).

`slim-v2` is TF-slim's own function with narrower layers; `tflearn` is made of tflearn's own layers, `keras-bn` of
Keras's, `mnist` and `guerzhoy` of tf.nn, written down once more from their upstream files. Weights are made as
this project keeps them, then turned into TensorFlow's layout; depths are turned back.

tf.nn.local_response_normalization and tflearn know float32 only; everything else is float64.
"""

import os
import pathlib
import sys
import types
from importlib.metadata import version

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
import tf_slim
from reference_recipe import Recipe, flat_chw, network, to_dense, to_hwio, to_nchw, to_nhwc, write
from tensorflow.python.util import nest
from tf_slim.nets import alexnet as slim_alexnet

PACKAGES = ("tensorflow-cpu", "keras", "tf-slim", "tflearn", "numpy")
VERSIONS = {name: version(name) for name in PACKAGES} | {"python": sys.version.split()[0]}
DIVIDE = 8
NARROW = {"widthMultiplier": 1 / DIVIDE}
TF1 = tf.compat.v1


def gather(preset, options, source, recipe, depths, precision):
    names = ("conv2", "conv3", "dense", "last", "logits")
    depths = dict(zip(names, depths, strict=True))
    for name in ("conv2", "conv3"):
        depths[name] = to_nchw(depths[name])
    for name in ("dense", "last"):
        depths[name] = flat_chw(depths[name])
    options = {"inputSize": recipe.image["shape"][-1], **options}
    return network(preset, options, source, recipe, depths, precision)


# --- Keras ------------------------------------------------------------------------------------------


def keras_bn(input_size):
    """The network of many notebooks: 224 pixels, eleven pixels in conv2 too, everything `valid`."""
    keras.backend.set_floatx("float64")
    layers = keras.layers

    def stage(filters, kernel, pooled, **options):
        yield layers.Conv2D(filters // DIVIDE, kernel, padding="valid", **options)
        yield layers.Activation("relu")
        if pooled:
            yield layers.MaxPooling2D(pool_size=(2, 2), strides=(2, 2), padding="valid")
        yield layers.BatchNormalization()

    def dense(units):
        yield layers.Dense(units // DIVIDE)
        yield layers.Activation("relu")
        yield layers.Dropout(0.4)
        yield layers.BatchNormalization()

    model = keras.Sequential(
        [
            *stage(96, (11, 11), True, strides=(4, 4)),
            *stage(256, (11, 11), True, strides=(1, 1)),
            *stage(384, (3, 3), False),
            *stage(384, (3, 3), False),
            *stage(256, (3, 3), True),
            layers.Flatten(),
            *dense(4096),
            *dense(4096),
            *dense(1000),
            layers.Dense(17),
        ]
    )
    recipe = Recipe((3, input_size, input_size), 1)
    x = to_nhwc(recipe.picture.astype(np.float64))
    reads, pixels, index = {}, None, 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D | layers.Dense):
            index += 1
            reads[index] = x
        layer.build(x.shape)
        set_keras_weights(layer, recipe, index, x.shape, pixels)
        pixels = x.shape[1:] if isinstance(layer, layers.Flatten) else None
        if isinstance(layer, layers.Flatten):
            features = x
        x = layer(x, training=False)
    depths = (reads[2], reads[3], features, reads[9], x)
    assert reads[2].dtype == tf.float64 and model.layers[3].epsilon == 1e-3
    options = {"classes": 17, **NARROW}
    return gather("keras-bn", options, "keras.layers", recipe, depths, "float64")


def set_keras_weights(layer, recipe, index, shape, pixels):
    """`pixels`: (H, W, C) in front of the Flatten that the layer follows."""
    if isinstance(layer, keras.layers.Conv2D):
        out, kernel = layer.filters, layer.kernel_size
        weight, bias = recipe.layer(f"conv{index}", (out, shape[-1], *kernel))
        layer.set_weights([to_hwio(weight), bias])
    if isinstance(layer, keras.layers.Dense):
        weight, bias = recipe.layer(f"fc{index}", (layer.units, shape[-1]))
        layer.set_weights([to_dense(weight, pixels), bias])
    if isinstance(layer, keras.layers.BatchNormalization):
        # Keras: gamma, beta, moving mean, moving variance.
        layer.set_weights(recipe.batch_norm(f"norm{index}", shape[-1]))


# --- tf.nn ------------------------------------------------------------------------------------------


def lrn(x, depth_radius, bias, alpha, beta):
    y = tf.nn.local_response_normalization(
        tf.cast(x, tf.float32), depth_radius=depth_radius, bias=bias, alpha=alpha, beta=beta
    )
    return tf.cast(y, tf.float64)


def mnist(input_size):
    """aymericdamien/TensorFlow-Examples alexnet.py of 2015."""
    recipe = Recipe((1, input_size, input_size), 20)
    x = tf.constant(to_nhwc(recipe.picture), tf.float64)
    depths = []
    for index, channels in enumerate((64, 128, 256), start=1):
        depths.append(x)
        shape = (channels // DIVIDE, x.shape[-1], 3, 3)
        weight, bias = recipe.layer(f"conv{index}", shape)
        weight, bias = (tf.constant(each, tf.float64) for each in (to_hwio(weight), bias))
        x = tf.nn.conv2d(x, weight, strides=[1, 1, 1, 1], padding="SAME")
        x = tf.nn.relu(tf.nn.bias_add(x, bias))
        x = tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
        x = lrn(x, 4, bias=1.0, alpha=0.001 / 9.0, beta=0.75)
    depths = (*depths[1:], x, *classifier(x, 1024 // DIVIDE, recipe))
    options = {"classes": 10, **NARROW}
    return gather("mnist", options, "tf.nn", recipe, depths, "float32")


def classifier(x, width, recipe):
    """fc6, fc7, fc8: what the last one reads, and what it gives."""
    pixels = x.shape[1:]
    x = tf.reshape(x, [len(x), -1])
    for name, units in (("fc6", width), ("fc7", width), ("fc8", 10)):
        weight, bias = recipe.layer(name, (units, x.shape[-1]))
        columns, pixels = to_dense(weight, pixels), None
        last, x = x, tf.matmul(x, tf.constant(columns, tf.float64)) + bias.astype(np.float64)
        x = x if name == "fc8" else tf.nn.relu(x)
    return last, x


def guerzhoy(input_size):
    """guerzh/tf_weights myalexnet_forward_newtf.py: all convolutions SAME, all pools VALID."""
    recipe = Recipe((3, input_size, input_size), 100)

    def conv(x, name, channels, kernel, stride, group):
        shape = (channels // DIVIDE, x.shape[-1] // group, kernel, kernel)
        weight, bias = recipe.layer(name, shape)
        inputs = tf.split(x, group, 3)
        kernels = tf.split(tf.constant(to_hwio(weight), tf.float64), group, 3)
        strides = [1, stride, stride, 1]
        outputs = [
            tf.nn.conv2d(i, k, strides, padding="SAME")
            for i, k in zip(inputs, kernels, strict=True)
        ]
        return tf.nn.relu(tf.nn.bias_add(tf.concat(outputs, 3), bias.astype(np.float64)))

    def stage(x):
        x = lrn(x, 2, alpha=2e-05, beta=0.75, bias=1.0)
        return tf.nn.max_pool(x, ksize=[1, 3, 3, 1], strides=[1, 2, 2, 1], padding="VALID")

    x = tf.constant(to_nhwc(recipe.picture), tf.float64)
    stage1 = stage(conv(x, "conv1", 96, 11, 4, 1))
    stage2 = stage(conv(stage1, "conv2", 256, 5, 1, 2))
    x = conv(stage2, "conv3", 384, 3, 1, 1)
    x = conv(x, "conv4", 384, 3, 1, 2)
    x = conv(x, "conv5", 256, 3, 1, 2)
    stage5 = tf.nn.max_pool(x, ksize=[1, 3, 3, 1], strides=[1, 2, 2, 1], padding="VALID")
    depths = (stage1, stage2, stage5, *classifier(stage5, 4096 // DIVIDE, recipe))
    options = {"classes": 10, **NARROW}
    return gather("guerzhoy", options, "tf.nn", recipe, depths, "float32")


# --- TF-slim, tflearn -------------------------------------------------------------------------------


@tf_slim.add_arg_scope
def narrow_conv2d(inputs, num_outputs, *args, **kwargs):
    narrow = num_outputs if kwargs["scope"] == "fc8" else num_outputs // DIVIDE
    return tf_slim.layers.conv2d(inputs, narrow, *args, **kwargs)


def slim_v2(input_size):
    """tf_slim.nets.alexnet.alexnet_v2 itself; only the layer function that it calls makes narrower layers."""
    recipe = Recipe((3, input_size, input_size), 1)
    slim_alexnet.layers = types.SimpleNamespace(conv2d=narrow_conv2d)
    with tf.Graph().as_default(), TF1.Session() as session:
        picture = tf.constant(to_nhwc(recipe.picture), tf.float64)
        with tf_slim.arg_scope(slim_alexnet.alexnet_v2_arg_scope()):
            logits, ends = slim_alexnet.alexnet_v2(picture, 10, is_training=False)
        variables = {each.op.name: each for each in TF1.global_variables()}
        for scope in ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"):
            weights = variables[f"alexnet_v2/{scope}/weights"]
            kernel, _, channels, features = weights.shape
            # Its dense layers are convolutions over all that is left of the picture.
            convolution = (features, channels, kernel, kernel)
            dense = (features, channels * kernel * kernel)
            weight, bias = recipe.layer(scope, dense if scope.startswith("fc") else convolution)
            weight = to_hwio(weight.reshape(convolution))
            weights.load(weight.astype(np.float64), session)
            variables[f"alexnet_v2/{scope}/biases"].load(bias.astype(np.float64), session)
        names = ("pool1", "pool2", "pool5", "fc7")
        depths = session.run([*(ends[f"alexnet_v2/{name}"] for name in names), logits])
    options = {"classes": 10, **NARROW}
    return gather("slim-v2", options, "tf_slim.nets.alexnet", recipe, depths, "float64")


def tflearn_alexnet(input_size):
    """tflearn examples/images/alexnet.py; its first versions fed 227 pixels, later ones 224."""
    nest.is_sequence = nest.is_nested  # tflearn 0.5.0 still imports the old name.
    import tflearn  # Turns eager execution off: the other networks have to be done.

    recipe = Recipe((3, input_size, input_size), 100)
    # Filters, kernel, stride, whether a pool and a norm follow. Paddings and the norm's numbers are tflearn's.
    stages = [(96, 11, 4, True), (256, 5, 1, True), (384, 3, 1, False), (384, 3, 1, False)]
    stages.append((256, 3, 1, True))
    with tf.Graph().as_default(), TF1.Session() as session:
        layers, depths = [], []
        x = image = tflearn.input_data(shape=[None, input_size, input_size, 3])
        for filters, kernel, stride, pooled in stages:
            x = tflearn.conv_2d(x, filters // DIVIDE, kernel, strides=stride, activation="relu")
            layers.append(x)
            if pooled:
                x = tflearn.local_response_normalization(tflearn.max_pool_2d(x, 3, strides=2))
                depths.append(x)
        features = x.shape.as_list()[1:]
        for _ in range(2):
            x = tflearn.fully_connected(x, 4096 // DIVIDE, activation="tanh")
            layers.append(x)
            x = tflearn.dropout(x, 0.5)
        depths.append(x)
        layers.append(tflearn.fully_connected(x, 17, activation="linear"))
        depths.append(layers[-1])
        session.run(TF1.global_variables_initializer())
        tflearn.is_training(False, session)
        for index, layer in enumerate(layers, start=1):
            load_tflearn(layer, index, recipe, session, features)
        depths = session.run(depths, {image: to_nhwc(recipe.picture)})
    options = {"classes": 17, **NARROW}
    return gather("tflearn", options, "tflearn.layers", recipe, depths, "float32")


def load_tflearn(layer, index, recipe, session, stage5):
    if index <= 5:
        kernel, _, channels, features = layer.W.shape.as_list()
        weight, bias = recipe.layer(f"conv{index}", (features, channels, kernel, kernel))
        layer.W.load(to_hwio(weight), session)
    else:
        inputs, features = layer.W.shape.as_list()
        # Weak enough in front that tanh bends without going flat.
        weight, bias = recipe.layer(f"fc{index}", (features, inputs), 0.05 if index == 6 else 1)
        layer.W.load(to_dense(weight, stage5 if index == 6 else None), session)
    layer.b.load(bias, session)


def networks():
    # Other sizes than the published ones reach SAME's uneven pads, and a fc6 that has pixels to put in order.
    yield from (keras_bn(size) for size in (224, 256))
    yield from (mnist(size) for size in (28, 30))
    yield from (guerzhoy(size) for size in (227, 200))
    yield from (slim_v2(size) for size in (224, 200))
    yield from (tflearn_alexnet(size) for size in (227, 224))


def main():
    path = pathlib.Path(sys.argv[1]) / "tensorflow.json.gz"
    write(path, {"versions": VERSIONS, "networks": list(networks())})


if __name__ == "__main__":
    main()
