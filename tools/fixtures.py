#!/usr/bin/env python3
"""Writes tests/fixtures/*.json: short trainings computed by PyTorch's autograd.

    python3 tools/fixtures.py            # rewrites every fixture
    python3 tools/fixtures.py methods-   # only those whose name starts so

Needs PyTorch (Debian and Ubuntu: python3-torch). Shares no code with the engine.

A training fixture is { "experiment": a document the engine accepts,
                        "expected": { "parameters": [final theta, one a learner],
                                      "test_loss":  [after[i][j], one a learner],
                                      "train_loss": likewise, on the training sets } }
where after[i][j] is task j's loss at the end of task i. Every document uses the whole training
set in the given order (batch_size 0) and gives the first parameters, so it needs no random numbers.
fisher.json is a list of cases: parameters, data, and the Fisher information there.

Precision: double, so that the figures carry no rounding of their own; the engine trains in float32
and is expected to agree to 1e-3. Numbers in a document are short decimals; their value here is the
nearest float32, as in the engine. Before a fixture is written, it is made sure that
  - training in float32, or from parameters moved by 1e-6, ends within STABLE of it, and
  - no two learners of one document end within DISTINCT of each other (those listed as twins do),
so that a difference of 1e-3 in a test is a fault of the engine, and no variant passes for another.

Choices made where the experiment document leaves room
  lwf       mse: lambda * mean over examples and outputs of (f - f_old)^2;
            cross_entropy: lambda * T^2 * mean over examples of KL(softmax(f_old/T) || softmax(f/T));
            on the batch's inputs, f_old the network at the end of the last finished task.
  derpp     alpha * mean over examples and outputs of (f - stored)^2 + beta * L(memory); stored: the
            outputs at the end of the example's own task; from the second task on.
  union     replay, derpp and agem average over the union of the memories' examples (a larger
            memory counts for more); joint and cumulative over the union of the training sets.
  gem/agem  project the gradient of L + l1 + l2; coupled weight_decay is added after the projection,
            by the optimizer.
  si        g is the gradient of L(batch) alone at the theta before the step; the change of theta is
            that of the whole step (penalty, l1, l2 and weight decay included); omega starts at 0
            in every task, Delta is the task's total change; Omega adds up, theta* is the latest.
  mas       Omega adds up over the tasks, theta* is the latest; |f|^2 is summed over outputs.
  full      consolidation as for the diagonal: a quadratic form for each task, or gamma*F + new.
  decoupled theta <- theta - learning_rate * w * theta, then the optimizer's step, with the
            gradient taken before either (torch.optim.AdamW; the same for SGD).
"""
import itertools
import json
import pathlib
import sys
from collections import namedtuple

import numpy as np
import torch
import torch.nn.functional as F

STABLE = 2e-4
DISTINCT = 5e-3
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "fixtures"

Examples = namedtuple("Examples", "x y")  # y: targets (n, outputs), or labels (n)
Task = namedtuple("Task", "train test")

# ---------------------------------------------------------------- network and loss

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid,
               "softplus": F.softplus, "identity": lambda z: z}


class Network:
    """f(theta, x); theta is flat: layer by layer the weight (out x in) by rows, then the bias."""

    def __init__(self, widths, activation, loss):
        self.widths, self.activation, self.kind = widths, ACTIVATIONS[activation], loss

    def __call__(self, theta, x):
        start = 0
        for layer, (n, m) in enumerate(zip(self.widths, self.widths[1:])):
            weight = theta[start:start + m * n].view(m, n)
            bias = theta[start + m * n:start + m * n + m]
            start += m * n + m
            x = x @ weight.T + bias
            if layer < len(self.widths) - 2:
                x = self.activation(x)
        return x

    def loss(self, theta, examples):
        f = self(theta, examples.x)
        return (F.mse_loss if self.kind == "mse" else F.cross_entropy)(f, examples.y)

    def surprise(self, theta, examples):
        """-log p(y|x) of every example, for the Gaussian up to a constant: 1/2 |f - y|^2."""
        f = self(theta, examples.x)
        if self.kind == "mse":
            return 0.5 * ((f - examples.y) ** 2).sum(1)
        return F.cross_entropy(f, examples.y, reduction="none")


