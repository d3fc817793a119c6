"""Exports a T5 for ONNX Runtime, so that Quintet's GreedyBenchmark can stand beside it.

    python export_onnx.py MODEL OUT      MODEL: a folder of a T5 in Hugging Face's layout, or `random` for T5-small's sizes

Writes OUT/model (the same model), OUT/f32, OUT/fused and OUT/int8, each with three graphs: encoder.onnx; decoder.onnx, the first step,
which also gives the keys and values of cross attention; decoder_with_past.onnx, a step of one token. The measured process needs no
Python. Takes some minutes and 1.7 GB of disk. int8 is of `f32` with one scale for a matrix, which is the fastest of its kind:
benchmarks/README.md has the others. Tried with torch 2.13, transformers 5.18, onnx and onnxruntime 1.30.
"""

import pathlib
import shutil
import sys

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import T5Config, T5ForConditionalGeneration

GRAPHS = ("encoder", "decoder", "decoder_with_past")
LOWEST = torch.finfo(torch.float32).min


def hidden(mask):
    """What is added to scores so that nobody looks at padding."""
    return (1.0 - mask[:, None, None, :].float()) * LOWEST


class Attention:
    """One attention of the model, with keys and values of its own or from before."""

    def __init__(self, layer, config):
        self.layer, self.heads, self.width = layer, config.num_heads, config.d_kv

    def split(self, x):
        return x.reshape(x.shape[0], -1, self.heads, self.width).transpose(1, 2)

    def keys_and_values(self, x):
        return self.split(self.layer.k(x)), self.split(self.layer.v(x))

    def __call__(self, x, keys, values, bias):
        scores = self.split(self.layer.q(x)) @ keys.transpose(2, 3) + bias
        mixed = torch.softmax(scores, dim=-1) @ values
        return self.layer.o(mixed.transpose(1, 2).reshape(x.shape[0], -1, self.heads * self.width))


class Encoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.stack, self.config = model.encoder, model.config

    def forward(self, input_ids, attention_mask):
        x = self.stack.embed_tokens(input_ids)
        length = input_ids.shape[1]
        first = self.stack.block[0].layer[0].SelfAttention
        bias = first.compute_bias(length, length) + hidden(attention_mask)
        for block in self.stack.block:
            attend = Attention(block.layer[0].SelfAttention, self.config)
            normed = block.layer[0].layer_norm(x)
            x = x + attend(normed, *attend.keys_and_values(normed), bias)
            x = block.layer[1](x)
        return self.stack.final_layer_norm(x)


class Decoder(torch.nn.Module):
    """A step; `past` says whether it continues: then `more` are keys and values, else what the encoder made."""

    def __init__(self, model, past):
        super().__init__()
        self.stack, self.head, self.config, self.past = model.decoder, model.lm_head, model.config, past

    def forward(self, encoder_attention_mask, input_ids, *more):
        x = self.stack.embed_tokens(input_ids)
        padding = hidden(encoder_attention_mask)
        new = input_ids.shape[1]
        length = more[0].shape[2] + new if self.past else new
        first = self.stack.block[0].layer[0].SelfAttention
        if self.past:
            bias = first.compute_bias(1, length, past_seen_tokens=length - 1)
        else:
            places = torch.arange(length)
            later = (places[None, :] > places[:, None]).float() * LOWEST
            bias = first.compute_bias(length, length) + later[None, None]
        present = []
        for i, block in enumerate(self.stack.block):
            attend = Attention(block.layer[0].SelfAttention, self.config)
            normed = block.layer[0].layer_norm(x)
            keys, values = attend.keys_and_values(normed)
            if self.past:
                keys = torch.cat([more[4 * i], keys], dim=2)
                values = torch.cat([more[4 * i + 1], values], dim=2)
            x = x + attend(normed, keys, values, bias)
            cross = Attention(block.layer[1].EncDecAttention, self.config)
            if self.past:
                cross_keys, cross_values = more[4 * i + 2], more[4 * i + 3]
            else:
                cross_keys, cross_values = cross.keys_and_values(more[0])
            x = x + cross(block.layer[1].layer_norm(x), cross_keys, cross_values, padding)
            x = block.layer[2](x)
            present += [keys, values] if self.past else [keys, values, cross_keys, cross_values]
        x = self.stack.final_layer_norm(x)
        if self.config.tie_word_embeddings:
            x = x * self.config.d_model**-0.5
        return (self.head(x), *present)


