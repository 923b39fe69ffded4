"""{{title}}, in plain PyTorch.

{{link}}

The data, the first parameters and every random choice are the engine's own, so that each learner's
losses agree with those on the page, up to rounding (which a long or unstable training may amplify).
Prints every task's test loss, and accuracy, after each task. Needs PyTorch 1.10 or later.{{missing}}
"""
import base64
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

EXPERIMENT = {{experiment}}
NAMES = {{names}}  # of the learners, in the order of EXPERIMENT["methods"]
TASKS = {{tasks}}
ENDS = {{ends}}  # the step at which each task ends
HEADS = {{heads}}  # each task's own outputs (first, past the last), or None: all
CLASSES = {{classes}}  # whether it is classification
WIDTHS = {{widths}}


def floats(text, width):
    """A table of single-precision numbers, base64."""
    return torch.frombuffer(bytearray(base64.urlsafe_b64decode(text + "==")), dtype=torch.float32).double().view(-1, width)


START = floats("{{parameters}}", 1)[:, 0]  # layer by layer: the weight (out x in) by rows, then the bias
DATA = {  # inputs, and targets or labels, of each task
    "train": [{{train}}],
    "test": [{{test}}],
}

SEED, TRAINING = EXPERIMENT["seed"], EXPERIMENT["training"]
ACTIVATION = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid,
              "softplus": F.softplus, "identity": lambda z: z}[EXPERIMENT["network"]["activation"]]
X, Y = (torch.cat([part[i] for part in DATA["train"]]) for i in (0, 1))
if CLASSES:
    Y = Y[:, 0].long()
FIRST = [0]  # row of each task's training data
for part in DATA["train"]:
    FIRST.append(FIRST[-1] + len(part[0]))
TASK_OF = [task for task, part in enumerate(DATA["train"]) for _ in part[0]]


class Random:
    """The engine's: xoshiro256++ (Blackman & Vigna 2021), one stream for each purpose."""
    MASK = 2**64 - 1

    def __init__(self, seed, purpose, index=0):
        key = 0xcbf29ce484222325  # FNV-1a
        for byte in purpose.encode():
            key = (key ^ byte) * 0x100000001b3 & self.MASK
        _, word = self.splitmix(seed)
        _, word = self.splitmix(word ^ key)
        state, self.words = word ^ index, []
        for _ in range(4):
            state, word = self.splitmix(state)
            self.words.append(word)

    def splitmix(self, state):
        state = z = (state + 0x9e3779b97f4a7c15) & self.MASK
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & self.MASK
        z = (z ^ z >> 27) * 0x94d049bb133111eb & self.MASK
        return state, z ^ z >> 31

    def bits(self):
        a, b, c, d = self.words
        turn = lambda x, by: (x << by | x >> 64 - by) & self.MASK
        result = (turn(a + d & self.MASK, 23) + a) & self.MASK
        c, d = c ^ a, d ^ b
        self.words = [a ^ d, b ^ c, c ^ b << 17 & self.MASK, turn(d, 45)]
        return result

    def uniform(self):
        return (self.bits() >> 11) * 2.0**-53

    def below(self, count):
        uneven = (2**32 - count) % count
        while True:
            product = (self.bits() >> 32) * count
            if product & 0xffffffff >= uneven:
                return product >> 32

    def normal(self):
        while True:
            x, y = 2 * self.uniform() - 1, 2 * self.uniform() - 1
            square = x * x + y * y
            if 0 < square < 1:
                return x * math.sqrt(-2 * math.log(square) / square)

    def shuffle(self, rows):
        for i in range(len(rows), 1, -1):
            j = self.below(i)
            rows[i - 1], rows[j] = rows[j], rows[i - 1]


# The network

def layers_of(theta):
    at = 0
    for n, m in zip(WIDTHS, WIDTHS[1:]):
        yield theta[at:at + m * n].view(m, n), theta[at + m * n:at + m * n + m]
        at += m * n + m


def forward(theta, x, trace=None):
    for layer, (weight, bias) in enumerate(layers_of(theta)):
        z = x @ weight.T + bias
        if trace is not None:
            trace.append((x, z))
        x = ACTIVATION(z) if layer < len(WIDTHS) - 2 else z
    return x


def loss_of(outputs, y, tasks):
    """Mean squared error, or cross-entropy over the outputs of each row's own task."""
    if not CLASSES:
        return F.mse_loss(outputs, y)
    if HEADS:
        heads = torch.tensor([HEADS[task] for task in tasks])
        column = torch.arange(outputs.shape[1])
        outputs = outputs.masked_fill((column < heads[:, :1]) | (column >= heads[:, 1:]), -math.inf)
    return F.cross_entropy(outputs, y)