def union(parts):
    return Examples(torch.cat([p.x for p in parts]), torch.cat([p.y for p in parts]))


def gradient(function, theta):
    theta = theta.detach().requires_grad_()
    return torch.autograd.grad(function(theta), theta)[0]


def jacobian(function, theta):
    return torch.autograd.functional.jacobian(function, theta.detach())


# ---------------------------------------------------------------- importance of parameters

def fisher_exact(network, theta, examples):
    if network.kind == "mse":
        return (jacobian(lambda t: network(t, examples.x), theta) ** 2).sum(1).mean(0)
    p = network(theta, examples.x).softmax(1)
    scores = jacobian(lambda t: network(t, examples.x).log_softmax(1), theta)  # (n, classes, theta)
    return (p[:, :, None] * scores ** 2).sum(1).mean(0)


def fisher_empirical(network, theta, examples):
    return (jacobian(lambda t: network.surprise(t, examples), theta) ** 2).mean(0)


def fisher_batch(network, theta, examples):
    return gradient(lambda t: network.surprise(t, examples).mean(), theta) ** 2


def fisher_full(network, theta, examples):
    """Mean over examples of J^T H J, the whole matrix."""
    J = jacobian(lambda t: network(t, examples.x), theta)  # (n, outputs, theta)
    H = torch.eye(J.shape[1], dtype=J.dtype).expand(len(J), -1, -1)
    if network.kind == "cross_entropy":
        p = network(theta, examples.x).softmax(1)
        H = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
    return torch.einsum("nki,nkl,nlj->ij", J, H, J) / len(J)


FISHERS = {"exact": fisher_exact, "empirical": fisher_empirical, "batch": fisher_batch}


def mas_importance(network, theta, examples):
    norms = jacobian(lambda t: (network(t, examples.x) ** 2).sum(1), theta)  # (n, theta)
    return norms.abs().mean(0)


# ---------------------------------------------------------------- methods

class Finetune:
    """A method overrides what it needs. `entry` is its entry in the document."""

    def __init__(self, entry, network, tasks):
        self.network, self.tasks = network, tasks
        for key, value in entry.items():
            setattr(self, "lambda_" if key == "lambda" else key, value)

    def data(self, task):
        return self.tasks[task].train

    def penalty(self, theta, batch):
        return 0.0

    def project(self, theta, g):
        return g

    def stepped(self, before, after, task_gradient):
        pass

    def finished(self, theta, task):
        pass


class Joint(Finetune):
    def data(self, task):
        return union([t.train for t in self.tasks])


class Cumulative(Finetune):
    def data(self, task):
        return union([t.train for t in self.tasks[:task + 1]])


class Anchored(Finetune):
    """(lambda/2) (theta - theta*)^T A (theta - theta*), A a diagonal or a matrix."""
    anchors = ()

    def scale(self):
        return self.lambda_ / 2

    def penalty(self, theta, batch):
        total = 0.0
        for anchor, importance in self.anchors:
            d = theta - anchor
            total = total + (d @ importance @ d if importance.dim() == 2 else (importance * d * d).sum())
        return self.scale() * total

    def consolidate(self, theta, importance):
        if getattr(self, "consolidation", "separate") == "separate":
            self.anchors = (*self.anchors, (theta, importance))
        elif self.anchors:
            self.anchors = ((theta, self.gamma * self.anchors[0][1] + importance),)
        else:
            self.anchors = ((theta, importance),)


class L2(Anchored):
    def finished(self, theta, task):
        one = (theta, torch.ones_like(theta))
        self.anchors = (*self.anchors, one) if self.consolidation == "separate" else (one,)


class Ewc(Anchored):
    def finished(self, theta, task):
        full = getattr(self, "structure", "diagonal") == "full"
        fisher = fisher_full if full else FISHERS[self.fisher]
        self.consolidate(theta, fisher(self.network, theta, self.tasks[task].train))


class Si(Anchored):
    consolidation, gamma = "online", 1.0
    path = start = None  # omega, and theta at the task's first step

    def scale(self):
        return self.c

    def stepped(self, before, after, task_gradient):
        if self.path is None:
            self.path, self.start = torch.zeros_like(before), before
        self.path = self.path - task_gradient * (after - before)

    def finished(self, theta, task):
        self.consolidate(theta, self.path.clamp(min=0) / ((theta - self.start) ** 2 + self.xi))
        self.path = None