def export(model, folder):
    config = model.config
    folder.mkdir()
    mask = torch.ones(2, 7, dtype=torch.long)
    ids = torch.randint(3, config.vocab_size, (2, 7))
    kinds = ("decoder.key", "decoder.value", "encoder.key", "encoder.value")
    names = [f"{i}.{kind}" for i in range(config.num_layers) for kind in kinds]
    own = [name for name in names if ".decoder." in name]

    def axes(prefix, chosen, length):
        return {f"{prefix}.{n}": {0: "batch", 2: length if ".decoder." in n else "source"} for n in chosen}

    def write(name, module, inputs, input_names, output_names, dynamic):
        torch.onnx.export(
            module, inputs, str(folder / f"{name}.onnx"), input_names=input_names, output_names=output_names,
            dynamic_axes=dynamic, opset_version=17, dynamo=False)

    encoder = Encoder(model).eval()
    encoded = encoder(ids, mask)
    source = {0: "batch", 1: "source"}
    write("encoder", encoder, (ids, mask), ["input_ids", "attention_mask"], ["last_hidden_state"],
          {"input_ids": source, "attention_mask": source, "last_hidden_state": source})
    start = torch.full((2, 1), config.decoder_start_token_id)
    begin = Decoder(model, past=False).eval()
    begun = begin(mask, start, encoded)
    write("decoder", begin, (mask, start, encoded),
          ["encoder_attention_mask", "input_ids", "encoder_hidden_states"],
          ["logits"] + [f"present.{n}" for n in names],
          {"encoder_attention_mask": source, "encoder_hidden_states": source,
           "input_ids": {0: "batch", 1: "target"}, "logits": {0: "batch", 1: "target"},
           **axes("present", names, "target")})
    go_on = Decoder(model, past=True).eval()
    past = [f"past_key_values.{n}" for n in names]
    made = go_on(mask, start, *begun[1:])
    expected = model(input_ids=ids, attention_mask=mask, decoder_input_ids=torch.cat([start, start], 1)).logits[:, -1:]
    print("largest difference of logits to transformers:", float((made[0] - expected).abs().max()))
    write("decoder_with_past", go_on, (mask, start, *begun[1:]),
          ["encoder_attention_mask", "input_ids"] + past, ["logits"] + [f"present.{n}" for n in own],
          {"encoder_attention_mask": source, "input_ids": {0: "batch"}, "logits": {0: "batch"},
           **axes("past_key_values", names, "past"), **axes("present", own, "present")})


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    given, out = sys.argv[1], pathlib.Path(sys.argv[2])
    if out.exists():
        sys.exit(f"{out} is there already: take another name")
    if given != "random" and not (pathlib.Path(given) / "config.json").is_file():
        sys.exit(f"{given} is no folder of a T5: it has no config.json")
    torch.manual_seed(1)
    if given == "random":
        model = T5ForConditionalGeneration(T5Config(
            d_model=512, d_kv=64, d_ff=2048, num_layers=6, num_heads=8, vocab_size=32128, decoder_start_token_id=0))
    else:
        model = T5ForConditionalGeneration.from_pretrained(given, attn_implementation="eager")
    model = model.float().eval()
    out.mkdir(parents=True)
    model.save_pretrained(out / "model")
    if given != "random":
        for file in pathlib.Path(given).glob("*token*"):
            shutil.copy(file, out / "model")
    with torch.no_grad():
        export(model, out / "f32")
    for kind in ("fused", "int8"):
        (out / kind).mkdir()
    for name in GRAPHS:
        plain = str(out / "f32" / f"{name}.onnx")
        fused = optimizer.optimize_model(
            plain, model_type="t5", num_heads=model.config.num_heads, hidden_size=model.config.d_model,
            opt_level=0, optimization_options=FusionOptions("t5"), use_gpu=False)
        fused.save_model_to_file(str(out / "fused" / f"{name}.onnx"))
        quantize_dynamic(
            plain, str(out / "int8" / f"{name}.onnx"), op_types_to_quantize=["MatMul"], per_channel=False,
            weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": 1})


main()
