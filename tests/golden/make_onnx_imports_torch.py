"""ONNX files that PyTorch writes of small AlexNets, and what PyTorch computes.

    python make_onnx_imports_torch.py OUTPUT_FOLDER

writes torch.json.gz. Needs torch, torchvision, onnx and onnxscript (the versions used stand in the file); shares no
code with this project.
"""

import contextlib
import io
import logging
import pathlib
import sys
import tempfile
import warnings

import onnx
import onnxscript
import torch
import torchvision
from onnx_import_cases import Cases, coarse, picture, weights_for
from torch import nn

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

CLASSES = 3
TORCHSCRIPT_OPSETS = (7, 8, 9, 11, 13, 17, 20, 23)
DYNAMO_OPSETS = (17, 18, 20, 23, 26)


def fill(model):
    """The same small numbers for everybody."""
    for seed, (name, tensor) in enumerate(model.state_dict().items()):
        if not tensor.is_floating_point():
            continue
        if name.endswith("running_var"):
            values = 1 + abs(coarse(seed, tensor.shape, 0.5))
        elif tensor.dim() > 1:
            values = weights_for(seed, tuple(tensor.shape))
        else:
            values = coarse(seed, tuple(tensor.shape), 0.5) + ("bn" in name and name.endswith("weight"))
        tensor.copy_(torch.from_numpy(values))
    return model.eval()


def narrow_torchvision():
    """torchvision's AlexNet, every width divided by 128 and rounded."""
    model = torchvision.models.AlexNet(num_classes=CLASSES, dropout=0.4)
    channels = 3
    for index, width in zip((0, 3, 6, 8, 10), (1, 2, 3, 2, 2)):
        old = model.features[index]
        model.features[index] = nn.Conv2d(channels, width, old.kernel_size, old.stride, old.padding)
        channels = width
    model.classifier[1] = nn.Linear(channels * 36, 32)
    model.classifier[4] = nn.Linear(32, 32)
    model.classifier[6] = nn.Linear(32, CLASSES)
    return fill(model)


class Caffe(nn.Module):
    """BVLC's AlexNet, a 128th as wide, as it is written in PyTorch: nn.LocalResponseNorm, x.view(x.size(0), -1)."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 2, 11, 4)
        self.conv2 = nn.Conv2d(2, 2, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(2, 4, 3, padding=1)
        self.conv4 = nn.Conv2d(4, 4, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(4, 2, 3, padding=1, groups=2)
        self.norm = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.fc6 = nn.Linear(2 * 36, 32)
        self.fc7 = nn.Linear(32, 32)
        self.fc8 = nn.Linear(32, CLASSES)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        x = self.pool(self.norm(torch.relu(self.conv1(x * 64))))
        x = self.pool(self.norm(torch.relu(self.conv2(x))))
        x = torch.relu(self.conv3(x))
        x = torch.relu(self.conv4(x))
        x = self.pool(torch.relu(self.conv5(x)))
        x = x.view(x.size(0), -1)
        x = self.drop(torch.relu(self.fc6(x)))
        x = self.drop(torch.relu(self.fc7(x)))
        return self.fc8(x)


class Small(nn.Module):
    """Convolutions and layers without bias, batch normalisation, a pool of everything, tanh, softmax."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(4, eps=1e-3, momentum=0.01)
        self.mean = nn.AvgPool2d(3, 2, padding=1)
        self.conv2 = nn.Conv2d(4, 6, 3, bias=False)
        self.adaptive = nn.AdaptiveAvgPool2d(3)
        self.everything = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(6, 5, bias=False)
        self.bn1 = nn.BatchNorm1d(5)
        self.fc2 = nn.Linear(5, CLASSES)

    def forward(self, x):
        x = self.mean(torch.relu(self.bn(self.conv(x))))
        x = self.everything(self.adaptive(torch.relu(self.conv2(x))))
        x = torch.tanh(self.bn1(self.fc(torch.flatten(x, 1))))
        return torch.softmax(self.fc2(x), dim=1)


