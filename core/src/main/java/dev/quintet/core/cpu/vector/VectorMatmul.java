package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.vector.RegisterBlock.COLUMNS;
import static dev.quintet.core.cpu.vector.RegisterBlock.ROWS;

import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Product;
import dev.quintet.core.cpu.work.CpuChoice;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.PartBody;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;

/// Matrix products of packed, register-blocked form.
///
/// As in BLIS (Van Zee and van de Geijn, ACM TOMS 41(3), 2015): B lies in panels of [RegisterBlock#COLUMNS] columns
/// that all threads share, A is brought into each thread's own scratch in blocks of rows, and [RegisterBlock]
/// multiplies them. k is cut into chunks whose results are added to C in order. Three plans, chosen by shape:
///
/// - few rows times transposed weights, as in decoding: dot products that stream the weights once
///   ([SkinnyProduct]);
/// - few rows and many columns: each part packs its own columns of B;
/// - otherwise B is packed first by all threads, and then blocks of rows are handed out.
public final class VectorMatmul implements MatmulKernels {
  /// The most of k in one pass over a block of C: a panel of B and a block of A stay in the second-level cache.
  private static final int DEPTH = 512;

  /// The most rows of A in one block.
  private static final int BLOCK_ROWS = 64;

  /// The most elements of B packed at once: 8 MiB stay in the third-level cache.
  private static final int PACKED = 1 << 21;

  /// The most rows that are multiplied by dot products.
  private static final int SKINNY = 16;

  /// Fewer multiplications than this are done by the caller alone: a fork and join would cost as much.
  private static final long SMALL = 1 << 17;

  /// Multiplications up to which a product of a batch is one part.
  private static final long WHOLE = 1 << 22;

  /// Packs nothing: B is read where it lies.
  private static final Packer NOTHING = (_, _, _, _, _) -> {};

  private final EarlyForms early;

  /// The kernels that take their early forms so far.
  public VectorMatmul(EarlyForms early) {
    this.early = early;
  }

  @Override
  public void multiply(Product p, long a, long b, long c) {
    if (p.m() == 0 || p.n() == 0 || p.batch() == 0) {
      return;
    }
    long work = (long) p.m() * p.n() * p.k();
    boolean inEarlyForm = early.take(narrow(p), work * p.batch());
    if (p.batch() > 1 && work <= WHOLE) {
      int group = (int) Math.max(1, Math.min(p.batch(), SMALL / (work + 1)));
      run(
          work * p.batch(),
          (p.batch() + group - 1) / group,
          part -> {
            for (int i = part * group; i < Math.min(p.batch(), (part + 1) * group); i++) {
              one(p, a, b, c, i, inEarlyForm);
            }
          });
    } else {
      for (int i = 0; i < p.batch(); i++) {
        one(p, a, b, c, i, inEarlyForm);
      }
    }
  }

  @Override
  public void multiplyEach(Product p, long a, long[] b, long[] c) {
    boolean inEarlyForm = early.going() || early.always(narrow(p));
    if (inEarlyForm || p.batch() != 1 || p.m() <= SKINNY || p.n() == 0 || p.k() == 0 || direct(p)) {
      MatmulKernels.super.multiplyEach(p, a, b, c);
      return;
    }
    Packer[] packers = new Packer[b.length];
    for (int i = 0; i < b.length; i++) {
      long from = b[i];
      packers[i] = (j, n, k, depth, to) -> packB(p, from, j, n, k, depth, to);
    }
    each(p, a, packers, c);
  }

