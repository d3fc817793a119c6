package dev.quintet.trainer.evaluate;

import dev.quintet.trainer.data.Sample;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/// Some of many samples, always the same: those whose hashes are lowest.
public final class Subset {
  private Subset() {}

  /// The places of the chosen samples, in order.
  ///
  /// @param samples all
  /// @param most how many are chosen
  public static List<Integer> of(List<Sample> samples, int most) {
    if (samples.size() <= most) {
      return IntStream.range(0, samples.size()).boxed().toList();
    }
    List<String> hashes = samples.stream().map(Subset::hash).toList();
    return IntStream.range(0, samples.size())
        .boxed()
        .sorted(Comparator.comparing(hashes::get).thenComparing(Comparator.naturalOrder()))
        .limit(most)
        .sorted()
        .toList();
  }

  private static String hash(Sample sample) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(sample.id().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(sample.source().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
