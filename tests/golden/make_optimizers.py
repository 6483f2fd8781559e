"""Twenty steps of `mini` under every update rule, in float64.

    KERAS_BACKEND=torch python make_optimizers.py OUTPUT_FOLDER

writes optimizers.json.gz. Needs numpy, torch, keras and timm (the versions used stand in the file).
Gradients are PyTorch's; the rules are those of other people's optimisers:

- torch.optim: SGD, Adam, AdamW, RMSprop; clip_grad_norm_, clip_grad_value_; AveragedModel
- keras.optimizers.SGD: the learning rate inside the momentum, as in Caffe and in the paper
- timm.optim.Lars: layer-wise rates
"""

import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras
import timm
import timm.optim
import torch
from make_gradients import (
    VERSIONS,
    caffe_alexnet,
    cross_entropy,
    describe,
    hashed_batch,
    hashed_parameters,
    run_graph,
    write,
)
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim.swa_utils import get_ema_multi_avg_fn

keras.config.set_floatx("float64")

STEPS = 20
CONSTANT = [2e-7] * STEPS
#: Far above the usual: next to gradients of this size and rates this small, a usual one would not show.
DECAY = 20.0
#: A rate that rises and falls: rules that agree for a constant one part here.
MOVING = [2e-7 * factor for factor in (1, 2, 4, 2, 1) for _ in range(4)]


def keras_sgd(parameters, momentum, nesterov, decay):
    """Keras' own rule on torch parameters; its weight decay is another one, so the decay is added here."""
    variables = {
        name: keras.Variable(parameter.detach().numpy(), dtype="float64")
        for name, parameter in parameters.items()
    }
    optimizer = keras.optimizers.SGD(1.0, momentum=momentum, nesterov=nesterov)
    optimizer.build(list(variables.values()))

    def step(rate):
        optimizer.learning_rate.assign(rate)
        gradients = [p.grad + decay * p.detach() for p in parameters.values()]
        optimizer.apply(gradients)
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(variables[name].value)

    return step


def of_torch(make):
    """A torch optimiser; groups may carry a factor of the learning rate."""

    def prepare(parameters):
        optimizer = make(parameters)

        def step(rate):
            for group in optimizer.param_groups:
                group["lr"] = rate * group.get("rate_factor", 1)
            optimizer.step()

        return step

    return prepare


def run(name, config, rates, prepare, clip=None, average=None, **more):
    graph, shapes = caffe_alexnet(16, 10)
    parameters = hashed_parameters(shapes)
    for parameter in parameters.values():
        parameter.requires_grad_()
    step_optimizer = prepare(parameters)
    averaging = get_ema_multi_avg_fn(average) if average is not None else None
    averages = None
    losses = []
    for step, rate in enumerate(rates, start=1):
        image, target, masks = hashed_batch(4, 10, 4, 256, step)
        for parameter in parameters.values():
            parameter.grad = None
        loss = cross_entropy(run_graph(graph, image, parameters, masks), target, 4)
        loss.backward()
        if clip is not None:
            clipper = {"norm": clip_grad_norm_, "value": clip_grad_value_}[clip["by"]]
            clipper(list(parameters.values()), clip["limit"])
        step_optimizer(rate)
        losses.append(loss.item())
        if averaging is not None:
            weights = [p.detach().clone() for p in parameters.values()]
            if averages is None:
                averages = weights
            else:
                averaging(averages, weights, step)
    described = lambda arrays, seed: {
        key: describe(array, seed + index) for index, (key, array) in enumerate(zip(parameters, arrays))
    }
    return {
        "name": name,
        "update": {
            "optimizer": config,
            **({"clip": clip} if clip else {}),
            **({"averageDecay": average} if average is not None else {}),
        },
        "learningRates": rates,
        "losses": losses,
        "weights": described(parameters.values(), 4000),
        **({"averages": described(averages, 5000)} if averages else {}),
        **more,
    }


def sgd_runs():
    caffe = {"kind": "sgd", "momentum": 0.9, "weightDecay": DECAY}
    yield run(
        "sgd",
        {"kind": "sgd", "momentum": 0, "weightDecay": 0},
        MOVING,
        of_torch(lambda p: torch.optim.SGD(p.values(), lr=1)),
    )
    yield run(
        "sgd with momentum, the paper's rule",
        caffe,
        MOVING,
        lambda p: keras_sgd(p, 0.9, False, DECAY),
    )
    yield run(
        "sgd with Nesterov momentum, Caffe's rule",
        {**caffe, "nesterov": True},
        MOVING,
        lambda p: keras_sgd(p, 0.9, True, DECAY),
    )
    yield run(
        "sgd with momentum, PyTorch's rule",
        {**caffe, "rule": "pytorch"},
        MOVING,
        of_torch(lambda p: torch.optim.SGD(p.values(), lr=1, momentum=0.9, weight_decay=DECAY)),
    )
    yield run(
        "sgd with Nesterov momentum, PyTorch's rule",
        {**caffe, "rule": "pytorch", "nesterov": True},
        MOVING,
        of_torch(
            lambda p: torch.optim.SGD(
                p.values(), lr=1, momentum=0.9, weight_decay=DECAY, nesterov=True
            )
        ),
    )


