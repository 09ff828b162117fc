"""One training step of a PEFT method in transformers + peft: forward, backward, AdamW, zero_grad. fp32, dropout 0, one fixed batch.

The backbone is random, made from a config, so nothing is downloaded. Prints one JSON object last: the milliseconds of each step, or
{"unsupported": why} where this transformers / peft pair can't train the method on the family.

    methods_step.py '{"family":"t5","method":"lora","rank":8, ...}' STEPS THREADS     # shape and knobs: bench/method-shapes.ts
    methods_step.py '[{"family":"t5","method":"lora","rank":8, ...}, ...]' count       # trainable parameters only, one object a row

What is held against what:
- Encoder-decoders learn to write `target` tokens; both sides compute the logits of those only.
- Decoders learn the last `target` tokens of the text, and are asked for those logits only (logits_to_keep). Without that, transformers
  computes the logits of every position, which most of them are not trained on: it is the kinder choice for this side.
- Encoders are transformers' sequence classifiers, whose classifier is trained too, as peft has it. `trainable` leaves it out, and
  BERT's pooler with it, unless the method is the head itself.
- The head is a linear map on the pooled states of transformers' bare encoder or decoder, from which no gradient is asked.
"""

import json
import os
import re
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import peft
import torch
import transformers
from torch.nn import functional as F

import precision

transformers.logging.set_verbosity_error()

TASKS = {"t5": "SEQ_2_SEQ_LM", "bart": "SEQ_2_SEQ_LM", "gpt2": "CAUSAL_LM", "llama": "CAUSAL_LM", "bert": "SEQ_CLS"}

# Modules by their ends: queries and values; keys, values and what reads the feed-forward's activations; the latter alone.
LOW_RANK = {"t5": r"q|v", "gpt2": r"c_attn", "bert": r"query|value", "llama": r"q_proj|v_proj", "bart": r"q_proj|v_proj"}
IA3 = {"t5": r"k|v", "gpt2": r"c_attn", "bert": r"key|value", "llama": r"k_proj|v_proj", "bart": r"k_proj|v_proj"}
FED = {"t5": r"DenseReluDense\.wo", "gpt2": r"mlp\.c_proj", "bert": r"layer\.\d+\.output\.dense", "llama": r"down_proj", "bart": r"fc2"}


class Unsupported(Exception):
    pass


def config_of(c):
    if c["family"] == "t5":
        return transformers.T5Config(
            vocab_size=c["vocabulary"], d_model=c["dModel"], d_kv=c["dHead"], d_ff=c["dFf"], num_layers=c["layers"],
            num_decoder_layers=c["layers"], num_heads=c["heads"], feed_forward_proj="gated-gelu", tie_word_embeddings=False,
            dropout_rate=0.0, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0)
    if c["family"] == "bart":
        return transformers.BartConfig(
            vocab_size=c["vocabulary"], d_model=c["dModel"], encoder_layers=c["layers"], decoder_layers=c["layers"],
            encoder_attention_heads=c["heads"], decoder_attention_heads=c["heads"], encoder_ffn_dim=c["dFf"],
            decoder_ffn_dim=c["dFf"], max_position_embeddings=c["positions"], dropout=0.0, attention_dropout=0.0,
            activation_dropout=0.0, bos_token_id=0, pad_token_id=0, eos_token_id=1, decoder_start_token_id=1,
            forced_eos_token_id=1)
    if c["family"] == "gpt2":
        return transformers.GPT2Config(
            vocab_size=c["vocabulary"], n_embd=c["dModel"], n_layer=c["layers"], n_head=c["heads"], n_inner=c["dFf"],
            n_positions=c["positions"], resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=1,
            pad_token_id=0)
    if c["family"] == "llama":
        return transformers.LlamaConfig(
            vocab_size=c["vocabulary"], hidden_size=c["dModel"], intermediate_size=c["dFf"], num_hidden_layers=c["layers"],
            num_attention_heads=c["heads"], num_key_value_heads=c["keyValueHeads"], max_position_embeddings=c["positions"],
            tie_word_embeddings=True, attention_dropout=0.0, bos_token_id=0, eos_token_id=1, pad_token_id=0)
    return transformers.BertConfig(
        vocab_size=c["vocabulary"], hidden_size=c["dModel"], num_hidden_layers=c["layers"], num_attention_heads=c["heads"],
        intermediate_size=c["dFf"], max_position_embeddings=c["positions"], hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, num_labels=c["classes"])


def backbone(c):
    kinds = {"t5": "T5ForConditionalGeneration", "bart": "BartForConditionalGeneration", "gpt2": "GPT2LMHeadModel",
             "llama": "LlamaForCausalLM", "bert": "BertForSequenceClassification"}
    model = getattr(transformers, kinds[c["family"]])(config_of(c))
    if c["family"] == "t5":  # transformers 5 ties lm_head whatever the config says; T5 v1.1 has its own
        model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight) * 0.05)
    return model


class Head(torch.nn.Module):
    """A linear classifier on pooled states: their mean, or the last one's of a decoder."""

    def __init__(self, c):
        super().__init__()
        bare = {"t5": "T5EncoderModel", "bart": "BartModel", "gpt2": "GPT2Model", "llama": "LlamaModel", "bert": "BertModel"}
        extra = {"add_pooling_layer": False} if c["family"] == "bert" else {}
        model = getattr(transformers, bare[c["family"]])(config_of(c), **extra)
        self.body = (model.get_encoder() if c["family"] == "bart" else model).requires_grad_(False)
        self.last = TASKS[c["family"]] == "CAUSAL_LM"
        self.classifier = torch.nn.Linear(c["dModel"], c["classes"])

    def forward(self, input_ids, attention_mask):
        states = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.classifier(states[:, -1] if self.last else states.mean(1))


