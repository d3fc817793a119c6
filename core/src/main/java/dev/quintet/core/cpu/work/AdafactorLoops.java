package dev.quintet.core.cpu.work;

/// The inner loops of [AdafactorSteps], each over a row; there is one form on vectors and one without.
public interface AdafactorLoops {

  /// The sum of the squares of `n` elements.
  double squares(long x, int n);

  /// sums_j += x_j², in float32.
  void addSquares(long x, float[] sums, int n);

  /// The sum of (x_j c_j)².
  double weightedSquares(long x, float[] c, int n);

  /// m_j = beta m_j + rest factor g_j c_j, and p_j = keep p_j - m_j; without m, p_j = keep p_j - factor g_j c_j.
  ///
  /// @param m address of the first moment, or 0
  void step(Move move, float factor, long p, long g, float[] c, long m, int n);

  /// v = beta v + rest ((scale g)² + epsilon); the sum of (scale g)² / v.
  double second(float beta, float rest, float scale, float epsilon, long g, long v, int n);

  /// As [#step], with 1 / sqrt(v_j) in the place of c_j.
  void stepWhole(Move move, float factor, long p, long g, long v, long m, int n);

  /// What is the same for all elements.
  ///
  /// @param keep what multiplies the parameter
  /// @param beta what multiplies the first moment
  /// @param rest 1 - beta
  record Move(float keep, float beta, float rest) {}
}
