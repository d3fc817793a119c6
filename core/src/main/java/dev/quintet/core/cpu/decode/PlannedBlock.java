package dev.quintet.core.cpu.decode;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Bias;
import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.AttentionCall.Masks;
import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Cross;
import dev.quintet.core.backend.DecoderCall.FeedForward;
import dev.quintet.core.backend.DecoderCall.Own;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.cpu.vector.VectorElementwise;
import dev.quintet.core.cpu.vector.VectorGate;
import dev.quintet.core.cpu.vector.VectorMatmul;
import dev.quintet.core.cpu.vector.VectorNorm;
import dev.quintet.core.cpu.work.DistanceStrip;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.PartBody;
import dev.quintet.core.cpu.work.WorkerPool;

/// One block of a planned step: eight phases, each of them shared out among threads, with norms between them.
///
/// The bodies of phases are made once; what changes from step to step is in [Progress].
final class PlannedBlock {
  private final Sizes sizes;
  private final Own own;
  private final Cross cross;
  private final FeedForward feedForward;
  private final Buffers buffers;
  private final Progress progress;
  private final PlannedProduct q;
  private final PlannedProduct k;
  private final PlannedProduct v;
  private final PlannedProduct o;
  private final PlannedProduct crossQ;
  private final PlannedProduct crossO;
  private final PlannedProduct gate;
  private final PlannedProduct up;
  private final PlannedProduct down;
  private final KeyPanels keys;
  private final KeyPanels sources;
  private final long strip;

  private final PartBody projecting = this::project;
  private final PartBody attending = this::attend;
  private final PartBody adding = this::add;
  private final PartBody asking = this::ask;
  private final PartBody attendingSources = this::attendSources;
  private final PartBody addingSources = this::addSources;
  private final PartBody widening = this::widen;
  private final PartBody narrowing = this::narrow;

  /// What all blocks compute in.
  ///
  /// @param h the residual stream, `[rows, D]`
  /// @param normed its norm
  /// @param queries `[rows, H K]`
  /// @param mixed likewise, what attention gives
  /// @param inner `[rows, F]`
  /// @param second likewise, of gated layers
  record Buffers(long h, Rows normed, long queries, Rows mixed, Rows inner, long second) {
    /// RMS norm of the residual stream.
    void norm(long weight, float epsilon) {
      int width = normed.width();
      for (int row = 0; row < normed.count(); row++) {
        long at = (long) row * width;
        long to = Native.at(normed.address(), at);
        var _ = VectorNorm.rms(width, epsilon, Native.at(h, at), weight, to);
      }
    }
  }

  PlannedBlock(
      DecoderCall call, DecoderCall.Block block, Buffers buffers, Progress progress, Room room) {
    this.sizes = call.sizes();
    this.own = block.own();
    this.cross = block.cross();
    this.feedForward = block.feedForward();
    this.buffers = buffers;
    this.progress = progress;
    q = PlannedProduct.of(own.q());
    k = PlannedProduct.of(own.k());
    v = PlannedProduct.of(own.v());
    o = PlannedProduct.of(own.o());
    crossQ = PlannedProduct.of(cross.q());
    crossO = PlannedProduct.of(cross.o());
    gate = PlannedProduct.of(feedForward.gate());
    up = PlannedProduct.of(feedForward.up());
    down = PlannedProduct.of(feedForward.down());
    int heads = sizes.heads();
    int width = sizes.headWidth();
    keys = KeyPanels.in(room, sizes.rows(), heads, width, sizes.capacity());
    sources = KeyPanels.in(room, sizes.inputs(), heads, width, sizes.sources());
    strip = room.floats((long) heads * sizes.capacity());
  }

  /// Reads what there is before the first step.
  ///
  /// @param length tokens in the caches
  void begin(int length) {
    int heads = sizes.heads();
    int width = sizes.headWidth();
    int step = sizes.attentionWidth();
    WorkerPool.shared()
        .run(
            sizes.inputs() * heads,
            part -> {
              int row = part / heads;
              int head = part % heads;
              long from = (long) row * sizes.sources() * step + (long) head * width;
              sources.take(row, head, Native.at(cross.keys(), from), sizes.sources());
            });
    for (int row = 0; row < sizes.rows(); row++) {
      for (int head = 0; head < heads; head++) {
        long from = (long) row * sizes.capacity() * step + (long) head * width;
        keys.take(row, head, Native.at(own.keys(), from), length);
      }
    }
    // what the last token that there is room for sees; those before it see the ends of this
    var masks = new Masks(Kind.ALL, 0, 0, true, sizes.capacity() - 1);
    DistanceStrip.lay(
        AttentionCall.of(1, heads, 1, sizes.capacity(), width)
            .withMasks(masks)
            .withBias(Bias.table(own.bias(), own.reach())),
        strip);
  }

