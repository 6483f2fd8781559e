"""What `alexnet parity` and the Pythons that it calls say to each other.

The command makes a folder with request.json, input.f32 and what the runtime needs, and calls the script with the
folder's path. The script writes a file of float32 for each tap, and prints one line of JSON. Everything is
little-endian and row-major.
"""

import json
import os
import sys
import time

import numpy as np


class Unsupported(Exception):
    """The runtime cannot take this model, which is not our mistake; the text says why."""


class Request:
    """One folder, and what is in it."""

    def __init__(self, folder):
        self.folder = folder
        with open(self.path("request.json"), encoding="utf-8") as file:
            self.fields = json.load(file)
        self.input = self.read("input.f32", self.fields["inputShape"])

    def __getitem__(self, name):
        return self.fields[name]

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name, shape, offset=0):
        count = int(np.prod(shape))
        array = np.fromfile(self.path(name), "<f4", count, offset=4 * offset)
        return array.reshape(shape).astype(np.float32)


def serve(describe, run):
    """Answers one request.

    describe: request -> (runtime and version, device, whatever `run` takes)
    run: (prepared, input [N, C, H, W]) -> {tap: array [N, ...]}
    """
    request = Request(sys.argv[1])
    try:
        runtime, device, prepared = describe(request)
    except Unsupported as error:
        print(json.dumps({"unsupported": str(error)}))
        return
    size = request["batchSize"]
    batches = [request.input[at : at + size] for at in range(0, len(request.input), size)]
    run(prepared, batches[0])
    started = time.perf_counter()
    results = [run(prepared, batch) for batch in batches]
    seconds = time.perf_counter() - started
    for index, tap in enumerate(results[0]):
        values = np.concatenate([result[tap] for result in results])
        values.astype("<f4").tofile(request.path(f"output-{index}.f32"))
    answer = {
        "runtime": runtime,
        "device": device,
        "milliseconds": 1000 * seconds / len(request.input),
        "taps": list(results[0]),
    }
    print(json.dumps(answer))
