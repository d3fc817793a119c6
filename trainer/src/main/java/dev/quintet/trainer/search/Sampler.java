package dev.quintet.trainer.search;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/// Proposes what to try next, as a function of the seed and of the trials so far: a resumed search goes on as if it had not
/// stopped.
public interface Sampler {

  /// The next trial.
  ///
  /// @param trial its number
  /// @param seen the trials before it, in order
  /// @return nothing where all there is has been tried
  Optional<Proposal> propose(int trial, List<Seen> seen);

  /// Settings to try.
  ///
  /// @param values by name
  /// @param model what the sampler has learned, for the journal; may be empty
  record Proposal(SequencedMap<String, Object> values, double[] model) {

    /// Copies the numbers.
    public Proposal {
      model = model.clone();
    }

    /// Without a model.
    public Proposal(SequencedMap<String, Object> values) {
      this(values, new double[0]);
    }

    @Override
    public double[] model() {
      return model.clone();
    }
  }

  /// The samplers by name.
  enum Kind {
    /// All sets of values, the last parameter changing fastest.
    GRID,
    /// Each trial by chance.
    RANDOM,
    /// Points that fill the space evenly.
    SOBOL,
    /// A Gaussian process says where the greatest improvement is expected.
    GAUSSIAN_PROCESS,
    /// Where good trials are denser than bad ones.
    TPE;

    /// The name in files.
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// A sampler of this kind.
    public Sampler of(Space space, long seed) {
      return switch (this) {
        case GRID -> new GridSampler(space);
        case RANDOM -> new RandomSampler(space, seed);
        case SOBOL -> new SobolSampler(space, seed);
        case GAUSSIAN_PROCESS -> new GaussianProcessSampler(space, seed);
        case TPE -> new TpeSampler(space, seed);
      };
    }
  }
}