  /// One A by several B that are packed piece by piece: as many of them together as may be packed at once, so that threads
  /// meet twice for all of these, and not for each.
  static void each(Product p, long a, Packer[] b, long[] c) {
    int depth = chunk(p.k());
    int panels = (p.n() + COLUMNS - 1) / COLUMNS;
    long size = (long) panels * COLUMNS * p.k();
    int together = (int) Math.min(b.length, PACKED / Math.max(1, size));
    if (wide(p)) {
      byColumns(p, a, b, c);
      return;
    }
    if (together < 2) {
      for (int i = 0; i < b.length; i++) {
        byRows(p, a, 0, b[i], c[i]);
      }
      return;
    }
    long work = (long) p.m() * p.n() * p.k();
    int block = blockRows(p.m());
    int blocks = (p.m() + block - 1) / block;
    var pieces = new Pieces(p.n(), p.k(), depth);
    for (int i0 = 0; i0 < b.length; i0 += together) {
      int first = i0;
      int count = Math.min(together, b.length - first);
      var packed = new PanelsOfB[count];
      long room = Workspace.packed(count * size);
      for (int i = 0; i < count; i++) {
        packed[i] =
            new PanelsOfB(Native.at(room, i * size), COLUMNS, depth, false, panels * COLUMNS);
      }
      run(
          count * work,
          count * pieces.count(),
          part -> {
            int i = part / pieces.count();
            pieces.pack(part % pieces.count(), b[first + i], 0, 0, packed[i]);
          });
      run(
          count * work,
          count * blocks,
          part -> {
            int i = part % count;
            multiplyRows(
                p, a, part / count * block, block, 0, p.n(), 0, p.k(), packed[i], c[first + i]);
          });
    }
  }

  /// Whether the weight, or its gradient, is no larger than a narrow one's.
  private static boolean narrow(Product p) {
    long size = (long) p.n() * (p.a().transposed() ? p.m() : p.k());
    return size <= EarlyForms.SMALL;
  }

  private static void one(Product p, long a, long b, long c, int index, boolean early) {
    long a0 = Native.at(a, index * p.a().next());
    long b0 = Native.at(b, index * p.b().next());
    long c0 = Native.at(c, index * p.c().next());
    if (p.k() == 0) {
      clear(p, c0);
    } else if (p.m() <= SKINNY && p.b().transposed() && !p.a().transposed()) {
      if (early) {
        EarlyDots.multiply(p, CpuChoice.chosen().bits() / 32, a0, b0, c0);
      } else {
        SkinnyProduct.multiply(p, a0, b0, c0);
      }
    } else if (early) {
      EarlyMatmul.multiply(p, a0, b0, c0);
    } else if (direct(p)) {
      byRows(p, a0, b0, NOTHING, c0);
    } else {
      byColumnsOrRows(p, a0, (j, n, k, depth, to) -> packB(p, b0, j, n, k, depth, to), c0);
    }
  }

  /// A product with a B that is packed piece by piece.
  static void byColumnsOrRows(Product p, long a, Packer b, long c) {
    if (wide(p)) {
      byColumns(p, a, new Packer[] {b}, new long[] {c});
    } else {
      byRows(p, a, 0, b, c);
    }
  }

  /// Whether there are few rows and many columns.
  private static boolean wide(Product p) {
    return p.m() <= 256 && p.n() >= 4L * p.m();
  }

  /// Brings a piece of B into panels of [RegisterBlock#COLUMNS] columns.
  interface Packer {
    /// Packs columns j to j + n, where a panel begins at j, and rows k to k + depth.
    void pack(int j, int n, int k, int depth, long to);
  }

  /// Runs parts, by the caller alone when there is little to do.
  public static void run(long work, int parts, PartBody body) {
    if (work <= SMALL) {
      for (int part = 0; part < parts; part++) {
        body.run(part);
      }
    } else {
      WorkerPool.shared().run(parts, body);
    }
  }

  private static void clear(Product p, long c) {
    if (!p.accumulate()) {
      for (int i = 0; i < p.m(); i++) {
        Native.floats(Native.at(c, (long) i * p.c().row()), p.n()).fill((byte) 0);
      }
    }
  }

  /// Whether B can be read where it lies: whole panels of rows that are close together.
  private static boolean direct(Product p) {
    return !p.b().transposed() && p.n() % COLUMNS == 0 && p.b().row() <= 128;
  }

