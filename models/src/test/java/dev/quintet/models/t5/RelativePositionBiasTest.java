package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

class RelativePositionBiasTest {

  @Test
  void encoderBucketsStartAtTheRecordedDistances() {
    int[] first = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91};
    for (int n = 0; n < 2000; n++) {
      int bucket = last(first, n);
      assertEquals(bucket, RelativePositionBias.bucket(-n, true, 32, 128), "before by " + n);
      if (n > 0) {
        assertEquals(16 + bucket, RelativePositionBias.bucket(n, true, 32, 128), "after by " + n);
      }
    }
  }

  @Test
  void decoderBucketsStartAtTheRecordedDistances() {
    int[] far = {16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113};
    for (int n = 0; n < 2000; n++) {
      int bucket = n < 16 ? n : 16 + last(far, n);
      assertEquals(bucket, RelativePositionBias.bucket(-n, false, 32, 128), "before by " + n);
      assertEquals(0, RelativePositionBias.bucket(n, false, 32, 128), "after by " + n);
    }
  }

  private static int last(int[] first, int n) {
    int bucket = 0;
    while (bucket + 1 < first.length && first[bucket + 1] <= n) {
      bucket++;
    }
    return bucket;
  }

  @Test
  void farDistancesShareTheBucketOfTheGreatest() {
    for (int buckets : new int[] {4, 6, 8, 30, 32, 128}) {
      for (int most : new int[] {buckets / 2 + 1, buckets / 2 + 2, 99, 128, 129, 777, 1000, 4095}) {
        for (boolean both : new boolean[] {false, true}) {
          int before = RelativePositionBias.bucket(-most, both, buckets, most);
          int after = RelativePositionBias.bucket(most, both, buckets, most);
          for (int n = most; most > buckets / 2 && n <= 2 * most; n++) {
            String what = n + " of " + most + ", " + buckets + " buckets, " + both;
            assertEquals(before, RelativePositionBias.bucket(-n, both, buckets, most), what);
            assertEquals(after, RelativePositionBias.bucket(n, both, buckets, most), what);
          }
        }
      }
    }
  }

  @Test
  void tableHoldsTheBucketOfEachDistanceAndItsGradientGoesThere() {
    T5Config config = T5Config.small();
    int heads = config.heads();
    for (boolean both : new boolean[] {false, true}) {
      var weight = Parameter.normal(Shape.of(config.buckets(), heads), 7);
      try (var bias = new RelativePositionBias(config, both, (name, shape) -> weight);
          var scope = Scope.open(Device.cpu())) {
        Tensor table = bias.table();
        assertEquals(Shape.of(heads, 257), table.shape());
        float[] values = table.toFloats();
        float[] buckets = weight.toFloats();
        int[] counts = new int[config.buckets()];
        for (int d = 0; d < 257; d++) {
          int bucket = RelativePositionBias.bucket(d - 128, both, 32, 128);
          counts[bucket]++;
          for (int h = 0; h < heads; h++) {
            assertEquals(buckets[bucket * heads + h], values[h * 257 + d]);
          }
        }
        table.sum().backward();
        float[] gradient = weight.gradient().toFloats();
        for (int bucket = 0; bucket < counts.length; bucket++) {
          assertEquals(counts[bucket], gradient[bucket * heads]);
        }
      }
    }
  }

  @Test
  void givesTheFarthestDistancesTheLastBucket() {
    assertEquals(15, RelativePositionBias.bucket(Integer.MIN_VALUE, true, 32, 128));
    assertEquals(31, RelativePositionBias.bucket(Integer.MAX_VALUE, true, 32, 128));
    assertEquals(31, RelativePositionBias.bucket(Integer.MIN_VALUE, false, 32, 128));
    assertEquals(0, RelativePositionBias.bucket(Integer.MAX_VALUE, false, 32, 128));
  }
}
