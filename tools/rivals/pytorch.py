"""The workloads in PyTorch, plain and eager, on one thread. Lines in, lines out, as bench.cpp has them."""

import json
import os
import sys
import time

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}


def multipliers(gram, linear):
    """min ½vᵀHv + cᵀv with v ≥ 0, by block pivoting."""
    free = linear < 0
    for _ in range(50):
        v = np.zeros_like(linear)
        v[free] = np.linalg.solve(gram[np.ix_(free, free)], -linear[free])
        wanted = np.where(free, v >= 0, gram @ v + linear < 0)
        if (wanted == free).all():
            return v
        free = wanted
    return np.zeros_like(linear)


def network(document, inputs, outputs):
    widths = [inputs, *document["network"]["hidden"], outputs]
    layers = []
    for before, after in zip(widths, widths[1:]):
        layers += [nn.Linear(before, after), ACTIVATIONS[document["network"]["activation"]]()]
    return nn.Sequential(*layers[:-1])


class Learner:
    """A network with its optimizer; with memories it learns by Gradient Episodic Memory."""

    def __init__(self, document, model, loss):
        self.model, self.loss, self.memories = model, loss, []
        kind = document["training"]["optimizer"]
        optimizer = torch.optim.SGD if kind["kind"] == "sgd" else torch.optim.Adam
        self.optimizer = optimizer(model.parameters(), lr=kind["learning_rate"])
        method = document["methods"][0]
        self.margin, self.epsilon = method.get("margin", 0), method.get("epsilon", 0)

    def gradient(self, batch):
        self.optimizer.zero_grad()
        loss = self.loss(self.model(batch[0]), batch[1])
        loss.backward()
        return loss

    def flat(self):
        return torch.cat([p.grad.view(-1) for p in self.model.parameters()])

    def project(self, batch):
        """Lopez-Paz & Ranzato 2017, equations 8 to 12, with v ≥ margin."""
        rows = []
        for memory in self.memories:
            self.gradient(memory)
            rows.append(self.flat())
        constraints = torch.stack(rows)
        loss = self.gradient(batch)
        gradient = self.flat()
        products = constraints @ gradient
        if (products >= 0).all():
            return loss
        gram = (constraints @ constraints.T).double().numpy()
        gram[np.diag_indices_from(gram)] += self.epsilon
        above = multipliers(gram, products.double().numpy() + gram @ np.full(len(rows), self.margin))
        gradient += torch.from_numpy(above + self.margin).float() @ constraints
        begin = 0
        for p in self.model.parameters():
            p.grad.copy_(gradient[begin : begin + p.numel()].view_as(p))
            begin += p.numel()
        return loss

    def step(self, batch):
        loss = self.project(batch) if self.memories else self.gradient(batch)
        self.optimizer.step()
        return loss


class Workload:
    def __init__(self, document):
        tasks, training = document["tasks"], document["training"]
        classifies = tasks["loss"] == "cross_entropy"
        last = tasks["tasks"][-1]["train"]
        size, kept = training["batch_size"], document["methods"][0].get("memory_per_task", 0)
        answers = "labels" if classifies else "targets"

        def block(examples, begin, end):
            return torch.tensor(examples["inputs"][begin:end]), torch.tensor(examples[answers][begin:end])

        self.batches = [block(last, i, i + size) for i in range(0, len(last["inputs"]) - size + 1, size)]
        outputs = 10 if classifies else len(last["targets"][0])
        model = network(document, len(last["inputs"][0]), outputs)
        self.learner = Learner(document, model, nn.CrossEntropyLoss() if classifies else nn.MSELoss())
        self.learner.memories = [block(task["train"], 0, kept) for task in tasks["tasks"][:-1]] if kept else []
        self.next = 0

    def step(self):
        batch = self.batches[self.next % len(self.batches)]
        self.next += 1
        return self.learner.step(batch)


def read_idx(path):
    with open(path, "rb") as file:
        magic = file.read(4)
        shape = np.frombuffer(file.read(4 * magic[3]), ">u4")
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def permuted_run(document, folder):
    """Seconds of a whole run on permuted digits, and its average accuracy; data read before."""
    settings, training = document["tasks"], document["training"]

    def digits(kind):
        images = read_idx(os.path.join(folder, f"{kind}-images-idx3-ubyte")).reshape(-1, 784)
        labels = read_idx(os.path.join(folder, f"{kind}-labels-idx1-ubyte"))
        return torch.tensor(images / 255, dtype=torch.float32), torch.tensor(labels.astype(np.int64))

    (train, train_labels), (test, test_labels) = digits("train"), digits("t10k")
    start = time.perf_counter()
    kept, size = document["methods"][0]["memory_per_task"], training["batch_size"]
    learner = Learner(document, network(document, 784, 10), nn.CrossEntropyLoss())
    orders = [torch.randperm(784) for _ in range(settings["tasks"])]
    memories = []
    for order in orders:
        chosen = torch.randperm(len(train))[: settings["points"]]
        inputs, labels = train[chosen][:, order], train_labels[chosen]
        learner.memories = list(memories)
        for begin in range(0, len(chosen), size):
            learner.step((inputs[begin : begin + size], labels[begin : begin + size]))
        memories.append((inputs[-kept:], labels[-kept:]))
        with torch.no_grad():
            right = [(learner.model(test[:, each]).argmax(1) == test_labels).float().mean().item() for each in orders]
    return time.perf_counter() - start, float(np.mean(right))


def has_fast_blas():
    """Debian's PyTorch takes whatever libblas.so.3 there is: the reference one is many times slower."""
    torch.ones(64, 64) @ torch.ones(64, 64)
    with open("/proc/self/maps") as maps:
        loaded = maps.read()
    return any(name in loaded for name in ("openblas", "libmkl", "libblis"))


def main():
    workload = None
    for line in sys.stdin:
        command, first, *rest = line.split()
        if command == "blas":
            print("yes" if has_fast_blas() else "no", flush=True)
            continue
        if command == "prepare":
            with open(first) as file:
                workload = Workload(json.load(file))
            print("ready", flush=True)
            continue
        if command == "run":
            with open(first) as file:
                print(*permuted_run(json.load(file), *rest), flush=True)
            continue
        steps = int(first)
        start = time.perf_counter()
        for _ in range(steps):
            loss = workload.step()
        loss.item()
        print((time.perf_counter() - start) * 1e6 / steps, flush=True)


main()
