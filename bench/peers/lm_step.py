"""One training step of a pre-LayerNorm decoder LM in PyTorch: forward, backward, Adam. fp32, no dropout, one fixed batch.

Prints one JSON object: the milliseconds of each step. The shape is bench/language-model.ts's, attention is PyTorch's own
scaled_dot_product_attention.

    lm_step.py '{"vocabulary":4096,"dModel":256,"heads":4,"layers":4,"dFf":1024,"length":128,"batch":8}' STEPS THREADS
"""

import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

import precision


class Block(nn.Module):
    def __init__(self, d, heads, d_ff):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(d, d) for _ in range(4))
        self.up, self.down = nn.Linear(d, d_ff), nn.Linear(d_ff, d)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)

    def forward(self, x):
        b, t, d = x.shape
        h = self.norm1(x)
        q, k, v = (m(h).view(b, t, self.heads, -1).transpose(1, 2) for m in (self.query, self.key, self.value))
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(a.transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class LanguageModel(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed = nn.Embedding(c["vocabulary"], c["dModel"])
        self.position = nn.Parameter(torch.randn(c["length"], c["dModel"]) * 0.05)
        self.blocks = nn.ModuleList(Block(c["dModel"], c["heads"], c["dFf"]) for _ in range(c["layers"]))
        self.norm = nn.LayerNorm(c["dModel"])

    def forward(self, ids):
        x = self.embed(ids) + self.position
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.embed.weight.t()


def main():
    shape, steps, threads = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = LanguageModel(shape)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    n = torch.arange(shape["batch"] * shape["length"])
    rows = (shape["batch"], shape["length"])
    ids, labels = (n * 37 + 11).remainder(shape["vocabulary"]).view(rows), (n * 53 + 5).remainder(shape["vocabulary"])
    times = []
    for _ in range(steps + 3):
        start = time.perf_counter()
        with precision.computing(shape):
            loss = F.cross_entropy(model(ids).view(-1, shape["vocabulary"]), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        times.append((time.perf_counter() - start) * 1e3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peer": f"torch {torch.__version__}", "ms": times[3:], "peakBytes": peak}))


if __name__ == "__main__":
    main()
