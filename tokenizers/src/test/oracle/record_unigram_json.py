"""Records what Hugging Face's tokenizers 0.23.2 makes of random texts with unigram models.

    python record_unigram_json.py GOLDEN_FOLDER OUT.json SEED TEXTS_PER_CASE

Like record_tokenizer_json.py; the pieces are the first ones of a golden SentencePiece vocabulary.
"""
import json, random, sys
from tokenizers import Tokenizer

folder, out, seed, per_case = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
golden = folder + "/x"
rnd = random.Random(seed)
vocab = []
for line in open(folder + "/unigram-3000-t5ids.vocab", encoding="utf-8", newline="\n"):
    piece, score = line.rstrip("\n").split("\t")
    if len(vocab) < 700:
        vocab.append([piece, float(score)])


def token(i, content, **flags):
    t = {"id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": True}
    t.update(flags)
    return t


N = len(vocab)
ADDED = [token(0, "<pad>"), token(1, "</s>"), token(2, "<unk>")]
MANY = ADDED + [token(N, "<extra_id_1>", lstrip=True, rstrip=True), token(N + 1, "<extra_id_0>"),
                token(N + 2, "there", normalized=True, special=False)]
TEMPLATE = {"type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}}


def metaspace(scheme="always", split=True):
    return {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": split}


def replace(content="\u2581"):
    return {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": content}


def normalizers(*steps):
    return {"type": "Sequence", "normalizers": list(steps)}


STRIP = {"type": "Strip", "strip_left": False, "strip_right": True}
base = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": ADDED,
        "normalizer": normalizers(STRIP, replace()), "pre_tokenizer": metaspace(), "post_processor": TEMPLATE,
        "decoder": metaspace(), "model": {"type": "Unigram", "unk_id": 2, "vocab": vocab, "byte_fallback": False}}
BYTES = [["<0x%02X>" % b, -12.0] for b in range(256)]
cases = {
    "t5": {},
    "t5 with added tokens": {"added_tokens": MANY},
    "older files": {"normalizer": normalizers(replace(" ")), "added_tokens": MANY,
                    "pre_tokenizer": {"type": "Sequence",
                                      "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace()]}},
    "first": {"pre_tokenizer": metaspace("first"), "added_tokens": MANY, "normalizer": None},
    "never": {"pre_tokenizer": metaspace("never"), "decoder": metaspace("never"), "normalizer": None},
    "not split": {"pre_tokenizer": metaspace("always", False), "normalizer": None},
    "older spelling": {"pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True},
                       "decoder": {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True}},
    "nfkc, stripped on both sides": {"normalizer": normalizers({"type": "Strip", "strip_left": True, "strip_right": True},
                                                         {"type": "NFKC"}, {"type": "Replace", "pattern": {"String": "a"},
                                                                            "content": "bb"})},
    "bytes": {"vocab": vocab + BYTES, "model": {"byte_fallback": True}},
    "no decoder": {"decoder": None},
}

TEXTS = json.load(open(golden.rsplit("/", 1)[0] + "/texts.json"))
PARTS = (["<pad>", "</s>", "<unk>", "<extra_id_0>", "<extra_id_1>", "<extra_id_10>", "word", "words", "<l>", "<r>", "<lr>", "the",
          "there", "their", " x", "  x", "é", "e\u0301", "ǖ", "u\u0308\u0304", "ü\u0304", "<|é|>", "<|e\u0301|>", "\n\n", "\n", "\r\n", "\t", " ", "  ", "   ",
          "a", "aa", "..", "...", "'s", "'S", "'\u017f", "'ll", "'LL", "'x", "1", "12", "1234", "½", "Ⅷ", "٣", "_", "-", "/", "//\n",
          "\u00a0", "\u3000", "\u2028", "\u0085", "\x1c", "\x00", "\u200d", "\ufeff", "日本", "ß", "Ǆ", "ʰ", "\u0301", "\u20dd", "ﬁ",
          "😀", "𝒷", "𠀀", "각", "ᄀ", "ᅡ", "ᆨ", "한", "\ufffd", "\U000e0001", "Hello", "hello", "HELLO", "camelCase", "XMLHttp", "<", ">",
          "Å", "\u212b", "ø", "ﷺ", "①", "ｶ", "ﾞ"])


def random_text():
    kind = rnd.random()
    if kind < 0.25:
        t = rnd.choice(TEXTS)
        i = rnd.randrange(len(t) + 1)
        return t[:i] + rnd.choice(PARTS) + t[i:]
    if kind < 0.9:
        return "".join(rnd.choice(PARTS) for _ in range(rnd.randrange(0, 14)))
    while True:
        t = "".join(chr(rnd.choice([rnd.randrange(0x80), rnd.randrange(0x3000), rnd.randrange(0x11000),
                                    rnd.randrange(0x20000)])) for _ in range(rnd.randrange(1, 12)))
        if not any(0xD800 <= ord(c) < 0xE000 for c in t):
            return t


recorded = []
for name, case in cases.items():
    doc = json.loads(json.dumps(base))
    for key in ("added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"):
        if key in case:
            doc[key] = case[key]
    doc["model"].update(case.get("model", {}))
    for key in ("vocab", "merges"):
        if key in case:
            doc["model"][key] = case[key]
    tok = Tokenizer.from_str(json.dumps(doc))
    rows = []
    for _ in range(per_case):
        text = random_text()
        e, plain = tok.encode(text), tok.encode(text, add_special_tokens=False)
        row = {"text": text, "ids": e.ids, "offsets": [x for o in e.offsets for x in o]}
        if plain.ids != e.ids:
            row["plain"] = plain.ids
        row["decoded"] = tok.decode(e.ids, skip_special_tokens=False)
        skipped = tok.decode(e.ids, skip_special_tokens=True)
        if skipped != row["decoded"]:
            row["skipped"] = skipped
        ids = [rnd.randrange(tok.get_vocab_size() + 5) for _ in range(rnd.randrange(8))]
        row["random"] = [ids, tok.decode(ids, skip_special_tokens=False)]
        rows.append(row)
    recorded.append({"name": name, "components": {k: v for k, v in case.items()}, "rows": rows})

json.dump({"base": base, "cases": recorded}, open(out, "w"), ensure_ascii=True, separators=(",", ":"))
