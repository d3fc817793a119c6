package dev.quintet.trainer.augment;

import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.text.TextOptions;
import dev.quintet.models.text.TextToText;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Texts translated there and back by two models.
///
/// What comes back equal, or shares under 30 % of its words with the text, is dropped. A text is translated once for each copy.
public final class BackTranslation implements Augmenter {
  /// The least overlap of words: those that both have, as a share of the larger's.
  public static final double OVERLAP = 0.3;

  private static final String KIND = "back-translation";

  private final Translation there;
  private final Translation back;
  private final Map<String, String> translated = new HashMap<>();

  /// One way.
  @FunctionalInterface
  public interface Translation {
    /// A text in the other language.
    ///
    /// @param seed of what is drawn, if anything is
    String of(String text, long seed);
  }

  /// There and back.
  public BackTranslation(Translation there, Translation back) {
    this.there = there;
    this.back = back;
  }

  /// By a model that draws its words: temperature 0.9, top-p 0.95.
  ///
  /// @param model stays the caller's to close
  /// @param prefix before each text, such as `translate English to German: `
  public static Translation sampled(TextToText model, String prefix) {
    GenerationConfig options =
        model
            .generation()
            .with("do_sample", true)
            .with("num_beams", 1)
            .with("top_k", 0)
            .with("temperature", 0.9)
            .with("top_p", 0.95);
    return (text, seed) -> translated(model, prefix + text, options, seed);
  }

  /// By a model that looks for the likeliest text.
  ///
  /// @param model stays the caller's to close
  /// @param prefix before each text
  /// @param beams how many it follows
  public static Translation searched(TextToText model, String prefix, int beams) {
    GenerationConfig options = model.generation().with("do_sample", false).with("num_beams", beams);
    return (text, seed) -> translated(model, prefix + text, options, seed);
  }

  /// What a model makes of a prompt, at most twice as long and a little.
  private static String translated(
      TextToText model, String prompt, GenerationConfig options, long seed) {
    int tokens = model.tokenizer().source().encode(prompt).ids().length;
    TextOptions how = TextOptions.of(options.withMaxNewTokens(2 * tokens + 8)).withSeed(seed);
    return model.answers(List.of(prompt), how).getFirst().getFirst().text();
  }

  @Override
  public void forget() {
    translated.clear();
  }

  @Override
  public Outcome change(String text, Draw draw) {
    String other =
        translated.computeIfAbsent(
            draw.copy() + "\u001F" + draw.epoch() + "\u001F" + text,
            _ -> {
              var random = new Draw(draw.seed(), draw.epoch(), 0, draw.copy()).random(KIND + text);
              long first = random.nextLong() >>> 1;
              return back.of(there.of(text, first), random.nextLong() >>> 1);
            });
    if (other.strip().equals(text.strip())) {
      return new Outcome.Cancelled(KIND, "the same text came back");
    }
    if (overlap(text, other) < OVERLAP) {
      return new Outcome.Cancelled(KIND, "under 30 % of the words came back");
    }
    return new Outcome.Made(KIND, other);
  }

  /// The words that both texts have, as a share of those of the longer one.
  static double overlap(String one, String other) {
    String[] a = words(one);
    String[] b = words(other);
    var counts = new HashMap<String, Integer>();
    for (String word : a) {
      counts.merge(word, 1, Integer::sum);
    }
    int both = 0;
    for (String word : b) {
      if (counts.merge(word, -1, Integer::sum) >= 0) {
        both++;
      }
    }
    return (double) both / Math.max(1, Math.max(a.length, b.length));
  }

  private static String[] words(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip().split(" ");
  }
}