def loss(theta, rows):
    return loss_of(forward(theta, X[rows]), Y[rows], [TASK_OF[row] for row in rows])


def gradient(function, theta):
    theta = theta.detach().requires_grad_()
    return torch.autograd.grad(function(theta), theta)[0]


# Each example's own gradient of outputs·seeds is, in every layer, the outer product of two vectors.

def backward(theta, rows, seeds):
    trace = []
    outputs = forward(theta.detach().requires_grad_(), X[rows], trace)
    deltas = torch.autograd.grad(outputs, [z for _, z in trace], seeds)
    return [(x.detach(), delta) for (x, _), delta in zip(trace, deltas)]


def summed(layers, f):
    """The sum over the examples of f(gradient), for an f with f(ab) = f(a)f(b)."""
    return torch.cat([torch.cat([(f(d).T @ f(x)).flatten(), f(d).sum(0)]) for x, d in layers])


def listed(layers):
    return torch.cat([torch.cat([(d[:, :, None] * x[:, None]).flatten(1), d], 1) for x, d in layers], 1)


def head_of(task):
    return slice(*HEADS[task]) if HEADS else slice(None)


def outcomes(kind, theta, rows, head, random):
    """The derivatives of log p(y|x) by the outputs, for each y of the expectation, times the root of
    its probability; p is Gaussian with variance 1, or the softmax."""
    f = forward(theta, X[rows])[:, head]
    if not CLASSES:
        if kind == "exact":
            return [torch.eye(f.shape[1])[k].expand_as(f) for k in range(f.shape[1])]
        if kind == "sampled":
            return [torch.tensor([[random.normal() for _ in row] for row in f])]
        return [Y[rows] - f]
    p, one = f.softmax(1), torch.eye(f.shape[1])
    if kind == "exact":
        return [p[:, k:k + 1].sqrt() * (one[k] - p) for k in range(f.shape[1])]
    label = Y[rows] - (head.start or 0)
    if kind == "sampled":
        reached = p.cumsum(1) <= torch.tensor([[random.uniform()] for _ in rows])
        label = reached.sum(1).clamp(max=f.shape[1] - 1)
    return [one[label] - p]


# The methods: what each adds to the objective, does to its gradient, and keeps of a finished task.

class Finetune:
    def __init__(self, settings, index):
        self.settings, self.random = settings, Random(SEED, "method")

    def __getitem__(self, key):
        return self.settings[key]

    def source(self, task):
        return FIRST[task], FIRST[task + 1]

    def penalty(self, theta, batch):
        return 0.0

    def see(self, batch):
        pass

    def project(self, theta, g):
        return g

    def stepped(self, before, after, g):
        pass

    def finished(self, theta, task):
        pass


class Joint(Finetune):
    def source(self, task):
        return 0, FIRST[-1]


class Cumulative(Finetune):
    def source(self, task):
        return 0, FIRST[task + 1]


class Anchored(Finetune):
    """strength · Σ importance·(θ − θ*)², or strength · |A(θ − θ*)|²: [θ*, importance or A] each."""
    anchors = ()

    def strength(self):
        return self["lambda"] / 2

    def penalty(self, theta, batch):
        total = 0.0
        for anchor, stiffness in self.anchors:
            d = theta - anchor
            total += ((stiffness @ d)**2).sum() if stiffness.dim() == 2 else (stiffness * d * d).sum()
        return self.strength() * total

    def anchor(self, theta, stiffness, online, gamma=1):
        if online and self.anchors:
            old = self.anchors[0][1]
            stiffness = torch.cat([gamma**0.5 * old, stiffness]) if old.dim() == 2 else gamma * old + stiffness
        self.anchors = [*(() if online else self.anchors), (theta, stiffness)]


class L2(Anchored):
    def finished(self, theta, task):
        self.anchor(theta, torch.ones_like(theta), self["consolidation"] == "online", 0)