  private static void byRows(Product p, long a, long b, Packer packer, long c) {
    int depth = chunk(p.k());
    boolean direct = b != 0;
    int columns =
        direct ? p.n() : Math.min(p.n(), Math.max(COLUMNS, PACKED / depth / COLUMNS * COLUMNS));
    int panels = (columns + COLUMNS - 1) / COLUMNS;
    int deep = direct ? p.k() : depth * Math.max(1, PACKED / (depth * panels * COLUMNS));
    int block = blockRows(p.m());
    int blocks = (p.m() + block - 1) / block;
    for (int j0 = 0; j0 < p.n(); j0 += columns) {
      int n = Math.min(columns, p.n() - j0);
      for (int k0 = 0; k0 < p.k(); k0 += deep) {
        int k = Math.min(deep, p.k() - k0);
        long work = (long) p.m() * n * k;
        PanelsOfB packed =
            direct
                ? new PanelsOfB(
                    Native.at(b, (long) k0 * p.b().row() + j0), p.b().row(), depth, true, n)
                : pack(packer, j0, n, k0, k, depth, work);
        int first = k0;
        int j = j0;
        run(
            work,
            blocks,
            part -> multiplyRows(p, a, part * block, block, j, n, first, k, packed, c));
      }
    }
  }

  /// C[i to i + block, j to j + n] = or += A B over k, in this thread.
  private static void multiplyRows(
      Product p, long a, int i, int block, int j, int n, int first, int k, PanelsOfB b, long c) {
    int depth = b.depth();
    int m = Math.min(block, p.m() - i);
    long c0 = Native.at(c, (long) i * p.c().row() + j);
    float[] rows = Workspace.floats(Workspace.LEFT, roomForA(m, depth));
    for (int x = 0; x < k; x += depth) {
      int kc = Math.min(depth, k - x);
      packA(p, a, i, m, first + x, kc, rows);
      multiplyBlock(p, rows, m, n, kc, b, x, c0, p.accumulate() || first + x > 0);
    }
  }

  private static PanelsOfB pack(Packer b, int j0, int n, int k0, int k, int depth, long work) {
    int panels = (n + COLUMNS - 1) / COLUMNS;
    PanelsOfB to =
        new PanelsOfB(
            Workspace.packed((long) panels * COLUMNS * k), COLUMNS, depth, false, panels * COLUMNS);
    var pieces = new Pieces(n, k, depth);
    run(work, pieces.count(), part -> pieces.pack(part, b, j0, k0, to));
    return to;
  }

  /// The pieces in which a B is packed: some panels by a chunk of k each.
  ///
  /// @param n columns
  /// @param k rows
  /// @param depth rows of a chunk
  private record Pieces(int n, int k, int depth) {
    private int group() {
      int panels = (n + COLUMNS - 1) / COLUMNS;
      return Math.max(1, Math.min(8, panels / 8));
    }

    private int across() {
      int columns = group() * COLUMNS;
      return (n + columns - 1) / columns;
    }

    int count() {
      return across() * ((k + depth - 1) / depth);
    }

    void pack(int piece, Packer b, int j0, int k0, PanelsOfB to) {
      int columns = group() * COLUMNS;
      int j = piece % across() * columns;
      int x = piece / across() * depth;
      int kc = Math.min(depth, k - x);
      b.pack(j0 + j, Math.min(columns, n - j), k0 + x, kc, to.at(x, j, kc));
    }
  }

  /// Few rows and many columns, of one B or of several: each part packs its own columns.
  private static void byColumns(Product p, long a, Packer[] b, long[] c) {
    int depth = chunk(p.k());
    int columns = Math.max(1, Math.min(8, p.n() / (4 * COLUMNS))) * COLUMNS;
    int parts = (p.n() + columns - 1) / columns;
    run(
        (long) b.length * p.m() * p.n() * p.k(),
        b.length * parts,
        part -> {
          int i = part / parts;
          int j = part % parts * columns;
          int n = Math.min(columns, p.n() - j);
          float[] rows = Workspace.floats(Workspace.LEFT, roomForA(p.m(), depth));
          long c0 = Native.at(c[i], j);
          for (int x = 0; x < p.k(); x += depth) {
            int kc = Math.min(depth, p.k() - x);
            PanelsOfB to =
                new PanelsOfB(
                    Workspace.packed((long) (columns + COLUMNS) * kc), COLUMNS, kc, false, columns);
            b[i].pack(j, n, x, kc, to.address());
            packA(p, a, 0, p.m(), x, kc, rows);
            multiplyBlock(p, rows, p.m(), n, kc, to, 0, c0, p.accumulate() || x > 0);
          }
        });
  }

