package dev.quintet.core.op;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.GateCall;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Matrix products.
public final class Products {
  private Products() {}

  /// y = x Wᵀ; dx = dy W, dW = dyᵀ x.
  public static Tensor linear(Tensor x, Tensor weight) {
    return linearEach("linear", x, List.of(weight)).getFirst();
  }

  /// Each y = x Wᵀ; dx = the sum of dy W, the last first as single products would come, each dW = dyᵀ x.
  public static List<Tensor> linearEach(String name, Tensor x, List<? extends Tensor> weights) {
    if (weights.isEmpty()) {
      return List.of();
    }
    if (weights.size() > 1 && Set.copyOf(weights).size() < weights.size()) {
      return weights.stream().map(weight -> linear(x, weight)).toList(); // their gradients are one
    }
    Product product = product(name, x, weights);
    if (weights.stream().anyMatch(weight -> weight.form().isPresent())) {
      return smallEach(name, x, weights);
    }
    Shape shape = x.shape().withDim(-1, product.n());
    List<Tensor> ys = weights.stream().map(_ -> Tensor.empty(shape, x.type())).toList();
    x.backend().matmul().multiplyEach(product, x.address(), addresses(weights), addresses(ys));
    return recorded(name, product, x, weights, ys);
  }

  /// y = mask f(x W₀ᵀ) x W₁ᵀ scale, in one call. The way back is that of both products and of their gate.
  public static Tensor gatedLinear(
      Unary activation, Tensor x, Tensor gateWeight, Tensor upWeight, DropoutMask mask) {
    String name = "gatedLinear";
    List<Tensor> weights = List.of(gateWeight, upWeight);
    if (gateWeight.equals(upWeight)
        || weights.stream().anyMatch(weight -> weight.form().isPresent())) {
      List<Tensor> both = linearEach(name, x, weights);
      return Elementwise.gate(activation, both.get(0), both.get(1), mask);
    }
    Product product = product(name, x, weights);
    Shape shape = x.shape().withDim(-1, product.n());
    Tensor y = Tensor.empty(shape, x.type());
    var call = new GateCall(activation, Dropouts.call(mask, y, y.type()));
    boolean learns = x.requiresGradient() || weights.stream().anyMatch(Tensor::requiresGradient);
    // nobody looks at the products again but a backward
    List<Tensor> both =
        Scope.current().recording() && learns
            ? List.of(Tensor.empty(shape, x.type()), Tensor.empty(shape, x.type()))
            : List.of();
    x.backend()
        .gate()
        .gatedProduct(
            call,
            product,
            x.address(),
            gateWeight.address(),
            upWeight.address(),
            both.isEmpty() ? 0 : both.get(0).address(),
            both.isEmpty() ? 0 : both.get(1).address(),
            y.address());
    if (both.isEmpty()) {
      return y;
    }
    recorded(name, product, x, weights, both);
    return Elementwise.gated(call, both.get(0), both.get(1), y);
  }

  /// What each product of x with one of several weights is.
  private static Product product(String name, Tensor x, List<? extends Tensor> weights) {
    Tensor first = weights.getFirst();
    for (Tensor weight : weights) {
      checkWeight(name, x, weight);
      Operands.shape(name, "each weight", weight, first.shape());
      Operands.type(name, "each weight", weight, first.type());
    }
    int rows = Operands.size(name, "the rows of x", x.shape().rows());
    Types types = new Types(x.type(), first.type(), x.type());
    return Product.nt(rows, first.shape().dim(0), x.shape().width()).withTypes(types);
  }

  /// The products of x with several weights, with their way back.
  private static List<Tensor> recorded(
      String name, Product product, Tensor x, List<? extends Tensor> weights, List<Tensor> ys) {
    var learned = new ArrayList<Tensor>();
    var read = new ArrayList<Tensor>();
    for (int i = 0; i < ys.size(); i++) {
      // a result that nothing learns from records nothing, though others do
      if (x.requiresGradient() || weights.get(i).requiresGradient()) {
        learned.add(ys.get(i));
        read.add(weights.get(i));
      }
    }
    read.add(x);
    Op.results(name, learned)
        .from(read)
        .saves(read)
        .backEach(dys -> linearBack(product, x, read, dys));
    return ys;
  }

