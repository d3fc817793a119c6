package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
  void givesTheFarthestDistancesTheLastBucket() {
    assertEquals(15, RelativePositionBias.bucket(Integer.MIN_VALUE, true, 32, 128));
    assertEquals(31, RelativePositionBias.bucket(Integer.MAX_VALUE, true, 32, 128));
    assertEquals(31, RelativePositionBias.bucket(Integer.MIN_VALUE, false, 32, 128));
    assertEquals(0, RelativePositionBias.bucket(Integer.MAX_VALUE, false, 32, 128));
  }
}