  private static int roomForA(int m, int depth) {
    return Math.max(m + ROWS, Packing.columnStep(m)) * depth + ROWS;
  }

  private static void packA(Product p, long a, int i, int m, int k, int depth, float[] to) {
    if (p.a().transposed()) {
      Packing.columns(Native.at(a, (long) k * p.a().row() + i), p.a().row(), m, depth, to);
    } else {
      Packing.rows(Native.at(a, (long) i * p.a().row() + k), p.a().row(), m, depth, to);
    }
  }

  private static void packB(Product p, long b, int j, int n, int k, int depth, long to) {
    if (p.b().transposed()) {
      Packing.transposed(Native.at(b, (long) j * p.b().row() + k), p.b().row(), depth, n, to);
    } else {
      Packing.straight(Native.at(b, (long) k * p.b().row() + j), p.b().row(), depth, n, to);
    }
  }

  /// C[m, n] = or += A B for one block of A and all panels of B, which stay in the cache one after the other.
  private static void multiplyBlock(
      Product p, float[] rows, int m, int n, int depth, PanelsOfB b, int k, long c, boolean add) {
    float[] block = Workspace.floats(Workspace.BLOCK, ROWS * COLUMNS);
    int columnStep = Packing.columnStep(m);
    for (int j = 0; j < n; j += COLUMNS) {
      long panel = b.at(k, j, depth);
      int width = Math.min(COLUMNS, n - j);
      for (int i = 0; i < m; i += ROWS) {
        if (p.a().transposed()) {
          RegisterBlock.columns(depth, rows, i, columnStep, panel, b.step(), block, 0, COLUMNS);
        } else {
          RegisterBlock.rows(depth, rows, i * depth, depth, panel, b.step(), block, 0, COLUMNS);
        }
        long to = Native.at(c, (long) i * p.c().row() + j);
        RegisterBlock.place(block, Math.min(ROWS, m - i), width, to, p.c().row(), add);
      }
    }
  }

  /// The size of the equal chunks of k, whose sums are added to C one after the other.
  static int chunk(int k) {
    int chunks = (k + DEPTH - 1) / DEPTH;
    return Math.min(k, ((k + chunks - 1) / chunks + 7) & ~7);
  }

  /// Rows of a block: few enough that there are blocks for several threads, and as many of them as
  /// leave four threads with nearly equal work.
  private static int blockRows(int m) {
    int best = ROWS;
    long bestCost = Long.MAX_VALUE;
    for (int rows = ROWS; rows <= BLOCK_ROWS; rows += ROWS) {
      int blocks = (m + rows - 1) / rows;
      // a small block makes less of each panel that it reads
      long cost = (long) ((blocks + 3) / 4) * (rows + 4);
      if (cost <= bestCost) {
        best = rows;
        bestCost = cost;
      }
    }
    return best;
  }

  /// B as [RegisterBlock] reads it, in panels one after the other for each chunk of k, or where it lies.
  ///
  /// @param address where it begins
  /// @param step elements from one row to the next
  /// @param depth rows of a chunk
  /// @param direct whether it was not packed
  /// @param width columns of all panels
  private record PanelsOfB(long address, int step, int depth, boolean direct, int width) {

    /// The address of row k, the first of a chunk of `rows`, and column j, the first of a panel.
    long at(int k, int j, int rows) {
      return direct
          ? Native.at(address, (long) k * step + j)
          : Native.at(address, (long) k * width + (long) j * rows);
    }
  }
}
