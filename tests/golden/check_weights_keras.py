"""Gives files that this project wrote to Keras, and keeps what Keras computes with them, and their checksums.

    node write-weights-keras.mjs WRITTEN
    python3.11 check_weights_keras.py keras3 WRITTEN OUTPUT_FOLDER    # keras 3.15.1, tensorflow-cpu 2.21.0
    python3.7  check_weights_keras.py keras2 WRITTEN OUTPUT_FOLDER    # keras 2.3.1, tensorflow 1.15.5

Writes written-<mode>.json. The networks are those of make_weights_keras.py.
"""

import hashlib
import json
import os
import sys

MODE, WRITTEN, FOLDER = sys.argv[1:]
sys.argv = [sys.argv[0], MODE, FOLDER]

import numpy as np  # noqa: E402
from make_weights_keras import PICTURES, SIDE, alexnet, values  # noqa: E402

FILES = {"keras3": ["keras3.weights.h5", "keras3-legacy.h5"], "keras2": ["keras2-legacy.h5"]}[MODE]


def main():
    import h5py
    import keras
    from keras import layers, models

    picture = values({"shape": [PICTURES, SIDE, SIDE, 3], "seed": 1000, "bound": 1.0, "offset": 0})
    cases = []
    for name in FILES:
        model = alexnet(layers, models, **({"groups": 2} if MODE == "keras3" else {}))
        path = os.path.join(WRITTEN, name)
        model.load_weights(path)
        with open(path, "rb") as file:
            checksum = hashlib.sha256(file.read()).hexdigest()
        output = np.asarray(model.predict(picture), dtype="float64").tolist()
        cases.append({"file": name, "sha256": checksum, "output": output})
    versions = {"keras": keras.__version__, "h5py": h5py.__version__}
    with open(os.path.join(FOLDER, "written-%s.json" % MODE), "w") as file:
        json.dump({"versions": versions, "cases": cases}, file)
        file.write("\n")


main()
