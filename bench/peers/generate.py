"""Texts written by transformers' generate on the weights of a folder, in float32, under autocast or with weights in bfloat16. Prints one JSON object last: the seconds of each repeat
after the first, and what was written, without start, prompt and end.

    generate.py '{"folder": ..., "prompts": [[...]], "beams": 4, "tokens": 32, "repeats": 3, "threads": 2, "precision": "float32"}'    # bench/generate-run.ts
"""

import contextlib
import json
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def main():
    asked = json.loads(sys.argv[1])
    torch.set_num_threads(asked["threads"])
    config = transformers.AutoConfig.from_pretrained(asked["folder"])
    kind = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
    weights = torch.bfloat16 if asked["precision"] == "bfloat16" else torch.float32
    model = kind.from_pretrained(asked["folder"], dtype=weights).eval()
    ids = torch.tensor(asked["prompts"])
    more = {"length_penalty": 1.0, "early_stopping": False} if asked["beams"] > 1 else {}
    options = {"max_new_tokens": asked["tokens"], "num_beams": asked["beams"], "do_sample": False, "pad_token_id": 0, **more}
    times, end = [], config.eos_token_id
    narrow = asked["precision"] == "autocast"
    computing = torch.autocast("cpu", dtype=torch.bfloat16) if narrow else contextlib.nullcontext()
    with torch.inference_mode(), computing:
        for _ in range(asked["repeats"] + 1):
            start = time.perf_counter()
            rows = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), **options)
            times.append(time.perf_counter() - start)
    skip = 1 if config.is_encoder_decoder else ids.shape[1]
    texts = [row[skip:].tolist() for row in rows]
    texts = [text[: text.index(end)] if end in text else text for text in texts]
    print(json.dumps({"first": times[0], "seconds": times[1:], "ids": texts}))


if __name__ == "__main__":
    main()
