"""In which precision a peer's step is computed: float32; autocast (float32 weights, products in bfloat16); or bfloat16, where the frozen
weights are kept so, under autocast too. What is trained stays float32, as peft has it, unless the whole model is trained."""

import torch


def kept(c, model):
    """The model before a method is put on it."""
    return model.to(torch.bfloat16) if precision_of(c) == "bfloat16" and c.get("method") != "full" else model


def trained(model):
    """Trained parameters back in float32: a method may take its type from the weights."""
    for p in model.parameters():
        if p.requires_grad:
            p.data = p.data.float()
    return model


def computing(c):
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision_of(c) != "float32")


def precision_of(c):
    return c.get("precision", "float32")
