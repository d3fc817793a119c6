"""Records what transformers makes of the folders of folder-cases.json.

    python record_folders.py GOLDEN_FOLDER

reads and writes GOLDEN_FOLDER/folder-cases.json: each case names its vocabulary and holds the small files beside it,
a text, and what AutoTokenizer of transformers 5.18 (with sentencepiece and protobuf) makes of it. A new case needs
"name", "of", "files" and "text".
"""

import json
import pathlib
import shutil
import sys
import tempfile

from transformers import AutoTokenizer

golden = pathlib.Path(sys.argv[1])
cases = json.loads((golden / "folder-cases.json").read_text())
for case in cases:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file, content in case["files"].items():
            (folder / file).write_text(json.dumps(content))
        if case["of"] == "vocab and merges":
            model = json.loads((golden / "bytebpe-gpt2-1500.tokenizer.json").read_text())["model"]
            (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
            merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
            (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
        elif case["of"] is not None:
            to = "spiece.model" if case["of"].endswith(".model") else "tokenizer.json"
            shutil.copyfile(golden / case["of"], folder / to)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        case["ids"] = tokenizer(case["text"]).input_ids
        case["pair"] = tokenizer("Hi b", case["text"]).input_ids
        case["size"] = len(tokenizer)
(golden / "folder-cases.json").write_text(
    "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n"
)