class Mas(Anchored):
    consolidation, gamma = "online", 1.0

    def scale(self):
        return self.lambda_

    def finished(self, theta, task):
        self.consolidate(theta, mas_importance(self.network, theta, self.tasks[task].train))


class Lwf(Finetune):
    old = None

    def penalty(self, theta, batch):
        if self.old is None:
            return 0.0
        f, f_old = self.network(theta, batch.x), self.network(self.old, batch.x)
        if self.network.kind == "mse":
            return self.lambda_ * F.mse_loss(f, f_old)
        T = self.temperature
        divergence = F.kl_div((f / T).log_softmax(1), (f_old / T).softmax(1), reduction="batchmean")
        return self.lambda_ * T * T * divergence

    def finished(self, theta, task):
        self.old = theta


class Remembering(Finetune):
    """Every memory holds the task's whole training set."""
    memories = ()

    def finished(self, theta, task):
        assert len(self.tasks[task].train.x) <= self.memory_per_task
        self.memories = (*self.memories, self.tasks[task].train)


class Replay(Remembering):
    def penalty(self, theta, batch):
        return self.weight * self.network.loss(theta, union(self.memories)) if self.memories else 0.0


class Derpp(Remembering):
    stored = ()

    def penalty(self, theta, batch):
        if not self.memories:
            return 0.0
        memory = union(self.memories)
        distance = F.mse_loss(self.network(theta, memory.x), torch.cat(self.stored))
        return self.alpha * distance + self.beta * self.network.loss(theta, memory)

    def finished(self, theta, task):
        super().finished(theta, task)
        self.stored = (*self.stored, self.network(theta, self.tasks[task].train.x))


class Gem(Remembering):
    active = 0  # the largest number of multipliers above the margin in one step

    def project(self, theta, g):
        if not self.memories:
            return g
        G = torch.stack([gradient(lambda t: self.network.loss(t, m), theta) for m in self.memories])
        G, g64 = G.double().numpy(), g.double().numpy()
        if np.all(G @ g64 >= 0):
            return g
        v = quadratic_program(G @ G.T + self.epsilon * np.eye(len(G)), G @ g64, self.margin)
        self.active = max(self.active, int(np.sum(v > self.margin)))
        return torch.tensor(g64 + G.T @ v, dtype=g.dtype)


class Agem(Remembering):
    active = 0

    def project(self, theta, g):
        if not self.memories:
            return g
        reference = gradient(lambda t: self.network.loss(t, union(self.memories)), theta)
        if g @ reference >= 0:
            return g
        self.active = 1
        return g - (g @ reference) / (reference @ reference) * reference


def quadratic_program(Q, q, margin):
    """argmin 1/2 v'Qv + q'v subject to v >= margin: tries every set of variables held at the margin."""
    best, best_value = None, np.inf
    for free in itertools.product([False, True], repeat=len(q)):
        free = np.array(free)
        v = np.full(len(q), float(margin))
        if free.any():
            rest = q[free] + Q[np.ix_(free, ~free)] @ v[~free]
            v[free] = np.linalg.lstsq(Q[np.ix_(free, free)], -rest, rcond=None)[0]
        value = 0.5 * v @ Q @ v + q @ v
        if np.all(v >= margin) and value < best_value:
            best, best_value = v, value
    return best


METHODS = {"finetune": Finetune, "joint": Joint, "cumulative": Cumulative, "l2": L2, "ewc": Ewc,
           "si": Si, "mas": Mas, "lwf": Lwf, "replay": Replay, "derpp": Derpp, "gem": Gem, "agem": Agem}

# ---------------------------------------------------------------- training

def new_optimizer(training, theta):
    options = dict(training["optimizer"])
    kind, lr = options["kind"], options["learning_rate"]
    decay = training.get("weight_decay", 0)
    decoupled = training.get("decoupled", False)
    if kind == "adam":
        betas = (options.get("beta1", 0.9), options.get("beta2", 0.999))
        adam = torch.optim.AdamW if decoupled else torch.optim.Adam
        return adam([theta], lr=lr, betas=betas, eps=options.get("epsilon", 1e-8), weight_decay=decay)
    return torch.optim.SGD([theta], lr=lr, momentum=options.get("momentum", 0),
                           weight_decay=0 if decoupled else decay)


