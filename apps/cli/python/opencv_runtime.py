"""Runs an ONNX file through OpenCV's DNN module, for `alexnet parity`: see protocol.py."""

import cv2
from protocol import Unsupported, serve


def describe(request):
    try:
        net = cv2.dnn.readNetFromONNX(request.path("model.onnx"))
    except cv2.error as error:
        raise Unsupported(error.err or str(error)) from error
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    net.setPreferableTarget(cv2.dnn.DNN_TARGET_CPU)
    taps = {tap["name"]: tap["output"] for tap in request["taps"] if tap["output"] is not None}
    device = f"cpu, {cv2.getNumThreads()} threads"
    return f"OpenCV {cv2.__version__}", device, (net, request["inputName"], taps)


def run(prepared, batch):
    net, input_name, taps = prepared
    net.setInput(batch, input_name)
    # All of them: OpenCV 5 gives no part.
    names = net.getUnconnectedOutLayersNames()
    values = dict(zip(names, net.forward(names)))
    # What comes out may be the net's own memory, which the next run writes over.
    return {name: values[output].copy() for name, output in taps.items()}


serve(describe, run)
