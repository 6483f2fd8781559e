"""Runs models with other programs, each as its own documentation has it.

Usage: python run_readers.py CASES.json
CASES.json is a list of { "file", "input", "dtype", "shape" }: a model, and the values of its input as they lie in memory.
Prints one line of JSON for each: { program: logits as a list, or the program's message as a text }.
"""

import json
import sys

import cv2
import numpy as np
import onnxruntime
import openvino


def run_onnxruntime(path, image):
    return onnxruntime.InferenceSession(path).run(["logits"], {"image": image})[0]


def run_opencv(path, image):
    net = cv2.dnn.readNetFromONNX(path)
    net.setInput(image, "image")
    return net.forward("logits")


# By itself OpenVINO computes in bfloat16 where the processor has it, and rounds what int8 weights are multiplied with.
OPENVINO = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}


def run_openvino(path, image):
    core = openvino.Core()
    model = core.compile_model(core.read_model(path), "CPU", OPENVINO)
    return model({"image": image})[model.output("logits")]


PROGRAMS = {"onnxruntime": run_onnxruntime, "opencv": run_opencv, "openvino": run_openvino}


def attempt(run, path, image):
    try:
        return np.asarray(run(path, image)).ravel().tolist()
    except Exception as error:
        return str(error)


with open(sys.argv[1]) as file:
    cases = json.load(file)
for case in cases:
    image = np.fromfile(case["input"], case["dtype"]).reshape(case["shape"])
    print(json.dumps({name: attempt(run, case["file"], image) for name, run in PROGRAMS.items()}))