def update(optimizer, training, theta, g):
    """In place. torch's SGD has no decoupled weight decay."""
    if training.get("decoupled", False) and training["optimizer"]["kind"] == "sgd":
        theta.mul_(1 - training["optimizer"]["learning_rate"] * training["weight_decay"])
    theta.grad = g
    optimizer.step()


def train_step(method, training, optimizer, theta, batch):
    def objective(t):
        return (method.network.loss(t, batch) + training.get("l1", 0) * t.abs().sum()
                + training.get("l2", 0) * (t ** 2).sum() + method.penalty(t, batch))

    before = theta.clone()
    task_gradient = gradient(lambda t: method.network.loss(t, batch), theta)
    update(optimizer, training, theta, method.project(theta, gradient(objective, theta)))
    method.stepped(before, theta.clone(), task_gradient)


def train_learner(method, training, theta):
    """The final theta, and every task's (test, train) losses at the end of each task."""
    theta, optimizer = theta.clone(), None
    losses = {"test": [], "train": []}
    for task in range(len(method.tasks)):
        if optimizer is None or training["optimizer"].get("reset_each_task", True):
            optimizer = new_optimizer(training, theta)
        batch = method.data(task)
        for _ in range(training["steps_per_task"]):
            train_step(method, training, optimizer, theta, batch)
        method.finished(theta.clone(), task)
        for part in losses:
            losses[part].append([method.network.loss(theta, getattr(t, part)).item() for t in method.tasks])
    return theta, losses


def float32(values, dtype):
    return torch.tensor(np.array(values, dtype=np.float32)).to(dtype)


def read_examples(data, dtype):
    y = torch.tensor(data["labels"]) if "labels" in data else float32(data["targets"], dtype)
    return Examples(float32(data["inputs"], dtype), y)


def widths_of(tasks, hidden):
    sets = [t[part] for t in tasks for part in ("train", "test")]
    labelled = "labels" in sets[0]
    outputs = 1 + max(max(s["labels"]) for s in sets) if labelled else len(sets[0]["targets"][0])
    return [len(sets[0]["inputs"][0]), *hidden, outputs]


def run(document, dtype=torch.float64, nudge=0.0):
    """(methods as they are at the end, expected), from a document as the engine would read it."""
    described, shared = document["tasks"], document["training"]
    tasks = [Task(read_examples(t["train"], dtype), read_examples(t["test"], dtype))
             for t in described["tasks"]]
    network = Network(widths_of(described["tasks"], document["network"]["hidden"]),
                      document["network"]["activation"], described["loss"])
    theta = float32(document["network"]["parameters"], dtype)
    theta = theta + nudge * torch.cos(torch.arange(len(theta), dtype=dtype))
    methods, expected = [], {"parameters": [], "test_loss": [], "train_loss": []}
    for entry in document["methods"]:
        method = METHODS[entry["kind"]](entry, network, tasks)
        end, losses = train_learner(method, {**shared, **entry.get("training", {})}, theta)
        methods.append(method)
        expected["parameters"].append(end.tolist())
        expected["test_loss"].append(losses["test"])
        expected["train_loss"].append(losses["train"])
    return methods, expected


# ---------------------------------------------------------------- checks on a fixture

def distance(a, b):
    """Largest difference, relative where the numbers are above 1."""
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    return np.max(np.abs(a - b) / np.maximum(1, np.abs(a)))


def require_stable(name, document, expected):
    for other in (run(document, torch.float32)[1], run(document, nudge=1e-6)[1]):
        for key in expected:
            for index, (a, b) in enumerate(zip(expected[key], other[key])):
                if not distance(a, b) < STABLE:
                    sys.exit(f"{name}: {key} of learner {index} moves by {distance(a, b):.1e}")


def require_distinct(name, expected, twins):
    parameters = expected["parameters"]
    for a, b in itertools.combinations(range(len(parameters)), 2):
        close = distance(parameters[a], parameters[b]) < (1e-9 if (a, b) in twins else DISTINCT)
        if close != ((a, b) in twins):
            sys.exit(f"{name}: learners {a} and {b} are {distance(parameters[a], parameters[b]):.1e} apart")


