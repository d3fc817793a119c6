"""What PyTorch makes of the same work on the same chip: products of T5-base, attention with a trained bias, a training step of T5
v1.1, eager and compiled. Prints a JSON object a line, {"name": ..., ...}; {"note": ...} where it cannot.

usage: python3 pytorch.py SECONDS toy|whole
"""
import json
import signal
import statistics
import sys


def say(**figure):
    print(json.dumps(figure), flush=True)


def give_up(note):
    say(note=note)
    sys.exit(0)


signal.alarm(int(sys.argv[1]))  # ends the process, whatever it is at
TOY = sys.argv[2] == "toy"
try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError as e:
    give_up(f"no column of PyTorch: {e}")
if not torch.cuda.is_available():
    give_up(f"no column of PyTorch: torch {torch.__version__} finds no CUDA device")

DEVICE = torch.device("cuda")
BF16 = torch.bfloat16
D, HEADS, KEYS, INNER, LAYERS, ROWS_OF_VOCABULARY = (64, 4, 16, 128, 1, 384) if TOY else (768, 12, 64, 2048, 12, 32128)
BATCH, SOURCE, TARGET = (4, 16, 8) if TOY else (48, 512, 128)
DROPOUT = 0.1


def seconds(runs, work):
    """Median by the device's clock."""
    for _ in range(3):
        work()
    times = []
    for _ in range(runs):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        work()
        end.record()
        torch.cuda.synchronize()
        times.append(begin.elapsed_time(end) / 1e3)
    return statistics.median(times)


def attention_used(work):
    """What scaled_dot_product_attention came down to, as the profiler saw it."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
        work()
        torch.cuda.synchronize()
    names = sorted({e.key for e in seen.key_averages() if "_scaled_dot_product" in e.key or "flex_attention" in e.key})
    return ", ".join(names) or "none of its own: composed of products and a softmax"


def products():
    rows = BATCH * SOURCE
    shapes = [
        ("encoder q k v", rows, 3 * D, D, False),
        ("encoder ff in", rows, INNER, D, False),
        ("encoder ff out", rows, D, INNER, False),
        ("encoder ff weight", INNER, D, rows, True),
        ("decoder q", rows // 4, D, D, False),
        ("head", rows // 4, ROWS_OF_VOCABULARY, D, False),
    ]
    for name, m, n, k, turned in shapes:
        copies = 4  # in turns, so that no operand waits in a cache
        a = [torch.randn((k, m) if turned else (m, k), device=DEVICE, dtype=BF16) for _ in range(copies)]
        b = [torch.randn((k, n) if turned else (n, k), device=DEVICE, dtype=BF16) for _ in range(copies)]
        turn = [0]

        def work():
            i = turn[0] = (turn[0] + 1) % copies
            torch.mm(a[i].t() if turned else a[i], b[i] if turned else b[i].t())

        t = seconds(30, work)
        say(name=f"cuBLAS product, {name}", microseconds=t * 1e6, tflops=2.0 * m * n * k / t / 1e12)


def attention():
    shape = (BATCH, HEADS, SOURCE, KEYS)
    q, k, v = (torch.randn(shape, device=DEVICE, dtype=BF16, requires_grad=True) for _ in range(3))
    bias = torch.randn((1, HEADS, SOURCE, SOURCE), device=DEVICE, dtype=BF16, requires_grad=True)
    forward = lambda: F.scaled_dot_product_attention(q, k, v, attn_mask=bias.expand(BATCH, -1, -1, -1), scale=1.0)
    out = forward()
    grad = torch.randn_like(out)
    both = lambda: torch.autograd.grad(forward(), (q, k, v, bias), grad)
    used = attention_used(both)
    flops = 4.0 * BATCH * HEADS * SOURCE * SOURCE * KEYS
    once = seconds(30, forward)
    twice = seconds(30, both)
    say(name="attention forward, trained bias", microseconds=once * 1e6, tflops=flops / once / 1e12, attention=used)
    back = max(twice - once, 1e-9)
    say(name="attention backward, trained bias", microseconds=back * 1e6, tflops=2.5 * flops / back / 1e12)


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(D))

    def forward(self, x):
        y = x.float()
        return (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-6)).to(x.dtype) * self.weight.to(x.dtype)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(D, HEADS * KEYS, bias=False) for _ in range(3))
        self.o = nn.Linear(HEADS * KEYS, D, bias=False)

    def forward(self, x, memory, bias):
        split = lambda y: y.view(y.shape[0], -1, HEADS, KEYS).transpose(1, 2)
        q, k, v = split(self.q(x)), split(self.k(memory)), split(self.v(memory))
        mask = None if bias is None else bias.to(q.dtype).expand(q.shape[0], -1, -1, -1)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=DROPOUT, scale=1.0)
        return self.o(y.transpose(1, 2).reshape(x.shape[0], -1, HEADS * KEYS))


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate, self.up = nn.Linear(D, INNER, bias=False), nn.Linear(D, INNER, bias=False)
        self.down = nn.Linear(INNER, D, bias=False)

    def forward(self, x):
        return self.down(F.dropout(F.gelu(self.gate(x), approximate="tanh") * self.up(x), DROPOUT))


def buckets(queries, keys, causal):
    """T5's: half exact, half logarithmic to 128."""
    distance = torch.arange(keys)[None, :] - torch.arange(queries)[:, None]
    count, first = (32, torch.zeros_like(distance)) if causal else (16, (distance > 0) * 16)
    distance = -distance.clamp(max=0) if causal else distance.abs()
    exact = count // 2
    far = exact + (torch.log(distance.clamp(min=1) / exact) / torch.log(torch.tensor(128 / exact)) * (count - exact)).long()
    return (first + torch.where(distance < exact, distance, far.clamp(max=count - 1))).to(DEVICE)


