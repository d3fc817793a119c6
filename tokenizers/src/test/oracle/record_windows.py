"""Records what tokenizers 0.23.2 makes of texts and pairs under random templates, truncation and padding.

Each text is one word, as the library encodes no further words of a text than its truncation needs.
"""
import json
import random
import sys

from tokenizers import Tokenizer

R = random.Random(20)
LETTERS = "abcdefgh"
VOCAB = ["<unk>", "<s>", "</s>", "<pad>", "Ġ", *LETTERS, "ab", "cd", "abcd", "Ġa"]
MERGES = [["a", "b"], ["c", "d"], ["ab", "cd"], ["Ġ", "a"]]
SPECIAL = {x: {"id": x, "ids": [i], "tokens": [x]} for x, i in (("<s>", 1), ("</s>", 2))}


def special(name):
    return {"SpecialToken": {"id": name, "type_id": R.randint(0, 2)}}


def text(name):
    return {"Sequence": {"id": name, "type_id": R.randint(0, 2)}}


def template():
    single = R.choice([[special("<s>"), text("A"), special("</s>")], [text("A"), special("</s>")], [text("A")]])
    pair = R.choice([
        [special("<s>"), text("A"), special("</s>"), text("B"), special("</s>")],
        [text("A"), text("B")],
        [text("B"), special("</s>"), text("A")],
    ])
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": SPECIAL}


def processor(depth=0):
    ends = {"sep": ["</s>", 2], "cls": ["<s>", 1]}
    flags = {"trim_offsets": R.random() < 0.5, "add_prefix_space": R.random() < 0.5}
    kind = R.choice("TTRBLS" if depth == 0 else "TRBL")
    if kind == "T":
        return template()
    if kind == "R":
        return {"type": "RobertaProcessing", **ends, **flags}
    if kind == "B":
        return {"type": "BertProcessing", **ends}
    if kind == "L":
        return {"type": "ByteLevel", **flags, "use_regex": True}
    return {"type": "Sequence", "processors": [processor(1) for _ in range(R.randint(1, 3))]}


def tokenizer():
    truncation = {
        "direction": R.choice(["Left", "Right"]),
        "max_length": R.randint(4, 12),
        "strategy": R.choice(["LongestFirst", "LongestFirst", "OnlyFirst", "OnlySecond"]),
        "stride": R.choice([0, 0, 1, 2]),
    }
    padding = {
        "strategy": R.choice(["BatchLongest", {"Fixed": R.randint(12, 16)}]),
        "direction": R.choice(["Left", "Right"]),
        "pad_to_multiple_of": R.choice([None, 4]),
        "pad_id": 3,
        "pad_type_id": R.randint(0, 3),
        "pad_token": "<pad>",
    }
    added = [
        {"id": i, "content": VOCAB[i], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": True}
        for i in range(4)
    ]
    return {
        "version": "1.0",
        "truncation": truncation,
        "padding": padding,
        "added_tokens": added,
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "Ġ"},
        "pre_tokenizer": None,
        "post_processor": R.choice([None, processor(), processor(), processor()]),
        "decoder": None,
        "model": {"type": "BPE", "unk_token": "<unk>", "vocab": {t: i for i, t in enumerate(VOCAB)}, "merges": MERGES},
    }


def row(encoding):
    offsets = [place for pair in encoding.offsets for place in pair]
    return [encoding.ids, encoding.type_ids, encoding.attention_mask, offsets]


def some():
    return "".join(R.choice(LETTERS + " a a") for _ in range(R.randint(0, 10)))


cases = []
while len(cases) < 100:
    description = tokenizer()
    texts = [some() for _ in range(2)]
    pairs = [[some(), some()] for _ in range(2)]
    case = {"json": json.dumps(description, ensure_ascii=False), "texts": texts, "pairs": pairs}
    hf = Tokenizer.from_str(case["json"])
    if hf.num_special_tokens_to_add(True) > description["truncation"]["max_length"]:
        continue  # There the library's room for the text wraps around to a huge number.
    for name, given in (("rows", texts), ("pairRows", [tuple(p) for p in pairs])):
        try:
            case[name] = [[row(e), *(row(o) for o in e.overflowing)] for e in hf.encode_batch(given)]
        except BaseException:  # noqa: B902 - a panic of the library is none of Exception
            case[name] = None
    cases.append(case)
json.dump(cases, open(sys.argv[1], "w"), ensure_ascii=False, separators=(",", ":"))
print(len(cases), sum(c["rows"] is None for c in cases), sum(c["pairRows"] is None for c in cases))
