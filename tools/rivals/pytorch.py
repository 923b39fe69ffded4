"""The workloads in PyTorch, plain and eager, on one thread. Lines in, lines out, as bench.cpp has them."""

import json
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
        self.memories = [block(task["train"], 0, kept) for task in tasks["tasks"][:-1]] if kept else []
        outputs = 10 if classifies else len(last["targets"][0])
        widths = [len(last["inputs"][0]), *document["network"]["hidden"], outputs]
        layers = []
        for before, after in zip(widths, widths[1:]):
            layers += [nn.Linear(before, after), ACTIVATIONS[document["network"]["activation"]]()]
        self.model = nn.Sequential(*layers[:-1])
        self.loss = nn.CrossEntropyLoss() if classifies else nn.MSELoss()
        optimizer = torch.optim.SGD if training["optimizer"]["kind"] == "sgd" else torch.optim.Adam
        self.optimizer = optimizer(self.model.parameters(), lr=training["optimizer"]["learning_rate"])
        self.next = 0

    def gradient(self, batch):
        self.optimizer.zero_grad()
        loss = self.loss(self.model(batch[0]), batch[1])
        loss.backward()
        return loss

    def flat(self):
        return torch.cat([p.grad.view(-1) for p in self.model.parameters()])

    def project(self, batch):
        """Gradient Episodic Memory (Lopez-Paz & Ranzato 2017)."""
        rows = []
        for memory in self.memories:
            self.gradient(memory)
            rows.append(self.flat())
        constraints = torch.stack(rows)
        loss = self.gradient(batch)
        gradient = self.flat()
        gram, linear = constraints @ constraints.T, constraints @ gradient
        v = multipliers(gram.double().numpy(), linear.double().numpy())
        gradient += torch.from_numpy(v).float() @ constraints
        begin = 0
        for p in self.model.parameters():
            p.grad.copy_(gradient[begin : begin + p.numel()].view_as(p))
            begin += p.numel()
        return loss

    def step(self):
        batch = self.batches[self.next % len(self.batches)]
        self.next += 1
        loss = self.project(batch) if self.memories else self.gradient(batch)
        self.optimizer.step()
        return loss


def has_fast_blas():
    """Debian's PyTorch takes whatever libblas.so.3 there is: the reference one is many times slower."""
    torch.ones(64, 64) @ torch.ones(64, 64)
    with open("/proc/self/maps") as maps:
        loaded = maps.read()
    return any(name in loaded for name in ("openblas", "libmkl", "libblis"))


def main():
    workload = None
    for line in sys.stdin:
        command, first, *_ = line.split()
        if command == "blas":
            print("yes" if has_fast_blas() else "no", flush=True)
            continue
        if command == "prepare":
            with open(first) as file:
                workload = Workload(json.load(file))
            print("ready", flush=True)
            continue
        steps = int(first)
        start = time.perf_counter()
        for _ in range(steps):
            loss = workload.step()
        loss.item()
        print((time.perf_counter() - start) * 1e6 / steps, flush=True)


main()
