package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.zip.CRC32;

/// Runs a kernel of every family and prints a checksum of its results; see [InterpretedBitsTest].
final class BitsProbe {
  private static final int ROWS = 3;
  private static final int WIDTH = 37;
  private static final int COUNT = ROWS * WIDTH;

  private final Backend backend;
  private final Map<String, Function<Buffers, Long>> kernels = new LinkedHashMap<>();
  private final float[] x = Values.uniform(new Random(1), COUNT, -3, 3);
  private final float[] y = Values.uniform(new Random(2), COUNT, 0.1f, 3);

  private BitsProbe(Backend backend) {
    this.backend = backend;
    products();
    smallWeights();
    functions();
    rows();
    attention();
    others();
  }

  /// Prints the checksums of the first calls in this JVM.
  public static void main(String[] arguments) {
    checksums(Backends.of(Device.cpu()), 1)
        .forEach((name, checksum) -> System.out.println(name + "=" + checksum));
  }

  /// The checksum of each kernel's last of `calls` calls.
  static Map<String, Integer> checksums(Backend backend, int calls) {
    Map<String, Integer> checksums = new LinkedHashMap<>();
    new BitsProbe(backend)
        .kernels.forEach((name, kernel) -> {
          for (int call = 0; call < calls; call++) {
            try (Buffers b = new Buffers(backend)) {
              checksums.put(name, checksum(b.read(kernel.apply(b), 2 * COUNT)));
            }
          }
        });
    return checksums;
  }

