"""Classifies photographs with torchvision and PyTorch, a round for each line on standard input: the other side of classify.mjs.

    python classify_torch.py WEIGHTS LIST THREADS WORKERS BATCH_SIZE

WEIGHTS is a .pth of torchvision's alexnet, LIST a file with a path in each line. A line "round FROM TO" classifies
these pictures and prints the milliseconds; "logits FILE" writes the logits of all of them, float32, to a file.
"""

import sys
import time

import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class Photographs(Dataset):
    def __init__(self, paths):
        self.paths = paths
        self.transform = transforms.Compose([
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ])  # fmt: skip

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        with Image.open(self.paths[index]) as picture:
            return self.transform(picture.convert("RGB"))


def main():
    weights, listed, threads, workers, batch = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    torch.set_num_threads(threads)
    network = torchvision.models.alexnet(weights=None).eval()
    network.load_state_dict(torch.load(weights, weights_only=True))
    with open(listed) as file:
        paths = file.read().splitlines()

    def load(part):
        return DataLoader(Photographs(part), batch_size=batch, num_workers=workers)

    def classify(part):
        for images in load(part):
            torch.softmax(network(images), 1).topk(5)

    print("ready", torch.__version__, torchvision.__version__, flush=True)
    with torch.inference_mode():
        for line in sys.stdin:
            command, *arguments = line.split()
            if command == "round":
                first, last = map(int, arguments)
                started = time.perf_counter()
                classify(paths[first:last])
                print(1000 * (time.perf_counter() - started), flush=True)
            else:
                logits = torch.cat([network(images) for images in load(paths)])
                logits.numpy().astype("<f4").tofile(arguments[0])
                print(len(logits), flush=True)


if __name__ == "__main__":
    main()
