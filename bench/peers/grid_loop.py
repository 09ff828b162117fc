"""What a researcher writes today: a loop over prompt lengths and initialisations on a T5, training, answering, a CSV.

    grid_loop.py '{"backbone": FOLDER, "train": FILE, "test": FILE, "lengths": [1, 5], "inits": ["random"], "precision": "float32", ...}'

The examples are JSONL with a text and a label. Every trial loads the backbone, trains prompts in front of the encoder with AdamW, and answers
the test examples by the likelier first token of the label words. Prints one JSON object last: a row for every trial.
"""

import csv
import itertools
import json
import os
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers
from peft import PromptTuningConfig, PromptTuningInit, get_peft_model
from tokenizers import Tokenizer, models, pre_tokenizers

import precision

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

INITS = {
    "random": lambda c: {"prompt_tuning_init": PromptTuningInit.RANDOM},
    "vocabulary": lambda c: {"prompt_tuning_init": PromptTuningInit.SAMPLE_VOCAB},
    "class-labels": lambda c: {
        "prompt_tuning_init": PromptTuningInit.TEXT,
        "prompt_tuning_init_text": " ".join(c["words"].values()),
        "tokenizer_name_or_path": c["tokenizer"],
    },
}


def tokenizer_of(c):
    """The backbone's, of words, as transformers writes one; peft loads it from `c["tokenizer"]`."""
    with open(os.path.join(c["backbone"], "tokenizer.json")) as f:
        vocabulary = json.load(f)["model"]["vocab"]
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", padding_side="right")
    tokenizer.save_pretrained(c["tokenizer"])
    return tokenizer


def encoded(c, tokenizer, path):
    with open(path) as f:
        rows = [json.loads(line) for line in f]
    texts = tokenizer([r["text"] for r in rows], max_length=c["source"], truncation=True, padding="max_length", return_tensors="pt")
    first = [tokenizer.convert_tokens_to_ids(w) for w in c["words"].values()]
    labels = list(c["words"])
    gold = torch.tensor([labels.index(r["label"]) for r in rows])
    targets = torch.tensor([[first[g], tokenizer.eos_token_id] for g in gold])
    return {"ids": texts["input_ids"], "mask": texts["attention_mask"], "targets": targets, "gold": gold, "first": first}


def trial(c, train, test, length, init):
    torch.manual_seed(0)
    model = precision.kept(c, transformers.T5ForConditionalGeneration.from_pretrained(c["backbone"]))
    config = PromptTuningConfig(task_type="SEQ_2_SEQ_LM", num_virtual_tokens=length, num_transformer_submodules=1, **INITS[init](c))
    model = precision.trained(get_peft_model(model, config))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=c["rate"], weight_decay=1e-5)
    model.train()
    for _ in range(c["steps"]):
        pick = torch.randint(0, len(train["gold"]), (c["batch"],))
        with precision.computing(c):
            loss = model(input_ids=train["ids"][pick], attention_mask=train["mask"][pick], labels=train["targets"][pick]).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    model.eval()
    right = 0
    with torch.no_grad(), precision.computing(c):
        for rows in torch.arange(len(test["gold"])).split(16):
            start = torch.zeros((len(rows), 1), dtype=torch.long)
            logits = model(input_ids=test["ids"][rows], attention_mask=test["mask"][rows], decoder_input_ids=start).logits
            right += int((logits[:, 0, test["first"]].argmax(-1) == test["gold"][rows]).sum())
    return {"length": length, "init": init, "loss": loss.item(), "accuracy": right / len(test["gold"])}


def main():
    c = json.loads(sys.argv[1])
    torch.set_num_threads(os.cpu_count())
    rows = []
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "grid.csv"), "w", newline="") as f:
        c["tokenizer"] = os.path.join(folder, "tokenizer")
        tokenizer = tokenizer_of(c)
        train, test = (encoded(c, tokenizer, c[name]) for name in ("train", "test"))
        writer = csv.DictWriter(f, ["length", "init", "loss", "accuracy"])
        writer.writeheader()
        for length, init in itertools.product(c["lengths"], c["inits"]):
            rows.append(trial(c, train, test, length, init))
            writer.writerow(rows[-1])
            f.flush()
            print(rows[-1], file=sys.stderr, flush=True)
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