  /// The checksums of another JVM, started with these flags.
  static Map<String, Integer> inAnotherJvm(String... flags)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dquintet.cpu=" + System.getProperty("quintet.cpu", ""));
    command.addAll(List.of(flags));
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-classpath",
            System.getProperty("java.class.path"),
            BitsProbe.class.getName()));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    child.getOutputStream().close();
    Map<String, Integer> checksums = new LinkedHashMap<>();
    new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .forEach(line -> {
          int at = line.lastIndexOf('=');
          checksums.put(line.substring(0, at), Integer.parseInt(line.substring(at + 1)));
        });
    if (child.waitFor() != 0 || checksums.isEmpty()) {
      throw new IOException(command + " ended with " + child.exitValue());
    }
    return checksums;
  }

  private static int checksum(float[] values) {
    CRC32 crc = new CRC32();
    for (float value : values) {
      int bits = Float.floatToIntBits(value);
      for (int shift = 0; shift < 32; shift += 8) {
        crc.update(bits >>> shift);
      }
    }
    return (int) crc.getValue();
  }

  /// Adds a kernel that writes at most twice [#COUNT] elements.
  private void add(String name, Function<Buffers, Long> kernel) {
    kernels.put(name, kernel);
  }

  private void products() {
    Product[] products = {
      Product.nn(5, 19, 11),
      Product.nt(6, 17, 13),
      Product.tn(7, 18, 9),
      Product.tt(4, 20, 12),
      Product.nt(1, 33, 111),
      Product.nn(2, 37, 21)
    };
    for (Product p : products) {
      add(
          p.toString(),
          b -> {
            long c = b.blank(2 * COUNT);
            float[] left = Values.normal(new Random(3), (long) p.m() * p.k());
            float[] right = Values.normal(new Random(4), (long) p.n() * p.k());
            backend.matmul().multiply(p, b.put(left), b.put(right), c);
            return c;
          });
    }
  }

  private void smallWeights() {
    StoredForm[] forms = {
      new StoredForm(Precision.BF16, 70, 111, 0), new StoredForm(Precision.INT8, 70, 128, 64)
    };
    for (StoredForm form : forms) {
      for (int m = 1; m <= 3; m++) {
        int rows = m;
        add(
            form + ", " + m,
            b -> {
              long y = b.blank(2 * COUNT);
              float[] left = Values.normal(new Random(3), (long) rows * form.columns());
              float[] right = Values.normal(new Random(4), (long) form.rows() * form.columns());
              byte[] block = new byte[(int) form.bytes()];
              form.fill(MemorySegment.ofArray(right), MemorySegment.ofArray(block));
              var weight = form.at(b.put(block));
              backend.stored().multiplyEach(rows, b.put(left), List.of(weight), new long[] {y});
              return y;
            });
      }
    }
  }

  private void functions() {
    for (Unary op : Unary.values()) {
      add(
          op.name(),
          b -> {
            long in = b.put(y);
            long out = b.blank(2 * COUNT);
            backend.elementwise().unary(op, 0.7f, in, out, COUNT);
            long v = ElementwiseContract.read(op, in, out);
            var dx = new Gradient(out + 4L * COUNT, false);
            backend.elementwise().unaryBackward(op, 0.7f, v, b.put(x), dx, COUNT);
            return out;
          });
    }
    for (Unary op : new Unary[] {Unary.RELU, Unary.SILU, Unary.GELU_TANH, Unary.GELU_ERF}) {
      add(
          "gate " + op,
          b -> {
            long in = b.put(x);
            long out = b.blank(2 * COUNT);
            long half = out + 4L * COUNT;
            var whole = new DropoutCall(DropoutMask.NONE, 1, COUNT, Types.F32);
            backend
                .gate()
                .gatedBackward(
                    new GateCall(op, whole),
                    in,
                    b.put(y),
                    in,
                    new Gradient(out, false),
                    new Gradient(half, false));
            return out;
          });
    }
  }

  private void rows() {
    add(
        "softmax",
        b -> {
          long out = b.blank(2 * COUNT);
          backend.softmax().softmax(ROWS, WIDTH, b.put(x), out);
          backend.softmax().softmaxBackward(ROWS, WIDTH, out, b.put(y), out + 4L * COUNT, false);
          return out;
        });
    add(
        "log softmax",
        b -> {
          long out = b.blank(2 * COUNT);
          backend.softmax().logSoftmax(ROWS, WIDTH, b.put(x), out);
          backend.softmax().logSoftmaxBackward(ROWS, WIDTH, out, b.put(y), out + 4L * COUNT, false);
          return out;
        });
    for (boolean centred : new boolean[] {false, true}) {
      add(
          centred ? "layer norm" : "RMS norm",
          b -> {
            long out = b.blank(2 * COUNT);
            long mean = b.blank(ROWS);
            long rstd = b.blank(ROWS);
            long in = b.put(x);
            long dy = b.put(y);
            NormCall call = new NormCall(ROWS, WIDTH, 1e-6f, Types.F32);
            NormRows at =
                centred ? new NormRows(in, dy, dy, mean, rstd) : new NormRows(in, dy, rstd);
            backend.norm().norm(call, at, out);
            Gradient dw = new Gradient(out + 4L * COUNT, false);
            backend.norm().normBackward(call, at, dy, new Gradient(out, true), dw, Gradient.NONE);
            return out;
          });
    }
    add(
        "cross entropy",
        b -> {
          long out = b.blank(2 * COUNT);
          long lse = b.blank(ROWS);
          long in = b.put(x);
          long labels = b.put(3, -100, 36);
          long losses = out + 4L * COUNT;
          var call = new LossCall(ROWS, WIDTH, -100, 0.1f, 0, 0.7f, 0, Types.F32);
          backend.loss().crossEntropy(call, in, labels, losses, lse);
          backend
              .loss()
              .crossEntropyBackward(call, in, labels, lse, b.put(y), new Gradient(out, false));
          return out;
        });
    for (Reduction op : Reduction.values()) {
      add(
          "reduction " + op,
          b -> {
            long out = b.blank(2 * COUNT);
            long in = b.put(x);
            backend.reduction().reduce(op, ROWS, WIDTH, 1, in, out);
            backend.reduction().reduce(op, 1, ROWS, WIDTH, in, out + 64);
            backend.reduction().cumulativeSum(ROWS, WIDTH, 1, true, in, out + 4L * COUNT);
            return out;
          });
    }
  }

  private void attention() {
    add(
        "attention",
        b -> {
          long out = b.blank(2 * COUNT); // dq and dk of 30, dv of 30, dBias of 10, out, log-sum-exp
          AttentionCall call =
              AttentionCall.of(1, 2, 3, 3, 5)
                  .withBias(AttentionCall.Bias.table(b.put(x), 2))
                  .withMasks(new AttentionCall.Masks(AttentionCall.Kind.ALL, 0, 0, true, 0))
                  .withDropout(new DropoutMask(0.2f, 1, 2, 3, 4));
          var in = new AttentionKernels.Inputs(b.put(x), b.put(y), b.put(x));
          long dBias = b.put(new float[10]);
          var results = new AttentionKernels.Results(out + 4 * 150, out + 4 * 180);
          var gradients =
              new AttentionKernels.Gradients(
                  new Gradient(out, false),
                  new Gradient(out + 120, false),
                  new Gradient(out + 240, false),
                  new Gradient(dBias, true));
          backend.attention().attention(call, in, results);
          backend.attention().attentionBackward(call, in, results, in.k(), gradients);
          backend.memory().copy(dBias, out + 480, 40);
          return out;
        });
  }

  private void others() {
    add(
        "dropout",
        b -> {
          long out = b.put(new float[2 * COUNT]);
          DropoutMask mask = new DropoutMask(0.3f, 1, 2, 3, 4);
          DropoutCall call = new DropoutCall(mask, ROWS, WIDTH, Types.F32);
          backend.dropout().residual(call, b.put(x), b.put(y), out);
          backend.dropout().dropout(call, b.put(x), new Gradient(out + 4L * COUNT, true));
          return out;
        });
    var optimizer = (ComposedOptimizer) backend.optimizer();
    add(
        "AdamW",
        b -> {
          long parameter = b.put(new float[2 * COUNT]);
          long sum = b.blankDouble();
          long gradient = b.put(x);
          optimizer.sumOfSquares(gradient, COUNT, sum, false);
          float scale = new RunState.Outcome(b.readDouble(sum), 0, 0, 0, 0, 0).clipped(1).scale();
          optimizer.adamW(
              new OptimizerKernels.AdamW(0.9f, 0.999f, 1e-8f),
              new OptimizerKernels.Step(0.01f, 0.1f, scale, 3),
              new Span.Places(parameter, 0, gradient, b.put(x), b.put(y), 0),
              COUNT);
          return parameter;
        });
    add(
        "Adafactor",
        b -> {
          long parameter = b.put(new float[2 * COUNT]);
          long row = b.put(new float[ROWS]);
          long column = b.put(new float[WIDTH]);
          optimizer.adafactor(
              new OptimizerKernels.Adafactor(
                  new OptimizerKernels.Scale(true, 1e-3, 1e9),
                  OptimizerKernels.OwnRate.GIVEN,
                  0.9,
                  -1,
                  1e-30,
                  1,
                  true),
              new OptimizerKernels.Step(0.01, 0.1, 1, 2),
              new Span.Places(parameter, 0, b.put(x), b.put(y), row, column),
              new OptimizerKernels.Matrices(1, ROWS, WIDTH));
          return parameter;
        });
    add(
        "scatter",
        b -> {
          long sums = b.put(new float[2 * COUNT]);
          backend
              .layout()
              .scatterAdd(Gather.rows(2, ROWS, WIDTH, DType.F32), b.put(x), b.put(1, 1, 1), sums);
          return sums;
        });
  }
}
