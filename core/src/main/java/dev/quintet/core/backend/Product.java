package dev.quintet.core.backend;

/// Sizes, forms and strides of a matrix product C[m, n] = op(A)[m, k] op(B)[k, n].
///
/// @param m rows of C
/// @param n columns of C
/// @param k the summed size
/// @param transposeA whether A is stored [k, m]
/// @param transposeB whether B is stored [n, k], as weights of a linear layer are
/// @param lda elements from one stored row of A to the next
/// @param ldb elements from one stored row of B to the next
/// @param ldc elements from one row of C to the next
/// @param accumulate whether the product is added to C
/// @param batch how many products
/// @param strideA elements from one A of the batch to the next; 0 shares one
/// @param strideB elements from one B of the batch to the next; 0 shares one
/// @param strideC elements from one C of the batch to the next; never 0 if `batch` passes 1
public record Product(
    int m,
    int n,
    int k,
    boolean transposeA,
    boolean transposeB,
    int lda,
    int ldb,
    int ldc,
    boolean accumulate,
    int batch,
    long strideA,
    long strideB,
    long strideC) {

  /// C = A B of contiguous matrices.
  public static Product nn(int m, int n, int k) {
    return new Product(m, n, k, false, false, k, n, n, false, 1, 0, 0, 0);
  }

  /// C = A Bᵀ of contiguous matrices: the forward product of a linear layer.
  public static Product nt(int m, int n, int k) {
    return new Product(m, n, k, false, true, k, k, n, false, 1, 0, 0, 0);
  }

  /// C = Aᵀ B of contiguous matrices: the gradient of a linear layer's weight.
  public static Product tn(int m, int n, int k) {
    return new Product(m, n, k, true, false, m, n, n, false, 1, 0, 0, 0);
  }

  /// C = Aᵀ Bᵀ of contiguous matrices.
  public static Product tt(int m, int n, int k) {
    return new Product(m, n, k, true, true, m, k, n, false, 1, 0, 0, 0);
  }

  /// This product, added to C or not.
  public Product withAccumulate(boolean add) {
    return new Product(
        m, n, k, transposeA, transposeB, lda, ldb, ldc, add, batch, strideA, strideB, strideC);
  }

  /// This product for a batch of matrices.
  public Product withBatch(int count, long aStride, long bStride, long cStride) {
    return new Product(
        m,
        n,
        k,
        transposeA,
        transposeB,
        lda,
        ldb,
        ldc,
        accumulate,
        count,
        aStride,
        bStride,
        cStride);
  }

  /// This product with other row strides.
  public Product withRows(int a, int b, int c) {
    return new Product(
        m, n, k, transposeA, transposeB, a, b, c, accumulate, batch, strideA, strideB, strideC);
  }
}