def require_active(name, methods):
    for index, method in enumerate(methods):
        if getattr(method, "active", 1) == 0:
            sys.exit(f"{name}: learner {index} never projects")


# ---------------------------------------------------------------- writing

def digits(value):
    """Seven significant digits: about a float32, and none of one machine's rounding noise."""
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, dict):
        return {k: digits(v) for k, v in value.items()}
    return [digits(v) for v in value] if isinstance(value, list) else value


def layout(value, indent=""):
    """JSON with one line for what is short, and for every list of numbers."""
    line = json.dumps(value)
    flat = isinstance(value, list) and not any(isinstance(v, (list, dict)) for v in value)
    if flat or len(line) + len(indent) <= 110 or not isinstance(value, (list, dict)):
        return line
    deeper = indent + " "
    if isinstance(value, dict):
        parts = [f"{deeper}{json.dumps(k)}: {layout(v, deeper)}" for k, v in value.items()]
    else:
        parts = [deeper + layout(v, deeper) for v in value]
    ends = "{}" if isinstance(value, dict) else "[]"
    return f"{ends[0]}\n" + ",\n".join(parts) + f"\n{indent}{ends[1]}"


def write(name, content):
    (FOLDER / f"{name}.json").write_text(layout(digits(content)) + "\n")
    print(f"{name}.json")


def write_training(name, document, twins=()):
    methods, expected = run(document)
    require_stable(name, document, expected)
    require_distinct(name, expected, twins)
    require_active(name, methods)
    write(name, {"experiment": document, "expected": expected})


# ---------------------------------------------------------------- documents

def short(array):
    return np.round(array, 4).tolist()


def first_parameters(random, widths):
    """Uniform in +-1.5/sqrt(in): large enough that the hidden layers are not linear."""
    parts = [random.uniform(-1.5, 1.5, m * n + m) / np.sqrt(n) for n, m in zip(widths, widths[1:])]
    return short(np.concatenate(parts))


def regression(random, task, count, inputs, outputs):
    """Curves over the task's own stretch of the first input, with noise."""
    x = random.uniform(-1, 1, (count, inputs))
    x[:, 0] = 0.9 * x[:, 0] + (-1.2, 1.0, 0.1)[task]
    angle = x @ random.uniform(0.6, 1.8, (inputs, outputs)) + np.arange(outputs) + 1.3 * task
    y = np.sin(angle) + 0.05 * random.normal(size=angle.shape)
    return {"inputs": short(x), "targets": short(y)}


def classification(random, task, count, inputs, classes):
    """Clouds on a circle, turned from task to task; every class occurs."""
    labels = np.arange(count) * 2 % classes
    turn = 2 * np.pi * labels / classes + 1.1 * task
    x = 0.6 * random.normal(size=(count, inputs))
    x[:, 0] += 1.1 * np.cos(turn)
    x[:, 1] += 1.1 * np.sin(turn)
    return {"inputs": short(x), "labels": labels.tolist()}


def document(seed, widths, activation, loss, methods, training, tasks=3):
    """Training sets of different sizes, so that a mean over a union is no mean of means."""
    random = np.random.RandomState(seed)
    make = regression if loss == "mse" else classification
    sets = [{"name": "ABC"[i],
             "train": make(random, i, (9, 14, 11)[i], widths[0], widths[-1]),
             "test": make(random, i, 6, widths[0], widths[-1])} for i in range(tasks)]
    return {"version": 1, "seed": 1,
            "tasks": {"kind": "explicit", "loss": loss, "tasks": sets},
            "network": {"hidden": widths[1:-1], "activation": activation,
                        "parameters": first_parameters(random, widths)},
            "training": {"steps_per_task": 30, "batch_size": 0, "l1": 0, "l2": 0, "weight_decay": 0, **training},
            "methods": methods,
            "record": {"every": 10, "parameters": True, "importance": False, "gradients": False}}


def sgd(learning_rate, **more):
    return {"kind": "sgd", "learning_rate": learning_rate, **more}


