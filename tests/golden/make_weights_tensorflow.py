"""TensorFlow's checkpoints, old and new, and what TensorFlow computes with them.

    python make_weights_tensorflow.py OUTPUT_FOLDER

writes *.index, *.data-*, old.ckpt and tensorflow.json: Caffe's AlexNet as kratzert's finetune_alexnet_with_tensorflow
builds and saves it, as narrow as it gets, and small checkpoints for one form each. Needs tensorflow-cpu, numpy, cramjam
and google-crc32c (the versions used stand in the file); shares no code with this project.
"""

import json
import os
import pathlib
import shutil
import struct
import sys
import tempfile
from importlib.metadata import version

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import cramjam
import google_crc32c
import numpy as np
import tensorflow as tf
from reference_recipe import hashed

v1 = tf.compat.v1

SIZE = 71  # conv1 16, pool1 7, pool2 3, pool5 1
CLASSES = 5


def alexnet(image):
    """alexnet.py of kratzert/finetune_alexnet_with_tensorflow, a 64th as wide."""

    def conv(x, name, kernel, out, stride, padding, groups=1):
        channels = int(x.shape[-1])
        with v1.variable_scope(name):
            weights = v1.get_variable("weights", [kernel, kernel, channels // groups, out])
            biases = v1.get_variable("biases", [out])

        def convolve(part, filters):
            return tf.nn.conv2d(part, filters, strides=[1, stride, stride, 1], padding=padding)

        if groups == 1:
            y = convolve(x, weights)
        else:
            parts = zip(tf.split(x, groups, axis=3), tf.split(weights, groups, axis=3))
            y = tf.concat([convolve(part, filters) for part, filters in parts], axis=3)
        return tf.nn.relu(tf.nn.bias_add(y, biases))

    def fc(x, name, out, relu=True):
        with v1.variable_scope(name):
            weights = v1.get_variable("weights", [int(x.shape[-1]), out])
            biases = v1.get_variable("biases", [out])
        y = v1.nn.xw_plus_b(x, weights, biases)
        return tf.nn.relu(y) if relu else y

    def lrn(x):
        return tf.nn.local_response_normalization(x, depth_radius=2, alpha=2e-05, beta=0.75, bias=1.0)

    def pool(x):
        return tf.nn.max_pool2d(x, ksize=3, strides=2, padding="VALID")

    x = pool(lrn(conv(image, "conv1", 11, 2, 4, "VALID")))
    x = pool(lrn(conv(x, "conv2", 5, 4, 1, "SAME", groups=2)))
    x = conv(x, "conv3", 3, 6, 1, "SAME")
    x = conv(x, "conv4", 3, 6, 1, "SAME", groups=2)
    x = pool(conv(x, "conv5", 3, 4, 1, "SAME", groups=2))
    flat = tf.reshape(x, [-1, int(np.prod(x.shape[1:]))])
    return fc(fc(fc(flat, "fc6", 64), "fc7", 64), "fc8", CLASSES, relu=False)


def new_values(variable, random):
    """He's for weights, small numbers for biases; float64 and others as they come."""
    shape = variable.shape.as_list()
    if variable.name.split("/")[-1].startswith("bias") or len(shape) < 2:
        return random.uniform(-0.5, 0.5, shape)
    return random.standard_normal(shape) * np.sqrt(2 / np.prod(shape[:-1]))


def save_network(folder):
    graph = tf.Graph()
    with graph.as_default(), v1.Session(graph=graph) as session:
        image = v1.placeholder(tf.float32, [None, SIZE, SIZE, 3])
        logits = alexnet(image)
        step = v1.train.get_or_create_global_step()
        train = v1.train.MomentumOptimizer(0.01, 0.9).minimize(tf.reduce_sum(logits), global_step=step)
        session.run(v1.global_variables_initializer())
        random = np.random.default_rng(2017)
        for variable in v1.trainable_variables():
            variable.load(new_values(variable, random).astype(np.float32), session)
        picture = {"shape": [2, 3, SIZE, SIZE], "seed": 1, "bound": 100.0}
        pixels = hashed(1, 2 * 3 * SIZE * SIZE, 100.0).reshape(picture["shape"])
        expected = session.run(logits, {image: pixels.transpose(0, 2, 3, 1)})
        v1.train.Saver().save(session, str(folder / "alexnet.ckpt"), write_meta_graph=False)
        del train
        return {
            "picture": picture,
            "expected": expected.astype(float).ravel().tolist(),
        }


def small_graph(*, pieces=False, devices=False):
    """A few variables with all that optimisers and averages add."""
    with v1.variable_scope("conv1"):
        with tf.device("/cpu:0" if devices else None):
            cut = v1.fixed_size_partitioner(2, axis=3) if pieces else None
            v1.get_variable("weights", [3, 3, 2, 4], partitioner=cut)
        with tf.device("/cpu:1" if devices else None):
            v1.get_variable("biases", [4])
    variables = v1.trainable_variables()
    loss = tf.add_n([tf.reduce_sum(variable * variable) for variable in variables])
    with v1.variable_scope("train"):
        v1.train.AdamOptimizer(0.1).minimize(loss, global_step=v1.train.get_or_create_global_step())
    v1.train.RMSPropOptimizer(0.1, momentum=0.9).minimize(loss)
    v1.train.ExponentialMovingAverage(0.9).apply(variables)


def save_small(path, graph_options, saver_options):
    graph = tf.Graph()
    config = v1.ConfigProto(device_count={"CPU": 2})
    with graph.as_default(), v1.Session(graph=graph, config=config) as session:
        small_graph(**graph_options)
        session.run(v1.global_variables_initializer())
        random = np.random.default_rng(7)
        for variable in v1.trainable_variables():
            variable.load(new_values(variable, random).astype(np.float32), session)
        v1.train.Saver(**saver_options).save(session, str(path), write_meta_graph=False)


def save_objects(folder):
    """`tf.train.Checkpoint` of a Keras model with its optimiser, and of a module with types of all kinds."""
    tf.keras.utils.set_random_seed(11)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((9, 9, 3)),
            tf.keras.layers.Conv2D(4, 3, name="conv1"),
            tf.keras.layers.BatchNormalization(name="bn1"),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(CLASSES, name="fc8"),
        ],
        name="net",
    )
    optimizer = tf.keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    tf.train.Checkpoint(model=model, optimizer=optimizer).write(str(folder / "keras"))

    random = np.random.default_rng(12)
    module = tf.Module()
    for name in ("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "int64"):
        values = random.integers(-9 if name[0] != "u" else 0, 9, [2, 3])
        setattr(module, name, tf.Variable(tf.cast(values, name)))
    module.boolean = tf.Variable([True, False])
    module.text = tf.Variable("AlexNet")
    module.complex = tf.Variable(tf.constant([1 + 2j], tf.complex64))
    module.scalar = tf.Variable(3.5)
    module.odd = {"a.b/c": tf.Variable([1.0, 2.0])}
    tf.train.Checkpoint(net=module).write(str(folder / "types"))


def masked(data):
    sum = google_crc32c.value(data)
    return (((sum >> 15) | (sum << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def pack_index(source, target):
    """The same index as TensorFlow 1.1 wrote it: blocks packed with snappy."""
    data = source.read_bytes()
    footer = data[-48:]
    handles = []
    at = 0
    for _ in range(2):
        offset, at = read_varint(footer, at)
        size, at = read_varint(footer, at)
        handles.append((offset, size))
    (meta_offset, meta_size), (index_offset, index_size) = handles
    index = data[index_offset : index_offset + index_size]
    # One entry, one block: shared, own and value lengths, the key, the block's place.
    shared, at = read_varint(index, 0)
    own, at = read_varint(index, at)
    length, at = read_varint(index, at)
    assert shared == 0 and at + own + length + 8 == len(index), "more than one block"
    key, handle = index[at : at + own], index[at + own : at + own + length]
    offset, place = read_varint(handle, 0)
    size, _ = read_varint(handle, place)
    out = bytearray()

    def add(block, pack):
        packed = bytes(cramjam.snappy.compress_raw(block)) if pack else block
        body = packed + bytes([1 if pack else 0])
        start = len(out)
        out.extend(body + struct.pack("<I", masked(body)))
        return start, len(packed)

    block = add(data[offset : offset + size], True)
    meta = add(data[meta_offset : meta_offset + meta_size], False)
    handle = varint(block[0]) + varint(block[1])
    entry = varint(0) + varint(len(key)) + varint(len(handle)) + key + handle
    index = add(entry + struct.pack("<II", 0, 1), True)
    end = b"".join(varint(number) for number in (*meta, *index))
    out.extend(end.ljust(40, b"\0") + data[-8:])
    target.write_bytes(bytes(out))


def describe(path):
    """All that TensorFlow reads, by name: shape, type, sum and the first numbers."""
    reader = tf.train.load_checkpoint(str(path))
    found = {}
    for name, dtype in reader.get_variable_to_dtype_map().items():
        if dtype in (tf.string, tf.complex64):
            found[name] = {"dtype": dtype.name, "shape": None, "values": None, "sum": None}
            continue
        array = np.asarray(reader.get_tensor(name))
        floats = array.astype(np.float64).ravel()
        found[name] = {"dtype": dtype.name, "shape": list(array.shape), "values": floats[:4].tolist(), "sum": floats.sum()}
    return dict(sorted(found.items()))


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "by": {name: version(name) for name in ("tensorflow-cpu", "numpy", "cramjam", "google-crc32c")},
    }
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        document["network"] = save_network(work)
        save_small(work / "sharded.ckpt", {"devices": True}, {"sharded": True})
        save_small(work / "pieces.ckpt", {"pieces": True}, {})
        save_small(work / "old.ckpt", {}, {"write_version": v1.train.SaverDef.V1})
        save_small(work / "old-pieces.ckpt", {"pieces": True}, {"write_version": v1.train.SaverDef.V1})
        save_objects(work)
        shutil.copy(work / "alexnet.ckpt.data-00000-of-00001", work / "packed.ckpt.data-00000-of-00001")
        pack_index(work / "alexnet.ckpt.index", work / "packed.ckpt.index")
        names = ("alexnet.ckpt", "packed.ckpt", "sharded.ckpt", "old.ckpt", "keras", "types")
        document["checkpoints"] = {name: describe(work / name) for name in names}
        for file in sorted(work.iterdir()):
            # The same bytes as alexnet.ckpt's.
            if file.name != "checkpoint" and not file.name.startswith("packed.ckpt.data"):
                shutil.copyfile(file, folder / file.name)
    folder.joinpath("tensorflow.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
