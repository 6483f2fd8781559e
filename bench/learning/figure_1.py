"""The nets of figure-1.mjs in PyTorch: how many epochs ReLU and tanh take to 25 % training error on CIFAR-10.

Usage: python figure_1.py FOLDER [--relu 0.001,0.002] [--tanh 0.004,0.008,0.016] [--most-epochs 40] [--threads 2] [--seed 1]

FOLDER has data_batch_1.bin to data_batch_5.bin. Layers, initial distributions, batches, rates and the measure of the
error are the same, the numbers drawn are others; no rate leaves a net out. Prints a JSON object for every 10,000
pictures and one for every rate.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

WANTED_ERROR = 0.25
BATCH = 128
PICTURES_OF_A_POINT = 10_000
MEAN = [125.307, 122.95, 113.865]
ACTIVATIONS = {"cifar-relu": nn.ReLU, "cifar-tanh": nn.Tanh}


def read_cifar(folder):
    parts = [np.fromfile(folder / f"data_batch_{i}.bin", np.uint8).reshape(-1, 3073) for i in range(1, 6)]
    rows = np.concatenate(parts)
    images = torch.from_numpy(rows[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32))
    return images - torch.tensor(MEAN).reshape(3, 1, 1), torch.from_numpy(rows[:, 0].astype(np.int64))


def build(activation):
    def conv(inputs, outputs, std):
        layer = nn.Conv2d(inputs, outputs, 5, padding=2)
        nn.init.normal_(layer.weight, std=std)
        nn.init.zeros_(layer.bias)
        return layer

    def average():
        return nn.AvgPool2d(3, 2, ceil_mode=True, count_include_pad=False)

    output = nn.Linear(1024, 10)
    nn.init.normal_(output.weight, std=0.1)
    nn.init.zeros_(output.bias)
    return nn.Sequential(
        conv(3, 32, 1e-4), nn.MaxPool2d(3, 2, ceil_mode=True), activation(),
        conv(32, 32, 0.01), activation(), average(),
        conv(32, 64, 0.01), activation(), average(),
        nn.Flatten(), output,
    )  # fmt: skip


def train_until(data, preset, rate, epochs, seed):
    """The points of a curve, (epoch, error), to the wanted error or the end."""
    images, labels = data
    torch.manual_seed(seed)
    net = build(ACTIVATIONS[preset])
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
    steps_of_a_point = round(PICTURES_OF_A_POINT / BATCH)
    points, step, right = [], 0, 0.0
    while True:
        order = torch.randperm(len(labels))
        for chosen in order.split(BATCH):
            optimizer.zero_grad()
            logits = net(images[chosen])
            nn.functional.cross_entropy(logits, labels[chosen]).backward()
            optimizer.step()
            right += (logits.argmax(1) == labels[chosen]).float().mean().item()
            step += 1
            if step % steps_of_a_point:
                continue
            points.append((step * BATCH / len(labels), 1 - right / steps_of_a_point))
            right = 0.0
            report(what=f"{preset} at {rate}", x=points[-1][0], y=points[-1][1])
            if has_arrived(points) or points[-1][0] >= epochs:
                return points


def has_arrived(points):
    return points[-1][1] <= WANTED_ERROR


def report(**figures):
    print(json.dumps(figures), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--relu", default="0.001,0.002")
    parser.add_argument("--tanh", default="0.004,0.008,0.016")
    parser.add_argument("--most-epochs", type=float, default=40)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = read_cifar(args.folder)
    for preset, rates in [("cifar-relu", args.relu), ("cifar-tanh", args.tanh)]:
        most = args.most_epochs
        for rate in [float(rate) for rate in rates.split(",") if rate]:
            points = train_until(data, preset, rate, most, args.seed)
            arrived = has_arrived(points)
            most = points[-1][0] if arrived else most
            report(preset=preset, rate=rate, epochs=points[-1][0] if arrived else None)


if __name__ == "__main__":
    main()
