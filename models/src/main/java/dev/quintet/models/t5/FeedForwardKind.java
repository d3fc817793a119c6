package dev.quintet.models.t5;

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
    boolean gated = name.startsWith(GATED);
    String activation = gated ? name.substring(GATED.length()) : name;
    Activation function =
        Activation.of(gated && activation.equals("gelu") ? "gelu_new" : activation)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "feed_forward_proj is an activation or gated- and an activation, one of "
                        + Activation.known()
                        + ", not '"
                        + name
                        + "'"));
    return new FeedForwardKind(name, function, gated);
  }
}