  /// The block's part of a step.
  void run() {
    Rows x = buffers.normed();
    int heads = sizes.rows() * sizes.heads();
    long attention = (long) heads * sizes.headWidth();
    norm(own.norm());
    long work = q.work(x) + k.work(x) + v.work(x);
    VectorMatmul.run(work, q.parts() + k.parts() + v.parts(), projecting);
    VectorMatmul.run(2 * attention * (progress.position() + 1), heads, attending);
    buffers.mixed().pack();
    VectorMatmul.run(o.work(buffers.mixed()), o.parts(), adding);
    norm(cross.norm());
    VectorMatmul.run(crossQ.work(x), crossQ.parts(), asking);
    VectorMatmul.run(2 * attention * sizes.sources(), heads, attendingSources);
    buffers.mixed().pack();
    VectorMatmul.run(crossO.work(buffers.mixed()), crossO.parts(), addingSources);
    norm(feedForward.norm());
    VectorMatmul.run(gate.work(x) * (feedForward.gated() ? 2 : 1), gate.parts(), widening);
    buffers.inner().pack();
    VectorMatmul.run(down.work(buffers.inner()), down.parts(), narrowing);
  }

  private void norm(long weight) {
    buffers.norm(weight, sizes.epsilon());
    buffers.normed().pack();
  }

  /// Queries, and keys and values straight into their caches.
  private void project(int part) {
    int width = sizes.attentionWidth();
    if (part < q.parts()) {
      long to = Native.at(buffers.queries(), q.first(part));
      q.run(part, buffers.normed(), to, width, false);
      return;
    }
    long place = (long) progress.position() * width;
    int step = sizes.capacity() * width;
    int rest = part - q.parts();
    if (rest < k.parts()) {
      k.run(rest, buffers.normed(), Native.at(own.keys(), place + k.first(rest)), step, false);
    } else {
      int last = rest - k.parts();
      long to = Native.at(own.values(), place + v.first(last));
      v.run(last, buffers.normed(), to, step, false);
    }
  }

  private void attend(int part) {
    int row = part / sizes.heads();
    int head = part % sizes.heads();
    int width = sizes.headWidth();
    int step = sizes.attentionWidth();
    int position = progress.position();
    int count = position + 1;
    long rowStep = (long) sizes.capacity() * step;
    long mine = (long) row * step + (long) head * width;
    long key = row * rowStep + (long) position * step + (long) head * width;
    keys.put(row, head, Native.at(own.keys(), key), position);
    QueryAttention query = QueryAttention.mine();
    query.take(Native.at(buffers.queries(), mine), width);
    long bias = Native.at(strip, (head + 1L) * sizes.capacity() - count);
    long to = Native.at(buffers.mixed().address(), mine);
    if (progress.straight()) {
      query.score(keys, row, head, count);
      query.softmax(count, bias);
      long values = Native.at(own.values(), row * rowStep + (long) head * width);
      query.sum(count, width, values, step, to);
    } else {
      int[] rows = progress.places(row);
      query.score(keys, rows, head, count);
      query.softmax(count, bias);
      long values = Native.at(own.values(), (long) head * width);
      query.sum(count, width, values, step, rows, rowStep, sizes.rows(), to);
    }
  }

  private void add(int part) {
    residual(o, part, buffers.mixed());
  }

  private void ask(int part) {
    crossQ.run(
        part,
        buffers.normed(),
        Native.at(buffers.queries(), crossQ.first(part)),
        sizes.attentionWidth(),
        false);
  }

  private void attendSources(int part) {
    int row = part / sizes.heads();
    int head = part % sizes.heads();
    int input = row / sizes.beams();
    int width = sizes.headWidth();
    int step = sizes.attentionWidth();
    long mine = (long) row * step + (long) head * width;
    Shown shown = progress.shown(input);
    QueryAttention query = QueryAttention.mine();
    if (shown.none()) {
      query.uniform(shown.last());
    } else {
      query.take(Native.at(buffers.queries(), mine), width);
      query.score(sources, input, head, shown.last());
      if (shown.masked()) {
        query.softmax(shown.last(), shown.hidden());
      } else {
        query.softmax(shown.last(), 0);
      }
    }
    long values = (long) input * sizes.sources() * step + (long) head * width;
    query.sum(
        shown.last(),
        width,
        Native.at(cross.values(), values),
        step,
        Native.at(buffers.mixed().address(), mine));
  }

  private void addSources(int part) {
    residual(crossO, part, buffers.mixed());
  }

  private void widen(int part) {
    int width = buffers.inner().width();
    int first = gate.first(part);
    int count = gate.width(part);
    long to = Native.at(buffers.inner().address(), first);
    gate.run(part, buffers.normed(), to, width, false);
    if (feedForward.gated()) {
      up.run(part, buffers.normed(), Native.at(buffers.second(), first), width, false);
    }
    for (int row = 0; row < sizes.rows(); row++) {
      long at = (long) row * width;
      long y = Native.at(to, at);
      if (feedForward.gated()) {
        long second = Native.at(buffers.second(), at + first);
        VectorGate.values(feedForward.activation(), y, second, y, count);
      } else {
        VectorElementwise.values(feedForward.activation(), 0, y, y, count);
      }
    }
  }

  private void narrow(int part) {
    residual(down, part, buffers.inner());
  }

  private void residual(PlannedProduct product, int part, Rows from) {
    int width = buffers.normed().width();
    product.run(part, from, Native.at(buffers.h(), product.first(part)), width, true);
  }
}
