package dev.quintet.trainer.prepare;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// How rows are dealt to the parts.
public sealed interface Split {

  /// The salt where none is given.
  String SALT = "quintet";

  /// In order, shuffled by a seed: exact shares, which change for all rows when some are added.
  ///
  /// @param shares of the parts
  /// @param seed of the order
  record ByRows(Shares shares, long seed) implements Split {}

  /// Each by a hash of what it says or is named: shares hold on average, and rows that are added move no other.
  ///
  /// @param shares of the parts
  /// @param salt changes the deal
  /// @param column whose text is hashed; the normal form of the source where it is empty
  record ByHash(Shares shares, String salt, String column) implements Split {}

  /// Rows with one text in a column stay together.
  ///
  /// @param shares of the parts
  /// @param salt changes the deal
  /// @param column such as the author, the file or the question
  record ByGroup(Shares shares, String salt, String column) implements Split {}

  /// As a column says: `train`, `validation` or `test`.
  ///
  /// @param column the name
  record ByColumn(String column) implements Split {}

  /// Each class in the shares of all.
  ///
  /// @param shares of the parts
  /// @param column the class
  /// @param seed of the order within a class
  record ByStrata(Shares shares, String column, long seed) implements Split {}

  /// Shares of the parts.
  ///
  /// @param train above 0
  /// @param validation at least 0
  /// @param test at least 0
  record Shares(double train, double validation, double test) {
    /// 0.8, 0.1 and 0.1.
    public static final Shares DEFAULT = new Shares(0.8, 0.1, 0.1);

    /// Checks the sum.
    ///
    /// @throws IllegalArgumentException if the shares do not add up to 1, or the first is not positive
    public Shares {
      if (!(Math.abs(train + validation + test - 1) <= 1e-9)
          || !(train > 0 && validation >= 0 && test >= 0)) {
        throw new IllegalArgumentException(
            "shares add up to 1 and the first is positive: %s, %s, %s"
                .formatted(train, validation, test));
      }
    }

    /// The share of a part.
    public double of(Part part) {
      return switch (part) {
        case TRAIN -> train;
        case VALIDATION -> validation;
        case TEST -> test;
      };
    }

    /// The part at a place between 0 and 1.
    public Part at(double place) {
      // the last part with a share takes what rounding leaves
      if (place < train || validation + test == 0) {
        return Part.TRAIN;
      }
      return place < train + validation || test == 0 ? Part.VALIDATION : Part.TEST;
    }
  }

  /// A number from 0 to below 1 for a key: the top 53 bits of the SHA-256 of salt, a zero byte and key.
  static double place(String salt, String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      byte[] hash = digest.digest(key.getBytes(StandardCharsets.UTF_8));
      return (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1p-53;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
