"""Steps of AlexNet's fully connected layers on features in a file, some a turn: the other side of compare.mjs.

    python torch_head.py FEATURES PICTURES BATCH_SIZE THREADS STEPS_OF_TURN

FEATURES: float32 [PICTURES, 9216], little-endian. Prints the milliseconds of a step.

The last line, "end", prints the peak memory in MiB.
"""

import resource
import sys
import time

import torch
from torch import nn

CLASSES = 1000


def batches(features, pictures, batch):
    while True:
        order = torch.randperm(pictures)
        for start in range(0, pictures - batch + 1, batch):
            chosen = order[start : start + batch]
            yield features[chosen], chosen % CLASSES


def main():
    path, pictures, batch, threads, steps = sys.argv[1], *map(int, sys.argv[2:6])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    size = 256 * 6 * 6
    # Mapped, not read: rows come from the file, as ours do.
    features = torch.from_file(path, shared=False, size=pictures * size).reshape(pictures, size)
    # The classifier of torchvision.models.alexnet.
    head = nn.Sequential(
        nn.Dropout(0.5), nn.Linear(size, 4096), nn.ReLU(True),
        nn.Dropout(0.5), nn.Linear(4096, 4096), nn.ReLU(True),
        nn.Linear(4096, CLASSES),
    ).train()  # fmt: skip
    optimizer = torch.optim.SGD(head.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4)
    loss_of = nn.CrossEntropyLoss()
    source = batches(features, pictures, batch)
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        if line.strip() == "end":
            break
        started = time.perf_counter()
        for _ in range(steps):
            x, target = next(source)
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(head(x), target)
            loss.backward()
            optimizer.step()
            loss.item()
        print(1000 * (time.perf_counter() - started) / steps, flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)


if __name__ == "__main__":
    main()
