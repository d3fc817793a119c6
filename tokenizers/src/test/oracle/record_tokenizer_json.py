"""Records what Hugging Face's tokenizers 0.23.2 makes of random texts under many tokenizer.json files.

    python record_tokenizer_json.py GOLDEN_TOKENIZER_JSON OUT.json SEED TEXTS_PER_CASE

The output holds one small model and, per case, the components that differ from it, texts, ids, offsets and
decoded texts; TokenizerJsonOracleTest reads it.
"""
import json, random, sys
from tokenizers import Tokenizer

golden, out, seed, per_case = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
rnd = random.Random(seed)
base = json.load(open(golden))
KEEP = 500
vocab = dict(list(base["model"]["vocab"].items())[:KEEP])
base["model"]["vocab"] = vocab
base["model"]["merges"] = [m for m in base["model"]["merges"] if "".join(m) in vocab][:KEEP]

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
GPT4 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PUNCT = r" ?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CL100K = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_level(prefix=False, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def sequence(*steps):
    return {"type": "Sequence", "pretokenizers": list(steps)}


def token(i, content, **flags):
    t = {"id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": True}
    t.update(flags)
    return t


ADDED = base["added_tokens"]
N = len(vocab)
MANY = ADDED + [
    token(N, "<extra_id_1>"), token(N + 1, "<extra_id_0>"),
    token(N + 2, "word", single_word=True, special=False),
    token(N + 3, "<l>", lstrip=True), token(N + 4, "<r>", rstrip=True),
    token(N + 5, "<lr>", lstrip=True, rstrip=True, normalized=True, special=False),
    token(N + 6, "the", normalized=True, special=False),
    token(N + 7, "there", normalized=True, special=False),
    token(N + 8, " x", special=False), token(N + 9, "  x", special=False),
    token(N + 10, "ǖ", normalized=True, special=False, single_word=True),
    token(N + 11, "<|é|>", special=True), token(N + 12, "\n\n", special=False),
]
ROBERTA = {"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<pad>", 0], "trim_offsets": True,
           "add_prefix_space": True}
BYTES = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
small = {k: v for k, v in vocab.items() if k not in ("a", "Ġ", "Ã", "©")}
small_merges = [m for m in base["model"]["merges"] if all(p in small for p in (m[0], m[1], m[0] + m[1]))]
small = {k: i for i, k in enumerate(small)}

cases = {
    "gpt2": {},
    "gpt2 with a prefix space": {"pre_tokenizer": byte_level(True)},
    "roberta": {"pre_tokenizer": byte_level(True), "post_processor": ROBERTA, "added_tokens": MANY},
    "roberta without prefix": {"pre_tokenizer": byte_level(False), "added_tokens": MANY,
                               "post_processor": dict(ROBERTA, add_prefix_space=False)},
    "offsets trimmed": {"post_processor": BYTES},
    "offsets trimmed, no prefix": {"post_processor": dict(BYTES, add_prefix_space=False), "added_tokens": MANY},
    "offsets kept": {"post_processor": dict(BYTES, trim_offsets=False), "pre_tokenizer": byte_level(True, False)},
    "trim then template": {"post_processor": {"type": "Sequence", "processors": [dict(BYTES, add_prefix_space=False),
                                                                                   base["post_processor"]]}},
    "no post-processor": {"post_processor": None, "added_tokens": MANY},
    "no decoder": {"decoder": None, "added_tokens": MANY},
    "gpt4": {"pre_tokenizer": sequence(split(GPT4), byte_level(False, False)), "added_tokens": MANY},
    "punct": {"pre_tokenizer": sequence(split(PUNCT), byte_level(False, False))},
    "cl100k": {"pre_tokenizer": sequence(split(CL100K), byte_level(False, False))},
    "o200k": {"pre_tokenizer": sequence(split(O200K), byte_level(False, False))},
    "removed and inverted": {"pre_tokenizer": sequence(split(GPT4, "Removed", True), byte_level(False, False))},
    "removed": {"pre_tokenizer": sequence(split(r"\s+", "Removed"), byte_level(False, False))},
    "with previous": {"pre_tokenizer": sequence(split(r"\s", "MergedWithPrevious"), byte_level(False, False))},
    "with next": {"pre_tokenizer": sequence(split(r"\s", "MergedWithNext"), byte_level(False, False))},
    "together": {"pre_tokenizer": sequence(split(r"\s", "Contiguous"), byte_level(False, False))},
    "inverted, with next": {"pre_tokenizer": sequence(split(r"\p{L}+", "MergedWithNext", True), byte_level(False, False))},
    "inverted, with previous": {"pre_tokenizer": sequence(split(r"\p{L}", "MergedWithPrevious", True), byte_level(False, False))},
    "inverted, together": {"pre_tokenizer": sequence(split(r"\p{L}", "Contiguous", True), byte_level(False, False))},
    "empty matches": {"pre_tokenizer": sequence(split(r"x*", "Isolated"), byte_level(False, False))},
    "empty matches together": {"pre_tokenizer": sequence(split(r"a*", "Contiguous"), byte_level(False, False))},
    "empty matches with previous": {"pre_tokenizer": sequence(split(r"a*", "MergedWithPrevious"), byte_level(False, False))},
    "string": {"pre_tokenizer": sequence(split("a ", "Isolated", False, "String"), byte_level(False))},
    "string of dots": {"pre_tokenizer": sequence(split("..", "Removed", False, "String"), byte_level(True))},
    "digits": {"pre_tokenizer": sequence({"type": "Digits", "individual_digits": True}, byte_level(False))},
    "digits together": {"pre_tokenizer": sequence({"type": "Digits", "individual_digits": False}, byte_level(False))},
    "prefix in every word": {"pre_tokenizer": sequence(split(GPT4), byte_level(True, False))},
    "identity": {"pre_tokenizer": byte_level(False, False), "added_tokens": MANY},
    "ignore merges": {"model": {"ignore_merges": True}, "pre_tokenizer": byte_level(True)},
    "bytes missing": {"vocab": small, "merges": small_merges},
    "unknown": {"vocab": small, "merges": small_merges, "model": {"unk_token": "<unk>"}},
    "unknown fused": {"vocab": small, "merges": small_merges, "model": {"unk_token": "<unk>", "fuse_unk": True}},
    "nfc": {"normalizer": {"type": "NFC"}, "added_tokens": MANY},
    "nfkc": {"normalizer": {"type": "NFKC"}, "added_tokens": MANY},
    "nfd": {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFD"}]}, "added_tokens": MANY},
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
