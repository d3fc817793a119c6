package dev.quintet.core.backend;

/// Sizes, forms and types of a matrix product C[m, n] = op(A)[m, k] op(B)[k, n].
///
/// @param m rows of C
/// @param n columns of C
/// @param k the summed size
/// @param a how A lies; it is stored [k, m] when transposed
/// @param b how B lies; it is stored [n, k] when transposed, as weights of a linear layer are
/// @param c how C lies, never transposed
/// @param accumulate whether the product is added to C
/// @param batch how many products
/// @param types of A, of B and of C; sums are float32
public record Product(
    int m, int n, int k, Matrix a, Matrix b, Matrix c, boolean accumulate, int batch, Types types) {

  /// How a matrix lies in memory.
  ///
  /// @param transposed whether its rows are the other operand's columns
  /// @param row elements from one stored row to the next
  /// @param next elements from one matrix of the batch to the next; 0 shares one, but for C
  public record Matrix(boolean transposed, int row, long next) {
    /// This matrix with another distance between rows.
    public Matrix withRow(int elements) {
      return new Matrix(transposed, elements, next);
    }

    /// This matrix in a batch.
    public Matrix withNext(long elements) {
      return new Matrix(transposed, row, elements);
    }
  }

  private static Product of(int m, int n, int k, boolean turnA, boolean turnB) {
    return new Product(
        m,
        n,
        k,
        new Matrix(turnA, turnA ? m : k, 0),
        new Matrix(turnB, turnB ? k : n, 0),
        new Matrix(false, n, 0),
        false,
        1,
        Types.F32);
  }

  /// C = A B of contiguous matrices.
  public static Product nn(int m, int n, int k) {
    return of(m, n, k, false, false);
  }

  /// C = A Bᵀ of contiguous matrices: the forward product of a linear layer.
  public static Product nt(int m, int n, int k) {
    return of(m, n, k, false, true);
  }

  /// C = Aᵀ B of contiguous matrices: the gradient of a linear layer's weight.
  public static Product tn(int m, int n, int k) {
    return of(m, n, k, true, false);
  }

  /// C = Aᵀ Bᵀ of contiguous matrices.
  public static Product tt(int m, int n, int k) {
    return of(m, n, k, true, true);
  }

  /// This product, added to C or not.
  public Product withAccumulate(boolean add) {
    return new Product(m, n, k, a, b, c, add, batch, types);
  }

  /// This product for a batch of matrices, so many elements apart.
  public Product withBatch(int count, long nextA, long nextB, long nextC) {
    return new Product(
        m, n, k, a.withNext(nextA), b.withNext(nextB), c.withNext(nextC), accumulate, count, types);
  }

  /// This product with other distances between rows.
  public Product withRows(int rowA, int rowB, int rowC) {
    return new Product(
        m, n, k, a.withRow(rowA), b.withRow(rowB), c.withRow(rowC), accumulate, batch, types);
  }

  /// This product of other types.
  public Product withTypes(Types other) {
    return new Product(m, n, k, a, b, c, accumulate, batch, other);
  }

  /// Elements from the first of A to its last.
  public long extentA() {
    return extent(a, a.transposed() ? k : m, a.transposed() ? m : k);
  }

  /// Elements from the first of B to its last.
  public long extentB() {
    return extent(b, b.transposed() ? n : k, b.transposed() ? k : n);
  }

  /// Elements from the first of C to its last.
  public long extentC() {
    return extent(c, m, n);
  }

  private long extent(Matrix x, int rows, int columns) {
    return batch == 0 || rows == 0 || columns == 0
        ? 0
        : (batch - 1) * x.next() + (rows - 1L) * x.row() + columns;
  }
}