def adam(learning_rate, **more):
    return {"kind": "adam", "learning_rate": learning_rate, **more}


def finetune(optimizer=None, **overrides):
    training = {**({"optimizer": optimizer} if optimizer else {}), **overrides}
    return {"kind": "finetune", **({"training": training} if training else {})}


OPTIMIZERS = [
    finetune(),
    finetune(sgd(0.1, momentum=0.8)),
    finetune(sgd(0.1, momentum=0.8, reset_each_task=False)),
    finetune(l2=0.01),
    finetune(weight_decay=0.02),  # the same run as l2 = 0.01
    finetune(sgd(0.1, momentum=0.8), weight_decay=0.05),
    finetune(weight_decay=0.1, decoupled=True),
    finetune(sgd(0.1, momentum=0.8), weight_decay=0.1, decoupled=True),
    finetune(l1=0.002),
    finetune(adam(0.02)),
    finetune(adam(0.02, reset_each_task=False)),
    finetune(adam(0.02, beta1=0.7, beta2=0.95)),
    finetune(adam(0.02, epsilon=0.05)),
    finetune(adam(0.02), weight_decay=0.03),
    finetune(adam(0.02), weight_decay=0.3, decoupled=True),
    finetune(adam(0.02), l1=0.002),
    finetune(adam(0.02), l2=0.01),
]


def write_optimizers():
    training = {"optimizer": sgd(0.1)}
    for loss, widths in (("mse", [1, 8, 8, 1]), ("cross_entropy", [2, 7, 5, 3])):
        write_training("optimizers-" + loss.replace("_", "-"),
                       document(11, widths, "tanh", loss, OPTIMIZERS, training, tasks=2), twins={(3, 4)})


def write_l1_at_zero():
    """An input that is always 0 gives its weights no gradient: those at 0 stay, the others shrink
    by learning_rate * l1 at every step."""
    made = document(21, [2, 4, 1], "tanh", "mse", [finetune()],
                    {"steps_per_task": 25, "optimizer": sgd(0.1), "l1": 0.05}, tasks=2)
    for task in made["tasks"]["tasks"]:
        for part in ("train", "test"):
            task[part]["inputs"] = [[x[0], 0] for x in task[part]["inputs"]]
    made["network"]["parameters"][1:8:2] = [0.3, 0, -0.4, 0]
    write_training("l1-at-zero", made)


def write_activations():
    rates = {"tanh": 0.15, "relu": 0.05, "sigmoid": 0.5, "softplus": 0.05, "identity": 0.05}
    for activation, rate in rates.items():
        for suffix, loss, widths in (("mse-1", "mse", [1, 8, 8, 1]), ("mse-3", "mse", [2, 7, 5, 3]),
                                     ("cross-entropy", "cross_entropy", [2, 7, 5, 3])):
            training = {"optimizer": sgd(rate, momentum=0.5)}
            write_training(f"activation-{activation}-{suffix}",
                           document(31, widths, activation, loss, [finetune()], training, tasks=2))


def write_linear():
    for loss in ("mse", "cross_entropy"):
        write_training("linear-" + loss.replace("_", "-"),
                       document(41, [2, 3], "tanh", loss, [finetune()], {"optimizer": sgd(0.1)}, tasks=2))


def ewc(strength, **more):
    return {"kind": "ewc", "lambda": strength, "fisher": "exact", "consolidation": "separate", **more}


def gem(margin, epsilon, **more):
    return {"kind": "gem", "memory_per_task": 100, "margin": margin, "epsilon": epsilon, **more}


def replay(**more):
    return {"kind": "replay", "memory_per_task": 100, "replay_batch": 0, "weight": 0.7, **more}


ONLINE = {"consolidation": "online", "gamma": 0.9}
REGULARISED = {"l2": 0.01, "weight_decay": 0.05}


def methods(other):
    """`other`: a second optimizer, for a few of them."""
    mixed = {"training": {**REGULARISED, "optimizer": other}}
    return [
        finetune(), {"kind": "joint"}, {"kind": "cumulative"},
        {"kind": "joint", **mixed},
        {"kind": "l2", "lambda": 0.3, "consolidation": "separate"},
        {"kind": "l2", "lambda": 0.3, "consolidation": "online"},
        ewc(2), ewc(2, **ONLINE), ewc(2, **mixed),
        ewc(6, fisher="empirical"), ewc(6, fisher="empirical", **ONLINE),
        replay(), replay(**mixed),
        gem(0, 0), gem(0, 0.001), gem(0.5, 0), gem(0.5, 0.01), gem(0, 0, **mixed),
    ]