  /// @param product the forward's
  /// @param weights one for each gradient; what follows is not looked at
  private static void linearBack(
      Product product, Tensor x, List<Tensor> weights, List<Optional<Tensor>> dys) {
    var arrived = new ArrayList<Tensor>();
    var used = new ArrayList<Tensor>();
    for (int i = dys.size() - 1; i >= 0; i--) {
      if (dys.get(i).isPresent()) {
        arrived.add(dys.get(i).get());
        used.add(weights.get(i));
      }
    }
    var kernels = x.backend().matmul();
    if (x.requiresGradient()) {
      Gradient dx = Op.gradient(x);
      kernels.multiplySum(
          Product.nn(product.m(), product.k(), product.n())
              .withTypes(product.types())
              .withAccumulate(dx.add()),
          addresses(arrived),
          addresses(used),
          dx.address());
    }
    var products = new ArrayList<Product>();
    long[] from = new long[used.size()];
    long[] to = new long[used.size()];
    for (int i = 0; i < used.size(); i++) {
      if (used.get(i).requiresGradient()) {
        Gradient dw = Op.gradient(used.get(i));
        from[products.size()] = arrived.get(i).address();
        to[products.size()] = dw.address();
        products.add(
            Product.tn(product.n(), product.k(), product.m())
                .withAccumulate(dw.add())
                .withTypes(new Types(x.type(), x.type(), Op.slot(used.get(i)).type())));
      }
    }
    int count = products.size();
    if (count > 0) {
      long[] xs = new long[count];
      Arrays.fill(xs, x.address());
      kernels.multiplyMany(products, Arrays.copyOf(from, count), xs, Arrays.copyOf(to, count));
    }
  }

  /// [#linearEach] of weights that are stored small, or of which some are.
  private static List<Tensor> smallEach(String name, Tensor x, List<? extends Tensor> weights) {
    if (!weights.stream().allMatch(weight -> weight.form().isPresent())) {
      return weights.stream().map(weight -> linear(x, weight)).toList();
    }
    Operands.type(name, "the input of a weight that is stored small", x, DType.F32);
    List<StoredMatrix> stored = weights.stream().map(Products::stored).toList();
    int rows = Operands.size(name, "the rows of x", x.shape().rows());
    int n = weights.getFirst().shape().dim(0);
    List<Tensor> ys =
        weights.stream().map(_ -> Tensor.empty(x.shape().withDim(-1, n), DType.F32)).toList();
    var kernels = x.backend().stored();
    kernels.multiplyEach(rows, x.address(), stored, addresses(ys));
    return Op.results(name, ys)
        .from(x)
        .backEach(dys -> {
          var arrived = new ArrayList<Tensor>();
          var used = new ArrayList<StoredMatrix>();
          for (int i = dys.size() - 1; i >= 0; i--) {
            if (dys.get(i).isPresent()) {
              arrived.add(dys.get(i).get());
              used.add(stored(weights.get(i)));
            }
          }
          kernels.multiplyBack(rows, addresses(arrived), used, Op.gradient(x));
        });
  }

  private static StoredMatrix stored(Tensor weight) {
    return weight
        .stored()
        .orElseThrow(
            () -> new IllegalStateException(weight.described() + " is stored small no more"));
  }

  /// The values of a weight that is stored small, in the current scope.
  public static Tensor widened(StoredMatrix weight, Tensor beside) {
    Operands.sameDevice("widened", beside);
    Tensor wide = Tensor.empty(Shape.of(weight.storedRows(), weight.columns()), DType.F32);
    beside.backend().stored().widen(weight, wide.address());
    return wide.slice(0, 0, weight.rows());
  }

  static void checkWeight(String name, Tensor x, Tensor weight) {
    Operands.real(name, x, weight);
    if (weight.shape().rank() != 2
        || x.shape().rank() == 0
        || x.shape().width() != weight.shape().dim(1)) {
      throw Operands.mismatch(name, "x [..., K] and a weight [N, K] share K", x, weight);
    }
  }

  private static long[] addresses(List<? extends Tensor> tensors) {
    long[] addresses = new long[tensors.size()];
    Arrays.setAll(addresses, i -> tensors.get(i).address());
    return addresses;
  }