class Stack(nn.Module):
    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder
        self.bias = nn.Embedding(32, HEADS)
        kinds = [Attention, Attention, FeedForward] if decoder else [Attention, FeedForward]
        self.blocks = nn.ModuleList(
            nn.ModuleList(nn.ModuleList([Norm(), kind()]) for kind in kinds) for _ in range(LAYERS)
        )
        self.norm = Norm()
        length = TARGET if decoder else SOURCE
        self.register_buffer("places", buckets(length, length, decoder), persistent=False)
        future = torch.full((length, length), float("-inf")).triu(1) if decoder else torch.zeros(length, length)
        self.register_buffer("future", future, persistent=False)

    def forward(self, x, memory=None):
        bias = self.bias(self.places).permute(2, 0, 1)[None] + self.future
        x = F.dropout(x, DROPOUT)
        for block in self.blocks:
            for i, (norm, layer) in enumerate(block):
                y = norm(x)
                if isinstance(layer, FeedForward):
                    y = layer(y)
                elif i == 0:
                    y = layer(y, y, bias)
                else:
                    y = layer(y, memory, None)
                x = x + F.dropout(y, DROPOUT)
        return F.dropout(self.norm(x), DROPOUT)


class T5(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Embedding(ROWS_OF_VOCABULARY, D)
        self.encoder, self.decoder = Stack(False), Stack(True)
        self.head = nn.Linear(D, ROWS_OF_VOCABULARY, bias=False)

    def forward(self, source, target, labels):
        memory = self.encoder(self.shared(source).to(BF16))
        x = self.decoder(self.shared(target).to(BF16), memory)
        return F.cross_entropy(self.head(x).flatten(0, 1).float(), labels.flatten())


def step(name, compiled):
    torch.manual_seed(1)
    model = T5().to(DEVICE)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=parameter.shape[-1] ** -0.5)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    loss_of = torch.compile(model) if compiled else model
    ids = lambda length: torch.randint(2, ROWS_OF_VOCABULARY, (BATCH, length), device=DEVICE)
    source, target, labels = ids(SOURCE), ids(TARGET), ids(TARGET)

    def work():
        with torch.autocast("cuda", BF16):
            loss = loss_of(source, target, labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    work()
    used = attention_used(work)
    t = seconds(10, work)
    tokens = BATCH * (SOURCE + TARGET) / t
    say(name=name, milliseconds=t * 1e3, tokens_per_second=tokens, attention=used)


say(
    name="PyTorch",
    version=torch.__version__,
    cuda=torch.version.cuda,
    chip=torch.cuda.get_device_name(),
    weights="float32, computed in bfloat16 by autocast",
)
size = "toy" if TOY else "T5-base v1.1"
for part in (
    products,
    attention,
    lambda: step(f"step of {size}, eager", False),
    lambda: step(f"step of {size}, compiled", True),
):
    try:
        part()
    except Exception as e:  # the parts after it still count
        say(note=f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}")
    torch.cuda.empty_cache()