# name, widths, activation, loss, optimizer, another optimizer
SCENES = [
    ("mse-deep", [1, 8, 8, 1], "tanh", "mse", sgd(0.1), adam(0.01)),
    ("mse-wide", [2, 10, 2], "softplus", "mse", adam(0.01), sgd(0.05, momentum=0.5)),
    ("cross-entropy-deep", [2, 7, 5, 3], "tanh", "cross_entropy", sgd(0.2), adam(0.01)),
    ("cross-entropy-wide", [2, 10, 3], "softplus", "cross_entropy", adam(0.01), sgd(0.1, momentum=0.5)),
]


def write_scenes(family, entries, seeds):
    for (scene, widths, activation, loss, optimizer, other), seed in zip(SCENES, seeds):
        write_training(f"{family}-{scene}",
                       document(seed, widths, activation, loss, entries(other), {"optimizer": optimizer}))


def penalties(other):
    mixed = {"training": {**REGULARISED, "optimizer": other}}
    return [
        finetune(),
        ewc(30, fisher="batch"), ewc(30, fisher="batch", **ONLINE),
        ewc(2, structure="full"), ewc(2, structure="full", **ONLINE), ewc(2, structure="full", **mixed),
        {"kind": "si", "c": 0.1, "xi": 0.01}, {"kind": "si", "c": 0.3, "xi": 0.1},
        {"kind": "si", "c": 0.1, "xi": 0.01, **mixed},
        {"kind": "mas", "lambda": 0.3}, {"kind": "mas", "lambda": 0.3, **mixed},
    ]


def distillation(other):
    mixed = {"training": {**REGULARISED, "optimizer": other}}
    lwf = {"kind": "lwf", "lambda": 0.8, "temperature": 2}
    derpp = {"kind": "derpp", "memory_per_task": 100, "replay_batch": 0, "alpha": 0.4, "beta": 0.6}
    return [
        finetune(), lwf, {**lwf, "lambda": 1.5, "temperature": 1}, {**lwf, **mixed},
        derpp, {**derpp, "alpha": 0}, {**derpp, "beta": 0}, {**derpp, **mixed},
    ]


def agem(other):
    entry = {"kind": "agem", "memory_per_task": 100, "reference_batch": 0}
    return [finetune(), entry, {**entry, "training": {**REGULARISED, "optimizer": other}}]


def fisher_case(seed, widths, activation, loss):
    made = document(seed, widths, activation, loss, [], {}, tasks=1)
    data = made["tasks"]["tasks"][0]["train"]
    network = Network(widths, activation, loss)
    theta = float32(made["network"]["parameters"], torch.float64)
    examples = read_examples(data, torch.float64)
    found = {name: fisher(network, theta, examples).tolist() for name, fisher in FISHERS.items()}
    found["full"] = fisher_full(network, theta, examples).tolist()
    return {"loss": loss, "network": made["network"], **data, **found}


def write_fisher():
    write("fisher", [fisher_case(61, [1, 3, 2, 2], "tanh", "mse"),
                     fisher_case(62, [2, 3, 3], "softplus", "cross_entropy")])


FAMILIES = {"optimizers-": write_optimizers, "l1-at-zero": write_l1_at_zero,
            "activation-": write_activations, "linear-": write_linear,
            "fisher": write_fisher,
            "methods-": lambda: write_scenes("methods", methods, (51, 52, 54, 52)),
            "penalties-": lambda: write_scenes("penalties", penalties, (58, 52, 53, 54)),
            "distillation-": lambda: write_scenes("distillation", distillation, (51, 52, 53, 54)),
            "agem-": lambda: write_scenes("agem", agem, (51, 52, 53, 54))}


def main():
    torch.set_num_threads(1)
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for family, write_family in FAMILIES.items():
        if family.startswith(wanted):
            write_family()


if __name__ == "__main__":
    main()
