"""torchvision's AlexNet from scratch on folders of pictures, for so many seconds of training.

Usage: python torchvision_scratch.py TRAIN TEST SECONDS

SGD 0.01 with momentum 0.9, batches of 32, random resized crop, mirror, normalisation: the usual beginning. The clock
stands still during validation. Prints one JSON object.
"""

import json
import sys
import time

import torch
from torchvision import datasets, models, transforms

BATCH = 32
THREADS = 2
NORMALIZE = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
TRAINING = transforms.Compose(
    [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), NORMALIZE]
)
TEST = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), NORMALIZE])


def main(train_folder, test_folder, seconds):
    torch.manual_seed(0)
    torch.set_num_threads(THREADS)
    train = datasets.ImageFolder(train_folder, TRAINING)
    test = datasets.ImageFolder(test_folder, TEST)
    network = models.alexnet(num_classes=len(train.classes))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    loss_of = torch.nn.CrossEntropyLoss()
    batches = torch.utils.data.DataLoader(
        train, BATCH, shuffle=True, num_workers=THREADS, persistent_workers=True
    )
    spent, top1 = 0.0, []
    while spent < seconds:
        network.train()
        started = time.monotonic()
        for images, labels in batches:
            optimizer.zero_grad()
            loss = loss_of(network(images), labels)
            loss.backward()
            optimizer.step()
            if spent + time.monotonic() - started >= seconds:
                break
        spent += time.monotonic() - started
        top1.append(evaluate(network, test))
        print(f"{spent:.0f} s: loss {loss.item():.3f}, top-1 {top1[-1]:.3f}", file=sys.stderr, flush=True)
    print(json.dumps({"seconds": round(spent), "epochs": len(top1), "best": max(top1), "last": top1[-1], "top1": top1}))


def evaluate(network, test):
    network.eval()
    right = 0
    with torch.inference_mode():
        for images, labels in torch.utils.data.DataLoader(test, BATCH):
            right += (network(images).argmax(1) == labels).sum().item()
    return right / len(test)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
