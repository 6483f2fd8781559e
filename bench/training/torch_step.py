"""Training steps in PyTorch, one for each line on standard input: the other side of compare.mjs.

    python torch_step.py PRESET BATCH_SIZE THREADS FORMAT    (FORMAT: plain | channels-last)

Prints the milliseconds of a step, then waits for the next line. The last line, "end", prints the peak memory in MiB.
"""

import resource
import sys
import time

import torch
import torchvision
from torch import nn


def caffe_alexnet(classes=1000):
    def normalise():
        return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1)

    return nn.Sequential(
        nn.Conv2d(3, 96, 11, 4), nn.ReLU(True), normalise(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(True), normalise(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(True),
        nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(True),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(True), nn.MaxPool2d(3, 2),
        nn.Flatten(),
        nn.Linear(9216, 4096), nn.ReLU(True), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(True), nn.Dropout(0.5),
        nn.Linear(4096, classes),
    )  # fmt: skip


class MnistPool(nn.Module):
    """2x2 windows, LRN over nine channels, dropout."""

    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.norm = nn.LocalResponseNorm(9, alpha=9 * 1.11e-4, beta=0.75, k=1)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        return self.drop(self.norm(self.pool(x)))


def mnist():
    return nn.Sequential(
        nn.Conv2d(1, 64, 3, padding=1), nn.ReLU(True), MnistPool(),
        nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(True), MnistPool(),
        nn.Conv2d(128, 256, 3, padding=1), nn.ReLU(True), MnistPool(),
        nn.Flatten(),
        nn.Linear(4096, 1024), nn.ReLU(True),
        nn.Linear(1024, 1024), nn.ReLU(True),
        nn.Linear(1024, 10),
    )  # fmt: skip


NETWORKS = {
    "torchvision": (torchvision.models.alexnet, (3, 224, 224), 1000),
    "caffe-alexnet": (caffe_alexnet, (3, 227, 227), 1000),
    "mnist": (mnist, (1, 28, 28), 10),
}


def main():
    preset, batch, threads, layout = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    make, shape, classes = NETWORKS[preset]
    network = make().train()
    image = torch.randn(batch, *shape)
    if layout == "channels-last":
        network = network.to(memory_format=torch.channels_last)
        image = image.to(memory_format=torch.channels_last)
    target = torch.arange(batch) % classes
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4)
    loss_of = nn.CrossEntropyLoss()
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        if line.strip() == "end":
            break
        started = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(image), target)
        loss.backward()
        optimizer.step()
        loss.item()
        print(1000 * (time.perf_counter() - started), flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)


if __name__ == "__main__":
    main()
