# Prints what TensorBoard's own reader finds in a folder of event files, as JSON.
# Usage: python read_tensorboard.py FOLDER
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "images": 0})
events.Reload()
tags = events.Tags()
graph = events.Graph() if tags["graph"] else None
print(
    json.dumps(
        {
            "scalars": {
                tag: [[event.step, event.value] for event in events.Scalars(tag)]
                for tag in tags["scalars"]
            },
            "histograms": {
                tag: [
                    {
                        "step": event.step,
                        "min": event.histogram_value.min,
                        "max": event.histogram_value.max,
                        "num": event.histogram_value.num,
                        "sum": event.histogram_value.sum,
                        "limits": list(event.histogram_value.bucket_limit),
                        "counts": list(event.histogram_value.bucket),
                    }
                    for event in events.Histograms(tag)
                ]
                for tag in tags["histograms"]
            },
            "images": {
                tag: [
                    {
                        "step": event.step,
                        "width": event.width,
                        "height": event.height,
                        "png": event.encoded_image_string[:4].hex(),
                    }
                    for event in events.Images(tag)
                ]
                for tag in tags["images"]
            },
            "graph": graph
            and [
                {
                    "name": node.name,
                    "op": node.op,
                    "inputs": list(node.input),
                    "shape": [
                        dimension.size
                        for dimension in node.attr["_output_shapes"].list.shape[0].dim
                    ],
                }
                for node in graph.node
            ],
        }
    )
)
