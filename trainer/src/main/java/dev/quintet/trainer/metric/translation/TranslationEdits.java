package dev.quintet.trainer.metric.translation;

import java.util.Arrays;

/// Counts the edits that make a reference of an answer, shifts of runs of words among them.
///
/// Shifts are found greedily, by the rules of Tercom as sacrebleu 2.6.0 has them.
final class TranslationEdits {
  private static final int LONGEST_SHIFT = 10;
  private static final int FARTHEST_SHIFT = 50;
  private static final int MOST_CANDIDATES = 1000;

  private final int[] reference;
  private int candidates;

  TranslationEdits(int[] reference) {
    this.reference = reference;
  }

  /// The edits from an answer to the reference.
  int count(int[] answer) {
    if (reference.length == 0) {
      return answer.length;
    }
    var table = new EditTable(reference, answer.length);
    var trial = new EditTable(reference, answer.length);
    int[] words = answer;
    int shifts = 0;
    candidates = 0;
    int distance = table.fill(words, 0);
    while (true) {
      int[] shifted = bestShift(words, distance, table, trial);
      if (candidates >= MOST_CANDIDATES || shifted.length == 0) {
        return shifts + distance;
      }
      shifts++;
      words = shifted;
      distance = table.fill(words, 0);
    }
  }

  /// The words after the shift that helps most; none where no shift helps.
  private int[] bestShift(int[] words, int distance, EditTable table, EditTable trial) {
    var aligned = Alignment.of(table.way(), words.length, reference.length);
    var best = new Shift(0, 0, 0, 0);
    for (int start = 0; start < words.length; start++) {
      int first = Math.max(0, start - FARTHEST_SHIFT);
      int last = Math.min(reference.length - 1, start + FARTHEST_SHIFT);
      for (int at = first; at <= last; at++) {
        int most = Math.min(LONGEST_SHIFT, Math.min(words.length - start, reference.length - at));
        for (int length = 1;
            length <= most && words[start + length - 1] == reference[at + length - 1];
            length++) {
          if (aligned.mayShift(start, at, length)) {
            best = best.orBetter(words, distance, start, at, length, aligned, table, trial);
            if (candidates >= MOST_CANDIDATES) {
              return best.apply(words);
            }
          }
        }
      }
    }
    return best.apply(words);
  }

  /// A shift of a run of words, and by how much it lessens the distance.
  private final class Shift {
    private final int gain;
    private final int length;
    private final int start;
    private final int target;

    Shift(int gain, int length, int start, int target) {
      this.gain = gain;
      this.length = length;
      this.start = start;
      this.target = target;
    }

    /// The best of this and of all shifts of a run to beside where a run of the reference is aligned.
    Shift orBetter(
        int[] words,
        int distance,
        int from,
        int at,
        int run,
        Alignment aligned,
        EditTable table,
        EditTable trial) {
      Shift best = this;
      int before = -1;
      for (int offset = -1; offset < run && at + offset < reference.length; offset++) {
        int to = at + offset == -1 ? 0 : aligned.place(at + offset) + 1;
        if (to == before) {
          continue;
        }
        before = to;
        int same = Math.min(from, to);
        trial.copy(table, same);
        int changed = trial.fill(shift(words, from, run, to), same);
        candidates++;
        var candidate = new Shift(distance - changed, run, from, to);
        if (candidate.isBetterThan(best)) {
          best = candidate;
        }
      }
      return best;
    }

    /// More gain, then longer, then the earlier run, then the earlier place.
    private boolean isBetterThan(Shift other) {
      if (gain != other.gain) {
        return gain > other.gain;
      }
      if (length != other.length) {
        return length > other.length;
      }
      return start != other.start ? start < other.start : target < other.target;
    }

    int[] apply(int[] words) {
      return gain > 0 ? shift(words, start, length, target) : new int[0];
    }
  }

  private static int[] shift(int[] words, int start, int length, int target) {
    int[] shifted = new int[words.length];
    int[] run = Arrays.copyOfRange(words, start, start + length);
    if (target < start) {
      System.arraycopy(words, 0, shifted, 0, target);
      System.arraycopy(run, 0, shifted, target, length);
      System.arraycopy(words, target, shifted, target + length, start - target);
      int rest = start + length;
      System.arraycopy(words, rest, shifted, rest, words.length - rest);
    } else {
      // A target within the run counts as many words after it.
      int end = target > start + length ? target : Math.min(words.length, length + target);
      int moved = end - start - length;
      System.arraycopy(words, 0, shifted, 0, start);
      System.arraycopy(words, start + length, shifted, start, moved);
      System.arraycopy(run, 0, shifted, start + moved, length);
      System.arraycopy(words, end, shifted, end, words.length - end);
    }
    return shifted;
  }

  /// Where each word of the reference comes to lie in the answer, and which words of either are wrong.
  private record Alignment(int[] places, boolean[] wrongAnswer, boolean[] wrongReference) {

    static Alignment of(byte[] way, int answerLength, int referenceLength) {
      int[] places = new int[referenceLength];
      boolean[] wrongAnswer = new boolean[answerLength];
      boolean[] wrongReference = new boolean[referenceLength];
      int i = -1;
      int j = -1;
      for (byte edit : way) {
        if (edit != EditTable.INSERTED) {
          i++;
          wrongAnswer[i] = edit != EditTable.SAME;
        }
        if (edit != EditTable.DELETED) {
          j++;
          places[j] = i;
          wrongReference[j] = edit != EditTable.SAME;
        }
      }
      return new Alignment(places, wrongAnswer, wrongReference);
    }

    int place(int at) {
      return places[at];
    }

    /// Whether a run is wrong on both sides and its place lies elsewhere.
    boolean mayShift(int start, int at, int length) {
      boolean within = start <= places[at] && places[at] < start + length;
      return !within && any(wrongAnswer, start, length) && any(wrongReference, at, length);
    }

    private static boolean any(boolean[] wrong, int start, int length) {
      for (int i = start; i < start + length; i++) {
        if (wrong[i]) {
          return true;
        }
      }
      return false;
    }
  }
}