def adaptive_runs():
    rates = [500 * rate for rate in MOVING]
    yield run(
        "adam",
        {"kind": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        rates,
        of_torch(lambda p: torch.optim.Adam(p.values(), lr=1)),
    )
    settings = {"beta1": 0.8, "beta2": 0.99, "epsilon": 0.001, "weightDecay": 5}
    yield run(
        "adam with weight decay",
        {"kind": "adam", **settings},
        rates,
        of_torch(
            lambda p: torch.optim.Adam(
                p.values(), lr=1, betas=(0.8, 0.99), eps=0.001, weight_decay=5
            )
        ),
    )
    yield run(
        "adamw",
        {"kind": "adamw", **settings},
        rates,
        of_torch(
            lambda p: torch.optim.AdamW(
                p.values(), lr=1, betas=(0.8, 0.99), eps=0.001, weight_decay=5
            )
        ),
    )
    for momentum in (0, 0.9):
        yield run(
            f"rmsprop with momentum {momentum}",
            {
                "kind": "rmsprop",
                "smoothing": 0.95,
                "epsilon": 1e-6,
                "momentum": momentum,
                "weightDecay": DECAY,
            },
            [50 * rate for rate in MOVING],
            of_torch(
                lambda p: torch.optim.RMSprop(
                    p.values(), lr=1, alpha=0.95, eps=1e-6, momentum=momentum, weight_decay=DECAY
                )
            ),
        )


def lars_run():
    """timm keeps the rate outside the momentum: the same for a constant one. Vectors neither adapt nor decay."""

    def make(parameters):
        vectors = [p for p in parameters.values() if p.ndim == 1]
        matrices = [p for p in parameters.values() if p.ndim > 1]
        groups = [
            {"params": matrices, "weight_decay": DECAY},
            {"params": vectors, "weight_decay": 0.0},
        ]
        return timm.optim.Lars(groups, lr=1, momentum=0.9, trust_coeff=0.001, eps=0.0)

    yield run(
        "lars",
        {"kind": "lars", "momentum": 0.9, "weightDecay": DECAY, "trustCoefficient": 0.001},
        [0.5] * STEPS,
        of_torch(make),
    )


def rule_runs():
    sgd = {"kind": "sgd", "momentum": 0.9, "weightDecay": DECAY}
    torch_sgd = lambda p: torch.optim.SGD(p.values(), lr=1, momentum=0.9, weight_decay=DECAY)
    yield run(
        "clipped by the norm of all gradients",
        sgd,
        [0.001] * STEPS,
        of_torch(torch_sgd),
        clip={"by": "norm", "limit": 0.5},
    )
    yield run(
        "clipped by value",
        sgd,
        CONSTANT,
        of_torch(torch_sgd),
        clip={"by": "value", "limit": 0.25},
    )
    yield run("average of the weights", sgd, CONSTANT, of_torch(torch_sgd), average=0.9)

    def with_factors(kind):
        """Biases at twice the rate and without decay, fc8 at ten times, as Caffe's fine-tuning has them."""

        def make(parameters):
            groups = [
                {
                    "params": [parameter],
                    "rate_factor": factors(name)["learningRate"],
                    "weight_decay": DECAY * factors(name)["weightDecay"],
                }
                for name, parameter in parameters.items()
            ]
            if kind == "sgd":
                return torch.optim.SGD(groups, lr=1, momentum=0.9)
            return torch.optim.AdamW(groups, lr=1)

        return of_torch(make)

    def factors(name):
        bias = name.endswith(".bias")
        head = 10 if name.startswith("fc8") else 1
        return {"learningRate": head * (2 if bias else 1), "weightDecay": 0 if bias else 1}

    _, shapes = caffe_alexnet(16, 10)
    listed = {name: factors(name) for name in hashed_parameters(shapes)}
    yield run("factors of layers and biases", sgd, CONSTANT, with_factors("sgd"), factors=listed)
    adamw = {"kind": "adamw", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": DECAY}
    yield run("adamw with factors", adamw, [1e-4] * STEPS, with_factors("adamw"), factors=listed)


def main():
    versions = {**VERSIONS, "keras": keras.__version__, "timm": timm.__version__}
    runs = [*sgd_runs(), *adaptive_runs(), *lars_run(), *rule_runs()]
    for found in runs:
        print(f"{found['name']}: {found['losses'][0]:.4f} .. {found['losses'][-1]:.4f}")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, "optimizers.json.gz", {"versions": versions, "runs": runs})


if __name__ == "__main__":
    main()
