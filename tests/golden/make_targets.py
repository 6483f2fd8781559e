"""Twenty steps of `mini` on targets of every kind, in float64.

    python make_targets.py OUTPUT_FOLDER

writes targets.json.gz. The losses are those of torch.nn.CrossEntropyLoss, with `weight`, with `label_smoothing` and on
rows of probabilities; the rule is torch.optim.SGD's.
"""

import pathlib
import sys

import torch
from make_gradients import (
    VERSIONS,
    caffe_alexnet,
    describe,
    hashed_batch,
    hashed_parameters,
    run_graph,
    write,
)

STEPS = 20
BATCH = 4
CLASSES = 10
RATE = 2e-7
WEIGHTS = [1 + j / 4 for j in range(CLASSES)]


def labels_of(step, first):
    return [(7 * row + first + step) % CLASSES for row in range(BATCH)]


def run(name, smoothing=0.0, weights=None, share=None):
    graph, shapes = caffe_alexnet(16, CLASSES)
    parameters = hashed_parameters(shapes)
    for parameter in parameters.values():
        parameter.requires_grad_()
    optimizer = torch.optim.SGD(parameters.values(), lr=RATE, momentum=0.9)
    weight = None if weights is None else torch.tensor(weights, dtype=torch.float64)
    loss_of = torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=smoothing)
    losses = []
    for step in range(1, STEPS + 1):
        image, _, masks = hashed_batch(BATCH, CLASSES, BATCH, 256, step)
        target = torch.tensor(labels_of(step, 3))
        if share is not None:
            rows = lambda labels: torch.nn.functional.one_hot(torch.tensor(labels), CLASSES).double()
            target = share * rows(labels_of(step, 3)) + (1 - share) * rows(labels_of(step, 5))
        optimizer.zero_grad()
        loss = loss_of(run_graph(graph, image, parameters, masks), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "name": name,
        "smoothing": smoothing,
        "classWeights": weights,
        "share": share,
        "losses": losses,
        "weights": {
            key: describe(array, 4000 + index) for index, (key, array) in enumerate(parameters.items())
        },
    }


def main():
    runs = [
        run("label smoothing", smoothing=0.1),
        run("class weights", weights=WEIGHTS),
        run("class weights and label smoothing", smoothing=0.1, weights=WEIGHTS),
        run("soft labels: two classes for each picture", share=0.7),
    ]
    for found in runs:
        print(f"{found['name']}: {found['losses'][0]:.4f} .. {found['losses'][-1]:.4f}")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, "targets.json.gz", {"versions": VERSIONS, "rate": RATE, "runs": runs})


if __name__ == "__main__":
    main()
