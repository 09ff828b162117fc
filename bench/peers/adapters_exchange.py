"""Adapters between peft and peftgrid: what those of others answer under peft, and adapters made by peft with what they answer.

    python adapters_exchange.py EXCHANGE.json

EXCHANGE.json has the texts (ids, mask, decoderIds) and the rows: the model's folder, the folder of our adapter or null, and how peft's is made
(config class, arguments, folder) or null. Prints one JSON object a row: "ours" and "theirs" are null, {"refused": peft's words} or
{"outputs": flat values, "effect": the largest difference from the model without an adapter}.
"""

import json
import os
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import peft
import torch
import transformers

transformers.logging.set_verbosity_error()

KINDS = {
    "encoder": ("AutoModel", "FEATURE_EXTRACTION"),
    "decoder": ("AutoModelForCausalLM", "CAUSAL_LM"),
    "encoder-decoder": ("AutoModelForSeq2SeqLM", "SEQ_2_SEQ_LM"),
}


def backbone(row):
    return getattr(transformers, KINDS[row["kind"]][0]).from_pretrained(row["model"]).eval()


def outputs(row, texts, model):
    """Logits, or an encoder's final states, where there is text; all of an encoder-decoder's."""
    ids, mask, decoder_ids = (torch.tensor(texts[key]) for key in ("ids", "mask", "decoderIds"))
    both = row["kind"] == "encoder-decoder"
    with torch.no_grad():
        out = model(input_ids=ids, attention_mask=mask, **({"decoder_input_ids": decoder_ids} if both else {}))
    x = out.last_hidden_state if row["kind"] == "encoder" else out.logits
    return x.flatten() if both else x[:, -ids.shape[1]:][mask.bool()].flatten()


def answer(row, texts, adapted):
    """What the model answers that `adapted` makes, or why peft makes none."""
    try:
        values = outputs(row, texts, adapted())
    except Exception as e:  # whatever peft or transformers throw is what a user would read
        return {"refused": words(e)}
    plain = outputs(row, texts, backbone(row))
    if values.shape != plain.shape:
        return {"refused": f"peft gives {values.numel()} values, the model alone {plain.numel()}"}
    return {"outputs": values.tolist(), "effect": (values - plain).abs().max().item()}


def words(error):
    """An exception's first two lines: PyTorch names every tensor in a line of its own."""
    lines = [" ".join(line.split()) for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2]) or type(error).__name__


def made(row, maker):
    """A model under an adapter with every trained value moved at random, which is then in the maker's folder."""
    torch.manual_seed(7)
    config = getattr(peft, maker["config"])(task_type=KINDS[row["kind"]][1], **maker["args"])
    model = peft.get_peft_model(backbone(row), config)
    trained = [p for p in model.parameters() if p.requires_grad]
    for p in trained:
        p.data += 0.3 * torch.randn_like(p)
    for step in range(1, config.total_step + 1) if maker.get("allocate") else ():
        for p in trained:
            p.grad = torch.randn_like(p)
        model.base_model.update_and_allocate(step)
    model.eval()
    model.save_pretrained(maker["folder"])
    return model


def exchanged(row, texts):
    ours, theirs = row["ours"], row["theirs"]
    load = lambda: peft.PeftModel.from_pretrained(backbone(row), ours).eval()
    return {
        "ours": ours and answer(row, texts, load),
        "theirs": theirs and answer(row, texts, lambda: made(row, theirs)),
    }


def main():
    exchange = json.loads(Path(sys.argv[1]).read_text())
    torch.set_num_threads(1)
    rows = [exchanged(row, exchange["texts"]) for row in exchange["rows"]]
    print(json.dumps({"peer": f"transformers {transformers.__version__} + peft {peft.__version__}", "rows": rows}))


main()