  /// z = x y, or x yᵀ; dx = dz yᵀ (or dz y), dy = xᵀ dz (or dzᵀ x). Leading axes broadcast.
  public static Tensor matmul(Tensor x, Tensor y, boolean transposeY) {
    Operands.real("matmul", x, y);
    if (x.shape().rank() < 2
        || y.shape().rank() < 2
        || x.shape().dim(-1) != y.shape().dim(transposeY ? -1 : -2)) {
      throw Operands.mismatch(
          "matmul",
          transposeY ? "[..., M, K] by [..., N, K] share K" : "[..., M, K] by [..., K, N] share K",
          x,
          y);
    }
    if (y.shape().rank() == 2 && transposeY) {
      return linear(x, y);
    }
    if (y.shape().rank() == 2 && x.shape().rank() > 2) {
      // one right-hand matrix: all rows of x in one product
      Tensor flat = matmul(x.reshape(x.shape().rows(), x.shape().dim(-1)), y, false);
      return flat.reshape(longs(x.shape().withDim(-1, y.shape().dim(1))));
    }
    int m = x.shape().dim(-2);
    int k = x.shape().dim(-1);
    int n = y.shape().dim(transposeY ? -2 : -1);
    Shape batch = Shape.broadcast(leading(x.shape()), leading(y.shape()));
    Tensor a = repeated(x, batch, m, k);
    Tensor b = repeated(y, batch, y.shape().dim(-2), y.shape().dim(-1));
    int count = Operands.size("matmul", "the leading axes", batch.elements());
    Tensor z = Tensor.empty(with(batch, m, n), x.type());
    long as = stride(a);
    long bs = stride(b);
    long zs = (long) m * n;
    var kernels = x.backend().matmul();
    Product form =
        (transposeY ? Product.nt(m, n, k) : Product.nn(m, n, k))
            .withTypes(new Types(x.type(), y.type(), x.type()));
    kernels.multiply(form.withBatch(count, as, bs, zs), a.address(), b.address(), z.address());
    return Op.result("matmul", z)
        .from(a, b)
        .saves(a, b)
        .back(dz -> {
          if (a.requiresGradient()) {
            Product back = transposeY ? Product.nn(m, k, n) : Product.nt(m, k, n);
            into(a, batch, back.withBatch(count, zs, bs, as), dz, b);
          }
          if (b.requiresGradient() && transposeY) {
            into(b, batch, Product.tn(n, k, m).withBatch(count, zs, as, bs), dz, a);
          } else if (b.requiresGradient()) {
            into(b, batch, Product.tn(k, n, m).withBatch(count, as, zs, bs), a, dz);
          }
        });
  }

  /// Adds left times right to the gradient of `target`, which may be one matrix shared by the whole batch.
  private static void into(Tensor target, Shape batch, Product form, Tensor left, Tensor right) {
    var kernels = target.backend().matmul();
    Product product = form.withTypes(new Types(left.type(), right.type(), Op.slot(target).type()));
    if (product.batch() > 1 && product.c().next() == 0) {
      long size = (long) product.m() * product.n();
      Tensor each = Tensor.empty(with(batch, product.m(), product.n()), DType.F32);
      kernels.multiply(
          product
              .withTypes(new Types(left.type(), right.type(), DType.F32))
              .withBatch(product.batch(), product.a().next(), product.b().next(), size),
          left.address(),
          right.address(),
          each.address());
      Broadcasts.addReduced(target, each);
      return;
    }
    var sink = Op.gradient(target);
    kernels.multiply(
        product.withAccumulate(sink.add()), left.address(), right.address(), sink.address());
  }

  /// x as it is when it is one matrix or has the whole batch; else stretched to the batch.
  private static Tensor repeated(Tensor x, Shape batch, int rows, int columns) {
    Shape own = leading(x.shape());
    boolean asItIs = own.elements() == 1 || own.elements() == batch.elements();
    return asItIs ? x : x.broadcastTo(with(batch, rows, columns));
  }

  private static long stride(Tensor x) {
    boolean one = leading(x.shape()).elements() == 1;
    return one ? 0 : (long) x.shape().dim(-1) * x.shape().dim(-2);
  }

  private static long[] longs(Shape shape) {
    return Arrays.stream(shape.dims()).asLongStream().toArray();
  }

  private static Shape leading(Shape shape) {
    return with(shape, shape.rank() - 2, new int[0]);
  }

  private static Shape with(Shape leading, int... trailing) {
    return with(leading, leading.rank(), trailing);
  }

  private static Shape with(Shape leading, int axes, int[] trailing) {
    long[] dims = new long[axes + trailing.length];
    Arrays.setAll(dims, i -> i < axes ? leading.dim(i) : trailing[i - axes]);
    return Shape.of(dims);
  }
}
