"""One training step of transformers + peft: forward, backward, AdamW, zero_grad. fp32, dropout 0, one fixed batch of random ids.

The backbone is random, made from a config, so nothing is downloaded. Prints one JSON object: the milliseconds of each step.

    hf_step.py '{"family":"t5","method":"prompt-tuning", ...}' STEPS THREADS
"""

import json
import os
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import peft
import torch
import transformers

import precision

transformers.logging.set_verbosity_error()


def build(c):
    """(model, peft task type) of a shape; both families without dropout."""
    if c["family"] == "t5":
        config = transformers.T5Config(
            vocab_size=c["vocabulary"], d_model=c["dModel"], d_kv=c["dKv"], d_ff=c["dFf"], num_layers=c["layers"],
            num_decoder_layers=c["layers"], num_heads=c["heads"], feed_forward_proj="gated-gelu", tie_word_embeddings=False,
            dropout_rate=0.0, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0)
        model = transformers.T5ForConditionalGeneration(config)
        # transformers 5 ties lm_head whatever the config says; T5 v1.1 has its own
        model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight) * 0.05)
        return model, "SEQ_2_SEQ_LM"
    config = transformers.BertConfig(
        vocab_size=c["vocabulary"], hidden_size=c["dModel"], num_hidden_layers=c["layers"], num_attention_heads=c["heads"],
        intermediate_size=c["dFf"], max_position_embeddings=512, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        num_labels=c["classes"])
    return transformers.BertForSequenceClassification(config), "SEQ_CLS"


def adapt(c, model, task):
    if c["method"] == "full":
        return model
    extra = {"num_transformer_submodules": 1} if task == "SEQ_2_SEQ_LM" else {}
    return peft.get_peft_model(model, peft.PromptTuningConfig(task_type=task, num_virtual_tokens=c["promptLength"], **extra))


def main():
    c, steps, threads = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model, task = build(c)
    model = precision.trained(adapt(c, precision.kept(c, model), task))
    model.train()
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=1e-3, weight_decay=0.0)
    ids = torch.randint(2, c["vocabulary"], (c["batch"], c["source"]))
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if task == "SEQ_2_SEQ_LM":
        batch["labels"] = torch.randint(2, c["vocabulary"], (c["batch"], c["target"]))
    else:
        batch["labels"] = torch.randint(0, c["classes"], (c["batch"],))
    times = []
    for _ in range(steps + 3):
        start = time.perf_counter()
        with precision.computing(c):
            loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        times.append((time.perf_counter() - start) * 1e3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    name = f"transformers {transformers.__version__} + peft {peft.__version__} on torch {torch.__version__}"
    print(json.dumps({"peer": name, "ms": times[3:], "trainable": sum(p.numel() for p in trainable), "peakBytes": peak}))


if __name__ == "__main__":
    main()