class Ewc(Anchored):
    def finished(self, theta, task):
        rows = list(range(FIRST[task], FIRST[task + 1]))
        if 0 < self["fisher_samples"] < len(rows):
            self.random.shuffle(rows)
            rows = rows[:self["fisher_samples"]]
        seeds = []
        for deltas in outcomes(self["fisher"], theta, rows, head_of(task), self.random):
            seeds.append(torch.zeros(len(rows), WIDTHS[-1]))
            seeds[-1][:, head_of(task)] = deltas.detach()
        passes = [backward(theta, rows, each) for each in seeds]
        if self["fisher"] == "batch":
            mean = summed(passes[0], lambda a: a) / len(rows)
            fisher = mean[None] if self["structure"] == "full" else mean**2
        elif self["structure"] == "full":
            fisher = torch.cat([listed(layers) for layers in passes]) / len(rows)**0.5
        else:
            fisher = sum(summed(layers, torch.square) for layers in passes) / len(rows)
        self.anchor(theta, fisher, self["consolidation"] == "online", self["gamma"])


class Si(Anchored):
    def __init__(self, settings, index):
        super().__init__(settings, index)
        self.start, self.share = START, torch.zeros_like(START)

    def strength(self):
        return self["c"]

    def stepped(self, before, after, g):
        self.share = self.share - g * (after - before)

    def finished(self, theta, task):
        self.anchor(theta, self.share.clamp(min=0) / ((theta - self.start)**2 + self["xi"]), True)
        self.start, self.share = theta, torch.zeros_like(theta)


class Mas(Anchored):
    def strength(self):
        return self["lambda"]

    def finished(self, theta, task):
        rows = list(range(FIRST[task], FIRST[task + 1]))
        seeds = torch.zeros(len(rows), WIDTHS[-1])
        seeds[:, head_of(task)] = 2 * forward(theta, X[rows])[:, head_of(task)]
        self.anchor(theta, summed(backward(theta, rows, seeds), torch.abs) / len(rows), True)


class Lwf(Finetune):
    old, tasks = None, 0

    def penalty(self, theta, batch):
        if self.old is None:
            return 0.0
        f, f_old = forward(theta, X[batch]), forward(self.old, X[batch])
        if not CLASSES:
            return self["lambda"] * F.mse_loss(f, f_old)
        T, total = self["temperature"], 0.0
        for head in [slice(*each) for each in HEADS[:self.tasks]] if HEADS else [slice(None)]:
            total += F.kl_div((f[:, head] / T).log_softmax(1), (f_old[:, head] / T).softmax(1), reduction="batchmean")
        return self["lambda"] * T * T * total

    def finished(self, theta, task):
        self.old, self.tasks = theta, self.tasks + 1


class Remembering(Finetune):
    """An episodic memory: `memory_per_task` rows of each finished task."""

    def __init__(self, settings, index):
        super().__init__(settings, index)
        self.memories, self.places, self.clock, self.seen = [], [], 0, {}

    def see(self, batch):
        for row in batch:
            self.clock += 1
            self.seen[row] = self.clock

    def finished(self, theta, task):
        rows = list(range(FIRST[task], FIRST[task + 1]))
        if len(rows) > self["memory_per_task"]:
            if self["selection"] == "last":
                rows.sort(key=lambda row: (-self.seen.get(row, 0), row))
            else:
                self.random.shuffle(rows)
        self.memories.append(rows[:self["memory_per_task"]])
        self.places = [row for memory in self.memories for row in memory]

    def draw(self, count):
        places, every = self.places, len(self.places)
        if 0 < count < every:
            for i in range(count):
                j = i + self.random.below(every - i)
                places[i], places[j] = places[j], places[i]
        return places[:count or every]


class Replay(Remembering):
    def penalty(self, theta, batch):
        return self["weight"] * loss(theta, self.draw(self["replay_batch"])) if self.memories else 0.0


class Gem(Remembering):
    def project(self, theta, g):
        if not self.memories:
            return g
        G = torch.stack([gradient(lambda t: loss(t, memory), theta) for memory in self.memories])
        if (G @ g >= 0).all():
            return g
        return g + G.T @ self.multipliers(G @ G.T + self["epsilon"] * torch.eye(len(G)), G @ g)

    def multipliers(self, Q, q):
        """The v ≥ margin that minimises ½v·Qv + q·v, one coordinate after the other."""
        v = torch.full_like(q, self["margin"])
        for _ in range(10000):
            before = v.clone()
            for i in range(len(q)):
                if Q[i, i] > 0:
                    v[i] = max(self["margin"], float(v[i] - (Q[i] @ v + q[i]) / Q[i, i]))
            if torch.equal(v, before) or (v - before).abs().max() <= 1e-13 * v.abs().max():
                break
        return v


