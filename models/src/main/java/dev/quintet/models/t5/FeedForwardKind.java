package dev.quintet.models.t5;

import java.util.Optional;

/// The feed-forward layer that a configuration asks for: `relu`, `gated-gelu`, and so on.
///
/// The grammar is `act` or `gated-act`; anything else is an error. As in transformers, `gated-gelu`
/// means GELU's tanh form, whereas a plain `gelu` is the error function's.
///
/// @param name as it stands under `feed_forward_proj`
/// @param activation what it applies, on `wi` or `wi_0`
/// @param gated whether there are two inner projections, of which the second is multiplied by the first's activation
public record FeedForwardKind(String name, Activation activation, boolean gated) {
  private static final String GATED = "gated-";

  /// Reads a value of `feed_forward_proj`.
  ///
  /// @throws IllegalArgumentException if it is not of the grammar, or the activation is unknown
  public static FeedForwardKind of(String name) {
    return of(name, Optional.empty(), Optional.empty());
  }

  /// Reads the three keys that say it, as transformers' configurations do: the other two win over what
  /// `feed_forward_proj` says of them.
  ///
  /// @param name `feed_forward_proj`, whose grammar must hold even where nothing of it counts
  /// @param function `dense_act_fn`: an activation, which here stands for itself also where it is `gelu` and gated
  /// @param gate `is_gated_act`
  /// @throws IllegalArgumentException if the name is not of the grammar, or the activation is unknown
  public static FeedForwardKind of(String name, Optional<String> function, Optional<Boolean> gate) {
    String[] words = name.split("-", -1);
    if (words.length > 2 || words.length == 2 && !words[0].equals("gated")) {
      throw unknown("feed_forward_proj", name);
    }
    // "gated" alone is gated, and its activation is then in dense_act_fn.
    boolean gated = gate.orElse(words[0].equals("gated"));
    String said = name.equals("gated-gelu") ? "gelu_new" : words[words.length - 1];
    Activation activation =
        Activation.of(function.orElse(said))
            .orElseThrow(() ->
                function.isPresent()
                    ? unknown("dense_act_fn", function.get())
                    : unknown("feed_forward_proj", name));
    var alone = new FeedForwardKind(name, activation, gated);
    return alone.saysIt()
        ? alone
        : new FeedForwardKind(nameOf(activation, gated), activation, gated);
  }

  /// Whether the name alone means this.
  private boolean saysIt() {
    boolean prefixed = name.startsWith(GATED);
    String word = prefixed ? name.substring(GATED.length()) : name;
    return prefixed == gated
        && Activation.of(name.equals("gated-gelu") ? "gelu_new" : word)
            .equals(Optional.of(activation));
  }

  /// A name that alone means it, for readers that know no other key.
  private static String nameOf(Activation activation, boolean gated) {
    if (!gated) {
      return activation.key();
    }
    return switch (activation) {
      case GELU -> GATED + "gelu_python";
      case GELU_TANH -> GATED + "gelu";
      case RELU,
          SILU,
          TANH,
          SIGMOID,
          LINEAR,
          QUICK_GELU,
          GELU_10,
          RELU_SQUARED,
          RELU_6,
          LEAKY_RELU,
          MISH,
          HARD_SWISH,
          LAPLACE,
          SQRT_SOFTPLUS ->
          GATED + activation.key();
    };
  }

  private static IllegalArgumentException unknown(String key, String value) {
    return new IllegalArgumentException(
        key
            + (key.equals("dense_act_fn")
                ? " is an activation"
                : " is an activation or gated- and an activation")
            + ", one of "
            + Activation.known()
            + ", not '"
            + value
            + "'");
  }
}