def export(model, image, *, dynamic=False, **options):
    """The bytes of the file, and of the files beside it."""
    dynamo = options["dynamo"]
    if dynamo:
        batch = ({0: torch.export.Dim("batch")},)
        more = {"dynamic_shapes": batch if dynamic else None, "verbose": False}
    else:
        more = {"dynamic_axes": {"input": {0: "batch"}} if dynamic else None}
        more |= {"input_names": ["input"], "output_names": ["output"]}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        options = {"external_data": False, **options} if dynamo else options
        with contextlib.redirect_stdout(io.StringIO()):
            torch.onnx.export(model, (image,), str(path), **options, **more)
        beside = {f.name: f.read_bytes() for f in path.parent.iterdir() if f != path}
        return path.read_bytes(), beside


def bare(data):
    """Without the notes of where each node came from in PyTorch: they are most of the file."""
    model = onnx.load_from_string(data)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
    del model.graph.value_info[:]
    return model.SerializeToString()


def main(folder):
    cases = Cases()

    vision = narrow_torchvision()
    preset = {"preset": "torchvision"}
    for opset in TORCHSCRIPT_OPSETS:
        dynamic = opset % 2 == 1
        add_case(cases, f"torchvision, TorchScript, opset {opset}", vision, (2, 3, 224, 224),
                 dynamo=False, opset_version=opset, dynamic=dynamic, **preset)
    for opset in DYNAMO_OPSETS:
        add_case(cases, f"torchvision, dynamo, opset {opset}", vision, (2, 3, 224, 224),
                 dynamo=True, opset_version=opset, dynamic=opset % 2 == 0, **preset)
    add_case(cases, "torchvision, dynamo, not optimised", vision, (1, 3, 224, 224),
             dynamo=True, opset_version=20, optimize=False, **preset)
    add_case(cases, "torchvision, dynamo, weights beside it", vision, (1, 3, 224, 224),
             dynamo=True, opset_version=20, external_data=True, **preset)
    add_case(cases, "torchvision at 288 pixels", vision, (1, 3, 288, 288), refused="GatherND",
             dynamo=True, opset_version=18)
    add_case(cases, "torchvision in float64", narrow_torchvision().double(), (2, 3, 224, 224),
             dynamo=False, opset_version=17, **preset)

    caffe = fill(Caffe())
    preset = {"preset": "caffe-alexnet"}
    for opset in (9, 11, 17):
        add_case(cases, f"caffe, TorchScript, opset {opset}", caffe, (2, 3, 227, 227),
                 dynamo=False, opset_version=opset, dynamic=opset == 17, **preset)
    add_case(cases, "caffe, TorchScript, nothing folded", caffe, (2, 3, 227, 227),
             dynamo=False, opset_version=13, do_constant_folding=False, **preset)
    add_case(cases, "caffe, TorchScript, with its dropouts", caffe, (2, 3, 227, 227),
             dynamo=False, opset_version=17, training=torch.onnx.TrainingMode.TRAINING, **preset)
    for dynamic in (False, True):
        add_case(cases, f"caffe, dynamo, batch {'free' if dynamic else 'fixed'}", caffe, (2, 3, 227, 227),
                 dynamo=True, opset_version=18, dynamic=dynamic, **preset)

    small = fill(Small())
    for opset in (9, 11, 13, 18):
        add_case(cases, f"small, TorchScript, opset {opset}", small, (2, 3, 15, 15),
                 dynamo=False, opset_version=opset, dynamic=opset > 11)
    for opset in (18, 23):
        add_case(cases, f"small, dynamo, opset {opset}", small, (2, 3, 15, 15),
                 dynamo=True, opset_version=opset, dynamic=opset == 18)

    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__,
                "onnx": onnx.__version__, "onnxscript": onnxscript.__version__}
    cases.write(folder / "torch.json.gz", versions)


def add_case(cases, name, model, shape, *, preset=None, refused=None, **options):
    model.eval()
    is_double = next(model.parameters()).dtype == torch.float64
    image = torch.from_numpy(picture(shape))
    with torch.no_grad():
        expected = model.double()(image.double()).numpy()
    if not is_double:
        model.float()
    data, files = export(model, image.double() if is_double else image, **options)
    model.eval()
    data = bare(data)
    cases.add(name, data, expected, shape, by="torch, float64", files=files, preset=preset,
              refused=refused)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