def modules_ending(model, pattern):
    found = [name for name, _ in model.named_modules() if re.search(rf"(^|\.)({pattern})$", name)]
    if not found:
        raise Unsupported(f"no module ends with {pattern}")
    return found


def adapt(c, model):
    """The model with the method on it. Throws Unsupported where neither library has it."""
    method, family, task = c["method"], c["family"], TASKS[c["family"]]
    one = {"num_transformer_submodules": 1} if task == "SEQ_2_SEQ_LM" else {}
    low = {"task_type": task, "lora_dropout": 0.0, "fan_in_fan_out": family == "gpt2"}
    if method == "full":
        return model
    if method == "bitfit":
        for name, p in model.named_parameters():
            p.requires_grad_(name.endswith(".bias") or name.startswith("classifier."))
        return model
    if method == "prompt":
        config = peft.PromptTuningConfig(task_type=task, num_virtual_tokens=c["length"], **one)
    elif method == "p-tuning":
        config = peft.PromptEncoderConfig(
            task_type=task, num_virtual_tokens=c["length"], encoder_reparameterization_type="MLP",
            encoder_hidden_size=c["dModel"], **one)
    elif method == "prefix":  # T5's heads are not as wide as its states together
        wide = {"token_dim": c["heads"] * c["dHead"], "num_attention_heads": c["heads"]} if family == "t5" else {}
        config = peft.PrefixTuningConfig(task_type=task, num_virtual_tokens=c["length"], **wide)
    elif method in ("lora", "dora"):
        config = peft.LoraConfig(
            r=c["rank"], lora_alpha=16, use_dora=method == "dora", target_modules=modules_ending(model, LOW_RANK[family]), **low)
    elif method == "adalora":
        config = peft.AdaLoraConfig(
            init_r=c["startRank"], target_r=c["rank"], lora_alpha=16, tinit=0, tfinal=0, deltaT=1, total_step=1000,
            orth_reg_weight=0.1, target_modules=modules_ending(model, LOW_RANK[family]), **low)
    elif method == "ia3":
        fed = modules_ending(model, FED[family])
        config = peft.IA3Config(
            task_type=task, target_modules=modules_ending(model, IA3[family]) + fed, feedforward_modules=fed,
            fan_in_fan_out=family == "gpt2")
    else:
        raise Unsupported(f"peft has no {method}")
    return peft.get_peft_model(model, config)


def losses(c, model):
    """A function that computes the loss of a fixed batch of random ids."""
    task = TASKS[c["family"]]
    ids = torch.randint(2, c["vocabulary"], (c["batch"], c["source"]))
    text = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if c["method"] == "head":
        classes = torch.randint(0, c["classes"], (c["batch"],))
        return lambda: F.cross_entropy(model(**text), classes)
    if task == "SEQ_CLS":
        classes = torch.randint(0, c["classes"], (c["batch"],))
        return lambda: model(**text, labels=classes).loss
    answer = torch.randint(2, c["vocabulary"], (c["batch"], c["target"]))
    if task == "SEQ_2_SEQ_LM":
        return lambda: model(**text, labels=answer).loss
    ids = torch.cat([ids, answer], 1)[:, :-1]  # the last token is only written, never read
    text = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    # Given shift_labels, transformers takes them as they are, and does not shift labels by one.
    return lambda: model(**text, labels=answer, shift_labels=answer, logits_to_keep=c["target"]).loss


def counted(c, model):
    """Parameters that the method trains; a classifier on top and BERT's pooler are a matter of the task."""
    of_task = re.compile(r"(^|\.)(classifier|pooler)\.")
    own = [p for name, p in model.named_parameters() if p.requires_grad and (c["method"] == "head" or not of_task.search(name))]
    return sum(p.numel() for p in own)


def timed(c, model, steps):
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=1e-3, weight_decay=0.0)
    loss_of = losses(c, model)
    times = []
    for step in range(steps + 3):
        start = time.perf_counter()
        with precision.computing(c):
            loss = loss_of()
        loss.backward()
        if step == 0 and not any(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in trainable):
            raise Unsupported("no trained tensor gets a gradient: this transformers / peft pair ignores the method here")
        optimizer.step()
        if c["method"] == "adalora":
            model.base_model.update_and_allocate(step + 1)
        optimizer.zero_grad(set_to_none=True)
        times.append((time.perf_counter() - start) * 1e3)
    return times[3:]


def report_of(c, steps):
    try:
        model = precision.kept(c, Head(c)) if c["method"] == "head" else adapt(c, precision.kept(c, backbone(c)))
        model = precision.trained(model)
        model.train()
        report = {"trainable": counted(c, model)}
        return report if steps is None else {**report, "ms": timed(c, model, steps)}
    except Unsupported as e:
        return {"unsupported": str(e)}


def main():
    spec = json.loads(sys.argv[1])
    if sys.argv[2] == "count":
        with torch.device("meta"):  # shapes without numbers
            print(json.dumps([report_of(c, None) for c in spec]))
        return
    torch.manual_seed(0)
    torch.set_num_threads(int(sys.argv[3]))
    report = report_of(spec, int(sys.argv[2]))
    report["peer"] = f"transformers {transformers.__version__} + peft {peft.__version__} on torch {torch.__version__}"
    report["peakBytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(report))


if __name__ == "__main__":
    main()