class Agem(Remembering):
    def project(self, theta, g):
        if not self.memories:
            return g
        rows = self.draw(self["reference_batch"])
        reference = gradient(lambda t: loss(t, rows), theta)
        return g - min(0.0, float(g @ reference / (reference @ reference))) * reference


METHODS = {"finetune": Finetune, "joint": Joint, "cumulative": Cumulative, "l2": L2, "ewc": Ewc, "si": Si,
           "mas": Mas, "lwf": Lwf, "replay": Replay, "gem": Gem, "agem": Agem}


# Training

def new_optimizer(training, theta):
    kind, decay = training["optimizer"], training["weight_decay"]
    if kind["kind"] == "adam":
        adam = torch.optim.AdamW if training["decoupled"] else torch.optim.Adam
        return adam([theta], lr=kind["learning_rate"], betas=(kind["beta1"], kind["beta2"]), eps=kind["epsilon"],
                    weight_decay=decay)
    return torch.optim.SGD([theta], lr=kind["learning_rate"], momentum=kind["momentum"],
                           weight_decay=0 if training["decoupled"] else decay)


class Batches:
    """Every row once in each pass, shuffled; with batch_size 0 all of them in order."""

    def __init__(self, rows, task):
        self.rows, self.at, self.random = list(range(*rows)), math.inf, Random(SEED, "batches", task)
        self.size = TRAINING["batch_size"]

    def next(self):
        if self.size == 0:
            return self.rows
        if self.at >= len(self.rows):
            self.at = 0
            self.random.shuffle(self.rows)
        self.at += self.size
        return self.rows[self.at - self.size:self.at]


def take_step(methods, training, optimizer, theta, batch):
    """By the first of the methods; the others, whose turn comes later, see it."""
    def shaped(method):
        def objective(t):
            return (loss(t, batch) + training["l1"] * t.abs().sum() + training["l2"] * (t**2).sum()
                    + method.penalty(t, batch))

        method.see(batch)
        return method.project(before, gradient(objective, before))

    before = theta.detach().clone()
    g = gradient(lambda t: loss(t, batch), before) if any(isinstance(method, Si) for method in methods) else None
    theta.grad = [shaped(method) for method in methods][0]
    if training["decoupled"] and training["optimizer"]["kind"] == "sgd":
        theta.mul_(1 - training["optimizer"]["learning_rate"] * training["weight_decay"])
    optimizer.step()
    for method in methods:
        method.stepped(before, theta, g)


def evaluate(theta, task):
    x, y = DATA["test"][task]
    y = y[:, 0].long() if CLASSES else y
    outputs = forward(theta, x)
    head = head_of(task)
    accuracy = (outputs[:, head].argmax(1) + (head.start or 0) == y).double().mean() if CLASSES else None
    return [loss_of(outputs, y, [task] * len(x)), *([accuracy] if CLASSES else [])]


def turns_of(learner):
    method = EXPERIMENT["methods"][learner]
    return [*method.get("before", []), method]


def train(learner):
    turns = [dict(turn) for turn in turns_of(learner)]
    settings = turns[-1]
    training = {**TRAINING, **settings.get("training", {})}
    changes = [change for change in EXPERIMENT.get("alterations", []) if change["learner"] == learner]
    methods = [METHODS[turn["kind"]](turn, learner) for turn in turns]
    theta, optimizer, done = START.clone(), None, 0
    for task, end in enumerate(ENDS):
        if optimizer is None or training["optimizer"]["reset_each_task"]:
            optimizer = new_optimizer(training, theta)
        batches = Batches(methods[0].source(task), task)
        for done in range(done, end):
            for change in changes:
                if change["step"] == done:
                    settings[change["key"]] = change["value"]
            while done >= methods[0].settings.get("until", math.inf):
                last = methods.pop(0)
                if methods[0].source(task) != last.source(task):
                    batches = Batches(methods[0].source(task), task)
            take_step(methods, training, optimizer, theta, batches.next())
        done = end
        for method in methods:
            method.finished(theta.clone(), task)
        found = [f"{float(value):.6g}" for each in range(len(TASKS)) for value in evaluate(theta, each)]
        print(*(" ".join(name.split()) for name in (NAMES[learner], TASKS[task])), *found, sep="\t", flush=True)


if __name__ == "__main__":
    columns = [f"{' '.join(name.split())}, test {what}" for name in TASKS for what in ["loss", "accuracy"][:1 + CLASSES]]
    print("method", "after task", *columns, sep="\t")
    for learner in range(len(NAMES)):
        if all(turn["kind"] in METHODS for turn in turns_of(learner)):
            train(learner)
