"""The other side of loading.mjs: answers each line on stdin with a line."""

import sys
import time

import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms


class Photographs(torch.utils.data.Dataset):
    def __init__(self, paths):
        self.paths = paths
        self.transform = transforms.Compose(
            [
                transforms.RandomResizedCrop(224),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            ]
        )

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return self.transform(Image.open(self.paths[index]).convert("RGB")), 0


def run(loader, reads):
    started = time.perf_counter()
    count = 0
    for images, _ in loader:
        # A value of each line of the cache, as loading.mjs reads its batches.
        if reads:
            images.view(-1)[::16].sum()
        count += len(images)
    return count / (time.perf_counter() - started)


def main():
    with open(sys.argv[1]) as file:
        paths = file.read().split("\n")
    loader = torch.utils.data.DataLoader(
        Photographs(paths), batch_size=int(sys.argv[2]), shuffle=True, num_workers=2, persistent_workers=True
    )
    for line in sys.stdin:
        if line.strip() == "version":
            answer = f"torchvision {torchvision.__version__}, torch {torch.__version__}, Pillow {PIL.__version__}"
        else:
            answer = f"{run(loader, line.strip() != 'jpeg unread'):.1f}"
        print(answer, flush=True)


if __name__ == "__main__":
    main()
